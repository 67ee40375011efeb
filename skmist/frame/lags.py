"""Series: what one says about another, or about itself, some steps later."""

from __future__ import annotations

__all__ = ["mi_lags"]

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._parallel import run_in_order
from skmist._parameters import check_choice, check_integer, check_level, is_integer
from skmist._progress import progress_bar
from skmist._result import MIEstimate
from skmist._sample.blocks import Blocks, thinned_rows
from skmist._sample.sample import Sample
from skmist._sample.side import joined
from skmist._sample.table import UNITS
from skmist._sample.triple import ConditionalSample
from skmist.conditional.estimate import PreparedConditional
from skmist.estimators.ask import estimate_samples, median_estimate
from skmist.estimators.methods import make_asked, make_estimator, method_name
from skmist.frame.facts import LagFacts
from skmist.frame.memory import memory
from skmist.frame.pair_tests import adjusted
from skmist.frame.series import Grid, read_grid
from skmist.independence.given import conditional_test
from skmist.independence.nulls import pair_test
from skmist.independence.permutation import Plan, sample_test

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from skmist.estimators.base import MutualInfoEstimator

_LEAST_ROWS, _LEAST_APART = 10, 30
_BLOCK, _NEIGHBORS = 3.0, 3
_TOLD = 1.5
_FEW = "rows depend on those before: the effective rows (n_effective) are what they are worth"


