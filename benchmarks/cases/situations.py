"""Data on which mist-2 was confident and wrong, with exact truths, and what its successor must do.

Columns are given as a user has them, numbers or text, and nothing is said of their kinds unless
the name says so. All numbers are in nats.
"""

from __future__ import annotations

__all__ = ["FEW_REPEATS", "SITUATIONS", "Bar", "Sample", "Situation"]

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln, xlogy
from scipy.stats import ortho_group, qmc

from cases import toys
from cases.held_out_families import FUNCTIONS
from cases.planes import labelled_truth, regression_truth
from cases.situation import Bar, Sample, Situation

FEW_REPEATS = 4
_SHORT, _LONG = 20, 10
_MOONS_NOISE = 0.25


def _sizes(*sizes: int) -> dict[int, int]:
    return {n: _SHORT if n <= 3000 else _LONG for n in sizes}


@cache
def moons_truth() -> tuple[float, float]:
    """MI and spread of two half moons with their label, angles uniform."""
    angle = np.pi * (np.arange(2000) + 0.5) / 2000
    return labelled_truth([_moon(0, angle), _moon(1, angle)], _MOONS_NOISE)


def _moon(label: int, angle: np.ndarray) -> np.ndarray:
    if label == 0:
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)


def _moons(n: int, rng: np.random.Generator) -> Sample:
    label, angle = rng.integers(2, size=n), np.pi * rng.random(n)
    place = np.where(label[:, None] == 0, _moon(0, angle), _moon(1, angle))
    return Sample(place + _MOONS_NOISE * rng.standard_normal((n, 2)), label, moons_truth()[0])


@cache
def friedman_truth() -> tuple[float, float]:
    """MI and spread of the first Friedman function of ten columns with unit noise."""
    return regression_truth(FUNCTIONS["friedman1"][1](qmc.Sobol(5, seed=0).random_base2(16)), 1.0)


def _friedman(n: int, rng: np.random.Generator) -> Sample:
    x = rng.random((n, 10))
    y = FUNCTIONS["friedman1"][1](x) + rng.standard_normal(n)
    return Sample(x, y, friedman_truth()[0])


@cache
def _sign_truth(noise: float) -> tuple[float, float]:
    return regression_truth(np.array([-1.0, 1.0]), noise)


def _signs(active: int, columns: int, noise: float) -> Callable[..., Sample]:
    """The sign of the product of some columns, with noise."""

    def draw(n: int, rng: np.random.Generator) -> Sample:
        x = rng.uniform(-1.0, 1.0, (n, columns))
        sign = np.sign(x[:, :active].prod(axis=1))
        return Sample(x, sign + noise * rng.standard_normal(n), _sign_truth(noise)[0])

    return draw


def _mixed(n: int, rng: np.random.Generator) -> Sample:
    """Twelve columns of three kinds and a label that has nothing to do with them."""
    codes, heavy = rng.integers(6, size=(n, 4)), rng.standard_t(2, (n, 4))
    x = np.column_stack([codes, heavy, np.exp(2.0 * rng.standard_normal((n, 4)))])
    return Sample(x, (rng.random(n) < 0.2).astype(int), 0.0)


@cache
def counts_truth() -> tuple[float, float]:
    """MI and spread of two Poisson counts that share the log rate 1 + 0.7 z."""
    z = np.linspace(-6.0, 6.0, 1201)
    weight = np.exp(-0.5 * z**2)
    k, rate = np.arange(400)[:, None], np.exp(1.0 + 0.7 * z)
    given = np.exp(k * np.log(rate) - rate - gammaln(k + 1.0))
    joint = (given * weight / weight.sum()) @ given.T
    alone = joint.sum(axis=1)
    ratio = np.log(joint.clip(1e-300)) - np.log(np.outer(alone, alone).clip(1e-300))
    mi = (joint * ratio).sum()
    return float(mi), float(np.sqrt((joint * ratio**2).sum() - mi**2))


def _counts(discrete: bool | str) -> Callable[..., Sample]:
    def draw(n: int, rng: np.random.Generator) -> Sample:
        rate = np.exp(1.0 + 0.7 * rng.standard_normal(n))
        return Sample(rng.poisson(rate), rng.poisson(rate), counts_truth()[0], discrete)

    return draw


