"""How far the components of a code are from a prior."""

from __future__ import annotations

__all__ = ["PRIORS", "ks_distances"]

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import kstest, norm, uniform

from skmist.representation.rows import read_rows_flat

PRIORS = {"uniform": uniform.cdf, "gaussian": norm.cdf}
"""Priors by name, as in `skmist.DeepInfoMax`: uniform from 0 to 1, standard normal."""


def ks_distances(
    code: ArrayLike, prior: str | Callable[[np.ndarray], np.ndarray] | None = "uniform"
) -> np.ndarray:
    """Kolmogorov-Smirnov distance of each component of a code from a prior.

    The largest difference between the share of rows below a value and the prior's probability of
    that. Says nothing about dependence between components; see `neural_dependency`.

    Parameters
    ----------
    code : array-like of shape (n, d)
    prior : {"uniform", "gaussian"} or callable, default="uniform"
        Uniform from 0 to 1, standard normal, or a distribution function.

    Returns
    -------
    distances : ndarray of shape (d,)
        Between 0 and 1. Of n draws of the prior itself about ``0.87 / sqrt(n)`` on average.

    Raises
    ------
    ValueError
        If there is no prior of that name, or the code cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist.representation import ks_distances
    >>> even = (np.arange(100) + 0.5) / 100
    >>> ks_distances(np.column_stack([even, even**2])).round(3)
    array([0.005, 0.255])
    """
    if not callable(prior) and prior not in PRIORS:
        raise ValueError(
            f"prior is {prior!r}; pass one of {', '.join(PRIORS)}, or a distribution function."
        )
    law = prior if callable(prior) else PRIORS[prior]
    columns = read_rows_flat(code, "code").T
    return np.array([kstest(column, law).statistic for column in columns])
