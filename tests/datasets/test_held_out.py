"""The frozen held-out families: exact, as they were, and far from training."""

from __future__ import annotations

import ast
import itertools
import re
import tomllib

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import skmist
from skmist.datasets import list_families
from skmist.datasets.suites.held_out import HALVES, HELD_OUT, KINDS, LEVELS, held_out_law
from tests.datasets.family_checks import check_derivative
from tests.datasets.test_bmi import PACKAGE
from tests.paths import BENCHMARKS

LAWS = [
    (name, *dims, level)
    for name, family in HELD_OUT.items()
    for dims in family.dims
    for level in range(len(LEVELS))
]
COUNTED = ("bars", "chaos", "stable", "words")
SLOW_ROWS = {"chaos": 3000, "bars": 6000}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: "-".join(map(str, law)))
def test_the_mean_of_the_pointwise_mi_is_the_mi(law):
    law, rows = held_out_law(*law), SLOW_ROWS.get(law[0], 20_000)
    X, y = law.sample(rows, random_state=3)
    assert X.shape == (rows, law.x_dim) and y.shape == (rows, law.y_dim)
    pmi = law.pointwise_mi(X, y)
    allowed = 3.5 * (pmi.std() / np.sqrt(rows) + float(law.mi_standard_error[0])) + 1e-4
    assert np.isfinite(pmi).all() and abs(pmi.mean() - law.mutual_information) < allowed
    assert law.mi_standard_error[0] < 0.005
    np.testing.assert_array_equal(X, law.sample(rows, random_state=3)[0])
    kinds = (*law.x_kinds, *law.y_kinds)
    assert set(kinds) <= set(KINDS)
    assert [kind != "continuous" for kind in kinds] == [*law.x_discrete, *law.y_discrete]
    assert law.parameters() and law.truth and law.source


@pytest.mark.parametrize("name", COUNTED)
def test_cached_truths_are_found_again(name):
    for dims in HELD_OUT[name].dims:
        for level in range(3):
            law = held_out_law(name, *dims, level)
            pmi = law.pointwise_mi(*law.sample(15_000, random_state=11))
            spread = np.hypot(pmi.std() / np.sqrt(len(pmi)), float(law.mi_standard_error[0]))
            assert abs(pmi.mean() - law.mutual_information) < 3.5 * spread


# At the strong level a mean of ratios hangs on a few rows.
@pytest.mark.parametrize("name", [name for name in HELD_OUT if name != "chaos"])
def test_the_pointwise_mi_is_a_density_ratio(name):
    for dims in HELD_OUT[name].dims:
        check_derivative(held_out_law(name, *dims, 0))


def test_strengths_span_what_can_be_asked():
    for name, family in HELD_OUT.items():
        for dims in family.dims:
            mi = [held_out_law(name, *dims, level).mutual_information for level in range(3)]
            assert mi == sorted(mi) and mi[0] < 0.4 and mi[2] > 0.4 and mi[2] < 3.2
    every = [held_out_law(*law).mutual_information for law in LAWS]
    assert min(every) < 0.05 and max(every) > 3.0


def test_halves_are_alike_in_size():
    sizes = [sum(family.half == half for family in HELD_OUT.values()) for half in HALVES]
    assert sizes == [7, 7]
    with pytest.raises(KeyError, match="known: .*chaos"):
        held_out_law("ring", 1, 1, 0)
    with pytest.raises(KeyError, match=r"no law with 7 \+ 1 columns"):
        held_out_law("chaos", 7, 1, 0)


def test_no_recipe_can_name_them():
    assert not set(HELD_OUT) & set(list_families())
    classes = {family.law.__name__ for family in HELD_OUT.values()}
    for path in (PACKAGE / "pretrain" / "configs").glob("*.toml"):
        prior = tomllib.loads(path.read_text())["prior"]
        named = {name for part in prior.values() if isinstance(part, dict) for name in part}
        assert not named & set(HELD_OUT)
    trained = [skmist.datasets.get_family(name).__name__ for name in list_families()]
    assert not classes & set(trained)


def imported(module: str) -> set[str]:
    """Modules of ours that one of them imports, directly or not."""
    found, waiting = set(), {module}
    while waiting:
        name = waiting.pop()
        path = PACKAGE.parent.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if not path.exists():
            continue
        found.add(name)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("skmist"):
                waiting |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
        waiting -= found
    return found


@pytest.mark.parametrize("module", ["prior", "parts.maps", "families.structural.family"])
def test_the_prior_never_imports_them(module):
    reached = imported(f"skmist.datasets.{module}")
    assert len(reached) > 3
    assert not [name for name in reached if "held_out" in name]


def test_the_search_for_imports_finds_them():
    assert "skmist.datasets.suites.held_out.law" in imported("skmist.datasets.suites.held_out.gas")


