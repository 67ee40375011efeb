"""
How many columns should a model get?
====================================

:func:`skmist.mutual_info_classif` takes the place of scikit-learn's function of this name in
``SelectKBest``. Cross-validation over k says how many columns are worth it.
"""

from matplotlib import pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import validation_curve
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from skmist import mutual_info_classif

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
counts = [1, 2, 4, 8, 16, 30]
scores = {}
for name, score in {"mutual information": mutual_info_classif, "F test": f_classif}.items():
    model = make_pipeline(SelectKBest(score), GaussianNB())
    _, found = validation_curve(model, X, y, param_name="selectkbest__k", param_range=counts, cv=5)
    scores[name] = found.mean(axis=1)

# %%
# Four of the thirty are within a point of all of them: the others repeat what these said. Either
# score picks its columns one by one; what they say together is the matter of
# :doc:`/auto_gallery/plot_few_columns`.

fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for name, found in scores.items():
    ax.plot(counts, found, "o-", label=name)
ax.set(xlabel="columns kept", ylabel="accuracy, 5 folds", xscale="log", xticks=counts)
ax.set_xticklabels(counts)
ax.legend()