def mi_lags(
    x: ArrayLike,
    y: ArrayLike | None = None,
    lags: int | Iterable[int] = 10,
    *,
    past: int = 0,
    estimator: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    units: str = "nats",
    p_values: bool = False,
    n_permutations: int = 199,
    block_size: int | None = None,
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Mutual information of a series with another, or with itself, at each lag.

    At lag k, of x at a step and y k steps later: x leads where k is positive. With `past` it is
    what x adds to the target's own past, the transfer entropy from x to y [1]_.

    Parameters
    ----------
    x : array-like or Series of length n
        Numbers, booleans, text or categories, in the order of time. Series with dates are put on
        a grid of equal steps: of days, business days, months, quarters, years or any fixed time;
        pairs that a gap or a missing value breaks are left out.
    y : array-like or Series or None, default=None
        The target; None takes x itself. Dates need not be those of x, arrays need the same
        length.
    lags : int or iterable of int, default=10
        Steps between x and y. A number L stands for 0 to L, or 1 to L where y is None or the past
        is given; negative ones let y lead.
    past : int, default=0
        How many steps of y before the target are given:
        ``I(x[t - k]; y[t] | y[t - 1], ..., y[t - past])``. 0 gives none.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        As in :func:`mutual_info` and :func:`conditional_mutual_info`.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    units : {"nats", "bits"}, default="nats"
        Unit of the result; 1 bit is ln 2 = 0.693 nats.
    p_values : bool, default=False
        Test each lag: by permuting blocks of x and y against each other, or with `past` by
        exchanging x among rows of similar past.
    n_permutations : int, default=199
        Permutations drawn, at least 19.
    block_size : int or None, default=None
        Rows of a block; None takes three times the memory of the series.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.
    random_state : int, RandomState instance or None, default=None
        Source of the permutations.

    Returns
    -------
    table : pandas.DataFrame of shape (n_lags, 6) or (n_lags, 8)
        Index = lag. Fields: ``mi``, ``low`` and ``high`` in `units`, clipped at 0 (``low`` and
        ``high`` are NaN where the estimator has no interval); ``n_samples``, the pairs of rows;
        ``n_effective``, as how many independent rows they count; ``warnings``, what speaks
        against the number; with `p_values` also ``p_value``, and ``q_value``, adjusted for the
        false discovery rate over the lags. Its ``attrs`` hold x, y, past, step, method, level
        and units.

    Raises
    ------
    InvalidSampleError
        If the series cannot be used or paired; the message names value, limit and remedy.
    ValueError
        If a parameter is not one of those above.

    See Also
    --------
    conditional_mutual_info : Given any columns.
    independence_test : Whether two series depend on each other, by blocks.
    MutualInfoLagsDisplay : Draws the table.

    Notes
    -----
    *Rows that depend on each other.* Where both series have a memory, successive rows repeat what
    the ones before said. Every m-th row is then taken, m being the memory of both (Bartlett's
    factor of normal scores), once from each of up to 8 places to start, and the medians are given
    of the estimates and of the ends of the intervals. So an interval is that of ``n / m`` rows.

    References
    ----------
    .. [1] T. Schreiber (2000), "Measuring information transfer", Physical Review Letters 85,
       461-464.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import mi_lags
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> y = np.roll(x, 2) + rng.normal(size=500)  # follows x by two steps
    >>> table = mi_lags(x, y, 4, estimator="gaussian_copula")
    >>> int(table["mi"].idxmax())
    2
    """
    level = check_level(level)
    check_choice("units", units, UNITS)
    check_integer("past", past, 0, "0 to give none", form="=")
    # what answers without a fit has no chain rule
    make = make_estimator if past else make_asked
    asked: Any = make(estimator, device=device)
    plan = _plan(n_permutations, random_state) if p_values else None
    grid = read_grid(x, y, (asked.discrete_features, asked.discrete_target))
    steps = _steps(lags, past, len(grid.x.present), is_self=y is None)
    how = _How(asked, level, plan, block_size, method_name(estimator))
    tasks = ((_lagged(grid, k, past), how) for k in steps)
    with progress_bar(progress, "lag", len(steps)) as bar:
        rows = []
        for row in run_in_order(_row, tasks, n_jobs):
            rows.append(row)
            bar.update(1)
    table = _table(rows, steps, grid, units)
    table.attrs = LagFacts(
        x=grid.x.side.names[0],
        y=grid.y.side.names[0],
        past=past,
        step=grid.step,
        method=how.method,
        level=level if asked.has_interval else None,
        units=units,
    ).as_attrs()
    return table


@dataclass(frozen=True)
class _How:
    """How each lag is asked."""

    estimator: MutualInfoEstimator
    level: float
    plan: Plan | None
    block_size: int | None
    method: str


def _plan(n_permutations: int, random_state: Any) -> Plan:
    """How to test; of a generator, each process would draw from a copy."""
    from sklearn.utils import check_random_state

    if not is_integer(random_state):
        random_state = check_random_state(random_state).randint(2**31 - 1)
    return Plan(n_permutations, True, None, False, random_state)


def _steps(lags: Any, past: int, length: int, *, is_self: bool) -> list[int]:
    """The lags asked for, of series of so many steps."""
    steps: Sequence[int]
    if isinstance(lags, range):
        steps = lags
    elif isinstance(lags, Iterable) and not isinstance(lags, (str, bytes)):
        steps = [check_integer("lags", lag, -sys.maxsize, "whole numbers") for lag in lags]
    else:
        first = past + 1 if is_self else int(past > 0)
        steps = range(first, check_integer("lags", lags, first, "10", form="=") + 1)
    if not steps:
        raise ValueError("lags is empty; pass a number of steps, or at least one lag.")
    # of a range its ends: it may have more numbers than memory
    furthest = max(map(abs, (steps[0], steps[-1]) if isinstance(steps, range) else steps))
    if furthest >= length:
        raise InvalidSampleError(
            f"the furthest of the lags is {furthest}, and the series has {length} steps. Pass "
            f"lags below {length}."
        )
    known = [k for k in steps if is_self and (k == 0 or 0 < k <= past)]
    if known:
        raise ValueError(
            f"at lag {known[0]} the series is compared with what is given or with itself. Pass "
            f"lags above {past}."
        )
    return list(steps)


def _lagged(grid: Grid, k: int, past: int) -> ConditionalSample:
    """The rows in which x, the target k steps later and its past are all present."""
    length = len(grid.x.present)
    target = np.arange(max(k, past, 0), min(length, length + k))
    kept = grid.x.present[target - k] & grid.y.present[target]
    before = [target - j for j in range(1, past + 1)]
    for rows in before:
        kept &= grid.y.present[rows]
    if kept.sum() < _LEAST_ROWS:
        raise InvalidSampleError(
            f"at lag {k} there are {kept.sum()} pairs of rows, and at least {_LEAST_ROWS} are "
            f"required. Pass smaller lags, or fill gaps of the {length} steps."
        )
    x, y = grid.x.side.rows((target - k)[kept]), grid.y.side.rows(target[kept])
    given = [grid.y.side.rows(rows[kept]) for rows in before]
    z = joined(given) if given else x.columns([])
    return ConditionalSample(x.varying(), y.varying(), z.varying())


def _row(sample: ConditionalSample, how: _How) -> dict[str, Any]:
    n = sample.n_samples
    found = {"n_samples": n, "n_effective": n, "warnings": ""}
    if not (sample.x.width and sample.y.width):
        end = 0.0 if how.estimator.has_interval else np.nan
        return {"mi": 0.0, "low": end, "high": end, **found, "p_value": 1.0}
    apart = memory(sample)
    answer = _answer(sample, how, _distance(apart, n))
    values = np.array([answer.mi, answer.low, answer.high], dtype=float)
    found |= {"n_effective": round(n / apart), "warnings": "; ".join(answer.warnings)}
    found |= dict(zip(("mi", "low", "high"), values.clip(0.0), strict=True))
    if how.plan is not None:
        found["p_value"] = _p_value(sample, how, how.plan, apart)
    return found


def _distance(apart: float, n: int) -> int:
    """How many rows lie between two that are taken, so that some are left."""
    return max(1, min(int(np.ceil(apart - 0.2)), n // _LEAST_APART))


def _answer(sample: ConditionalSample, how: _How, distance: int) -> MIEstimate:
    """Medians of what rows so far apart say, for some of the places to start."""
    blocks = Blocks(np.arange(sample.n_samples) // distance, are_groups=False)
    if not sample.z.width:
        pair = Sample(sample.x, sample.y, blocks=blocks)
        return estimate_samples(how.estimator, [pair], level=how.level)[0]
    parts = []
    for rows in thinned_rows(blocks):
        x, y, z = (side.rows(rows).varying() for side in (sample.x, sample.y, sample.z))
        some = PreparedConditional(ConditionalSample(x, y, z), how.estimator)
        parts.append(some.answer(how.level))
    return median_estimate(parts)


def _p_value(sample: ConditionalSample, how: _How, plan: Plan, apart: float) -> float:
    n, x, y, z = sample.n_samples, sample.x, sample.y, sample.z
    if z.width:
        prepared = PreparedConditional(sample, how.estimator)
        return conditional_test(prepared, _NEIGHBORS, plan).pvalue
    size = how.block_size
    if size is None:
        size = 1 if apart <= 1.0 else min(int(np.ceil(_BLOCK * apart)), n // 5)
    if size == 1:
        return pair_test(how.estimator, Sample(x, y), plan).pvalue
    blocks = Blocks(np.arange(n) // size, are_groups=False)
    return sample_test(how.estimator, Sample(x, y, blocks=blocks), plan).pvalue


def _table(rows: list[dict[str, Any]], steps: list[int], grid: Grid, units: str) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(rows, index=pd.Index(steps, name="lag"))
    table[["mi", "low", "high"]] /= UNITS[units]
    few = table["n_effective"] * _TOLD < table["n_samples"]
    notes = table["warnings"].mask(few, table["warnings"] + "; " + _FEW)
    if grid.gaps:
        notes += f"; {grid.gaps} of {len(grid.x.present)} steps have no row"
    table["warnings"] = notes.str.strip("; ")
    fields = ["mi", "low", "high", "n_samples", "n_effective", "warnings"]
    if "p_value" not in table:
        return table[fields]
    return table[[*fields, "p_value"]].assign(q_value=adjusted(table["p_value"].to_numpy()))
