"""DeepInfoMax: what it reads, what it learns, what it keeps, what it refuses."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from torch import nn

from skmist import DeepInfoMax
from skmist.infomax.rows import find_layout

QUICK = {
    "n_components": 4,
    "hidden_layer_sizes": (16,),
    "critic_hidden_layer_sizes": (16,),
    "max_iter": 2,
    "gamma": 0.0,
    "random_state": 0,
    "device": "cpu",
}
DIGITS = load_digits().images[:100]
TABLE = np.random.default_rng(0).normal(size=(60, 7))


def dim(**parameters):
    return DeepInfoMax(**{**QUICK, **parameters})


def noisy_stripes(n=400, seed=0):
    """Images whose 16 cells of 2 x 2 pixels all show one number, under noise; and the number."""
    rng = np.random.default_rng(seed)
    number = rng.normal(size=n)
    return number[:, None, None] + rng.normal(size=(n, 8, 8)), number


# What it reads ------------------------------------------------------------------------------


def test_gray_images_however_they_are_given():
    given = {
        "plain": (DIGITS, {}),
        "last": (DIGITS[..., None], {}),
        "first": (DIGITS[:, None], {}),
        "flat": (DIGITS.reshape(100, 64), {"image_shape": (8, 8)}),
        "list": (DIGITS.tolist(), {}),
    }
    found = {name: dim(max_iter=1, **more).fit_transform(X) for name, (X, more) in given.items()}
    for codes in found.values():
        np.testing.assert_array_equal(codes, found["plain"])


def test_colors_first_and_last():
    images = np.random.default_rng(0).normal(size=(40, 6, 8, 3))
    last = dim().fit(images)
    first = dim().fit(np.moveaxis(images, -1, 1))
    np.testing.assert_array_equal(
        last.transform(images), first.transform(np.moveaxis(images, -1, 1))
    )
    assert last.n_features_in_ == 144
    np.testing.assert_array_equal(last.transform(images.reshape(40, -1)), last.transform(images))


@pytest.mark.parametrize(
    ("shape", "channels", "expected"),
    [
        ((8, 9), "auto", (8, 1, None)),
        ((3, 8, 9), "auto", (8, 3, 0)),
        ((8, 9, 3), "auto", (8, 3, 2)),
        ((12, 8, 9), "first", (8, 12, 0)),
        ((3, 8, 3), "last", (3, 3, 2)),
    ],
)
def test_layouts(shape, channels, expected):
    layout = find_layout(shape, channels)
    assert (layout.side, layout.n_channels, layout.axis) == expected


def test_a_channel_keeps_its_own_scale():
    images = np.random.default_rng(0).normal(size=(40, 8, 8, 2))
    scaled = images * [100.0, 0.01] + [5.0, -3.0]
    code = dim().fit_transform(images)
    np.testing.assert_allclose(dim().fit_transform(scaled), code, atol=1e-3)


def test_a_frame_names_its_columns():
    frame = pd.DataFrame(TABLE, columns=list("abcdefg"))
    fitted = dim().fit(frame)
    assert fitted.feature_names_in_.tolist() == list("abcdefg")
    np.testing.assert_array_equal(fitted.transform(frame), dim().fit_transform(TABLE))


@pytest.mark.parametrize(("n_columns", "blocks"), [(1, 1), (3, 2), (7, 2), (40, 10), (200, 16)])
def test_blocks_of_a_table(n_columns, blocks):
    X = np.random.default_rng(0).normal(size=(20, n_columns))
    assert dim(max_iter=0).fit(X).net_.encoder.grid == (1, blocks)
    assert dim(max_iter=0, n_blocks=1).fit(X).net_.encoder.grid == (1, 1)


class Doubling(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 5, 3, stride=2)

    def forward(self, images):
        return self.conv(images)


def test_a_module_of_the_user_is_copied():
    module = Doubling()
    before = module.conv.weight.clone()
    first = dim(encoder=module).fit(DIGITS)
    again = clone(first).fit(DIGITS)
    assert torch.equal(module.conv.weight, before)
    assert not torch.equal(first.net_.encoder.trunk.conv.weight, before)
    np.testing.assert_array_equal(first.transform(DIGITS), again.transform(DIGITS))
    assert first.layer_sizes_ == {"conv": 45, "fc": 16, "Y": 4}


# What it learns -----------------------------------------------------------------------------


@pytest.mark.parametrize("objective", ["jensen_shannon", "infonce", "donsker_varadhan"])
def test_the_code_keeps_what_all_locations_share(objective):
    # an average over the 64 pixels has R^2 = 64/65
    (X, number), (new, truth) = noisy_stripes(), noisy_stripes(seed=1)
    more = {"n_components": 1, "encoder": "small8", "batch_size": 32}
    shares = {}
    for max_iter in (0, 12):
        fitted = dim(objective=objective, max_iter=max_iter, **more).fit(X)
        line = LinearRegression().fit(fitted.transform(X), number)
        shares[max_iter] = line.score(fitted.transform(new), truth)
    assert shares[12] > 0.85
    assert shares[12] > shares[0]


def test_score_is_on_new_rows_and_zero_where_nothing_is_known():
    (X, _), (new, _) = noisy_stripes(), noisy_stripes(seed=1)
    trained = dim(max_iter=10).fit(X)
    assert dim(max_iter=0).fit(X).score(new) == pytest.approx(0.0, abs=0.05)
    assert trained.score(new) > 0.1
    noise = np.random.default_rng(2).normal(size=X.shape)
    assert trained.score(noise) < trained.score(new)


def test_global_and_local_information_add_up():
    X, _ = noisy_stripes(60)
    fitted = dim(alpha=2.0, beta=3.0, batch_size=100).fit(X)
    rows = torch.as_tensor(fitted._reader(fitted, X))
    found = fitted.net_.information(rows)
    expected = 2.0 * found["global"] + 3.0 * found["local"]
    assert fitted.score(X) == pytest.approx(float(expected), abs=1e-5)


def test_occlusion_and_coordinates_and_prior_together():
    fitted = dim(alpha=0.5, gamma=0.1, coordinates="both", occlusion=0.25).fit(DIGITS)
    assert set(fitted.history_) == {"loss", "global", "local", "prior", "coordinates"}
    assert all(len(curve) == fitted.n_iter_ == 2 for curve in fitted.history_.values())
    code = fitted.transform(DIGITS)
    assert code.min() >= 0.0
    assert code.max() <= 1.0


def test_what_was_hidden_in_training_does_not_shift_the_code():
    X, _ = noisy_stripes()
    more = {"gamma": 0.1, "prior": "gaussian", "occlusion": 0.6, "max_iter": 4}
    code = dim(**more).fit_transform(X)
    np.testing.assert_allclose(code.mean(0), 0.0, atol=0.05)
    np.testing.assert_allclose(code.std(0), 1.0, atol=0.1)


def test_a_random_encoder_keeps_its_weights_and_normalizes():
    zero, trained = dim(max_iter=0).fit(DIGITS), dim(max_iter=3).fit(DIGITS)
    assert zero.history_ == {}
    assert zero.n_iter_ == 0
    layers = [fitted.net_.encoder.trunk.below[0] for fitted in (zero, trained)]
    assert not torch.equal(layers[0][0].weight, layers[1][0].weight)
    images = torch.as_tensor(zero._reader(zero, DIGITS))
    torch.testing.assert_close(
        layers[0][1].running_mean, layers[0][0](images).mean((0, 2, 3)), atol=0.05, rtol=0.1
    )
    again = dim(max_iter=0).fit(DIGITS)
    assert torch.equal(again.net_.encoder.code.weight, zero.net_.encoder.code.weight)


# What it returns ----------------------------------------------------------------------------


@pytest.mark.parametrize(("layer", "width"), [("Y", 4), ("fc", 16), ("conv", 1024)])
def test_layers(layer, width):
    fitted = dim(layer=layer, max_iter=1).fit(DIGITS)
    features = fitted.transform(DIGITS)
    assert features.shape == (100, width)
    assert features.dtype == np.float32
    assert len(fitted.get_feature_names_out()) == width
    framed = fitted.set_output(transform="pandas").transform(DIGITS.reshape(100, 64))
    assert framed.columns[0] == "deepinfomax0"


def test_a_row_does_not_depend_on_the_others():
    fitted = dim().fit(DIGITS)
    together = fitted.transform(DIGITS)
    alone = np.concatenate([fitted.transform(DIGITS[i : i + 1]) for i in range(20)])
    np.testing.assert_allclose(alone, together[:20], rtol=1e-4, atol=1e-5)


def test_a_row_of_a_table_has_the_same_features_to_the_last_bit_wherever_it_stands():
    X = np.random.default_rng(1).normal(size=(203, 7))
    fitted = dim(n_components=5).fit(X)
    places = np.random.default_rng(2).permutation(len(X))
    np.testing.assert_array_equal(fitted.transform(X)[places], fitted.transform(X[places]))


def test_the_seed_decides_and_the_global_generator_does_not():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = dim(gamma=0.1, occlusion=0.2, coordinates="relative").fit_transform(DIGITS)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    again = dim(gamma=0.1, occlusion=0.2, coordinates="relative").fit_transform(DIGITS)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(dim(random_state=1).fit_transform(DIGITS), first)


# Going on -----------------------------------------------------------------------------------


def test_partial_fit_goes_on():
    X, _ = noisy_stripes()
    fitted = dim()
    scores = []
    for _ in range(6):
        scores.append(fitted.partial_fit(X).score(X))
    assert scores[-1] > scores[0]
    assert fitted.n_iter_ == len(fitted.history_["loss"]) == 6
    assert fitted.fit(X).n_iter_ == 2
    assert fitted.partial_fit(X).n_iter_ == 3


def test_a_pickle_goes_on_the_same():
    fitted = dim(gamma=0.1, occlusion=0.2).fit(DIGITS)
    copied = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copied.transform(DIGITS), fitted.transform(DIGITS))
    first, second = (each.partial_fit(DIGITS).transform(DIGITS) for each in (fitted, copied))
    np.testing.assert_array_equal(first, second)
    assert copied.net_ is copied._trainer.net


def test_validation_rows_and_early_stopping():
    X, _ = noisy_stripes(200)
    watched = dim(validation_fraction=0.25, max_iter=3).fit(X)
    assert len(watched.history_["validation"]) == 3
    noise = np.random.default_rng(0).normal(size=(200, 8, 8))
    more = {"n_iter_no_change": 2, "max_iter": 60, "validation_fraction": 0.25}
    stopped = dim(early_stopping=True, learning_rate_init=0.01, **more).fit(noise)
    curve = stopped.history_["validation"]
    assert stopped.n_iter_ == np.argmax(curve) + 3 < 60
    held_out = stopped._held_out(200, np.random.RandomState(0))
    rows = stopped._reader(stopped, noise)[held_out]
    assert stopped._trainer.information(rows) == pytest.approx(max(curve), abs=1e-6)


def test_half_precision_trains():
    X, _ = noisy_stripes()
    assert dim(precision="bfloat16", max_iter=5).fit(X).score(X) > 0.05


def test_a_progress_bar_where_asked(capsys):
    dim(verbose=True).fit(DIGITS)
    assert "DeepInfoMax" in capsys.readouterr().err
    dim().fit(DIGITS)
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_pickle_from_a_gpu_opens_on_the_cpu():
    fitted = dim(device="cuda").fit(DIGITS)
    copied = pickle.loads(pickle.dumps(fitted))
    assert copied._trainer.device.type == "cpu"
    np.testing.assert_allclose(
        copied.transform(DIGITS), fitted.transform(DIGITS), rtol=1e-3, atol=1e-3
    )


# What it refuses ----------------------------------------------------------------------------

REFUSED = [
    ({"objective": "smile"}, DIGITS, "'objective' parameter of DeepInfoMax must be"),
    ({"occlusion": 1.0}, DIGITS, "'occlusion' parameter of DeepInfoMax must be"),
    ({"alpha": 0.0, "beta": 0.0}, DIGITS, "nothing is maximized. Pass beta=1.0"),
    ({"early_stopping": True}, DIGITS, "Pass validation_fraction=0.1"),
    ({"validation_fraction": 0.99}, DIGITS, "fewer than 2 of 100 rows"),
    ({"coordinates": "absolute"}, TABLE, "X is a table, whose blocks have no places"),
    ({"encoder": "dcgan32"}, TABLE, "encoder is 'dcgan32', but X is a table"),
    ({"encoder": "dcgan"}, DIGITS, "encoder is 'dcgan'; pass 'auto', one of small8"),
    ({"n_blocks": 8}, TABLE, r"n_blocks is 8, but X has 7 column\(s\)"),
    ({"image_shape": (8, 9)}, DIGITS.reshape(100, 64), r"image_shape=\(8, 9\) needs 72"),
    ({}, np.zeros((5, 3, 8, 3)), "both ends could be channels"),
    ({}, np.zeros((5, 9, 8, 9)), "no end could be channels"),
    ({}, np.zeros((5, 2, 2, 2, 2)), r"must be \(h, w\), \(h, w, c\) or \(c, h, w\)"),
    ({"device": "cuda:9"}, DIGITS, "device='cuda:9', but torch finds 0 CUDA devices"),
]


@pytest.mark.parametrize(("parameters", "X", "message"), REFUSED)
def test_refusals(parameters, X, message):
    if "device" in parameters and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(ValueError, match=message):
        dim(**parameters).fit(X)


@pytest.mark.filterwarnings("error")
def test_numbers_that_the_nets_cannot_hold_are_refused():
    fitted = dim(max_iter=0).fit(TABLE)
    far = np.where(np.arange(7) == 3, 1e300, TABLE[:2])
    for use in (fitted.transform, fitted.score, fitted.partial_fit):
        with pytest.raises(ValueError, match=r"Column 3 of X holds 1e\+300.* exceeds 3.4e\+38"):
            use(far)
    assert np.isfinite(fitted.transform(np.where(far > 1e299, 1e38, far))).all()
    frame = pd.DataFrame(TABLE, columns=list("abcdefg")).assign(c=1e200 * TABLE[:, 2])
    with pytest.raises(ValueError, match=r"Column 'c' of X holds .*e\+200.* up to about 1e\+154"):
        dim(max_iter=0).fit(frame)
    with pytest.raises(ValueError, match="Channel 0 of X holds"):
        dim(max_iter=0).fit(1e-3 * DIGITS).transform(1e37 * DIGITS)


def test_another_layer_than_there_is_is_refused_after_fit_too():
    fitted = dim(max_iter=0).fit(TABLE).set_params(layer="zz")
    for use in (lambda: fitted.transform(TABLE), fitted.get_feature_names_out):
        with pytest.raises(ValueError, match="layer is 'zz', but must be one of 'conv', 'fc',"):
            use()


def test_other_images_are_refused():
    fitted = dim(max_iter=0).fit(DIGITS)
    with pytest.raises(ValueError, match=r"shape \(4, 16\), but fit saw images of shape \(8, 8\)"):
        fitted.transform(DIGITS.reshape(100, 4, 16))
    with pytest.raises(ValueError, match="but fit saw a table"):
        dim(max_iter=0).fit(TABLE).transform(DIGITS)
    with pytest.raises(ValueError, match="X has 1 row, but pairs need others"):
        fitted.score(DIGITS[:1])
    with pytest.raises(ValueError, match="X has 1 row, but training needs at least 2"):
        fitted.partial_fit(DIGITS[:1])
    with pytest.raises(NotFittedError):
        dim().transform(DIGITS)
