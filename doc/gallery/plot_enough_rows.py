"""
Do I have enough rows?
======================

An estimate from 30 rows and one from 400 look alike until one sees the interval. Here the same
question, what body mass index says about the progress of diabetes, is put to ever more patients.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_diabetes

from skmist import mutual_info

X, y = load_diabetes(return_X_y=True, as_frame=True)
order = np.random.default_rng(0).permutation(len(X))
sizes = [25, 50, 100, 200, 300, 442]
estimates = [mutual_info(X["bmi"].iloc[order[:n]], y.iloc[order[:n]]) for n in sizes]
estimates[-1]

# %%
# The interval shrinks about as the square root of the rows: four times the rows, half the width.
# Once its low end is clear of 0, more rows answer "how much" and no longer "whether".

mi, low, high = np.array([(e.mi, e.low, e.high) for e in estimates]).T
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.fill_between(sizes, low, high, alpha=0.25, label="90 % interval")
ax.plot(sizes, mi, "o-", label="estimate")
ax.set(xlabel="patients", ylabel="mutual information, nats", ylim=0)
ax.legend()
