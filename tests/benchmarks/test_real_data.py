"""Laws made of real tables: truths found again from their densities; the script runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats
from sklearn.datasets import load_wine

ROWS = 4000
WINE = ("noisy copy", "wine", ("proline",))


@pytest.fixture
def real(scripts):
    """Return the module of the laws."""
    return scripts("cases.real")


def _log_mixture(at, centers, spread):
    logs = stats.norm.logpdf(at[:, None], centers, spread)
    return special.logsumexp(logs, axis=1) - np.log(len(centers))


def _assert_mean(log_ratio, mi):
    error = log_ratio.std() / np.sqrt(len(log_ratio))
    assert log_ratio.mean() == pytest.approx(mi, abs=4 * error + 1e-3)


def _residual_spread(law, direction):
    """The spread of the noise in y, from the rows alone: y less the known signal."""
    x, y = law.sample(ROWS, np.random.default_rng(1))
    return x, y[:, 0], (y[:, 0] - x @ direction).std()


@pytest.mark.parametrize("level", range(3))
@pytest.mark.parametrize(
    "key", [WINE, ("noisy copy", "breast_cancer", ("area error",)), ("linear", "wine", ())]
)
def test_linear_laws_by_their_densities(real, key, level):
    kind, dataset, names = key
    rows, _, known = real.table(dataset)
    rows = rows[:, [known.index(name) for name in names]] if names else rows
    direction = 1.0 / rows.std(axis=0) / rows.shape[1]
    law = real.LAWS[key](level)
    x, y, noise = _residual_spread(law, direction)
    places = rows @ direction
    own = real.SHARE * len(rows) ** (-1.0 / (rows.shape[1] + 4)) * places.std()
    marginal = _log_mixture(y, places, np.hypot(own, noise))
    _assert_mean(stats.norm.logpdf(y, x @ direction, noise) - marginal, law.mi)


@pytest.mark.parametrize("level", range(3))
def test_nonlinear_law_by_a_sample_of_its_signal(real, level):
    rows, _, _ = real.table("iris")
    direction = 1.0 / rows.std(axis=0) / 4
    center = (rows @ direction).mean()
    law = real.LAWS[("nonlinear", "iris", ())](level)
    x, y = law.sample(ROWS, np.random.default_rng(1))
    signal = np.abs(x @ direction - center)
    noise = (y[:, 0] - signal).std()
    few, signals = y[:800, 0], signal[800:]
    log_ratio = stats.norm.logpdf(few, signal[:800], noise) - _log_mixture(few, signals, noise)
    assert log_ratio.mean() == pytest.approx(law.mi, abs=4 * log_ratio.std() / np.sqrt(800))


@pytest.mark.parametrize("dataset", ["breast_cancer", "wine", "digits"])
def test_labels(real, dataset):
    target = real.table(dataset)[1]
    entropy = stats.entropy(np.bincount(target))
    assert real.LAWS[("label itself", dataset, ())](0).mi == pytest.approx(entropy)
    for level in range(3):
        law = real.LAWS[("label flipped", dataset, ())](level)
        x, y = law.sample(200_000, np.random.default_rng(0))
        table = np.zeros((len(set(target)),) * 2)
        np.add.at(table, (x[:, 0].astype(int), y[:, 0].astype(int)), 1)
        sides = stats.entropy(table.sum(axis=0)) + stats.entropy(table.sum(axis=1))
        assert sides - stats.entropy(table.ravel()) == pytest.approx(law.mi, abs=0.01)
        assert law.x_discrete == law.y_discrete == (True,)
    x, y = real.LAWS[("label itself", dataset, ())](0).sample(100, np.random.default_rng(0))
    assert np.array_equal(x, y)


def test_class_and_column_by_its_densities(real):
    data = load_wine()
    values, target = data.data[:, data.feature_names.index("flavanoids")], data.target
    width = real.SHARE * len(values) ** -0.2 * values.std()
    law = real.LAWS[("class and column", "wine", ("flavanoids",))](0)
    x, y = law.sample(ROWS, np.random.default_rng(0))
    within = np.empty(ROWS)
    for c in range(3):
        chosen = y[:, 0] == c
        within[chosen] = _log_mixture(x[chosen, 0], values[target == c], width)
    _assert_mean(within - _log_mixture(x[:, 0], values, width), law.mi)


def test_smoothed_table_keeps_the_shape_and_has_no_ties(real):
    rows = real.table("breast_cancer")[0]
    drawn = real.Smoothed(rows).sample(6000, np.random.default_rng(0))
    assert np.allclose(np.corrcoef(drawn.T), np.corrcoef(rows.T), atol=0.07)
    shift = np.median(drawn, axis=0) - np.median(rows, axis=0)
    assert np.abs(shift / rows.std(axis=0)).max() < 0.25
    assert all(len(np.unique(column)) == len(drawn) for column in drawn.T)


def test_independent_sides_are_of_other_rows(real):
    law = real.LAWS[("independent", "wine", ("ash", "magnesium", "proline"))](0)
    x, y = law.sample(5000, np.random.default_rng(0))
    assert law.mi == 0.0 and x.shape == (5000, 13) and y.shape == (5000, 3)
    assert np.abs(np.corrcoef(x.T, y.T)[:13, 13:]).max() < 0.06


def test_script_writes_both_tables_and_resumes(scripts, monkeypatch, tmp_path, capsys):
    common, script = scripts("harness.common"), scripts("real_data")
    chosen = list(script.LAWS)[::6]
    monkeypatch.setattr(script, "LAWS", {key: script.LAWS[key] for key in chosen})
    arguments = ["--n", "60", "--draws", "2", "--estimators", "gaussian_copula", "ksg_scores_k5"]
    assert script.main([*arguments, "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "real_data.csv", comment="#")
    assert len(table) == 3 * len(chosen) and (table["draws"] == 2).all()
    assert (table["failed"] == 0).all() and set(table["kind"]) == {key[0] for key in chosen}
    summary = pd.read_csv(tmp_path / "real_data_summary.csv", comment="#")
    everything = summary.query("kind == 'all'").set_index("estimator")
    assert everything.loc["max_rule_k5", "draws"] == 2 * len(chosen)
    assert "max_rule_k5" in capsys.readouterr().out

    monkeypatch.setattr(common, "ask", lambda peer, case: pytest.fail("computed twice"))
    monkeypatch.setattr(common, "_prepare", lambda peers: None)
    assert script.main([*arguments, "--out", str(tmp_path / "again")]) == 0
    again = pd.read_csv(tmp_path / "again" / "real_data.csv", comment="#")
    pd.testing.assert_frame_equal(again, table)
