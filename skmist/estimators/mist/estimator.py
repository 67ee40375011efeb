"""MIST: mutual information from a pretrained attention net, with an interval."""

from __future__ import annotations

__all__ = ["MISTRegressor"]

import warnings
from collections import defaultdict

import numpy as np
from scipy.special import ndtri

from skmist._device import resolve_device
from skmist._errors import OutOfRangeWarning
from skmist._parameters import check_level
from skmist._sample.entropy import entropy_limit
from skmist._sample.order import canonical_codes, canonical_order
from skmist._sample.sample import Sample
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.mist.conformal import check_intervals, widened, widening_factor
from skmist.weights import DEFAULT_WEIGHTS, load_card, load_weights

_QUERY_CHUNK = 64
_PAIR_BUDGET = 16_000_000


class MISTRegressor(MutualInfoEstimator):
    """Mutual information by a pretrained net that reads the sample.

    The net was trained once on synthetic samples with known MI, as in [1]_. `fit` keeps
    the sample as context and runs the net; nothing is trained. Its input are ranks, so any
    increasing map of a column changes nothing; rows, the columns of a side and the two sides
    themselves are sets to it.

    Parameters
    ----------
    weights : str, default="mist-2"
        Name of the shipped weights, or path of a model card (``.json``).
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.
    intervals : {"trained", "conformal"}, default="trained"
        ``"trained"`` gives the quantiles as the net was trained to give them: they cover at
        their level on data like those of the training. ``"conformal"`` moves both ends away
        from the median by a factor that was measured, by rows and columns, on families that
        training never saw; wider, and safer on data unlike any of the training. The median and
        `quantiles_` stay as they are.
    discrete_features, discrete_target : "auto", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.

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

    def __init__(
        self,
        *,
        weights=DEFAULT_WEIGHTS,
        device="auto",
        intervals="trained",
        discrete_features="auto",
        discrete_target="auto",
    ):
        self.weights = weights
        self.device = device
        self.intervals = intervals
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target

    def estimate_intervals(self, samples, level=0.9):
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
        checked = [sample.informative() for sample in self._read_samples(samples)]
        answers = [(0.0, 0.0, 0.0, ())] * len(checked)
        asked = [i for i, sample in enumerate(checked) if sample.p and sample.q]
        card = load_card(self.weights)
        levels = np.asarray(card["quantile_levels"])
        wanted = np.array([0.5 - level / 2, 0.5, 0.5 + level / 2])
        quantiles = self._quantiles([checked[i] for i in asked])
        for i, row in zip(asked, quantiles, strict=True):
            low, median, high = _quantile_at(row, levels, wanted)
            low, high = self._ends(low, median, high, checked[i], level, card)
            answers[i] = (median, low, high, _range_notes(checked[i], card))
        return answers

    # Hooks of the base --------------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        card = load_card(self.weights)
        notes = _range_notes(sample, card)
        for note in notes:
            warnings.warn(note, OutOfRangeWarning, stacklevel=3)
        (quantiles,) = self._quantiles([sample])
        self._set_fitted(card, notes, quantiles)

    def _fit_constant(self) -> None:
        card = load_card(self.weights)
        self._set_fitted(card, (), np.zeros(len(card["quantile_levels"])))

    def _set_fitted(self, card: dict, notes: tuple[str, ...], quantiles: np.ndarray) -> None:
        check_intervals(self.intervals)
        self.device_ = resolve_device(self.device)
        self.warnings_ = notes
        self.quantile_levels_ = np.asarray(card["quantile_levels"])
        self.quantiles_ = quantiles
        self.mi_ = float(np.interp(0.5, self.quantile_levels_, quantiles))

    def _estimate(self, sample: Sample) -> float:
        return float(self._estimate_all([sample])[0])

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        levels = np.asarray(load_card(self.weights)["quantile_levels"])
        return np.array([np.interp(0.5, levels, q) for q in self._quantiles(samples)])

    def _interval(self, level: float) -> tuple[float, float]:
        tails = np.array([0.5 - level / 2, 0.5 + level / 2])
        low, high = _quantile_at(self.quantiles_, self.quantile_levels_, tails)
        card = load_card(self.weights)
        return self._ends(low, self.mi_, high, self._sample, level, card)

    def _ends(
        self, low: float, median: float, high: float, sample: Sample, level: float, card: dict
    ) -> tuple[float, float]:
        """The ends of an interval of the kind asked for."""
        if check_intervals(self.intervals) == "conformal":
            columns = max(sample.p, sample.q)
            factor = widening_factor(card, sample.n_samples, columns, level)
            low, high = widened(low, median, high, factor)
        return low, min(high, float(entropy_limit(sample, ndtri(0.5 + level / 2))))

    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        from skmist.nn import visible_rows

        net, held, frame, context = self._held_context()

        def score(rows_x, rows_y):
            rows = visible_rows(frame, held.encode(0, rows_x), held.encode(1, rows_y))
            return net.score_rows(context, rows)

        return _in_chunks(score, x, y)

    def _row_information(self, x: np.ndarray) -> np.ndarray:
        from skmist.nn import masked_rows

        net, held, frame, context = self._held_context()

        def inform(rows):
            masked = masked_rows(frame, 0, held.encode(0, rows), context.statistics.rows)
            return net.row_information(context, 0, masked)

        return _in_chunks(inform, x)

    # The net ------------------------------------------------------------------------------

    def _held_context(self):
        """The net, the fitted sample on its device, its frame, and the net's context of it."""
        import torch

        from skmist.nn import sample_statistics

        # Not `device_`: a pickled estimator may wake up where there is no such device.
        device = resolve_device(self.device)
        net = load_weights(self.weights, device)
        if "context" not in self._lazy:
            held = _Held([self._sample], device)
            with torch.inference_mode():
                frame = held.frame()
                context = net.encode(sample_statistics(frame, net.config.max_rows))
            self._lazy["context"] = (held, frame, context)
        return net, *self._lazy["context"]

    def _quantiles(self, samples: list[Sample]) -> list[np.ndarray]:
        """Quantiles of the MI of each sample, nats, clipped to what is possible."""
        import torch

        from skmist.nn import expand, sample_statistics

        device = resolve_device(self.device)
        net = load_weights(self.weights, device)
        z = ndtri(load_card(self.weights)["quantile_levels"])
        answers: list[np.ndarray] = [np.empty(0)] * len(samples)
        for group in _equal_groups(samples):
            held = _Held([samples[i] for i in group], device)
            with torch.inference_mode():
                statistics = sample_statistics(held.frame(), net.config.max_rows)
                quantiles = expand(net.quantiles_of(net.encode(statistics))).cpu().double()
            for i, row in zip(group, quantiles.numpy(), strict=True):
                answers[i] = np.minimum(row, entropy_limit(samples[i], z))
        return answers

    def __getstate__(self):
        state = super().__getstate__()
        if "_lazy" not in state:
            return state
        # The net's view of the sample is rebuilt on demand, wherever the copy wakes up.
        kept = {key: value for key, value in self._lazy.items() if key != "context"}
        return {**state, "_lazy": kept}


