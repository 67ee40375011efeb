"""Null distributions that pairs share: exact, the same whether they were kept or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from skmist import independence_test, mi_matrix, mi_with
from skmist._sample.sample import make_sample
from skmist.frame import asked as asked_pairs
from skmist.independence import cache, permutation
from skmist.independence.nulls import Margins
from skmist.weights import DEFAULT_WEIGHTS, NullTable, list_weights, load_card, load_null
from skmist.weights.card import write_card


def normals(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """An empty cache of its own."""
    monkeypatch.setenv("SKMIST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def asked(monkeypatch):
    """How many statistics each call asked for."""
    counts = []
    whole, with_estimates = permutation.PairStatistic.__call__, asked_pairs.answer_pairs

    def counting(self, orders):
        counts.append(len(orders))
        return whole(self, orders)

    def counting_pairs(*args):
        answers = with_estimates(*args)
        counts.append(sum(np.isfinite(answer.statistic) for answer in answers))
        return answers

    monkeypatch.setattr(permutation.PairStatistic, "__call__", counting)
    monkeypatch.setattr(asked_pairs, "answer_pairs", counting_pairs)
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
    write_card(tmp_path / "own.json", {**load_card(DEFAULT_WEIGHTS), "sha256": "1"})
    path = str(tmp_path / "own.json")
    arrays = {"sizes": np.array([10]), "quantiles": np.ones((1, 3))}
    np.savez(tmp_path / "own.null.npz", sha256=np.array("2"), **arrays)
    assert load_null(path) is None
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


@pytest.mark.parametrize("n", [10, 26, 100, 300, 475])
def test_p_values_by_the_table_are_uniform(n):
    p = [independence_test(*normals([n, i], 2, n)).pvalue for i in range(500)]
    assert kstest(p, "uniform").pvalue > 0.01
    assert min(p) >= 0.001


@pytest.mark.parametrize("kind", ["labels", "few ties"])
def test_shared_p_values_are_uniform(kept, kind):
    df = pd.DataFrame(normals(10, 40, 500))
    df = df.round(2) if kind == "few ties" else df
    df["target"] = np.arange(40) % 3 if kind == "labels" else normals(11, 40)
    p = mi_with(df, "target", p_values=True, random_state=0)["p_value"]
    assert kstest(p, "uniform").pvalue > 0.01 and p.min() >= 0.001


# The cache ------------------------------------------------------------------------------


def flagged(seed, columns=4):
    """Columns of 40 numbers and a flag."""
    return pd.DataFrame(normals(seed, 40, columns)).assign(flag=np.arange(40) % 4 == 0)


HOW = {"p_values": True, "n_permutations": 39, "random_state": 0}


def test_what_is_kept_changes_no_answer(kept, asked, monkeypatch):
    df = flagged(5)
    first = mi_with(df, "flag", **HOW)
    assert sum(asked) == 39 + 4 and len(list(kept.iterdir())) == 1
    second = mi_with(df, "flag", **HOW | {"random_state": 1})
    assert sum(asked) == 39 + 8
    monkeypatch.setenv("SKMIST_CACHE", "off")
    third = mi_with(df, "flag", **HOW)
    assert first["p_value"].equals(second["p_value"]) and first["p_value"].equals(third["p_value"])


def test_a_lone_pair_with_a_seed_leaves_the_cache_alone(kept):
    df = flagged(6)
    how = {"n_permutations": 39, "early_stopping": False}
    before = independence_test(df[0], df["flag"], **how, random_state=0)
    assert not kept.exists()
    mi_with(df, "flag", **HOW)
    after = independence_test(df[0], df["flag"], **how, random_state=0)
    np.testing.assert_array_equal(after.null_distribution, before.null_distribution)
    one, two = (independence_test(df[i], df["flag"], **how) for i in (0, 1))
    np.testing.assert_array_equal(one.null_distribution, two.null_distribution)
    part = independence_test(df[0], df["flag"], n_permutations=19)
    np.testing.assert_array_equal(part.null_distribution, one.null_distribution[:19])


@pytest.mark.parametrize("harm", ["corrupt", "other", "file"])
def test_a_cache_that_cannot_be_used(kept, harm):
    df = flagged(7)
    expected = mi_with(df, "flag", **HOW)
    (file,) = kept.iterdir()
    if harm == "corrupt":
        file.write_bytes(file.read_bytes()[:100])
    elif harm == "other":
        np.savez(file, key=np.array("another"), array=np.zeros(19))
    else:
        file.unlink()
        kept.rmdir()
        kept.write_text("no folder")
    for _ in range(2):
        pd.testing.assert_frame_equal(mi_with(df, "flag", **HOW), expected)


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
    df = pd.DataFrame(normals(8, 60, 3), columns=list("abc")).assign(d=lambda t: t.a + t.b)
    how = {"form": "long", "p_values": True, "n_permutations": 39}
    found = mi_matrix(df, **how, random_state=0)
    for row in found.itertuples():
        assert row.p_value == independence_test(df[row.a], df[row.b], n_permutations=39).pvalue
    df["flag"] = np.arange(60) % 3 == 0
    found = mi_matrix(df, **how, random_state=0)
    again = mi_matrix(df, **how, random_state=0, n_jobs=2)
    pd.testing.assert_frame_equal(found, again)


def test_pairs_with_few_ties_share_and_those_with_many_do_not(asked):
    df = pd.DataFrame(normals(9, 200, 4), columns=list("abcd")).round({"a": 2, "b": 1})
    assert len(set(df["a"])) > 100 > len(set(df["b"])) > 20
    mi_with(df[["a", "c", "d"]], "d", **HOW)
    assert sum(asked) == 2
    mi_with(df[["b", "d"]], "d", **HOW)
    assert sum(asked) > 20
