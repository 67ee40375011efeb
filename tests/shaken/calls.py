"""One small call of every entrance that runs a net, and of some that do not."""

from __future__ import annotations

import numpy as np
import pandas as pd

import skmist
from skmist.representation import input_information, neural_dependency, representation_report

_rng = np.random.default_rng(0)
X = _rng.normal(size=(120, 3))
Y = X[:, 0] + _rng.normal(size=120)
LABELS = (Y > 0).astype(int)
TABLE = pd.DataFrame(X, columns=list("abc")).assign(y=Y)
SMALL = {"device": "cpu", "random_state": 0}


def mine():
    return skmist.MINEEstimator(max_iter=3, n_folds=2, **SMALL).fit(X, Y)


def infomax():
    return skmist.DeepInfoMax(n_components=2, max_iter=2, **SMALL).fit(X)


def bottleneck():
    return skmist.InformationBottleneckClassifier(max_iter=2, n_components=2, **SMALL).fit(
        X, LABELS
    )


def mist():
    return skmist.MISTRegressor(device="cpu").fit(X, Y)


def _report():
    measures = ["linear", "few_labels", "mist", "ks"]
    settings = {"prior": "gaussian", "measures": measures, **SMALL}
    return representation_report({"x": X, "net": infomax()}, X, LABELS, **settings).to_numpy()


CALLS = {
    "mutual_info": lambda: [skmist.mutual_info(X, Y).mi, skmist.mutual_info(X, Y).low],
    "MISTRegressor": lambda: [*mist().predict(X), *mist().score_samples(X, Y)],
    "KSGEstimator": lambda: skmist.KSGEstimator().fit(X, Y).predict(X),
    "GaussianCopulaEstimator": lambda: skmist.GaussianCopulaEstimator().fit(X, Y).predict(X),
    "MINEEstimator": lambda: [mine().mi_, mine().score(X[:50], Y[:50]), *mine().predict(X)],
    "BootstrapCI": lambda: (
        skmist.BootstrapCI(skmist.KSGEstimator(), n_resamples=20, random_state=0)
        .fit(X, Y)
        .interval()
    ),
    "conditional_mutual_info": lambda: [skmist.conditional_mutual_info(X[:, 0], Y, X[:, 1]).mi],
    "independence_test": lambda: [
        skmist.independence_test(X[:, 0], Y, n_permutations=19, random_state=0).pvalue
    ],
    "mi_with": lambda: skmist.mi_with(TABLE, "y").mi,
    "mi_matrix": lambda: skmist.mi_matrix(TABLE, form="long").mi,
    "mi_lags": lambda: skmist.mi_lags(TABLE["a"], TABLE["y"]).mi,
    "selector": lambda: skmist.MutualInfoFeatureSelector(1).fit(TABLE[["a", "b"]], Y).scores_,
    "DeepInfoMax": lambda: [
        *np.ravel(infomax().transform(X)),
        infomax().score(X),
    ],
    "bottleneck": lambda: [
        *np.ravel(bottleneck().predict_proba(X)),
        bottleneck().mutual_information(X),
    ],
    "neural_dependency": lambda: [neural_dependency(X[:40], max_iter=1, n_folds=2, **SMALL)],
    "input_information": lambda: [
        input_information(
            X, X[:, :2] + 1, max_columns=1, estimator=skmist.KSGEstimator(), random_state=0
        )
    ],
    "representation_report": _report,
}
"""By name, without arguments: numbers."""


def answers(name):
    return np.asarray(CALLS[name](), dtype=float)