class _Held:
    """Samples of one shape and kind on a device, in canonical order and codes."""

    def __init__(self, samples: list[Sample], device: str) -> None:
        import torch

        kinds = samples[0].x_discrete, samples[0].y_discrete
        self.discrete = tuple(tuple(kind.tolist()) for kind in kinds)
        self.device = torch.device(device)
        rows = []
        for sample in samples:
            both, kind = np.concatenate([sample.x, sample.y], axis=1), np.concatenate(kinds)
            order, codes = canonical_order(both, kind), canonical_codes(both, kind)
            # Kept for rows that are asked about later, which only a single sample is.
            self._codes = (codes[: sample.p], codes[sample.p :])
            sides = (sample.x[order], sample.y[order])
            rows.append([_renamed(v, c) for v, c in zip(sides, self._codes, strict=True)])
        self.values = tuple(self._tensor(np.stack(side)) for side in zip(*rows, strict=True))

    def _tensor(self, values: np.ndarray):
        import torch

        return torch.as_tensor(values, dtype=torch.float64, device=self.device)

    def frame(self):
        """What the net fits to the samples before it looks at rows."""
        from skmist.nn import SampleFrame, encode_rows

        x, y = (encode_rows(v, None, d) for v, d in zip(self.values, self.discrete, strict=True))
        return SampleFrame(x, y, *self.discrete)

    def encode(self, i: int, rows: np.ndarray):
        """Scores and codes of new rows of side i, shape (1, m, d)."""
        from skmist.nn import encode_rows

        asked = self._tensor(_renamed(rows, self._codes[i])[None])
        return encode_rows(self.values[i], asked, self.discrete[i])


