"""Is a family what it says it is: shapes, truth, pointwise values, batches, seeds."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from skmist.datasets.parts.family import Family
from skmist.datasets.prior import MOST_COLUMNS, shapes_within

__all__ = ["check_family"]

_FEW = 64
_ERRORS = 5.0  # standard errors that an average may be off
_TOLERANCE = 0.005  # nats
_SHAPES = 3


def check_family(family: Family | type[Family], n: int = 20_000, seed: int = 0) -> None:
    """Test that a family's samples and truth are what nets and benchmarks take them for.

    Checked are the declared columns and the shapes, types and kinds of what is drawn; that seeds
    determine it; that rows are judged each on its own; that the pointwise MI has the declared MI
    as its mean, by Monte Carlo; that it is the logarithm of a ratio of densities, by comparing
    paired with re-paired rows; and that all of that holds of each distribution of a batch.

    Parameters
    ----------
    family : Family or type
        An object; or a class with `supports` and `from_prior`, of which batches in some shapes
        are checked.
    n : int, default=20_000
        Rows of each Monte Carlo average.
    seed : int, default=0
        Of all that is drawn.

    Raises
    ------
    ValueError
        If the family fails; the message lists each failure.

    Notes
    -----
    With r the pointwise MI, the mean of 1 / (1 + exp(r)) over paired rows is that of
    1 / (1 + exp(-r)) over rows whose y come from other rows. Pairs that cannot occur must have
    r = -inf there.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> check_family(CorrelatedGaussian(0.8))
    >>> class Wrong(CorrelatedGaussian):
    ...     def log_ratio(self, x, y):
    ...         return super().log_ratio(x, y) + 0.1
    >>> check_family(Wrong(0.8))
    Traceback (most recent call last):
    ValueError: Wrong fails 2 checks: ...
    """
    name = family.__name__ if inspect.isclass(family) else type(family).__name__
    problems: list[str] = []
    for label, make in _cases(family, seed):
        try:
            found = _problems(make, n, seed)
        except Exception as error:
            found = [f"it raises {type(error).__name__}: {error}"]
        problems += [f"{label}{problem}" for problem in found]
    if problems:
        raise ValueError(f"{name} fails {len(problems)} checks: {'; '.join(problems)}")


def _cases(family: Any, seed: int) -> list[tuple[str, Callable[[], Family]]]:
    """What is to be checked: the object, or batches of a class in some shapes."""
    if isinstance(family, Family):
        return [("", lambda: family)]
    if not (inspect.isclass(family) and issubclass(family, Family)):
        raise ValueError(f"family is {family!r}; pass a Family, object or class")
    shapes = shapes_within(family, MOST_COLUMNS, MOST_COLUMNS)
    if not shapes:
        raise ValueError(
            f"{family.__name__} supports no numbers of columns: define the class methods "
            "`supports` and `from_prior`, or pass an object of it"
        )
    chosen = dict.fromkeys([shapes[0], *random.Random(seed).sample(shapes, 1), shapes[-1]])

    def maker(p: int, q: int) -> Callable[[], Family]:
        def make() -> Family:
            generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
            return family.from_prior(_SHAPES, p, q, generator, rng)

        return make

    return [(f"{p} + {q} columns: ", maker(p, q)) for p, q in chosen]


def _problems(make: Callable[[], Family], n: int, seed: int) -> list[str]:
    family = make()
    if wrong := _declared_wrongly(family):
        return wrong
    x, y, pmi = family.draw_with_pointwise(_FEW, _generator(seed, family))
    if wrong := _shaped_wrongly(family, x, y, pmi):
        return wrong
    wrong = _seeded_wrongly(make, (x, y, pmi), seed)
    return wrong + _rows_wrong(family, seed) + _truth_wrong(family, n, seed)


def _generator(seed: int, family: Family) -> torch.Generator:
    return torch.Generator(family.device).manual_seed(seed)


def _declared_wrongly(family: Family) -> list[str]:
    """Whether dimensions, kinds and the MI are declared as they must be."""
    problems = []
    for side, dim in (("x", family.x_dim), ("y", family.y_dim)):
        flags = getattr(family, f"{side}_discrete"), getattr(family, f"{side}_ordered")
        if any(len(flag) != dim for flag in flags):
            problems.append(f"{side}_discrete or {side}_ordered has not {side}_dim={dim} entries")
        elif any(o and not d for d, o in zip(*flags, strict=True)):
            problems.append(f"{side}_ordered names a column that is not in {side}_discrete")
    mi, error = family.mi, family.mi_standard_error
    if mi.ndim != 1 or error.shape != mi.shape:
        problems.append(f"mi has shape {tuple(mi.shape)}, not (B,), or its standard error another")
    elif not bool((torch.isfinite(mi) & torch.isfinite(error) & (mi >= -1e-9)).all()):
        problems.append(f"mi is {mi.tolist()}, which must be finite and not negative")
    return problems


def _shaped_wrongly(family: Family, x: Tensor, y: Tensor, pmi: Tensor) -> list[str]:
    batch, problems = family.batch_size, []
    sides: Sequence[Any] = (
        ("x", x, family.x_dim, family.x_discrete),
        ("y", y, family.y_dim, family.y_discrete),
    )
    for side, values, dim, discrete in sides:
        if values.shape != (batch, _FEW, dim):
            problems.append(f"{side} has shape {tuple(values.shape)}, not {(batch, _FEW, dim)}")
        elif not bool(torch.isfinite(values).all()):
            problems.append(f"{side} holds values that are not finite")
        else:
            codes = values[..., [j for j, flag in enumerate(discrete) if flag]]
            if not torch.equal(codes, codes.round()) or bool((codes < 0).any()):
                problems.append(f"discrete columns of {side} hold other than whole numbers from 0")
        if values.dtype != torch.float32:
            problems.append(f"{side} is {values.dtype} where float32 was asked for")
    if pmi.shape != (batch, _FEW):
        problems.append(f"the pointwise MI has shape {tuple(pmi.shape)}, not {(batch, _FEW)}")
    elif not bool(torch.isfinite(pmi).all()):
        problems.append("the pointwise MI of drawn rows is not finite")
    return problems


def _seeded_wrongly(make: Callable[[], Family], drawn: Sequence[Tensor], seed: int) -> list[str]:
    again = make()
    same = again.draw_with_pointwise(_FEW, _generator(seed, again))
    if not all(torch.equal(a, b) for a, b in zip(drawn, same, strict=True)):
        return ["equal generators give other rows: draw from the generator alone"]
    other = again.draw(_FEW, _generator(seed + 1, again))
    if all(torch.equal(a, b) for a, b in zip(drawn[:2], other, strict=True)):
        return ["another generator gives the same rows"]
    return []


def _rows_wrong(family: Family, seed: int) -> list[str]:
    """Whether `log_ratio` judges each row by itself, and as `draw_with_pointwise` does."""
    x, y, pmi = family.draw_with_pointwise(_FEW, _generator(seed, family), torch.float64)
    if x.dtype != torch.float64:
        return [f"x is {x.dtype} where float64 was asked for"]
    problems = []
    if not torch.allclose(family.log_ratio(x, y).double(), pmi.double(), rtol=1e-4, atol=1e-4):
        problems.append("log_ratio differs from what draw_with_pointwise says of the same rows")
    order = torch.arange(_FEW - 1, 3, -1, device=x.device)
    part = family.log_ratio(x[:, order], y[:, order])
    if not torch.allclose(part, family.log_ratio(x, y)[:, order], rtol=1e-4, atol=1e-4):
        problems.append("log_ratio of a row depends on the other rows")
    return problems


def _truth_wrong(family: Family, n: int, seed: int) -> list[str]:
    """Whether the pointwise MI has the MI as its mean, and is a ratio of densities."""
    x, y, pmi = family.draw_with_pointwise(n, _generator(seed + 2, family), torch.float64)
    pmi = pmi.double()
    # another order of each batch entry's rows leaves no row its own y
    repaired = family.log_ratio(x, torch.roll(y, n // 2, 1)).double()
    problems = []
    off = pmi.mean(1) - family.mi
    allowed = _error(pmi) + _ERRORS * family.mi_standard_error + _TOLERANCE
    for k in _places(off.abs() > allowed):
        problems.append(
            f"the mean pointwise MI of {n} rows is {float(pmi[k].mean()):.4f} and mi is "
            f"{float(family.mi[k]):.4f} nats, {float(allowed[k]):.4f} may lie between"
        )
    paired, other = torch.sigmoid(-pmi), torch.sigmoid(repaired)
    limit = _error(paired) + _error(other) + _TOLERANCE
    for k in _places(~((paired.mean(1) - other.mean(1)).abs() <= limit)):
        problems.append(
            "exp(pointwise MI) is no ratio of p(x, y) to p(x) p(y): the means compared are "
            f"{float(paired[k].mean()):.4f} of pairs and {float(other[k].mean()):.4f} of rows "
            "paired anew (log_ratio must be -inf where a pair cannot occur)"
        )
    return problems


def _error(values: Tensor) -> Tensor:
    return _ERRORS * values.std(1) / float(np.sqrt(values.shape[1]))


def _places(wrong: Tensor) -> list[int]:
    return torch.nonzero(wrong)[:, 0].tolist()
