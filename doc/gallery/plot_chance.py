"""
Could this be chance?
=====================

A small estimate may be nothing. :func:`skmist.independence_test` asks how often rows whose partner
was exchanged would say as much: an exact p-value.
"""

from matplotlib import pyplot as plt
from sklearn.datasets import load_diabetes

from skmist import independence_test

X, y = load_diabetes(return_X_y=True, as_frame=True)
results = {
    name: independence_test(X[name], y, n_permutations=199, random_state=0)
    for name in ["s6", "s1", "sex"]
}
{name: round(result.pvalue, 3) for name, result in results.items()}

# %%
# The line is the sample, the histogram what exchanged rows give. Two blood values lie far outside;
# sex is where chance would be. That is no proof that sex does not matter: 442 patients show
# nothing of it, alone and without the other columns.

fig, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained", sharey=True)
for ax, (name, result) in zip(axes, results.items()):
    ax.hist(result.null_distribution, bins=20, density=True, color="0.75")
    ax.axvline(result.statistic, color="C3")
    ax.set(title=f"{name}: p = {result.pvalue:.3f}", xlabel="nats", yticks=[])
