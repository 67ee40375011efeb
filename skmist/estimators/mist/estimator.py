"""MIST: mutual information from a pretrained attention net, with an interval."""

from __future__ import annotations

__all__ = ["MISTRegressor"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from sklearn.base import clone

from skmist._device import own_settings, resolve_device
from skmist._parameters import check_level
from skmist._sample.entropy import entropy_limit
from skmist._sample.sample import Sample
from skmist.estimators.ask import estimate_samples
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.mist.answers import NetAnswers
from skmist.estimators.mist.held import HeldSamples, in_chunks, part_of
from skmist.estimators.mist.quantiles import most_rows, notes_about, quantile_at, reads_order
from skmist.estimators.remarks import with_remarks
from skmist.weights import load_card, load_weights

if TYPE_CHECKING:
    from torch import Tensor


class MISTRegressor(NetAnswers, MutualInfoEstimator):
    """Mutual information by a pretrained net that reads the sample.

    The net was trained once on synthetic samples with known MI, as in [1]_. `fit` keeps
    the sample as context and runs the net; nothing is trained. Its input are ranks, so any
    increasing map of a column changes nothing; rows, the columns of a side and the two sides
    themselves are sets to it.

    Parameters
    ----------
    weights : str or path-like, default="mist-3"
        Name of the shipped weights, or path of a model card (``.json``).
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    duplicates : {"once", "count"}, default="once"
        Whether rows that were copied count once, with a `RepeatedRowsWarning`, or each.

    Attributes
    ----------
    mi_ : float
        Median of the net's distribution of the MI, nats; never negative, and never above the
        estimated entropy of a discrete side.
    quantile_levels_ : ndarray of shape (n_levels,)
        Levels of `quantiles_`.
    quantiles_ : ndarray of shape (n_levels,)
        Quantiles of the MI, nats.
    warnings_ : tuple of str
        In which respects the sample lies outside what the net was trained on.
    device_ : str
        Where the net runs.

    Warns
    -----
    OutOfRangeWarning
        If the sample lies outside what the net was trained on.

    See Also
    --------
    skmist.mutual_info : The same in one call.

    References
    ----------
    .. [1] G. Gritsai, M. Richards, M. Méloux, K. Cho and M. Peyrard (2025), "MIST: Mutual
       Information Via Supervised Training", arXiv:2511.18945. The net here is
       another: it reads ranks, and classical estimates beside them.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import MISTRegressor
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 1))
    >>> y = x[:, 0] + rng.normal(size=500)
    >>> mist = MISTRegressor(device="cpu").fit(x, y)  # truth: log(2) / 2 = 0.347
    >>> low, high = mist.interval(0.9)
    >>> bool(low < 0.347 < high)
    True
    """

    def estimate_intervals(
        self, samples: Sequence[tuple[ArrayLike, ArrayLike]], level: float = 0.9
    ) -> list:
        """MI of many paired samples with intervals; needs no fit.

        Samples of equal shape and kinds run through the net together.

        Parameters
        ----------
        samples : iterable of (X, y)
            As in `estimate_many`.
        level : float, default=0.9
            Probability that an interval is meant to hold the true value, between 0 and 1.

        Returns
        -------
        list of (mi, low, high, warnings)
            Nats, and a tuple of str that says where a sample lies outside the trained range.

        Raises
        ------
        InvalidSampleError
            If a sample cannot be used; the message says which.
        WeightsError
            If the weights are missing or altered.
        ValueError
            If `level` is not strictly between 0 and 1.
        """
        level = check_level(level)
        read = self._read_samples(samples)
        found = estimate_samples(self, read, level=level)
        answers = [with_remarks(*pair)[0] for pair in zip(found, read, strict=True)]
        return [(found.mi, found.low, found.high, found.warnings) for found in answers]

    # Hooks of the base --------------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        self._fit_quantiles(sample, self._quantiles([sample])[0])

    def _fits_to(self, samples: Sequence[Sample]) -> list[Self]:
        fits = [clone(self) for _ in samples]
        for fitted, sample in zip(fits, samples, strict=True):
            fitted._hold(sample)
        asked = [fitted for fitted in fits if not fitted._is_constant()]
        # together, so that equal shapes can share a batch
        found = self._quantiles([fitted._sample for fitted in asked])
        for fitted, quantiles in zip(asked, found, strict=True):
            fitted._fit_quantiles(fitted._sample, quantiles)
        for fitted in fits:
            if fitted._is_constant():
                fitted._fit_constant()
        return [fitted._with_notes(sample) for fitted, sample in zip(fits, samples, strict=True)]

    def _fit_quantiles(self, sample: Sample, found: np.ndarray) -> None:
        card = load_card(self.weights)
        (quantiles,) = self._told_quantiles([sample], [found])
        median = float(np.interp(0.5, card["quantile_levels"], quantiles))
        self._set_fitted(card, notes_about(sample, card, median), quantiles)

    def _fit_constant(self) -> None:
        card = load_card(self.weights)
        self._set_fitted(card, (), np.zeros(len(card["quantile_levels"])))

    def _set_fitted(self, card: dict, notes: tuple[str, ...], quantiles: np.ndarray) -> None:
        self.device_ = resolve_device(self.device)
        self.warnings_ = notes
        self.quantile_levels_ = np.asarray(card["quantile_levels"])
        self.quantiles_ = quantiles
        self.mi_ = float(np.interp(0.5, self.quantile_levels_, quantiles))

    def _interval(self, level: float) -> tuple[float, float]:
        low, high = self._intervals([level])[0]
        return low, high

    def _intervals(self, levels: Sequence[float]) -> np.ndarray:
        tails = 0.5 * np.asarray(levels)
        low, high = quantile_at(
            self.quantiles_, self.quantile_levels_, np.stack([0.5 - tails, 0.5 + tails])
        )
        limit = entropy_limit(self._sample, ndtri(0.5 + tails))
        # Interpolating between equal quantiles rounds.
        low, high = np.minimum(low, self.mi_), np.maximum(np.minimum(high, limit), self.mi_)
        return np.stack([low, high], axis=-1)

    @own_settings()
    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        from skmist.nn import visible_rows

        net, held, frame, context = self._held_context()

        def score(rows_x: Tensor, rows_y: Tensor) -> Tensor:
            rows = visible_rows(frame, held.encode(0, rows_x), held.encode(1, rows_y))
            return net.score_rows(context, rows)

        return in_chunks(score, x, y)

    @own_settings()
    def _row_information(self, x: np.ndarray) -> np.ndarray:
        from skmist.nn import masked_rows

        net, held, frame, context = self._held_context()

        def inform(rows: Tensor) -> Tensor:
            masked = masked_rows(frame, 0, held.encode(0, rows), context.statistics.rows)
            return net.row_information(context, 0, masked)

        return in_chunks(inform, x)

    # The net ------------------------------------------------------------------------------

    def _held_context(self) -> Any:
        """The net, the fitted sample on its device, its frame, and the net's context of it."""
        import torch

        from skmist.nn import sample_statistics

        # Not `device_`: a pickled estimator may wake up where there is no such device.
        device = resolve_device(self.device)
        net = load_weights(self.weights, device)
        if "context" not in self._lazy:
            held = HeldSamples([self._seen_sample()], device, net.config.extended)
            with torch.inference_mode():
                frame = held.frame()
                context = net.encode(sample_statistics(frame, net.config.max_rows))
            self._lazy["context"] = (held, frame, context)
        return net, *self._lazy["context"]

    def _seen_sample(self) -> Sample:
        """What of the fitted sample the net sees; all, where a part lacks a category."""
        card, sample = load_card(self.weights), self._sample
        part = part_of(sample, most_rows(card), reads_order(card))
        same = (part.p, part.q) == (sample.p, sample.q)
        return part if same and _tops(part) == _tops(sample) else sample

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if "_lazy" not in state:
            return state
        # The net's view of the sample is rebuilt on demand, wherever the copy wakes up.
        kept = {key: value for key, value in self._lazy.items() if key != "context"}
        return {**state, "_lazy": kept}


def _tops(sample: Sample) -> list[float]:
    """The highest code of each discrete column, which a part may lack."""
    both = sample.both()
    return both.values[:, both.discrete].max(axis=0).tolist()