def _renamed(rows: np.ndarray, codes: list[np.ndarray | None]) -> np.ndarray:
    """Rows (m, d) of one side, each discrete column's categories under their new codes."""
    renamed = rows.copy()
    for j, code in enumerate(codes):
        if code is not None:
            renamed[:, j] = code[rows[:, j].astype(np.intp)]
    return renamed


def _in_chunks(function, *sides: np.ndarray) -> np.ndarray:
    """Apply a function of rows in chunks of one size, so that rounding cannot depend on how
    many rows are asked about; the last chunk is filled with copies of its last row."""
    import torch

    m = len(sides[0])
    answers = []
    with torch.inference_mode():
        for start in range(0, m, _QUERY_CHUNK):
            index = np.arange(start, start + _QUERY_CHUNK).clip(max=m - 1)
            found = function(*(side[index] for side in sides))
            answers.append(found[0].cpu().double().numpy())
    return np.concatenate(answers)[:m]


def _equal_groups(samples: list[Sample]) -> list[list[int]]:
    """Indices of samples that can run as one batch: same shape and kinds, limited in size.

    The most categories of a column on each side must agree too: they set the width of the
    batch's indicator columns, and an answer must not depend on what it is batched with.
    """
    groups: dict[tuple, list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        sides = (sample.x, sample.x_discrete), (sample.y, sample.y_discrete)
        kinds = (tuple(discrete.tolist()) for _, discrete in sides)
        levels = (values[:, discrete].max(initial=0) for values, discrete in sides)
        groups[(sample.n_samples, *kinds, *levels)].append(i)
    batches = []
    for (n, *_), members in groups.items():
        size = max(1, _PAIR_BUDGET // n**2)
        batches += [members[i : i + size] for i in range(0, len(members), size)]
    return batches


def _quantile_at(quantiles: np.ndarray, levels: np.ndarray, asked: np.ndarray) -> list[float]:
    """Quantiles at other levels: linear on the normal scale, from the two nearest levels."""
    z, target = ndtri(levels), ndtri(asked)
    i = np.clip(np.searchsorted(z, target) - 1, 0, len(z) - 2)
    slope = (quantiles[i + 1] - quantiles[i]) / (z[i + 1] - z[i])
    return np.maximum(quantiles[i] + slope * (target - z[i]), 0.0).tolist()


def _range_notes(sample: Sample, card: dict) -> tuple[str, ...]:
    """One sentence for each respect in which a sample lies outside the trained range."""
    asked = {
        "rows": (sample.n_samples, card["trained"]["n"]),
        "columns on one side": (max(sample.p, sample.q), card["trained"]["columns"]),
        "categories in one column": (_most_categories(sample), card["trained"]["categories"]),
    }
    notes = []
    for what, (value, (low, high)) in asked.items():
        if value and not low <= value <= high:
            notes.append(
                f"{value} {what}, but the net {card['name']!r} was trained on {low} to {high}: "
                "the estimate and its interval are extrapolated. Compare another method."
            )
    return tuple(notes)


def _most_categories(sample: Sample) -> int:
    """Categories of the discrete column that has most of them; 0 without discrete columns."""
    sides = (sample.x, sample.x_discrete), (sample.y, sample.y_discrete)
    named = [column for rows, discrete in sides for column in rows.T[discrete]]
    return max((len(np.unique(column)) for column in named), default=0)
