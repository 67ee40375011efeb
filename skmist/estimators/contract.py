"""What every estimator answers about samples that were read; without scikit-learn or a fit."""

from __future__ import annotations

__all__ = ["NullSource", "SampleEstimator"]

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from skmist._errors import OutOfRangeWarning
from skmist._result import MIEstimate
from skmist._sample.sample import Sample
from skmist._sample.side_pairs import SidePairs
from skmist._sample.triple import ConditionalSample


class NullSource(NamedTuple):
    """What names the statistic of an estimator under independence, and what is known of it."""

    key: str  # changes with whatever changes the statistic
    table: Any = None  # with ``at(n, count)``, as skmist.weights.NullTable, or None


class SampleEstimator:
    """Answers about samples, by the hooks that need no fit; MutualInfoEstimator describes them.

    A call that asks about samples alone waits for nothing else: scikit-learn takes as long to
    import as torch.
    """

    reads_ranks: bool = False
    reads_order: bool = False
    takes_repeated_rows: bool = False
    shares_columns: bool = False
    batches_alike: bool = False
    sklearn_plug_in: bool = False
    is_slow: bool = True
    sees_curves: bool = True
    note_category: type[Warning] = OutOfRangeWarning

    discrete_features: Any
    discrete_target: Any
    duplicates: str = "once"
    block_size: int | None = None

    def _estimate(self, sample: Sample) -> float:
        raise NotImplementedError

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        return np.array([self._estimate(sample) for sample in samples])

    def _estimate_pairs(self, pairs: SidePairs) -> np.ndarray:
        return self._estimate_all(list(pairs))

    def _answers(self, samples: list[Sample], level: float | None) -> list[MIEstimate]:
        name, values = type(self).__name__, self._estimate_all(samples).tolist()
        found = zip(values, samples, strict=True)
        return [MIEstimate(mi, None, None, None, name, len(sample.x)) for mi, sample in found]

    def _statistic(self, samples: list[Sample]) -> np.ndarray:
        return self._estimate_all(samples)

    def _tested_answers(
        self, samples: list[Sample], level: float | None
    ) -> tuple[list[MIEstimate], np.ndarray]:
        return self._answers(samples, level), self._statistic(samples)

    def _null_source(self) -> NullSource | None:
        return None

    def _conditional(
        self, sample: ConditionalSample, left: Callable[[], ConditionalSample]
    ) -> Any:
        """What estimates the MI of x and y given z in the estimator's own way, or None.

        Parameters
        ----------
        sample : ConditionalSample
            With at least one column of x and of y.
        left : callable
            Without arguments: the sample with what z leaves of x and y in their place, where that
            is wanted, or else the same sample.

        Returns
        -------
        object or None
            With ``estimate() -> float`` and ``estimate_permuted(orders (b, n)) -> (b,)``, nats.
        """
        return None

    def _most_columns(self) -> int | None:
        return None

    def _net_card(self) -> dict | None:
        return None

    @property
    def has_interval(self) -> bool:
        """Whether the estimator has intervals."""
        return hasattr(self, "_interval")

    def _answer(
        self,
        mi: float,
        sample: Sample,
        notes: Iterable[str] = (),
        low: float | None = None,
        high: float | None = None,
        level: float | None = None,
    ) -> MIEstimate:
        name = type(self).__name__
        if low is not None and high is not None:
            # ends are clipped to what is possible, and estimates of some estimators are not
            mi = min(max(mi, low), high)
        return MIEstimate(mi, low, high, level, name, sample.n_samples, tuple(notes))
