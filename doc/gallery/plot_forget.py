"""
Can a net be kept from learning something?
==========================================

A linear code of cell measurements that is to tell the diagnosis, and nothing of the size of the
nuclei. :class:`skmist.nn.MutualInfoLoss` is a term for any training loop: it lowers the mutual
information between two batches, here between the code and the size.
"""

import torch
from matplotlib import pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skmist import mutual_info
from skmist.nn import MutualInfoLoss, SeparableCritic

data = load_breast_cancer(as_frame=True)
size = data.data[["mean radius"]]
X = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
S = torch.tensor(StandardScaler().fit_transform(size), dtype=torch.float32)
y = torch.tensor(data.target.to_numpy(), dtype=torch.float32)


def train(weight):
    """Code of the measurements, trained with this weight on forgetting."""
    torch.manual_seed(0)
    code = torch.nn.Linear(X.shape[1], 1)
    term = MutualInfoLoss("infonce", SeparableCritic(1, 1), direction="minimize")
    optimizer = torch.optim.Adam([*code.parameters(), *term.parameters()], lr=0.01)
    for _ in range(200):
        rows = torch.randint(len(X), (128,))
        z = code(X[rows])
        forget, _ = term(z, S[rows])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], y[rows])
        optimizer.zero_grad()
        (loss + weight * forget).backward()
        optimizer.step()
    return code(X).detach().numpy()


weights = [0.0, 0.3, 1.0, 3.0]
codes = [train(weight) for weight in weights]

# %%
# What the code says of the two, judged by an estimator that took no part in training. The more
# weight on forgetting, the less it knows of the size; some of the diagnosis goes with it, since
# size and diagnosis share information.

about = {"diagnosis": data.target, "size": size}
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for name, other in about.items():
    found = [mutual_info(code, other, device="cpu") for code in codes]
    error = [[e.mi - e.low for e in found], [e.high - e.mi for e in found]]
    ax.errorbar(range(len(weights)), [e.mi for e in found], error, fmt="o-", capsize=4, label=name)
ax.set(xticks=range(len(weights)), xticklabels=weights, ylim=0)
ax.set(xlabel="weight of forgetting", ylabel="information of the code, nats")
ax.legend()
