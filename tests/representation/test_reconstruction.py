"""MS-SSIM and reconstructions; skipped where torchmetrics is not installed."""

from __future__ import annotations

import builtins
import math

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import Ridge

from skmist.infomax.rows import find_layout
from skmist.representation import ms_ssim, reconstruction_similarity, representation_report
from skmist.representation.reconstruction import _scales


@pytest.fixture(scope="module")
def digits():
    return load_digits().images[:400]


@pytest.fixture(scope="module")
def library():
    return pytest.importorskip("torchmetrics")


def scales(side):
    return _scales(find_layout((side, side + 3), "auto"))


@pytest.mark.parametrize(
    ("side", "count", "window"),
    [(6, 2, 3), (8, 2, 3), (12, 2, 5), (16, 2, 7), (28, 2, 11), (64, 3, 11), (176, 5, 11)],
)
def test_scales_and_window_fit_the_image(side, count, window):
    found = scales(side)
    assert len(found["betas"]) == count
    assert found["kernel_size"] == window
    assert found["gaussian_kernel"] == (window == 11)
    assert math.fsum(found["betas"]) == pytest.approx(1.0)
    assert side >> (count - 1) >= window


def test_the_weights_of_large_images_are_the_published_ones():
    np.testing.assert_allclose(
        scales(200)["betas"], np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333]) / 1.0001
    )


def test_tiny_images_are_refused():
    with pytest.raises(ValueError, match="5 pixels"):
        scales(5)


def test_equal_images_are_equal(library, digits):
    assert ms_ssim(digits, digits) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("side", range(6, 220, 13))
def test_the_library_takes_every_size(library, side):
    images = np.random.default_rng(0).random((2, side, side))
    assert ms_ssim(images, images) == pytest.approx(1.0, abs=1e-5)


def test_more_noise_is_less_similar(library, digits):
    noise = np.random.default_rng(0).normal(size=digits.shape)
    found = [ms_ssim(digits, digits + level * noise) for level in (0.5, 2.0, 6.0)]
    assert 1.0 > found[0] > found[1] > found[2] > 0.0


def test_contrast_of_one_scale_by_hand(library):
    """Contrast halved everywhere about the same mean: the closed form of SSIM."""
    rng = np.random.default_rng(0)
    images = rng.random((1, 6, 6))
    others = images - 0.5 * (images - 0.5)
    found = ms_ssim(images, others, data_range=1.0)
    fine, coarse = _by_hand(images[0], others[0])
    weights = np.array([0.0448, 0.2856]) / (0.0448 + 0.2856)
    assert found == pytest.approx(fine ** weights[0] * coarse ** weights[1], abs=1e-4)


def _by_hand(a, b):
    """Contrast and structure at the fine scale, all of SSIM at the coarse one."""
    c1, c2 = 0.01**2, 0.03**2
    return (
        _mean_over_windows(a, b, lambda x, y: (2 * _cov(x, y) + c2) / (x.var() + y.var() + c2)),
        _mean_over_windows(
            *(np.pad(side.reshape(3, 2, 3, 2).mean((1, 3)), 1, mode="reflect") for side in (a, b)),
            lambda x, y: (
                (2 * x.mean() * y.mean() + c1)
                / (x.mean() ** 2 + y.mean() ** 2 + c1)
                * (2 * _cov(x, y) + c2)
                / (x.var() + y.var() + c2)
            ),
        ),
    )


def _cov(x, y):
    return ((x - x.mean()) * (y - y.mean())).mean()


def _mean_over_windows(a, b, value):
    places = [(i, j) for i in range(len(a) - 2) for j in range(len(a) - 2)]
    return np.mean([value(a[i : i + 3, j : j + 3], b[i : i + 3, j : j + 3]) for i, j in places])


def test_axes_of_channels(library):
    images = np.random.default_rng(0).random((4, 8, 9, 3))
    others = images + 0.1 * np.random.default_rng(1).normal(size=images.shape)
    last = ms_ssim(images, others)
    first = ms_ssim(np.moveaxis(images, -1, 1), np.moveaxis(others, -1, 1))
    assert first == pytest.approx(last, abs=1e-6)


def test_more_components_reconstruct_more(library, digits):
    flat = digits.reshape(len(digits), -1)
    _, _, axes = np.linalg.svd(flat - flat.mean(0), full_matrices=False)
    options = {"decoder": Ridge(1e-3), "random_state": 0}
    found = [reconstruction_similarity(digits, flat @ axes[:k].T, **options) for k in (2, 8, 40)]
    assert found[0] < found[1] < found[2]
    assert found[2] > 0.97


def test_the_default_decoder_learns(library, digits):
    flat = digits.reshape(len(digits), -1)
    noise = np.random.default_rng(0).normal(size=(len(digits), 5))
    learned, guessed = (
        reconstruction_similarity(digits, code, random_state=0) for code in (flat, noise)
    )
    mean_image = np.broadcast_to(digits.mean(0), digits.shape)
    assert guessed < ms_ssim(digits, mean_image) + 0.02
    assert learned > guessed + 0.15


def test_the_range_of_gray_levels_does_not_matter(library, digits):
    flat = digits.reshape(len(digits), -1)
    options = {"decoder": Ridge(), "random_state": 0}
    first = reconstruction_similarity(digits, flat[:, 20:40], **options)
    second = reconstruction_similarity(100.0 * digits - 300.0, flat[:, 20:40], **options)
    assert second == pytest.approx(first, abs=1e-5)


def test_flat_images_in_the_table(library, digits):
    flat = digits[:100].reshape(100, -1)
    report = representation_report(
        {"raw": flat}, flat, measures=["ms_ssim"], image_shape=(8, 8), random_state=0
    )
    assert 0.5 < report.loc["raw", "ms_ssim"] <= 1.0


def test_what_cannot_be_compared_is_refused(library, digits):
    with pytest.raises(ValueError, match="shapes must be"):
        ms_ssim(digits, digits[:5])
    with pytest.raises(ValueError, match="data_range is 0"):
        ms_ssim(np.ones((2, 8, 8)), np.ones((2, 8, 8)))
    with pytest.raises(ValueError, match="needs 63"):
        reconstruction_similarity(digits.reshape(-1, 64), np.zeros((400, 1)), image_shape=(7, 9))
    with pytest.raises(ValueError, match="everywhere"):
        reconstruction_similarity(np.ones((30, 8, 8)), np.zeros((30, 1)))


def test_a_missing_library_says_how_to_get_it(monkeypatch, digits):
    import_any = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("torchmetrics"):
            raise ImportError(name)
        return import_any(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match="pip install torchmetrics"):
        ms_ssim(digits, digits)
