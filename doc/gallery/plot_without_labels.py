"""
What can be learned without labels?
===================================

:class:`skmist.DeepInfoMax` learns features of pictures by making them say as much as possible
about every part of the picture. Nobody tells it what a digit is.
"""

import warnings

from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skmist import DeepInfoMax
from skmist.representation import probe_score

data = load_digits()
images, y = data.images[:1000], data.target[:1000]
dim = DeepInfoMax(32, max_iter=6, occlusion=0.25, random_state=0, device="cpu")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # training is cut short here
    code = dim.fit_transform(images)
flat = images.reshape(len(images), -1)

# %%
# Left, the code in two dimensions: digits of one kind lie near each other, though no label was
# used. Right, nearest neighbors on the 64 pixels and on the code of 32 numbers, scored on rows
# that they have not seen. After a few seconds of training the code keeps nearly all that the
# pixels told.

found = {
    "raw pixels": probe_score(flat, y, probe="knn", random_state=0),
    "code": probe_score(code, y, probe="knn", random_state=0),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", width_ratios=(3, 2))
points = left.scatter(*PCA(2).fit_transform(code).T, c=y, cmap="tab10", s=10)
fig.colorbar(points, ax=left, label="digit")
left.set(xticks=[], yticks=[], title="the code, two components")
right.bar(list(found), list(found.values()), color=["0.75", "C0"])
_ = right.set(ylabel="accuracy of 5 nearest neighbors", ylim=(0, 1))
