"""
Do two columns say the same, or do they add up?
===============================================

:func:`skmist.mutual_info` takes any number of columns on either side. So ask for one, for the
other and for both: if both say hardly more than the better one, the other is redundant.
"""

from itertools import combinations

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_iris

from skmist import mutual_info

X, y = load_iris(return_X_y=True, as_frame=True)
X.columns = [name.removesuffix(" (cm)") for name in X.columns]
alone = {name: mutual_info(X[name], y).mi for name in X}
both = {pair: mutual_info(X[list(pair)], y).mi for pair in combinations(X, 2)}
{name: round(mi, 2) for name, mi in alone.items()}

# %%
# Gray is what the better of the two says alone, colored what the other one adds. Petal length and
# petal width nearly repeat each other; the two measures of the sepal add up. No bar can pass the
# dashed line, ln 3 nats, which is all that there is to know about three species.

best = [max(alone[a], alone[b]) for a, b in both]
added = [max(mi - b, 0) for mi, b in zip(both.values(), best)]
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
labels = [f"{a} + {b}" for a, b in both]
ax.barh(labels, best, color="0.75", label="the better one alone")
ax.barh(labels, added, left=best, color="C1", label="added by the other")
ax.axvline(np.log(3), ls="--", color="0.4")
ax.set_xlabel("information about the species, nats")
fig.legend(loc="outside upper center", ncols=2)
