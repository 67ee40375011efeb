"""What the net says about samples; of all that it needs, torch alone takes long to import."""

from __future__ import annotations

__all__ = ["NetAnswers"]


import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from skmist._device import own_settings, resolve_device
from skmist._result import MIEstimate
from skmist._sample.entropy import entropy_limit
from skmist._sample.sample import Sample
from skmist.estimators.contract import NullSource, SampleEstimator
from skmist.estimators.mist.held import (
    HeldSamples,
    equal_groups,
    in_own_order,
    part_of,
)
from skmist.estimators.mist.quantiles import (
    most_rows,
    notes_about,
    of_functions,
    quantile_at,
    reads_order,
)
from skmist.weights import DEFAULT_WEIGHTS, load_card, load_null, load_weights


class NetAnswers(SampleEstimator):
    """Answers of the net about samples; MISTRegressor describes the parameters."""

    reads_ranks = True
    batches_alike = True

    def __init__(
        self,
        *,
        weights: str = DEFAULT_WEIGHTS,
        device: str = "auto",
        discrete_features: ArrayLike = "auto",
        discrete_target: ArrayLike = "auto",
        duplicates: str = "once",
    ) -> None:
        self.weights = weights
        self.device = device
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.duplicates = duplicates

    @property
    def reads_order(self) -> bool:  # type: ignore[override]
        """Whether the net of these weights takes ordered discrete columns by their ranks."""
        return reads_order(load_card(self.weights))

    @property
    def has_interval(self) -> bool:
        """Whether there are intervals."""
        return True

    def _estimate(self, sample: Sample) -> float:
        return float(self._estimate_all([sample])[0])

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        levels = np.asarray(load_card(self.weights)["quantile_levels"])
        told = self._told_quantiles(samples, self._quantiles(samples))
        return np.array([np.interp(0.5, levels, q) for q in told])

    def _statistic(self, samples: list[Sample]) -> np.ndarray:
        return _means(self._quantiles(samples))

    def _null_source(self) -> NullSource:
        return NullSource(f"MIST {load_card(self.weights)['sha256']}", load_null(self.weights))

    def _answers(self, samples: list[Sample], level: float | None) -> list[MIEstimate]:
        return self._answers_from(self._quantiles(samples), samples, level)

    def _tested_answers(
        self, samples: list[Sample], level: float | None
    ) -> tuple[list[MIEstimate], np.ndarray]:
        quantiles = self._quantiles(samples)
        return self._answers_from(quantiles, samples, level), _means(quantiles)

    def _answers_from(
        self, quantiles: list[np.ndarray], samples: list[Sample], level: float | None
    ) -> list[MIEstimate]:
        card = load_card(self.weights)
        levels = np.asarray(card["quantile_levels"])
        answers = []
        told = self._told_quantiles(samples, quantiles)
        for sample, row in zip(samples, told, strict=True):
            median = float(np.interp(0.5, levels, row))
            notes = notes_about(sample, card, median)
            if level is None:
                answers.append(self._answer(median, sample, notes))
                continue
            wanted = np.array([0.5 - level / 2, 0.5, 0.5 + level / 2])
            low, median, high = quantile_at(row, levels, wanted).tolist()
            high = min(high, entropy_limit(sample, ndtri(0.5 + level / 2)))
            low, high = min(low, median), max(high, median)
            found = self._answer(median, sample, notes, low, float(high), level)
            answers.append(found)
        return answers

    def _most_columns(self) -> int:
        return int(self._net_card()["trained"]["columns"][1])

    def _net_card(self) -> dict:
        return load_card(self.weights)

    def _told_quantiles(
        self, samples: list[Sample], quantiles: list[np.ndarray]
    ) -> list[np.ndarray]:
        """Quantiles as users see them, nats; what tests compare is the net's alone."""
        levels = np.asarray(load_card(self.weights)["quantile_levels"])
        pairs = zip(samples, quantiles, strict=True)
        return [np.maximum(row, of_functions(sample, levels)) for sample, row in pairs]

    @own_settings()
    def _quantiles(self, samples: list[Sample]) -> list[np.ndarray]:
        """Quantiles of the MI of each sample by the net, nats, clipped to what is possible."""
        import torch

        from skmist.nn import expand, sample_statistics

        device = resolve_device(self.device)
        card = load_card(self.weights)
        z = ndtri(card["quantile_levels"])
        net = load_weights(self.weights, device)
        answers: list[np.ndarray] = [np.zeros(len(z))] * len(samples)
        ordered, most = net.config.extended, most_rows(card)
        own = [in_own_order(part_of(sample, most, ordered), ordered) for sample in samples]
        varying = [i for i, sample in enumerate(own) if sample.p and sample.q]
        for places in equal_groups([own[i] for i in varying], ordered):
            group = [varying[k] for k in places]
            held = HeldSamples([own[i] for i in group], device, ordered)
            with torch.inference_mode():
                statistics = sample_statistics(held.frame(), net.config.max_rows)
                quantiles = expand(net.quantiles_of(net.encode(statistics))).cpu().double()
            for i, row in zip(group, quantiles.numpy(), strict=True):
                answers[i] = np.minimum(row, entropy_limit(samples[i], z))
        return answers


def _means(quantiles: list[np.ndarray]) -> np.ndarray:
    """What tests compare: the median is 0 for many independent samples, which tells nothing."""
    return np.mean(quantiles, axis=1) if quantiles else np.empty(0)
