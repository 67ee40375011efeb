"""An order of columns in which those that share information stand together."""

from __future__ import annotations

__all__ = ["clustered_order", "correlation_scale"]

import numpy as np


def correlation_scale(mi):
    """Map mutual information to ``sqrt(1 - exp(-2 MI))``, between 0 and 1.

    For a pair of Gaussians it is the absolute correlation [1]_.

    Parameters
    ----------
    mi : float or array
        Nats; below 0 counts as 0.

    Returns
    -------
    scaled : float or array of the same shape

    References
    ----------
    .. [1] E. H. Linfoot (1957), "An informational measure of correlation", Information and
       Control 1, 85-89.
    """
    return np.sqrt(-np.expm1(-2.0 * np.maximum(mi, 0.0)))


def clustered_order(similarity: np.ndarray) -> np.ndarray:
    """Order columns by average linkage, leaves ordered by scipy after [1]_.

    Parameters
    ----------
    similarity : ndarray of shape (p, p)
        Of each pair, from 0 to 1, symmetric. The diagonal is not looked at; NaN counts as 0.

    Returns
    -------
    order : ndarray of int, shape (p,)
        Such that ``similarity[np.ix_(order, order)]`` has its blocks along the diagonal.

    Notes
    -----
    The order keeps every cluster together, but is not always the best of those that do:
    https://github.com/scipy/scipy/issues/11227.

    References
    ----------
    .. [1] Z. Bar-Joseph, D. K. Gifford and T. S. Jaakkola (2001), "Fast optimal leaf ordering for
       hierarchical clustering", Bioinformatics 17, S22-S29.
    """
    p = len(similarity)
    if p < 3:
        return np.arange(p)
    from scipy.cluster.hierarchy import leaves_list, linkage

    distance = 1.0 - np.nan_to_num(similarity[np.triu_indices(p, k=1)], nan=0.0)
    return leaves_list(linkage(distance, method="average", optimal_ordering=True))
