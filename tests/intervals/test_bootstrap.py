"""BootstrapCI: exact truths, independent computations of every interval, what it refuses."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, norm
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils.metadata_routing import get_routing_for_object

from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    InvalidSampleError,
    KSGEstimator,
    MINEEstimator,
    MISTRegressor,
    mi_with,
    mutual_info,
)
from skmist._sample.sample import make_sample
from skmist.intervals.bootstrap_checks import resample_size
from skmist.intervals.resampling import (
    LeaveOneOut,
    Resampling,
    bca_interval,
    error_with_bias,
    variance_ratio,
)

COPULA = GaussianCopulaEstimator()
REPLACING = ("m_out_of_n", "percentile", "basic", "bca", "studentized")
METHODS = ("subsampling", "smoothed", "delta", *REPLACING)
Z90 = norm.ppf(0.95)


def sample_scores_variance(n):
    """Variance of the normal scores of n ranks, which smoothing keeps up to 1."""
    scores = norm.ppf(np.arange(1, n + 1) / (n + 1))
    width = (4.0 / (n * 4.0)) ** (1.0 / 6.0)
    return (scores.var() + width**2) / (1.0 + width**2)


class MeanProduct(KSGEstimator):
    """Not an MI, but linear in the rows: its resamples have moments in closed form."""

    takes_repeated_rows = True

    def _fit_sample(self, sample):
        self.mi_ = self._estimate(sample)

    def _estimate(self, sample):
        return float(np.mean(sample.x.values[:, 0] * sample.y.values[:, 0]))


def gaussian(n, seed=0, rho=0.7):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1))
    return x, rho * x[:, 0] + np.sqrt(1.0 - rho**2) * rng.normal(size=n)


X, Y = gaussian(200)
TRUTH = -0.5 * np.log(1.0 - 0.7**2)


# Exact truths -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_the_interval_holds_the_truth_of_a_large_sample(method):
    x, y = gaussian(2000, seed=5)
    n_resamples = 40 if method != "bca" else 20
    low, high = (
        BootstrapCI(COPULA, method=method, n_resamples=n_resamples).fit(x, y).interval(0.99)
    )
    assert low < TRUTH < high
    assert 0.03 < high - low < 0.2


@pytest.mark.parametrize("method", ["subsampling", "percentile", "m_out_of_n"])
def test_the_standard_error_of_a_mean_is_the_textbook_one(method):
    ci = BootstrapCI(MeanProduct(), method=method, n_resamples=4000).fit(X, Y)
    textbook = (X[:, 0] * Y).std() / np.sqrt(len(X))
    assert ci.standard_error_ == pytest.approx(textbook, rel=0.05)
    assert ci.mi_ == pytest.approx(np.mean(X[:, 0] * Y))
    assert abs(ci.bias_) < 4.0 * textbook / np.sqrt(4000)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_rescaling_undoes_the_share(share):
    ci = BootstrapCI(MeanProduct(), max_samples=share, n_resamples=4000).fit(X, Y)
    textbook = (X[:, 0] * Y).std() / np.sqrt(len(X))
    assert ci.standard_error_ == pytest.approx(textbook, rel=0.05)


def test_a_bias_of_order_one_over_n_is_found():
    class Biased(MeanProduct):
        def _estimate(self, sample):
            return super()._estimate(sample) + 30.0 / sample.n_samples

    ci = BootstrapCI(Biased(), max_samples=0.25, n_resamples=1000).fit(X, Y)
    assert ci.bias_ == pytest.approx(30.0 / len(X), rel=0.1)
    low, high = ci.interval(0.9)
    noise = ci.standard_error_ / 6.0  # half, times the ratio of 50 of 200 rows
    reach = Z90 * np.sqrt(ci.standard_error_**2 + ci.bias_**2 - noise**2)
    assert (low, high) == pytest.approx((max(ci.mi_ - reach, 0.0), ci.mi_ + reach))


def test_a_bias_within_its_noise_widens_nothing():
    assert error_with_bias(0.2, 0.09, ratio=1.0) == 0.2
    assert error_with_bias(0.2, -0.11, ratio=1.0) > 0.2
    assert error_with_bias(0.3, -0.4, ratio=0.0) == pytest.approx(0.5)


def test_intervals_of_independent_data_reach_zero():
    rng = np.random.default_rng(3)
    for estimator in (None, KSGEstimator(), COPULA):
        ci = BootstrapCI(estimator, n_resamples=40).fit(
            rng.normal(size=(200, 1)), rng.normal(size=200)
        )
        low, high = ci.interval()
        assert low == 0.0 <= high < 0.3


def test_an_estimate_far_below_zero_leaves_an_empty_interval_at_zero():
    ci = BootstrapCI(MeanProduct(), n_resamples=40).fit(X, -Y)
    assert ci.mi_ < 0.0
    assert ci.interval() == (0.0, 0.0)


@pytest.mark.filterwarnings("ignore:Both sides are the same")
@pytest.mark.parametrize("method", ["subsampling", "delta"])
def test_no_end_lies_above_the_entropy_of_a_discrete_side(method):
    sign = X[:, 0] > np.median(X)
    ci = BootstrapCI(KSGEstimator(1), method=method, n_resamples=20).fit(X, sign)
    low, high = ci.interval(0.99)
    assert low <= high <= np.log(2.0) + 1e-12
    labels = np.arange(150) % 3
    low, high = BootstrapCI(method=method, n_resamples=20).fit(labels[:, None], labels).interval()
    assert 1.0 < low <= high <= np.log(3.0) + 1e-12
    # numbers have no such limit
    assert BootstrapCI(method=method, n_resamples=20).fit(X, X[:, 0]).high_ > np.log(20.0)


def test_the_limit_of_the_ends_knows_what_the_sample_does_not_show():
    rng = np.random.default_rng(0)
    labels = rng.integers(200, size=300)
    kinds = dict.fromkeys(("discrete_features", "discrete_target"), True)
    ci = BootstrapCI(KSGEstimator(1, **kinds), n_resamples=20).fit(labels[:, None], labels)
    assert np.log(len(np.unique(labels))) < ci.high_


def test_constant_sides_carry_nothing():
    ci = BootstrapCI(n_resamples=30).fit(np.ones((50, 1)), Y[:50])
    assert (ci.mi_, ci.low_, ci.high_, ci.standard_error_, ci.bias_) == (0.0,) * 5
    assert ci.resamples_.tolist() == [0.0] * 30


# Independent computations -----------------------------------------------------------------


def test_subsampling_by_hand():
    ci = BootstrapCI(KSGEstimator(), n_resamples=25, max_samples=80, random_state=4).fit(X, Y)
    values = []
    seed = np.random.RandomState(4).randint(np.iinfo(np.int32).max)
    for number in range(25):
        rows = np.random.default_rng((seed, number)).choice(200, 80, replace=False)
        assert len(set(rows)) == 80
        values.append(KSGEstimator().fit(X[rows], Y[rows]).mi_)
    assert ci.resamples_ == pytest.approx(values)
    assert ci.mi_ == KSGEstimator().fit(X, Y).mi_
    assert ci.standard_error_ == pytest.approx(np.std(values, ddof=1) * np.sqrt(80 / 120))
    assert ci.bias_ == pytest.approx((np.mean(values) - ci.mi_) * 80 / 120)


def test_delta_is_the_error_of_the_mean_of_pointwise_values():
    ci = BootstrapCI(COPULA, method="delta").fit(X, Y)
    local = COPULA.fit(X, Y).score_samples(X, Y)
    error = local.std(ddof=1) / np.sqrt(200)
    assert ci.interval(0.9) == pytest.approx((ci.mi_ - Z90 * error, ci.mi_ + Z90 * error))
    assert len(ci.resamples_) == 0


def test_percentile_and_basic_mirror_each_other():
    percentile = BootstrapCI(COPULA, method="percentile").fit(X, Y)
    basic = BootstrapCI(COPULA, method="basic").fit(X, Y)
    assert np.array_equal(percentile.resamples_, basic.resamples_)
    low, high = percentile.interval(0.8)
    assert (low, high) == pytest.approx(tuple(np.quantile(percentile.resamples_, [0.1, 0.9])))
    assert basic.interval(0.8) == pytest.approx((2 * basic.mi_ - high, 2 * basic.mi_ - low))


def test_studentized_by_hand():
    ci = BootstrapCI(COPULA, method="studentized", n_resamples=30).fit(X, Y)
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    plan, sample = Resampling(200, True, False, seed), make_sample(X, Y)
    ratios = []
    for number in range(30):
        drawn = plan.draw(sample, number)
        fitted = clone(COPULA).set_params(duplicates="count").fit(drawn.x.values, drawn.y.values)
        local = fitted.score_samples(drawn.x.values, drawn.y.values)
        ratios.append((fitted.mi_ - ci.mi_) / (local.std(ddof=1) / np.sqrt(200)))
    error = ci.estimator_.score_samples(X, Y).std(ddof=1) / np.sqrt(200)
    below, above = np.quantile(ratios, [0.05, 0.95])
    assert ci.interval(0.9) == pytest.approx((ci.mi_ - above * error, ci.mi_ - below * error))


def test_bca_agrees_with_scipy():
    values = np.random.default_rng(0).gamma(2.0, size=60)
    found = bootstrap(
        (values,), np.mean, n_resamples=4000, confidence_level=0.9, method="BCa", rng=1
    )
    left_out = np.array([np.delete(values, i).mean() for i in range(60)])
    own = bca_interval(values.mean(), found.bootstrap_distribution, left_out, 0.9)
    assert own == pytest.approx(tuple(found.confidence_interval), abs=1e-3)


def test_bca_uses_the_jackknife_of_the_sample():
    ci = BootstrapCI(COPULA, method="bca", n_resamples=100).fit(X, Y)
    left_out = [COPULA.fit(np.delete(X, i, 0), np.delete(Y, i, 0)).mi_ for i in range(200)]
    expected = bca_interval(ci.mi_, ci.resamples_, np.array(left_out), 0.9)
    assert ci.interval(0.9) == pytest.approx(expected)


def test_leave_one_out_leaves_out_one():
    sample = make_sample(X, Y)
    left = LeaveOneOut().draw(sample, 7)
    assert np.array_equal(left.x.values, np.delete(X, 7, 0))
    assert np.array_equal(left.y.values[:, 0], np.delete(Y, 7))


def test_smoothed_rows_repeat_nothing_and_keep_categories():
    labels = np.where(Y > 0, "a", "b")
    sample = make_sample(np.c_[X, X**3], labels)
    drawn = Resampling(200, True, True, 0).draw(sample, 0)
    x, y = drawn.x.values, drawn.y.values
    assert len(np.unique(x[:, 0])) == 200
    assert set(np.unique(y)) == {0.0, 1.0}
    others = [Resampling(200, True, True, s).draw(sample, 0) for s in range(60)]
    spreads = [other.x.values.var(axis=0) for other in others]
    assert np.mean(spreads) == pytest.approx(sample_scores_variance(200), rel=0.03)
    # what was a monotone pair of columns stays nearly one
    assert np.corrcoef(x.T)[0, 1] > 0.8


def test_variance_ratios():
    assert variance_ratio(100, 50, replace=False) == 1.0
    assert variance_ratio(100, 20, replace=False) == 0.25
    assert variance_ratio(100, 20, replace=True) == 0.2
    assert variance_ratio(100, 100, replace=True) == 1.0


@pytest.mark.parametrize(("n", "size"), [(20, 10), (100, 39), (1000, 251), (10_000, 1584)])
def test_automatic_sizes(n, size):
    assert resample_size("subsampling", "auto", n) == size
    assert resample_size("percentile", "auto", n) == n


# What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("method", REPLACING)
@pytest.mark.parametrize("estimator", [KSGEstimator(), MISTRegressor(), MINEEstimator()], ids=str)
def test_repeated_rows_are_refused_where_they_mislead(method, estimator):
    with pytest.raises(ValueError, match="takes repeated rows of numbers for dependence"):
        BootstrapCI(estimator, method=method).fit(X, Y)


def test_repeated_rows_do_mislead_ksg():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 500))
    rows = rng.integers(500, size=500)
    assert abs(KSGEstimator().fit(x[:, None], y).mi_) < 0.1
    assert KSGEstimator(duplicates="count").fit(x[rows, None], y[rows]).mi_ > 0.5


def test_replacement_is_sound_where_all_is_discrete():
    x, y = (X > 0).astype(int), Y > 0.5
    low, high = BootstrapCI(KSGEstimator(), method="percentile").fit(x, y).interval()
    assert 0.0 < low < high < np.log(2.0)
    with pytest.raises(ValueError, match="has 0 of them"):
        BootstrapCI(method="smoothed").fit(x, y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "jackknife"}, "method='jackknife' is not one of 'subsampling'"),
        ({"n_resamples": 19}, "n_resamples=19 must be an integer of at least 20"),
        ({"n_resamples": True}, "n_resamples=True"),
        ({"max_samples": 1.0}, "max_samples=1.0 must be 'auto', a share"),
        ({"max_samples": "half"}, "max_samples='half'"),
        ({"confidence_level": 90}, "level is 90"),
        ({"max_samples": 200}, "draws 200 of 200 rows"),
        ({"max_samples": 0.01}, "draws 2 of 200 rows, but must draw at least 5"),
    ],
)
def test_parameters_out_of_range(changes, message):
    with pytest.raises(ValueError, match=message):
        BootstrapCI(**changes).fit(X, Y)


def test_other_estimators_are_refused():
    with pytest.raises(TypeError, match="estimator is of type str; pass an estimator of skmist"):
        BootstrapCI("ksg").fit(X, Y)


def test_too_few_rows():
    with pytest.raises(InvalidSampleError, match="draws 4 of 8 rows"):
        BootstrapCI().fit(X[:8], Y[:8])


# Conventions ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["subsampling", "studentized"])
def test_the_answer_does_not_depend_on_n_jobs(method):
    ci = BootstrapCI(COPULA, method=method, n_resamples=40)
    one, two = clone(ci).fit(X, Y), clone(ci).set_params(n_jobs=2).fit(X, Y)
    assert np.array_equal(one.resamples_, two.resamples_)
    assert one.interval(0.5) == two.interval(0.5)


def test_random_state():
    resamples = [
        BootstrapCI(random_state=s, n_resamples=20).fit(X, Y).resamples_ for s in (0, 0, 1)
    ]
    assert np.array_equal(resamples[0], resamples[1])
    assert not np.array_equal(resamples[0], resamples[2])
    shorter = BootstrapCI(n_resamples=40).fit(X, Y).resamples_
    assert np.array_equal(shorter[:20], resamples[0])


def test_nested_parameters_and_clone():
    ci = BootstrapCI(KSGEstimator(), n_resamples=20).set_params(estimator__n_neighbors=7)
    copy = clone(ci)
    assert copy.get_params()["estimator__n_neighbors"] == 7
    assert copy.fit(X, Y).mi_ == KSGEstimator(7).fit(X, Y).mi_
    assert not hasattr(ci.estimator, "mi_")


def test_kinds_reach_the_estimator():
    ci = BootstrapCI().set_params(discrete_target=True)
    assert ci.discrete_target is True
    assert ci.estimator.discrete_target is True
    wrapped = BootstrapCI(KSGEstimator(discrete_features=[0]))
    assert wrapped.discrete_features == [0]
    assert wrapped.discrete_target == "auto"


def test_levels_nest_and_the_attributes_hold_one():
    ci = BootstrapCI(n_resamples=40, confidence_level=0.5).fit(X, Y)
    assert (ci.low_, ci.high_) == ci.interval(0.5) == ci.interval()
    (a, b), (c, d) = ci.interval(0.95), ci.interval(0.5)
    assert a < c < ci.mi_ < d < b


def test_mutual_info_takes_it():
    estimate = mutual_info(X, Y, estimator=BootstrapCI(KSGEstimator(), n_resamples=40), level=0.8)
    ci = BootstrapCI(KSGEstimator(), n_resamples=40).fit(X, Y)
    assert (estimate.low, estimate.high) == pytest.approx(ci.interval(0.8))
    assert (estimate.mi, estimate.level, estimate.method) == (ci.mi_, 0.8, "BootstrapCI")


def test_mi_with_takes_it():
    frame = pd.DataFrame({"a": X[:, 0], "b": Y, "label": np.where(Y > 0, "u", "v")})
    ranking = mi_with(frame, "label", estimator=BootstrapCI(n_resamples=20))
    assert ranking.index.tolist() == ["b", "a"]
    assert (ranking["low"] < ranking["mi"]).all()
    assert (ranking["mi"] < ranking["high"]).all()


def test_estimates_of_many_are_those_of_the_estimator():
    samples = [gaussian(60, seed) for seed in range(3)]
    assert np.array_equal(
        BootstrapCI(COPULA).estimate_many(samples), COPULA.estimate_many(samples)
    )


def test_rows_are_answered_by_the_estimator():
    ci, ksg = BootstrapCI(KSGEstimator(), n_resamples=20).fit(X, Y), KSGEstimator().fit(X, Y)
    assert ci.predict(X[:9]) == pytest.approx(ksg.predict(X[:9]))
    assert ci.score_samples(X[:9], Y[:9]) == pytest.approx(ksg.score_samples(X[:9], Y[:9]))


def test_a_pickled_copy_answers_alike():
    ci = BootstrapCI(COPULA, method="studentized", n_resamples=20).fit(X, Y)
    assert pickle.loads(pickle.dumps(ci)).interval(0.7) == ci.interval(0.7)


def test_metadata_is_routed_or_refused():
    with pytest.raises(ValueError, match="metadata routing is off"):
        BootstrapCI().fit(X, Y, weight=1)
    with config_context(enable_metadata_routing=True):
        assert "estimator" in str(get_routing_for_object(BootstrapCI()))
        assert BootstrapCI(n_resamples=20).fit(X, Y).mi_ > 0
        with pytest.raises(TypeError, match="weight"):
            BootstrapCI(n_resamples=20).fit(X, Y, weight=1)


def test_the_progress_bar_counts_resamples(capsys):
    BootstrapCI(n_resamples=33, verbose=True).fit(X, Y)
    assert "33/33" in capsys.readouterr().err
    BootstrapCI(n_resamples=33).fit(X, Y)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("seed", range(5))
def test_an_interval_holds_its_estimate(seed):
    rng = np.random.default_rng(seed)
    x, y, labels = rng.normal(size=60), rng.normal(size=60), rng.integers(4, size=60)
    ci = BootstrapCI(KSGEstimator(), n_resamples=20)
    for pair in ((x, y), (labels, labels)):
        found = mutual_info(*pair, estimator=ci)
        assert 0.0 <= found.low <= found.mi <= found.high
        many = ci.estimate_intervals([pair])[0]
        assert many[1] <= many[0] <= many[2]
    for method in ("percentile", "basic", "bca"):
        found = mutual_info(x, y, estimator=BootstrapCI(COPULA, method=method, n_resamples=20))
        assert found.low <= found.mi <= found.high
