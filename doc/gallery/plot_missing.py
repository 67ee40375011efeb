"""
Does it tell something that a value is missing?
===============================================

Dropping rows with gaps is right where gaps fall at random. Where they do not, the gap itself is
information. ``missing="category"`` reads it as a value of its own.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_diabetes

from skmist import mi_with

df = load_diabetes(as_frame=True).frame[["bmi", "bp", "s5", "target"]]
rng = np.random.default_rng(0)
ill = rng.random(len(df)) < np.where(df["target"] > 200, 0.6, 0.1)
gaps = df.assign(
    s5=df["s5"].mask(rng.random(len(df)) < 0.25),  # forgotten at random
    bp=df["bp"].mask(ill),  # those who do badly miss the appointment
)
dropped, kept = mi_with(gaps, "target"), mi_with(gaps, "target", missing="category")
dropped[["mi", "low", "high", "n_samples"]].round(2)

# %%
# Of s5, which was forgotten at random, dropping leaves what there is, on fewer rows; a gap that
# says nothing is only in the way. Of blood pressure the gap itself says much: who has none does
# badly. Whether that is a discovery or a leak depends on when the gap arose.

names = ["bmi", "s5", "bp"]
full = mi_with(df, "target")
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for i, (label, table) in enumerate({"no gaps": full, "drop": dropped, "category": kept}.items()):
    rows = table.loc[names]
    error = [rows["mi"] - rows["low"], rows["high"] - rows["mi"]]
    ax.errorbar(np.arange(3) + 0.15 * i - 0.15, rows["mi"], error, fmt="o", capsize=4, label=label)
ax.set(xticks=range(3), xticklabels=names, ylabel="information about progress, nats", ylim=0)
ax.legend()
