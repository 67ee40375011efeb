"""What the Gaussian copula says about samples, without scikit-learn or a fit."""

from __future__ import annotations

__all__ = ["CopulaAnswers"]

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._sample.entropy import information_limit
from skmist._sample.sample import Sample
from skmist._sample.side_pairs import SidePairs
from skmist._sample.triple import ConditionalSample
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.copula.conditional import CopulaConditional
from skmist.estimators.copula.gaussian import capacity_shrinkage
from skmist.estimators.copula.laws import Options, law_information, need_tables
from skmist.estimators.copula.many import SharedScores

_NUMBERS_AT_ONCE = 16_000_000


class CopulaAnswers(SampleEstimator):
    """Answers of the copula about samples; GaussianCopulaEstimator describes the parameters."""

    reads_ranks = True
    takes_repeated_rows = True
    shares_columns = True
    is_slow = False
    sees_curves = False

    def __init__(
        self,
        *,
        bias_correction: bool = True,
        shrinkage: float | str = "auto",
        discrete_features: ArrayLike = "auto",
        discrete_target: ArrayLike = "auto",
        duplicates: str = "once",
    ) -> None:
        self.bias_correction = bias_correction
        self.shrinkage = shrinkage
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.duplicates = duplicates

    def _estimate(self, sample: Sample) -> float:
        return min(law_information(sample, self._options()), information_limit(sample))

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        return self._estimate_pairs(SidePairs.of(samples))

    def _estimate_pairs(self, pairs: SidePairs) -> np.ndarray:
        self._check_shrinkage()
        values = np.full(len(pairs), np.nan)
        if not len(pairs):
            return values
        gaussian = np.flatnonzero(~need_tables(pairs))
        if len(gaussian):
            values[gaussian] = self._gaussian_estimates(pairs.some(gaussian))
        for k in np.flatnonzero(np.isnan(values)).tolist():
            values[k] = self._estimate(pairs[k])
        return values

    def _gaussian_estimates(self, pairs: SidePairs) -> np.ndarray:
        """MI of samples by products of shared scores, nats; NaN of those not fit for that."""
        shrinkage = 0.0 if isinstance(self.shrinkage, str) else float(self.shrinkage or 0.0)
        shared = SharedScores(pairs, shrinkage, self.bias_correction)
        if len(pairs) > 1 and shared.n_numbers > _NUMBERS_AT_ONCE:
            halves = map(pairs.some, np.split(np.arange(len(pairs)), [len(pairs) // 2]))
            return np.concatenate([self._gaussian_estimates(half) for half in halves])
        return shared.estimates()

    def _conditional(self, sample: ConditionalSample, left: Any) -> CopulaConditional:
        # partials z out in its own way
        return CopulaConditional(sample, self._resolved_shrinkage, self.bias_correction)

    def _options(self) -> Options:
        return Options(self._resolved_shrinkage, self.bias_correction)

    def _resolved_shrinkage(
        self, x_variances: np.ndarray, y_variances: np.ndarray, n: int
    ) -> float:
        self._check_shrinkage()
        variances = np.append(x_variances, y_variances)
        if isinstance(self.shrinkage, str):
            return capacity_shrinkage(variances, n)
        if not self.shrinkage and n <= len(variances):
            raise InvalidSampleError(
                f"The sample has {n} rows for {len(variances)} independent columns of scores in X "
                f"and y, and without shrinkage there must be more rows than columns. Pass "
                f"shrinkage='auto', or collect more rows."
            )
        return float(self.shrinkage or 0.0)

    def _check_shrinkage(self) -> None:
        value = self.shrinkage
        if value is None or (isinstance(value, str) and value == "auto"):
            return
        if (
            isinstance(value, bool)
            or not isinstance(value, Real)
            or not 0.0 <= float(value) <= 1.0
        ):
            raise ValueError(
                f"shrinkage={value!r} must be 'auto', None or a number from 0 to 1. Pass 'auto' "
                f"to choose by the size of the sample."
            )
