"""The one list of estimators that every test of siblings runs through."""

from __future__ import annotations

from skmist import GaussianCopulaEstimator, KSGEstimator, MINEEstimator, MISTRegressor

ESTIMATORS = [
    KSGEstimator(),
    GaussianCopulaEstimator(),
    MISTRegressor(device="cpu"),
    MINEEstimator(max_iter=3, n_folds=2, device="cpu"),
]
