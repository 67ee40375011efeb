"""What `BootstrapCI` asks of its parameters and of the sample, and why."""

from __future__ import annotations

__all__ = [
    "METHODS",
    "WITH_FEWER_ROWS",
    "check_blocks",
    "check_method",
    "check_parameters",
    "resample_size",
]

from numbers import Integral

from skmist._errors import InvalidSampleError
from skmist._parameters import check_integer, check_level, is_integer, is_number, refusal
from skmist._sample.blocks import Blocks
from skmist._sample.sample import MIN_SAMPLES, Sample
from skmist.estimators.base import MutualInfoEstimator

WITH_REPLACEMENT = ("m_out_of_n", "percentile", "basic", "bca", "studentized")
WITH_FEWER_ROWS = ("subsampling", "m_out_of_n")
METHODS = ("subsampling", *WITH_REPLACEMENT, "smoothed", "delta")
_OF_EACH_ROW = ("bca", "studentized", "delta")
_FEWEST_RESAMPLES = 20


def check_parameters(
    estimator: MutualInfoEstimator | None,
    method: str,
    n_resamples: int,
    max_samples: float | str,
    confidence_level: float,
) -> None:
    """Refuse parameters that are out of range."""
    if not isinstance(estimator, MutualInfoEstimator):
        raise TypeError(
            f"estimator is of type {type(estimator).__name__}; pass an estimator of skmist, such "
            "as KSGEstimator(), or None."
        )
    if method not in METHODS:
        raise ValueError(f"method={method!r} is not one of {', '.join(map(repr, METHODS))}.")
    check_integer("n_resamples", n_resamples, _FEWEST_RESAMPLES, "200, the default", form="=")
    check_level(confidence_level)
    is_size = is_integer(max_samples) or is_number(max_samples, 0, 1)
    if not (is_size or isinstance(max_samples, str) and max_samples == "auto"):
        limit = "'auto', a share above 0 and below 1, or an integer number of rows"
        raise refusal("max_samples", max_samples, limit, "'auto', the default", form="=")


def check_method(method: str, estimator: MutualInfoEstimator, sample: Sample) -> None:
    """Refuse a method that is not valid for the estimator on this sample."""
    all_discrete = sample.x.is_discrete and sample.y.is_discrete
    bears_copies = all_discrete or estimator.takes_repeated_rows
    if method in WITH_REPLACEMENT and not bears_copies:
        raise ValueError(
            f"method={method!r} draws rows with replacement, and {type(estimator).__name__} takes "
            "repeated rows of numbers for dependence: its interval would lie far too high. Pass "
            "method='subsampling', or 'smoothed'."
        )
    if method == "smoothed" and all_discrete:
        raise ValueError(
            "method='smoothed' adds noise to continuous columns, and the sample has 0 of them. "
            "Pass method='percentile', or 'subsampling'."
        )


def check_blocks(method: str, blocks: Blocks | None) -> None:
    """Refuse a method that asks about single rows where these depend on one another."""
    if blocks is not None and method in _OF_EACH_ROW:
        raise ValueError(
            f"method={method!r} takes rows for independent, and block_size or groups says that "
            "they are not. Pass method='subsampling'."
        )


def resample_size(method: str, max_samples: float | str, n: int) -> int:
    """Rows of a resample of n rows.

    For subsamples "auto" grows slower than n, as theory asks: the nearer m is to n, the more the
    neighborhoods of a subsample differ from those of the whole by being thinned, not by chance,
    and standard errors of nearest-neighbor estimates come out too large. Of 100 rows a quarter
    would be too few to be like the whole.
    """
    if method not in WITH_FEWER_ROWS:
        return n
    if isinstance(max_samples, str):
        size = min(int(n**0.8), n // 2)
    else:
        size = int(max_samples) if isinstance(max_samples, Integral) else int(max_samples * n)
    if not MIN_SAMPLES <= size < n:
        raise InvalidSampleError(
            f"max_samples={max_samples!r} draws {size} of {n} rows, but must draw at least "
            f"{MIN_SAMPLES} and fewer than all. Collect more rows, or change max_samples."
        )
    return size
