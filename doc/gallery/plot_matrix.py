"""
Which columns of a table hang together?
=======================================

:func:`skmist.mi_matrix` compares every column with every other, numbers and labels alike. On
Linfoot's scale the numbers read like absolute correlations, so that pairs compare.
"""

from sklearn.datasets import load_wine

from skmist import MutualInfoMatrixDisplay, mi_matrix

data = load_wine(as_frame=True)
df = data.data.assign(cultivar=data.target.map(dict(enumerate("ABC"))))
pairs = mi_matrix(df, form="long", normalize="linfoot")
pairs[["a", "b", "mi", "normalized"]].head().round(2)

# %%
# Related columns are put side by side. The three cultivars are told apart best by what stands
# near them.

display = MutualInfoMatrixDisplay.from_frame(pairs)
display.figure_.set_size_inches(8, 7)
