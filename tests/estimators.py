"""The one list of estimators that every test of siblings runs through."""

from __future__ import annotations

from skmist import GaussianCopulaEstimator, KSGEstimator, MISTRegressor

ESTIMATORS = [
    KSGEstimator(),
    GaussianCopulaEstimator(),
    MISTRegressor(device="cpu"),
]
