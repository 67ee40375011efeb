"""Rows as the nets of Deep InfoMax take them: images by channels, or columns of a table."""

from __future__ import annotations

__all__ = ["ImageLayout", "RowReader", "find_layout"]

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from skmist._sample.numeric import checked_rows, validated_rows

_CHANNELS = (1, 2, 3, 4)
_MIN_ROWS = 2
_ROOT_MOST = np.sqrt(np.finfo(np.float64).max)


@dataclass(frozen=True)
class ImageLayout:
    """How the numbers of an image lie.

    Attributes
    ----------
    shape : tuple of int
        Of one image, as it is given.
    axis : int or None
        Which axis of `shape` holds the channels; None where there is none.
    """

    shape: tuple[int, ...]
    axis: int | None

    @property
    def side(self) -> int:
        """The shorter of height and width, pixels."""
        return min(size for axis, size in enumerate(self.shape) if axis != self.axis)

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return 1 if self.axis is None else self.shape[self.axis]

    def by_channels(self, rows: np.ndarray) -> np.ndarray:
        """Images (n, c, h, w) from flat rows (n, p)."""
        images = rows.reshape(len(rows), *self.shape)
        if self.axis is None:
            return images[:, None]
        return np.moveaxis(images, self.axis + 1, 1)


def find_layout(shape: tuple[int, ...], channels: str) -> ImageLayout:
    """Layout of images of that shape.

    Parameters
    ----------
    shape : tuple of int
        ``(h, w)``, ``(h, w, c)`` or ``(c, h, w)``.
    channels : {"auto", "first", "last"}

    Raises
    ------
    ValueError
        If the shape is not one of an image, or does not tell where its channels are.
    """
    whole = all(isinstance(size, (int, np.integer)) and size > 0 for size in shape)
    if len(shape) not in (2, 3) or not whole:
        raise ValueError(
            f"images have shape {shape}, but must be (h, w), (h, w, c) or (c, h, w), all above "
            "0. Pass X of shape (n, h, w), (n, h, w, c) or (n, c, h, w), or image_shape."
        )
    if len(shape) == 2:
        return ImageLayout(tuple(shape), None)
    if channels == "auto":
        first, last = shape[0] in _CHANNELS, shape[2] in _CHANNELS
        if first == last:
            raise ValueError(
                f"images have shape {shape}, of which {'both ends' if first else 'no end'} could "
                "be channels (1 to 4). Pass channels='first' or channels='last'."
            )
        channels = "first" if first else "last"
    return ImageLayout(tuple(shape), 0 if channels == "first" else 2)


class RowReader:
    """Reads what is given as X, and standardizes it as the rows that it was fitted to.

    Of images every channel is shifted and scaled, of tables every column.

    Parameters
    ----------
    estimator : DeepInfoMax
        Its `image_shape` and `channels` count; it gets `n_features_in_`.
    X : array-like
        The rows to fit to.

    Attributes
    ----------
    layout : ImageLayout or None
        None for tables.
    """

    def __init__(self, estimator: Any, X: Any) -> None:
        shape = estimator.image_shape
        if shape is None and _n_axes(X) > 2:
            shape = np.shape(X)[1:]
        self.layout = None if shape is None else find_layout(tuple(shape), estimator.channels)
        self._scaler = StandardScaler().set_output(transform="default")
        rows = self._read(estimator, X, reset=True)
        if self.layout is not None and math.prod(self.layout.shape) != rows.shape[1]:
            raise ValueError(
                f"X has {rows.shape[1]} columns, but image_shape={self.layout.shape} needs "
                f"{math.prod(self.layout.shape)}. Pass the shape of one image."
            )
        self._fit_scaler(estimator, self._columns(rows))

    def __call__(self, estimator: Any, X: Any) -> np.ndarray:
        """Standardized rows, float32: images (n, c, h, w), or a table (n, p)."""
        rows = self._read(estimator, X, reset=False)
        columns = self._standardized(estimator, self._columns(rows))
        if self.layout is None:
            return columns
        images = self.layout.by_channels(rows)
        channels_last = columns.reshape(len(rows), *images.shape[2:], self.layout.n_channels)
        return np.ascontiguousarray(np.moveaxis(channels_last, -1, 1))

    def _fit_scaler(self, estimator: Any, columns: np.ndarray) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            self._scaler.fit(columns)
        bad = ~np.isfinite(self._scaler.mean_ + self._scaler.var_)
        if bad.any():
            j = int(np.argmax(bad))
            raise ValueError(
                f"{self._name(estimator, j)} of X holds {np.abs(columns[:, j]).max():.3g}, whose "
                "square exceeds float64: standardizing takes values up to about "
                f"{_ROOT_MOST:.1g}. Divide the column by a constant, or take its logarithm."
            )

    def _standardized(self, estimator: Any, columns: np.ndarray) -> np.ndarray:
        """Columns with the mean and the spread of fit undone, float32."""
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self._scaler.transform(columns).astype(np.float32)
        bad = ~np.isfinite(scaled)
        if bad.any():
            i, j = np.argwhere(bad)[0]
            raise ValueError(
                f"{self._name(estimator, j)} of X holds {columns[i, j]:.3g}. In standard "
                f"deviations of the rows of fit, {self._scaler.scale_[j]:.3g}, that exceeds "
                f"{np.finfo(np.float32).max:.3g}, the most that the nets can take (float32). Clip "
                "or drop what lies so far off, or fit to rows that are like it."
            )
        return scaled

    def _name(self, estimator: Any, j: int) -> str:
        if self.layout is not None:
            return f"Channel {j}"
        names = getattr(estimator, "feature_names_in_", None)
        return f"Column {j}" if names is None else f"Column {names[j]!r}"

    def _read(self, estimator: Any, X: Any, reset: bool) -> np.ndarray:
        """Flat rows (n, p), float32 for images, which may be many, and float64 for tables."""
        least = _MIN_ROWS if reset else 1
        dtype = np.float64 if self.layout is None else np.float32
        if _n_axes(X) > 2:
            X = checked_rows(X, allow_nd=True, dtype=dtype, input_name="X", estimator=estimator)
            self._check_shape(X.shape[1:])
            X = X.reshape(len(X), -1)
        return validated_rows(estimator, X, dtype=dtype, reset=reset, ensure_min_samples=least)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if self.layout is None or shape != self.layout.shape:
            known = "a table" if self.layout is None else f"images of shape {self.layout.shape}"
            raise ValueError(
                f"X has images of shape {shape}, but fit saw {known}. Pass rows as in fit."
            )

    def _columns(self, rows: np.ndarray) -> np.ndarray:
        """What has a mean and a spread of its own: columns, or channels of all pixels."""
        if self.layout is None:
            return rows
        images = self.layout.by_channels(rows)
        return np.moveaxis(images, 1, -1).reshape(-1, self.layout.n_channels)


def _n_axes(X: Any) -> int:
    if isinstance(X, (list, tuple)):
        return np.asarray(X).ndim
    return getattr(X, "ndim", 2)