def _strong(dim: int, mi: float) -> Callable[..., Sample]:
    """Gaussians as the package mutinfo draws them: the MI split at random over rotated pairs."""

    def draw(n: int, rng: np.random.Generator) -> Sample:
        share = rng.exponential(size=dim)
        rho = np.sqrt(-np.expm1(-2.0 * mi * share / share.sum()))
        x, e = rng.standard_normal((2, n, dim))
        turns = [ortho_group.rvs(dim, random_state=rng) if dim > 1 else np.eye(1) for _ in "xy"]
        return Sample(x @ turns[0], (rho * x + np.sqrt(1.0 - rho**2) * e) @ turns[1], mi)

    return draw


def _function(of: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Sample]:
    def draw(n: int, rng: np.random.Generator) -> Sample:
        x = rng.uniform(-10.0, 10.0, n)
        return Sample(x, of(x), np.inf)

    return draw


def _categories(count: int) -> Callable[..., Sample]:
    """Labels whose means are drawn anew, against a number: the truth differs between draws."""
    spread = np.sqrt(np.expm1(2.0 * 0.37))

    def draw(n: int, rng: np.random.Generator) -> Sample:
        code, means = rng.permutation(np.arange(n) % count), spread * rng.standard_normal(count)
        y = means[code] + rng.standard_normal(n)
        at = np.linspace(means.min() - 8.0, means.max() + 8.0, 4000)
        density = np.exp(-0.5 * (at[:, None] - means) ** 2).mean(axis=1) / np.sqrt(2.0 * np.pi)
        entropy = -xlogy(density, density).sum() * (at[1] - at[0])
        x = pd.DataFrame({"label": [f"c{c:03d}" for c in code]})
        return Sample(x, y, float(entropy - 0.5 * np.log(2.0 * np.pi * np.e)))

    return draw


def _on_state(n: int, rng: np.random.Generator) -> Sample:
    """Zero but for a shared state in 5 % of the rows, sizes independent in it."""
    on, share = rng.random(n) < 0.05, np.array([0.05, 0.95])
    x, y = on * rng.exponential(size=(2, n))
    return Sample(x, y, float(-xlogy(share, share).sum()))


def _kept(n: int, rng: np.random.Generator, k: int = 30, share: float = 0.3) -> Sample:
    """A label of k values, kept with some probability and drawn anew otherwise."""
    x = rng.integers(k, size=n)
    y = np.where(rng.random(n) < share, x, rng.integers(k, size=n))
    x, y = (pd.DataFrame({"label": [f"k{c:02d}" for c in side]}) for side in (x, y))
    return Sample(x, y, _kept_truth(k, share)[0])


def _kept_truth(k: int = 30, share: float = 0.3) -> tuple[float, float]:
    same = share + (1.0 - share) / k
    chance = np.array([same, 1.0 - same])
    ratio = np.log(chance * k / np.array([1.0, k - 1.0]))
    mi = chance @ ratio
    return float(mi), float(np.sqrt(chance @ ratio**2 - mi**2))


_COLUMNS: dict[str, Callable[[int, np.random.Generator], Any]] = {
    "normal": lambda n, rng: rng.standard_normal(n),
    "student": lambda n, rng: rng.standard_t(2, n),
    "lognormal": lambda n, rng: np.exp(2.0 * rng.standard_normal(n)),
    "rounded": lambda n, rng: rng.standard_normal(n).round(1),
    "codes": lambda n, rng: rng.integers(rng.integers(3, 12), size=n),
    "counts": lambda n, rng: rng.poisson(3.0, n),
    "flag": lambda n, rng: (rng.random(n) < rng.uniform(0.1, 0.9)).astype(int),
    "zeros": lambda n, rng: (rng.random(n) < 0.3) * rng.exponential(size=n),
    "labels": lambda n, rng: [f"l{c}" for c in rng.integers(rng.integers(3, 40), size=n)],
    "few_large": lambda n, rng: [f"z{c}" for c in rng.zipf(2.0, n).clip(max=50)],
}


