"""
How far back does the past matter?
==================================

:func:`skmist.mi_lags` asks what a series says about itself, or about another, some steps later.
A line of pixels of a photograph is such a series: how far does brightness reach, and what is left
of it when the pixel next door is known?
"""

from matplotlib import pyplot as plt
from sklearn.datasets import load_sample_image

from skmist import MutualInfoLagsDisplay, mi_lags

photo = load_sample_image("flower.jpg").mean(axis=2)
line = photo[200]
reach = mi_lags(line, lags=[1, 2, 4, 8, 16, 32])
beyond = mi_lags(line, lags=[2, 4, 8, 16, 32], past=1)
reach[["mi", "low", "high"]].round(2)

# %%
# Left, brightness says something about brightness many pixels on. Right, given the pixel just
# before, the estimates fall to a tenth of that (at 32 pixels to two fifths): much of the reach is
# that of a chain, each pixel handing on to the next. The intervals know that neighboring pixels
# repeat each other, and are wide for it: one line of a photograph is not enough to say that
# nothing at all is left.

fig = plt.figure(figsize=(10, 5.5), layout="constrained")
top, left, right = fig.subplot_mosaic([["photo", "photo"], ["reach", "beyond"]]).values()
top.imshow(photo[150:250], cmap="gray", aspect="auto")
top.axhline(50, color="C3")
top.set(xticks=[], yticks=[], title="the line that was read")
MutualInfoLagsDisplay.from_frame(reach, ax=left)
MutualInfoLagsDisplay.from_frame(beyond, ax=right)
