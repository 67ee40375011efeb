"""
How much does a projection throw away?
======================================

Sixty-four pixels, a few principal components: what do these still say about the digit? The net
reads many columns at once, so the question can be asked directly, without a classifier in between.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skmist import mutual_info

X, y = load_digits(return_X_y=True)
X, y = X[:1000], y[:1000]
codes = PCA(12, random_state=0).fit_transform(X)
sizes = [1, 2, 3, 4, 6, 8, 12]
estimates = [mutual_info(codes[:, :k], y, discrete_target=True, device="cpu") for k in sizes]

# %%
# Ten digits hold ln 10 = 2.3 nats. After a handful of components most of it is there; no error of
# any classifier can be read off before that (Fano's inequality bounds it from below).

mi, low, high = np.array([(e.mi, e.low, e.high) for e in estimates]).T
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.errorbar(sizes, mi, [mi - low, high - mi], fmt="o-", capsize=4)
ax.axhline(np.log(10), ls="--", color="0.5")
_ = ax.set(xlabel="principal components", ylabel="information about the digit, nats", ylim=0)
