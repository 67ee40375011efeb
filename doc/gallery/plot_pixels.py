"""
Which pixels tell one digit from another?
=========================================

A picture is a table with a column for each pixel. What each pixel says about the digit is itself
a picture.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

from skmist import mutual_info_classif

data = load_digits()
whole = mutual_info_classif(data.data, data.target).reshape(8, 8)
pair = np.isin(data.target, [3, 8])
three_or_eight = mutual_info_classif(data.data[pair], data.target[pair]).reshape(8, 8)
round(float(whole.max()), 2)

# %%
# For all ten digits the ring in the middle matters, and corners say nothing. To tell 3 from 8 one
# looks at the left, where the 8 is closed.

fig, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
titles = ("mean 3", "mean 8", "3 or 8?", "which of ten?")
means = [data.images[data.target == digit].mean(axis=0) for digit in (3, 8)]
for ax, title, image in zip(axes, titles, [*means, three_or_eight, whole]):
    shown = ax.imshow(image, cmap="gray_r" if "mean" in title else "viridis")
    ax.set(title=title, xticks=[], yticks=[])
    if "mean" not in title:
        fig.colorbar(shown, ax=ax, shrink=0.8, label="nats")
