"""What of an image can be reconstructed from its code: multi-scale structural similarity."""

from __future__ import annotations

__all__ = ["ms_ssim", "reconstruction_similarity"]

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skmist._device import own_settings
from skmist._sample.numeric import checked_rows
from skmist.infomax.rows import ImageLayout, find_layout
from skmist.representation.rows import read_rows_flat, rows_that_judge

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW = 11
_SMALLEST_WINDOW = 3
_HIDDEN = (512,)
_MOST_EPOCHS = 300


def ms_ssim(
    images: ArrayLike,
    others: ArrayLike,
    *,
    data_range: float | None = None,
    channels: str = "auto",
) -> float:
    """Multi-scale structural similarity of images [1]_, the mean over pairs; 1 where they agree.

    The images are compared by their local means, contrasts and structure, at up to 5 scales, each
    half as large as the one before, with the weights of [1]_. Images below 176 pixels have fewer
    scales: those that the window fits into, their weights scaled to sum to 1. The window is
    Gaussian, 11 pixels wide; on images below 22 pixels, where 2 scales would have no room for it,
    it is uniform and the widest odd one that 2 scales have room for (3 for images of 8 pixels).
    Values of different sizes of images do not compare.

    Parameters
    ----------
    images, others : array-like of shape (n, h, w), (n, h, w, c) or (n, c, h, w)
        At least 6 pixels high and wide.
    data_range : float or None, default=None
        Distance from black to white; None takes that between least and greatest value of
        `images`.
    channels : {"auto", "first", "last"}, default="auto"
        Which axis of an image has the channels; ``"auto"`` takes the outer one of size 1 to 4.

    Returns
    -------
    similarity : float
        At most 1.

    Raises
    ------
    ValueError
        If the images cannot be used, or their shapes differ.
    ImportError
        If torchmetrics is not installed.

    References
    ----------
    .. [1] Z. Wang, E. P. Simoncelli and A. C. Bovik (2003), "Multiscale structural similarity for
       image quality assessment", Asilomar Conference on Signals, Systems and Computers,
       1398-1402.
    """
    measure = _library()
    import torch

    images, others = _read_images(images, "images"), _read_images(others, "others")
    if images.shape != others.shape:
        raise ValueError(
            f"images have shape {images.shape} and others {others.shape}, and the shapes must be "
            "equal."
        )
    layout = find_layout(images.shape[1:], channels)
    pair = [layout.by_channels(side) for side in (others, images)]
    spread = float(np.ptp(images)) if data_range is None else float(data_range)
    if not spread > 0.0:
        raise ValueError(f"data_range is {spread:g}, but must be above 0. Pass varied images.")
    tensors = [torch.as_tensor(np.ascontiguousarray(side)) for side in pair]
    with own_settings():
        return float(measure(*tensors, data_range=spread, **_scales(layout)))


def reconstruction_similarity(
    images: ArrayLike,
    code: ArrayLike,
    *,
    decoder: Any = None,
    image_shape: Sequence[int] | None = None,
    channels: str = "auto",
    test_rows: float | ArrayLike = 0.25,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """Similarity of images to their reconstructions from a code, on unseen rows.

    A decoder is trained to predict images, their gray levels scaled to lie between 0 and 1, from
    codes by squared error, and judged by `ms_ssim`, as in [1]_: the more information there is
    about the whole image, the more similar are reconstructions.

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, p)
    code : array-like of shape (n, d)
        Further axes are flattened.
    decoder : regressor or None, default=None
        Of scikit-learn, of several outputs; cloned. None takes a net with one hidden layer of 512
        units, on standardized columns.
    image_shape : tuple of int or None, default=None
        Shape of an image, where `images` are flat: ``(h, w)``, ``(h, w, c)`` or ``(c, h, w)``.
    channels : {"auto", "first", "last"}, default="auto"
        Which axis of an image has the channels.
    test_rows : float or array-like, default=0.25
        Rows that judge: their share, or indices or a mask.
    random_state : int, RandomState instance or None, default=None
        Source of the split and of the decoder's first weights.

    Returns
    -------
    similarity : float
        Mean MS-SSIM, at most 1.

    Raises
    ------
    ValueError
        If the data cannot be used.
    ImportError
        If torchmetrics is not installed.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.
    """
    _library()
    shape = tuple(np.shape(images)[1:] if image_shape is None else image_shape)
    layout = find_layout(shape, channels)
    _scales(layout)
    pixels, code = read_rows_flat(images, "images"), read_rows_flat(code, "code")
    check_consistent_length(pixels, code)
    _check_size(pixels, layout)
    rng = check_random_state(random_state)
    train, test = rows_that_judge(test_rows, len(code), None, rng)
    seed = rng.randint(np.iinfo(np.int32).max)
    model = _default_decoder(seed) if decoder is None else clone(decoder)
    low, spread = pixels[train].min(), np.ptp(pixels[train])
    if not spread > 0.0:
        raise ValueError(f"all images that train are {low:g} everywhere. Pass varied images.")
    gray = (pixels - low) / spread
    found = model.fit(code[train], gray[train]).predict(code[test])
    # no decoder needs to learn that there is nothing darker than black
    sides = [side.reshape(-1, *shape) for side in (gray[test], np.clip(found, 0.0, 1.0))]
    return ms_ssim(*sides, data_range=1.0, channels=channels)


def _read_images(images: ArrayLike, name: str) -> np.ndarray:
    return checked_rows(images, dtype=np.float32, allow_nd=True, input_name=name)


def _library() -> Callable:
    try:
        from torchmetrics.functional.image import multiscale_structural_similarity_index_measure
    except ImportError as error:
        raise ImportError(
            "MS-SSIM is measured by torchmetrics, which is not installed. Run: pip install "
            "torchmetrics"
        ) from error
    return multiscale_structural_similarity_index_measure


def _scales(layout: ImageLayout) -> dict:
    """Window and weights that fit images of that size, as torchmetrics takes them."""
    window = min(_WINDOW, _odd_at_most(layout.side // 2))
    if window < _SMALLEST_WINDOW:
        raise ValueError(
            f"images are {layout.side} pixels high or wide, but 2 scales need at least "
            f"{2 * _SMALLEST_WINDOW}. Measure another way, such as input_information."
        )
    count = 2
    while count < len(_WEIGHTS) and _fits(layout.side, count + 1, window):
        count += 1
    total = math.fsum(_WEIGHTS[:count])
    weights = tuple(weight / total for weight in _WEIGHTS[:count])
    gaussian = window == _WINDOW
    return {"betas": weights, "gaussian_kernel": gaussian, "kernel_size": window}


def _fits(side: int, count: int, window: int) -> bool:
    # the second is the library's own condition
    return side >> (count - 1) >= window and side // (count - 1) ** 2 >= window


def _odd_at_most(value: int) -> int:
    return value - 1 + value % 2


def _check_size(pixels: np.ndarray, layout: ImageLayout) -> None:
    if pixels.shape[1] != math.prod(layout.shape):
        raise ValueError(
            f"images have {pixels.shape[1]} numbers each, but image_shape={layout.shape} needs "
            f"{math.prod(layout.shape)}. Pass the shape of one image."
        )


def _default_decoder(seed: int) -> BaseEstimator:
    net = MLPRegressor(hidden_layer_sizes=_HIDDEN, max_iter=_MOST_EPOCHS, random_state=seed)
    scaled = TransformedTargetRegressor(net, transformer=StandardScaler(with_std=False))
    return make_pipeline(StandardScaler(), scaled)
