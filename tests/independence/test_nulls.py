"""Null distributions that pairs share: exact, the same whether they were kept or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from skmist import independence_test, mi_matrix, mi_with
from skmist._sample.sample import make_sample
from skmist.independence import cache, nulls
from skmist.independence.nulls import Margins
from skmist.weights import DEFAULT_WEIGHTS, NullTable, list_weights, load_card, load_null


def normals(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """An empty cache of its own, and how often the statistic was asked for."""
    monkeypatch.setenv("SKMIST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def asked(monkeypatch):
    counts = []
    whole = nulls.PairStatistic.__call__

    def counting(self, orders):
        counts.append(len(orders))
        return whole(self, orders)

    monkeypatch.setattr(nulls.PairStatistic, "__call__", counting)
    return counts


# What a null depends on -----------------------------------------------------------------


def test_margins():
    x, y = normals(0, 2, 40)
    labels = np.repeat([2, 0, 1], [20, 8, 12])
    assert Margins.of(make_sample(x, y)) == (40, ())
    assert Margins.of(make_sample(x, labels)) == (40, (8, 12, 20))
    assert Margins.of(make_sample(labels, x)) == (40, (8, 12, 20))
    assert Margins.of(Margins(40, (8, 12, 20)).sample()) == (40, (8, 12, 20))
    for tied in (x.round(1), np.c_[x, y], np.ones(40)):
        assert Margins.of(make_sample(tied, labels)) is None
        assert Margins.of(make_sample(tied, y)) is None


def test_any_pair_of_the_same_margins_has_the_same_null():
    x, y, z = normals(1, 3, 50)
    how = {"n_permutations": 59, "early_stopping": False}
    one = independence_test(x, y, **how, random_state=0)
    two = independence_test(np.exp(y), z, **how, random_state=1)
    np.testing.assert_array_equal(one.null_distribution, two.null_distribution)
    flag = np.arange(50) % 5 == 0
    one = independence_test(x, flag, **how)
    two = independence_test(~flag[::-1], y, **how)
    np.testing.assert_array_equal(one.null_distribution, two.null_distribution)
    assert len(one.null_distribution) == one.n_permutations == 59


def test_rows_with_groups_and_columns_with_ties_are_permuted():
    x, y = normals(2, 2, 40)
    how = {"n_permutations": 19, "early_stopping": False}
    for others in ({"groups": np.arange(40) % 2}, {"block_size": 2}):
        one, two = (independence_test(x, y, **how, **others, random_state=i) for i in (0, 1))
        assert not np.array_equal(one.null_distribution, two.null_distribution)
    one, two = (independence_test(x.round(1), y, **how, random_state=i) for i in (0, 1))
    assert not np.array_equal(one.null_distribution, two.null_distribution)


# The table ------------------------------------------------------------------------------


def test_the_table_is_of_the_default_weights():
    table = load_null(DEFAULT_WEIGHTS)
    assert table.sizes[0] == 10 and table.sizes[-1] >= 1000
    assert table.quantiles.shape == (len(table.sizes), 999)
    assert (np.diff(table.sizes) > 0).all() and (np.diff(table.quantiles, axis=1) >= 0).all()
    assert [name for name in list_weights() if load_null(name)] == [DEFAULT_WEIGHTS]


def test_a_table_of_other_weights_counts_as_none(tmp_path):
    (tmp_path / "own.json").write_text('{"sha256": "1"}')
    path = str(tmp_path / "own.json")
    arrays = {"sizes": np.array([10]), "quantiles": np.ones((1, 3))}
    np.savez(tmp_path / "own.null.npz", sha256=np.array("2"), **arrays)
    assert load_null(path) is None
    load_null.cache_clear()
    np.savez(tmp_path / "own.null.npz", sha256=np.array("1"), **arrays)
    assert load_null(path).sizes == [10]
    assert "sha256" in load_card(path)


def test_quantiles_between_sizes():
    levels = np.arange(1, 100) / 100
    table = NullTable(np.array([10, 40]), np.stack([levels, levels / 4]))
    np.testing.assert_allclose(table.at(10, 99), levels)
    np.testing.assert_allclose(table.at(40, 99), levels / 4)
    np.testing.assert_allclose(table.at(20, 99), levels / 2)
    np.testing.assert_allclose(table.at(10, 19), np.arange(1, 20) / 20)
    assert table.at(9, 99) is None and table.at(41, 99) is None and table.at(10, 100) is None


def test_small_p_values_keep_their_limit():
    x = normals(3, 60)
    for count in (19, 199, 999):
        found = independence_test(x, x + 0.1 * normals(4, 60), n_permutations=count)
        assert found.pvalue == 1 / (count + 1)
        assert found.n_permutations == len(found.null_distribution) == count


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 26, 100, 300, 475])
def test_p_values_by_the_table_are_uniform(n):
    p = [independence_test(*normals([n, i], 2, n)).pvalue for i in range(500)]
    assert kstest(p, "uniform").pvalue > 0.01
    assert min(p) >= 0.001


@pytest.mark.slow
def test_p_values_with_labels_are_uniform(kept):
    labels = np.arange(40) % 3
    p = [independence_test(normals(i, 40), labels).pvalue for i in range(500)]
    assert kstest(p, "uniform").pvalue > 0.01 and min(p) >= 0.001


# The cache ------------------------------------------------------------------------------


def test_what_is_kept_changes_no_answer(kept, asked, monkeypatch):
    x, flag = normals(5, 50), np.arange(50) % 4 == 0
    how = {"n_permutations": 49, "early_stopping": False}
    first = independence_test(x, flag, **how)
    assert sum(asked) == 50 and len(list(kept.iterdir())) == 1
    second = independence_test(x, flag, **how, random_state=3)
    assert sum(asked) == 51
    early = independence_test(x, flag, n_permutations=49)
    assert sum(asked) == 52
    monkeypatch.setenv("SKMIST_CACHE", "off")
    for found, again in ((first, second), (early, independence_test(x, flag, n_permutations=49))):
        assert found.pvalue == again.pvalue
        # the last bits follow from what ran in one batch
        np.testing.assert_allclose(found.null_distribution, again.null_distribution, atol=1e-6)


def test_a_part_of_more_draws_is_enough(kept, asked):
    x, flag = normals(6, 50), np.arange(50) % 2
    whole = independence_test(x, flag, n_permutations=59, early_stopping=False)
    part = independence_test(x, flag, n_permutations=19, early_stopping=False)
    assert sum(asked) == 61
    np.testing.assert_array_equal(part.null_distribution, whole.null_distribution[:19])


@pytest.mark.parametrize("harm", ["corrupt", "other", "file"])
def test_a_cache_that_cannot_be_used(kept, harm):
    x, flag = normals(7, 30), np.arange(30) % 2
    how = {"n_permutations": 19, "early_stopping": False}
    expected = independence_test(x, flag, **how).null_distribution
    (file,) = kept.iterdir()
    if harm == "corrupt":
        file.write_bytes(file.read_bytes()[:100])
    elif harm == "other":
        np.savez(file, key=np.array("another"), array=np.zeros(19))
    else:
        file.unlink()
        kept.rmdir()
        kept.write_text("no folder")
    found = independence_test(x, flag, **how).null_distribution
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(independence_test(x, flag, **how).null_distribution, expected)


def test_where_the_cache_lies(monkeypatch, tmp_path):
    monkeypatch.delenv("SKMIST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    cache.keep_array("a", np.arange(3.0))
    assert [p.suffix for p in (tmp_path / "xdg" / "skmist").iterdir()] == [".npz"]
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.kept_array("a") is None
    cache.keep_array("a", np.arange(2.0))
    assert (tmp_path / "home" / ".cache" / "skmist").is_dir()
    assert cache.kept_array("a").tolist() == [0.0, 1.0]


def test_the_cache_does_not_grow_for_ever(kept, monkeypatch):
    monkeypatch.setattr(cache, "_MOST_FILES", 3)
    for i in range(6):
        cache.keep_array(str(i), np.arange(float(i + 1)))
    assert len(list(kept.iterdir())) == 3
    assert cache.kept_array("5") is not None


# Tables ---------------------------------------------------------------------------------


def test_tables_and_tests_say_the_same(kept):
    columns = dict(zip("abc", normals(8, 3, 60), strict=True))
    df = pd.DataFrame(columns).assign(flag=np.arange(60) % 3 == 0, d=lambda t: t.a + t.b)
    how = {"n_permutations": 39, "p_values": True}
    found = mi_matrix(df, form="long", **how, random_state=0)
    for row in found.itertuples():
        own = independence_test(df[row.a], df[row.b], n_permutations=39)
        assert row.p_value == own.pvalue
    ranking = mi_with(df, "flag", **how, random_state=5)
    pairs = found[found["b"] == "flag"].set_index("a")["p_value"]
    assert (ranking.loc[pairs.index, "p_value"] == pairs).all()
    pd.testing.assert_frame_equal(
        found, mi_matrix(df, form="long", **how, random_state=0, n_jobs=2)
    )


def test_many_pairs_with_labels_share_one_null(kept, asked):
    df = pd.DataFrame(normals(9, 40, 12)).assign(flag=np.arange(40) % 2)
    shared = mi_with(df, "flag", p_values=True, n_permutations=39)
    assert len(list(kept.iterdir())) == 1
    assert sum(asked) == 39 + 12
    for column in (0, 5, 11):
        own = independence_test(df[column], df["flag"], n_permutations=39)
        assert shared.loc[column, "p_value"] == own.pvalue
