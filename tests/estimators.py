"""The one list of estimators that every test of siblings runs through."""

from __future__ import annotations

from skmist import GaussianCopulaEstimator, KSGEstimator

ESTIMATORS = [
    KSGEstimator(),
    GaussianCopulaEstimator(),
]
