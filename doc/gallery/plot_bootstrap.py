"""
How sure is an estimate by nearest neighbors?
=============================================

KSG gives a number and no interval, and the usual bootstrap is wrong for it: rows drawn twice have
distance zero to each other and read as dependence. :class:`skmist.BootstrapCI` draws subsamples
instead.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_diabetes

from skmist import BootstrapCI, KSGEstimator

X, y = load_diabetes(return_X_y=True, as_frame=True)
X, y = X[["bmi"]], y
ci = BootstrapCI(KSGEstimator(), random_state=0).fit(X, y)
[round(end, 3) for end in ci.interval(0.9)]

# %%
# What goes wrong otherwise: estimates from rows drawn with replacement all lie far above the
# estimate from the rows themselves.

rng, ksg = np.random.default_rng(0), KSGEstimator(duplicates="count")
draws = [rng.integers(len(y), size=len(y)) for _ in range(100)]
naive = [ksg.fit(X.iloc[d] + 0.0, y.iloc[d]).mi_ for d in draws]
fig, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
ax.hist(naive, bins=15, color="0.75", label="rows drawn with replacement")
ax.axvline(ci.mi_, color="C0", label="estimate")
ax.axvspan(*ci.interval(0.9), color="C0", alpha=0.2, label="90 % interval of BootstrapCI")
ax.set(xlabel="nats", yticks=[])
fig.legend(loc="outside upper center", ncols=3)
