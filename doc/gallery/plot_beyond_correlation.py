"""
What does a correlation miss?
=============================

A correlation sees straight lines, one of ranks sees what rises or falls. Mutual information sees
any relation. So compare the two over all pairs of a table, and look at the pair where they differ
most.
"""

from matplotlib import pyplot as plt
from sklearn.datasets import load_wine

from skmist import mi_matrix

df = load_wine(as_frame=True).data
pairs = mi_matrix(df, form="long", normalize="linfoot")
correlation = df.corr("spearman").abs()
pairs["correlation"] = [correlation.loc[a, b] for a, b in zip(pairs["a"], pairs["b"])]
pairs["gap"] = pairs["normalized"] - pairs["correlation"]
missed = pairs.sort_values("gap", ascending=False)
missed[["a", "b", "correlation", "normalized", "low", "high"]].head().round(2)

# %%
# Pairs above the line depend on each other in a way that no rank correlation shows. Right, the
# pair with the widest gap: the two say much about each other, and neither rises with the other.

top = missed.iloc[0]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
left.plot([0, 1], [0, 1], color="0.7")
left.scatter(pairs["correlation"], pairs["normalized"], s=14)
left.scatter(top["correlation"], top["normalized"], s=60, facecolor="none", edgecolor="C3")
left.set(xlabel="|rank correlation|", ylabel="mutual information, Linfoot's scale")
right.scatter(df[top["a"]], df[top["b"]], s=14)
_ = right.set(xlabel=top["a"], ylabel=top["b"], title="the pair in the red circle")
