"""Nets of Deep InfoMax: shapes, brute-force scores, who gets which gradient, what is hidden."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from skmist.nn import JointCritic, SeparableCritic
from skmist.nn.infomax import InfoMax, InfoMaxConfig, location_scores
from skmist.nn.infomax_coordinates import AbsoluteCoordinates, RelativeCoordinates
from skmist.nn.infomax_encoders import (
    TRUNKS,
    BlockTrunk,
    ConvTrunk,
    InfoMaxEncoder,
    conv_trunk,
)
from skmist.nn.infomax_occlusion import occlude
from skmist.nn.infomax_prior import PRIORS, PriorMatching


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def draws(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed))


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def table_encoder(n_columns=6, n_blocks=3, k=4):
    trunk = BlockTrunk(n_columns, n_blocks, width=8)
    return InfoMaxEncoder(trunk, torch.zeros(2, n_columns), [16], k)


# Encoders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "side", "grid", "n_conv", "n_fc"),
    [
        ("small8", 8, (4, 4), 64 * 16, 256),
        ("small28", 28, (7, 7), 128 * 49, 1024),
        ("dcgan32", 32, (8, 8), 256 * 16, 1024),
    ],
)
def test_sizes_of_the_encoders(name, side, grid, n_conv, n_fc):
    trunk, hidden = conv_trunk("auto", 3, side)
    assert hidden == TRUNKS[name].hidden
    encoder = InfoMaxEncoder(trunk, torch.zeros(2, 3, side, side), hidden, 64)
    assert encoder.grid == grid
    assert encoder.sizes == {"conv": n_conv, "fc": n_fc, "Y": 64}
    features = encoder(torch.zeros(2, 3, side, side))
    assert [features.conv.shape[1], features.fc.shape[1], features.code.shape[1]] == [
        n_conv,
        n_fc,
        64,
    ]


def test_the_large_encoder_has_the_sizes_of_the_paper():
    spec = TRUNKS["alexnet64"]
    with torch.device("meta"):
        local, last = ConvTrunk(3, spec.layers, spec.local)(torch.zeros(2, 3, 64, 64))
    assert local.shape == (2, 384, 15, 15)
    assert last.shape == (2, 192, 7, 7)


@pytest.mark.parametrize(("side", "name"), [(5, "small8"), (16, "small28"), (64, "alexnet64")])
def test_automatic_trunks(side, name):
    with torch.device("meta"):
        assert conv_trunk("auto", 1, side)[1] == TRUNKS[name].hidden


def test_a_location_sees_its_own_block_only():
    trunk = BlockTrunk(7, 3, width=8).eval()
    rows = draws(1, 7)
    for column, block in enumerate([0, 0, 0, 1, 1, 2, 2]):
        changed = rows.clone()
        changed[0, column] += 1.0
        moved = (trunk(changed)[0] != trunk(rows)[0])[0].any(0)[0]
        assert moved.tolist() == [b == block for b in range(3)]


def test_a_trunk_may_return_one_map_or_a_map_and_features():
    images = torch.zeros(2, 1, 6, 6)
    one = InfoMaxEncoder(nn.Conv2d(1, 5, 3), images, [], 2)
    assert one.grid == (4, 4)
    assert one.sizes == {"conv": 80, "fc": 80, "Y": 2}

    class Two(nn.Module):
        def forward(self, rows):
            return rows, rows.mean((2, 3))

    assert InfoMaxEncoder(Two(), images, [3], 2).sizes == {"conv": 1, "fc": 3, "Y": 2}


@pytest.mark.parametrize(("prior", "mean"), [("uniform", 0.5), ("gaussian", 0.0)])
def test_a_code_of_the_right_spread_is_near_the_prior_from_the_start(prior, mean):
    trunk = BlockTrunk(6, 3, width=8)
    encoder = InfoMaxEncoder(trunk, torch.zeros(2, 6), [64], 4, spread=PRIORS[prior])
    matching = PriorMatching(4, prior)
    code = matching.squash(encoder(draws(500, 6)).code)
    drawn = matching.draw(code, generator())
    torch.testing.assert_close(code.mean(0), torch.full((4,), mean), atol=0.05, rtol=0.0)
    torch.testing.assert_close(code.std(0), drawn.std(0), atol=0.05, rtol=0.1)


def test_a_trunk_without_locations_is_refused():
    with pytest.raises(ValueError, match=r"must return \(n, channels, height, width\)"):
        InfoMaxEncoder(nn.Flatten(), torch.zeros(2, 1, 6, 6), [], 2)


def test_an_unknown_trunk_is_refused():
    with pytest.raises(ValueError, match="encoder is 'resnet'; pass 'auto', one of small8"):
        conv_trunk("resnet", 3, 32)


# Scores -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SeparableCritic, JointCritic], ids=["dot", "concat"])
def test_every_code_meets_every_location(kind):
    critic = kind(3, 2, (8,))
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.normal_()
    code, local = draws(4, 3), draws(4, 5, 2, seed=1)
    scores = location_scores(critic, code, local)
    for i in range(4):
        for j in range(4):
            for s in range(5):
                alone = critic(code[i : i + 1], local[j, s][None])[0]
                torch.testing.assert_close(scores[i, j, s], alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bound", ["jensen_shannon", "infonce", "donsker_varadhan"])
@pytest.mark.parametrize("critic", ["dot", "concat"])
def test_training_finds_information(bound, critic):
    torch.manual_seed(1)
    config = InfoMaxConfig(bound=bound, critic=critic, alpha=0.5, hidden_layer_sizes=(16,))
    net = InfoMax(table_encoder(), config)
    rows = draws(64, 1) + 0.3 * draws(64, 6, seed=1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    first = net(rows).parts
    for _ in range(30):
        optimizer.zero_grad()
        net(rows).loss.backward()
        optimizer.step()
    last = net(rows).parts
    assert all(last[name] > first[name] + 0.2 for name in ("global", "local"))


def test_weights_of_the_terms():
    rows, encoder = draws(8, 6), table_encoder()
    net = InfoMax(encoder, InfoMaxConfig(alpha=2.0, beta=3.0, gamma=0.5, delta=0.25))
    scores = net.scores(net.features(rows))
    terms = net(rows, generator())
    losses = {name: net.bounds[name].loss(scores[name]) for name in scores}
    expected = 2.0 * losses["global"] + 3.0 * losses["local"]
    expected = expected + 0.5 * terms.parts["prior"] + 0.25 * terms.parts["coordinates"]
    torch.testing.assert_close(terms.loss, expected)
    assert terms.discriminator is not None


def test_terms_without_weight_are_left_out():
    terms = InfoMax(table_encoder(), InfoMaxConfig())(draws(8, 6))
    assert set(terms.parts) == {"local"}
    assert terms.discriminator is None


def test_scores_are_float32_under_autocast():
    net = InfoMax(table_encoder(), InfoMaxConfig(alpha=1.0, gamma=1.0, delta=1.0))
    with torch.autocast("cpu", torch.bfloat16):
        terms = net(draws(8, 6), generator())
    assert terms.loss.dtype == terms.discriminator.dtype == torch.float32
    (terms.loss + terms.discriminator).backward()


# Prior --------------------------------------------------------------------------------------


def slopes(loss, parameters):
    return torch.autograd.grad(loss, list(parameters), allow_unused=True)


def test_each_player_gets_its_own_gradient_only():
    matching, code = PriorMatching(3, "uniform", (8,)), draws(16, 3).requires_grad_()
    losses = matching(code, generator())
    assert slopes(losses.discriminator, [code]) == (None,)
    assert all(slope is None for slope in slopes(losses.encoder, matching.parameters()))
    assert all(slope is not None for slope in slopes(losses.encoder, [code]))
    found = slopes(losses.discriminator, matching.parameters())
    assert all(slope is not None for slope in found[:-1])


def test_signs_of_the_two_players():
    matching = PriorMatching(2, "gaussian", (8,), penalty=0.0)
    drawn, code = draws(64, 2), (3.0 + draws(64, 2, seed=1)).requires_grad_()

    @torch.no_grad()
    def gap():
        logits = matching.discriminator
        return float(logits(drawn).mean() - logits(code).mean())

    before = gap()
    loss = matching.discriminator_loss(drawn, code)
    with torch.no_grad():
        found = slopes(loss, matching.parameters())
        for parameter, slope in zip(matching.parameters(), found, strict=True):
            parameter -= 0.05 * slope
    assert gap() > before  # draws of the prior are scored higher now, codes lower
    (slope,) = slopes(matching.encoder_loss(code), [code])
    with torch.no_grad():
        believed = matching.discriminator(code).mean()
        assert matching.discriminator(code - 10.0 * slope).mean() > believed


@pytest.mark.parametrize("prior", ["uniform", "gaussian"])
def test_the_penalty_of_a_linear_discriminator_is_its_squared_slope(prior):
    matching, bare = PriorMatching(3, prior, (), 2.0), PriorMatching(3, prior, (), 0.0)
    bare.load_state_dict(matching.state_dict())
    drawn, code = draws(16, 3), draws(16, 3, seed=1)
    extra = matching.discriminator_loss(drawn, code) - bare.discriminator_loss(drawn, code)
    slope = matching.discriminator[0].weight
    torch.testing.assert_close(extra, 0.5 * 2.0 * (slope**2).sum())


@pytest.mark.parametrize("prior", ["uniform", "gaussian"])
def test_free_codes_come_to_follow_the_prior(prior):
    matching = PriorMatching(1, prior, (64, 64))
    code = (2.0 + 0.2 * draws(256, 1)).requires_grad_()
    optimizer = torch.optim.Adam(
        [{"params": [code], "lr": 0.02}, {"params": matching.parameters(), "lr": 0.003}],
        betas=(0.5, 0.9),
    )
    source = generator(1)
    for _ in range(400):
        losses = matching(code, source)
        optimizer.zero_grad()
        (len(code) * losses.encoder + losses.discriminator).backward()
        optimizer.step()
    found = matching.squash(code).detach()[:, 0].sort().values
    if prior == "gaussian":
        found = torch.special.ndtr(found)
    uniform = (torch.arange(256) + 0.5) / 256
    assert (found - uniform).abs().max() < 0.15


def test_draws_of_the_priors():
    uniform = PriorMatching(2, "uniform").draw(torch.zeros(4000, 2), generator())
    assert uniform.min() >= 0.0
    assert uniform.max() <= 1.0
    assert uniform.var() == pytest.approx(1 / 12, abs=0.005)
    normal = PriorMatching(2, "gaussian").draw(torch.zeros(4000, 2), generator())
    assert normal.mean() == pytest.approx(0.0, abs=0.05)
    assert normal.var() == pytest.approx(1.0, abs=0.05)


def test_an_unknown_prior_is_refused():
    with pytest.raises(ValueError, match="prior is 'cauchy'; pass one of uniform, gaussian"):
        PriorMatching(2, "cauchy")


# Coordinates --------------------------------------------------------------------------------


def test_absolute_coordinates_in_loops():
    task, code, local = AbsoluteCoordinates(2, 3, (2, 4)), draws(5, 2), draws(5, 8, 3, seed=1)
    missed = 0.0
    for i in range(5):
        for row in range(2):
            for column in range(4):
                logits = task.net(torch.cat([code[i], local[i, 4 * row + column]]))
                missed -= torch.log_softmax(logits[:2], 0)[row]
                missed -= torch.log_softmax(logits[2:], 0)[column]
    torch.testing.assert_close(task(code, local), missed / 40)


def test_relative_coordinates_in_loops():
    task, local = RelativeCoordinates(3, (2, 4)), draws(5, 8, 3)
    partners = task.partners(5, generator(3))
    missed = 0.0
    for i in range(5):
        for place in range(8):
            other = int(partners[i, place])
            logits = task.net(torch.cat([local[i, place], local[i, other]]))
            down, right = other // 4 - place // 4, other % 4 - place % 4
            missed -= torch.log_softmax(logits[:3], 0)[down + 1]
            missed -= torch.log_softmax(logits[3:], 0)[right + 3]
    torch.testing.assert_close(task(local, generator(3)), missed / 40)


def test_who_knows_nothing_pays_the_entropy_of_the_grid():
    task = AbsoluteCoordinates(2, 3, (3, 5))
    for parameter in task.parameters():
        nn.init.zeros_(parameter)
    loss = task(draws(4, 2), draws(4, 15, 3))
    assert float(loss.detach()) == pytest.approx(math.log(3) + math.log(5))


# Occlusion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_rectangle_of_every_image_is_hidden(share):
    images = torch.ones(400, 2, 8, 12)
    hidden = occlude(images, share, generator()) == 0.0
    assert (hidden[:, 0] == hidden[:, 1]).all()
    assert hidden.float().mean((1, 2, 3)).tolist() == pytest.approx([share] * 400)
    if share == 0.25:
        assert all(mask.any(1).sum() == 4 and mask.any(0).sum() == 6 for mask in hidden[:, 0])
        assert hidden[:, 0].any(0).all()  # every pixel is hidden in some image
    assert (images == 1.0).all()


def test_a_run_of_columns_is_hidden():
    hidden = occlude(torch.ones(200, 10), 0.3, generator()) == 0.0
    assert (hidden.sum(1) == 3).all()
    assert hidden.float().mean(0).tolist() == pytest.approx([0.3] * 10, abs=0.15)


def test_the_code_sees_what_is_left_and_the_map_all():
    net = InfoMax(table_encoder(), InfoMaxConfig(occlusion=0.5)).eval()
    rows = draws(8, 6)
    found = net.features(rows, generator(5))
    seen = net.encoder(occlude(rows, 0.5, generator(5)))
    whole = net.encoder(rows)
    torch.testing.assert_close(found.local, whole.local)
    torch.testing.assert_close(found.code, seen.code)
    assert not torch.allclose(found.code, whole.code)


# Layers -------------------------------------------------------------------------------------


def test_layers_of_the_output():
    rows = draws(8, 6)
    plain = InfoMax(table_encoder(), InfoMaxConfig()).eval()
    matched = InfoMax(plain.encoder, InfoMaxConfig(gamma=1.0)).eval()
    code = plain.encoder(rows).code
    torch.testing.assert_close(plain.output(rows, "Y"), code)
    torch.testing.assert_close(matched.output(rows, "Y"), code.sigmoid())
    assert plain.output(rows, "conv").shape == (8, 24)
    assert plain.output(rows, "fc").shape == (8, 16)