def test_training_does_not_mention_them():
    paths = [*(PACKAGE / "pretrain").rglob("*.py"), *(PACKAGE / "nn").rglob("*.py")]
    paths += [p for p in (PACKAGE / "datasets").rglob("*.py") if p.parent.name != "held_out"]
    named = re.compile(r"suites(\.| import )held_out\b|held_out_law")
    assert paths and not [path for path in paths if named.search(path.read_text())]
    assert named.search("from skmist.datasets.suites import held_out")


def test_samples_and_truths_are_the_frozen_ones(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from cases.blind_families import MANIFEST, blind_laws, manifest_rows

    frozen = pd.read_csv(MANIFEST, comment="#").drop(columns="pmi_std")
    now = pd.DataFrame(manifest_rows(blind_laws(), spreads=False))
    pd.testing.assert_frame_equal(frozen, now, rtol=1e-5, check_dtype=False)


# Truths found again in another way.


def test_directions_by_the_entropy_of_von_mises():
    for level in range(3):
        law = held_out_law("directions", 1, 1, level)
        entropy = stats.vonmises(law.sharpness).entropy()
        assert law.mutual_information == pytest.approx(np.log(2 * np.pi) - entropy, abs=1e-6)
        law = held_out_law("directions", 2, 2, level)
        entropy = stats.vonmises_fisher([0, 0, 1], law.sharpness).entropy()
        assert law.mutual_information == pytest.approx(np.log(4 * np.pi) - entropy, abs=1e-6)


def test_rankings_by_all_permutations():
    law = held_out_law("rankings", 3, 3, 1)
    orders = np.array(list(itertools.permutations([1.0, 2.0, 3.0])))
    x, y = np.repeat(orders, 6, axis=0), np.tile(orders, (6, 1))
    ratios = law.pointwise_mi(x, y)
    chance = np.exp(ratios) / 36
    assert chance.sum() == pytest.approx(1.0)
    assert chance @ ratios == pytest.approx(law.mutual_information)


def test_stable_density_by_quadrature():
    law = held_out_law("stable", 2, 2, 1)
    cauchy, a = stats.cauchy.pdf, law.share

    def density(columns):
        def integrand(t):
            z = np.tan(t)
            return np.prod(cauchy(columns, a * z, 1 - a)) / np.pi

        return integrate.quad(integrand, -np.pi / 2, np.pi / 2, limit=400, epsabs=1e-12)[0]

    X, y = law.sample(8, random_state=1)
    X, y = X.clip(-20, 20), y.clip(-20, 20)
    for i, found in enumerate(law.pointwise_mi(X, y)):
        both = density(np.r_[X[i], y[i]]) / density(X[i]) / density(y[i])
        assert found == pytest.approx(np.log(both), abs=1e-5)


def test_composition_by_conjugacy():
    law = held_out_law("composition", 3, 3, 1)
    x, y = law.sample(5, random_state=0)
    given = [
        stats.multinomial(law.draws, row / row.sum()).logpmf(n)
        for row, n in zip(x, y, strict=True)
    ]
    alone = stats.dirichlet_multinomial(law.alpha, law.draws).logpmf(y.astype(int))
    np.testing.assert_allclose(law.pointwise_mi(x, y), np.array(given) - alone, atol=1e-8)


def test_survival_by_its_densities():
    """The time of an event, by numerical integration over age and treatment."""
    law = held_out_law("survival", 2, 2, 1)
    x = np.array([[1.0, 0.2], [0.0, 0.9]])
    y = np.array([[0.7, 1.0], [2.0, 0.0]])

    def likelihood(treated, age, time, flag):
        hazard = np.exp(law.effect * (0.5 - 1.5 * treated) * (2 * age - 1))
        return hazard**flag * np.exp(-hazard * time**2)

    ages = (np.arange(20_000) + 0.5) / 20_000
    for row, seen, found in zip(x, y, law.pointwise_mi(x, y), strict=True):
        mean = np.mean([likelihood(treated, ages, *seen) for treated in (0.0, 1.0)])
        assert found == pytest.approx(np.log(likelihood(*row, *seen) / mean), abs=1e-4)


def test_nobody_alone_says_anything_of_the_sum_of_angles():
    """Pairs of columns of the hidden interactions are independent, as their docstrings say."""
    X, y = held_out_law("directions", 2, 1, 1).sample(20_000, random_state=0)
    for column in X.T:
        shift = np.exp(1j * np.outer([1, 2], column)) @ np.exp(-1j * np.outer(y[:, 0], [1, 2]))
        assert np.abs(shift / len(y)).max() < 0.03
    X, label = held_out_law("bars", 9, 1, 1).sample(20_000, random_state=0)
    means = [X[label[:, 0] == k].mean(axis=0) for k in range(3)]
    assert np.ptp(means, axis=0).max() < 0.2