def _independent(n: int, rng: np.random.Generator) -> Sample:
    """One to twenty columns of any kinds against one of any kind."""
    kinds = rng.choice(list(_COLUMNS), rng.integers(1, 21))
    x = pd.DataFrame({f"{j}_{kind}": _COLUMNS[kind](n, rng) for j, kind in enumerate(kinds)})
    y = pd.DataFrame({"y": _COLUMNS[rng.choice(list(_COLUMNS))](n, rng)})
    return Sample(x, y, 0.0)


def _all(bar: Bar, *sizes: int) -> dict[int, Bar]:
    return dict.fromkeys(sizes, bar)


def _toy(name: str) -> Situation:
    truth, _ = toys.TOYS[name]
    bars = {3000: Bar(within=0.03, holds=0.85)}

    def draw(n: int, rng: np.random.Generator) -> Sample:
        return Sample(*toys.draw(name, n, int(rng.integers(2**31))), truth()[0])

    return Situation(draw, _sizes(1000, 3000), bars, lambda: truth()[1])


_HELD, _WARN = Bar(holds=0.85), Bar(warned=True)
_MIXED = Bar(median=0.01, low_at_zero=0.93)
_STRONG = Bar(relative=0.1, each=True, warned=True)
_PARITY_NOISE, _SIGN_NOISE = 0.4, 0.35

SITUATIONS: dict[str, Situation] = {
    "moons": Situation(
        _moons,
        _sizes(300, 1000, 3000, 10_000),
        _all(Bar(within=0.02, holds=0.85), 1000, 3000, 10_000),
        lambda: moons_truth()[1],
    ),
    "friedman1": Situation(
        _friedman,
        _sizes(1000, 3000, 10_000),
        {1000: Bar(within=0.25), 10_000: Bar(within=0.12)},
        lambda: friedman_truth()[1],
    ),
    "sign_product": Situation(
        _signs(2, 2, _SIGN_NOISE),
        _sizes(1000, 10_000),
        {10_000: Bar(within=0.04)},
        lambda: _sign_truth(_SIGN_NOISE)[1],
    ),
    "parity_in_noise": Situation(
        _signs(3, 6, _PARITY_NOISE),
        _sizes(1000, 3000, 10_000),
        {10_000: Bar(within=0.15)},
        lambda: _sign_truth(_PARITY_NOISE)[1],
    ),
    "mixed_independent": Situation(
        _mixed, _sizes(300, 1000, 3000), _all(_MIXED, 300, 1000, 3000), lambda: 0.0
    ),
    "counts": Situation(
        _counts("auto"),
        _sizes(100, 200, 300, 500, 1000),
        _all(Bar(relative=0.1, holds=0.85), 100, 200, 300, 500, 1000),
        lambda: counts_truth()[1],
    ),
    "counts_declared_continuous": Situation(
        _counts(False), _sizes(100, 300, 1000), {}, lambda: counts_truth()[1]
    ),
    **{
        f"gaussian_{mi}_nats_{d}x{d}": Situation(
            _strong(d, mi), {10_000: _LONG}, {10_000: _STRONG}
        )
        for mi in (8, 12)
        for d in (1, 2, 3)
    },
    "itself": Situation(_function(np.array), _sizes(1000, 10_000), _all(_WARN, 1000, 10_000)),
    "square": Situation(_function(np.square), _sizes(1000, 10_000), _all(_WARN, 1000, 10_000)),
    "categories_100": Situation(
        _categories(100), {1000: _SHORT}, {1000: Bar(relative=0.15, within=0.03)}
    ),
    "categories_300": Situation(
        _categories(300), {3000: _SHORT}, {3000: Bar(relative=0.15, within=0.03)}
    ),
    "on_state": Situation(
        _on_state, _sizes(300, 1000, 10_000), _all(_HELD, 300, 1000, 10_000), lambda: 0.642
    ),
    "kept_labels": Situation(
        _kept,
        _sizes(1000, 3000, 10_000),
        _all(_HELD, 1000, 3000, 10_000),
        lambda: _kept_truth()[1],
    ),
    **{name: _toy(name) for name in toys.TOYS},
    "independent_any_kinds": Situation(
        _independent,
        {1000: 2 * _SHORT},
        {1000: Bar(median=0.003, low_at_zero=0.95)},
        lambda: 0.0,
    ),
}
"""By name."""
