"""Entropy of discrete rows, which bounds the information that they can carry."""

from __future__ import annotations

__all__ = ["discrete_entropy", "entropy_limit"]

import numpy as np

from skmist._sample import Sample


def discrete_entropy(rows: np.ndarray) -> tuple[float, float, float]:
    """Entropy of the law of discrete rows (n, d), its standard error, and the most, nats.

    The plug-in estimate is low by about ``(k - 1) / (2 n)`` for k different rows [1]_, which is
    added, up to ``log(k)``, the most that k rows allow. The error is that of the mean of
    ``-log p``.

    References
    ----------
    .. [1] G. A. Miller (1955), "Note on the bias of information estimates", in: Information
       Theory in Psychology, 95-100.
    """
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    n, surprise = counts.sum(), np.log(counts.sum() / counts)
    plain = float((counts / n) @ surprise)
    error = float(np.sqrt(max((counts / n) @ surprise**2 - plain**2, 0.0) / n))
    missed, most = (len(counts) - 1) / (2 * n), float(np.log(len(counts)))
    return min(plain + missed, most), error, most


def entropy_limit(sample: Sample, z: np.ndarray | float = 0.0) -> np.ndarray:
    """What the MI of a sample cannot exceed: the smaller entropy of its all-discrete sides, nats.

    Parameters
    ----------
    sample : Sample
    z : float or ndarray, default=0.0
        How many standard errors above the estimate of the entropy.

    Returns
    -------
    ndarray of the shape of z
        Infinite where both sides have continuous columns.
    """
    limit = np.full(np.shape(z), np.inf)
    for rows, discrete in ((sample.x, sample.x_discrete), (sample.y, sample.y_discrete)):
        if discrete.all():
            entropy, error, most = discrete_entropy(rows)
            limit = np.minimum(limit, np.clip(entropy + error * np.asarray(z), 0.0, most))
    return limit
