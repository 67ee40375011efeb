"""
Does a third thing stand behind it?
===================================

Two columns may go together because both follow a third.
:func:`skmist.conditional_mutual_info` takes the third out: what is left of the relation between a
blood value and the progress of diabetes, given body mass index?
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_diabetes

from skmist import conditional_mutual_info, mutual_info

X, y = load_diabetes(return_X_y=True, as_frame=True)
values = ["s3", "s4", "s5", "s6", "bp"]
plain = [mutual_info(X[name], y) for name in values]
given = [conditional_mutual_info(X[name], y, X["bmi"]) for name in values]
given[2]

# %%
# All lose half or more, since people with a high body mass index differ in all of these. s5 (a
# measure of blood fat) keeps most. Of the others it is not clear that anything is left: their
# intervals begin at 0.

place = np.arange(len(values))
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for shift, label, found in ((-0.18, "alone", plain), (0.18, "given body mass index", given)):
    mi, low, high = np.array([(e.mi, e.low, e.high) for e in found]).T
    ax.bar(place + shift, mi, 0.36, label=label)
    ax.errorbar(place + shift, mi, [mi - low, high - mi], fmt="none", color="0.2", capsize=3)
ax.set(xticks=place, xticklabels=values, ylabel="information about progress, nats")
ax.legend()
