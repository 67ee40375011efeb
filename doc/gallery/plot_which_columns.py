"""
Which measurements tell malignant from benign?
==============================================

Thirty measurements of cell nuclei, one diagnosis. :func:`skmist.mi_with` says what each column
alone tells about the diagnosis, with an interval, and :class:`skmist.MutualInfoRankingDisplay`
draws it.
"""

from sklearn.datasets import load_breast_cancer

from skmist import MutualInfoRankingDisplay, mi_with

df = load_breast_cancer(as_frame=True).frame
ranking = mi_with(df, "target")
ranking[["mi", "low", "high"]].head().round(3)

# %%
# No column can tell more than the diagnosis holds: 0.66 nats, its entropy. The best one holds
# seven tenths of that. Where intervals overlap, the order of two columns is not to be relied on.

MutualInfoRankingDisplay.from_frame(ranking, max_columns=15)

# %%
# Many of these columns say the same. Which few are enough is another question:
# :doc:`/auto_gallery/plot_few_columns`.
