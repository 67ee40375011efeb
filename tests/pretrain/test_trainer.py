"""Pretraining: losses, batches, resuming, export."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from skmist._errors import WeightsError
from skmist.datasets import MetaDistribution, SyntheticBatch
from skmist.nn import QUANTILE_LEVELS, NetConfig, compress
from skmist.pretrain import learner
from skmist.pretrain.__main__ import main
from skmist.pretrain.batches import StepBatches, batch_size, draw_batch
from skmist.pretrain.checkpoint import load_checkpoints, save_checkpoints
from skmist.pretrain.config import RunConfig, TrainingConfig, load_config
from skmist.pretrain.export import export_weights
from skmist.pretrain.learner import learning_rate
from skmist.pretrain.losses import pinball_loss, row_loss
from skmist.pretrain.reading import as_told, rename_categories, with_copies
from skmist.pretrain.trainer import Trainer
from skmist.pretrain.world import World
from skmist.weights import list_weights, load_card, load_weights
from tests.paths import ROOT

CONFIGS = ROOT / "skmist" / "pretrain" / "configs"
TINY = RunConfig(
    name="tiny",
    net=NetConfig(dim=32, depth=1, heads=2, cell_dim=8, cell_heads=2, max_rows=16),
    training=TrainingConfig(
        steps=4,
        micro_batches=1,
        warmup_steps=1,
        max_batch=4,
        n_masked=2,
        precision="float32",
    ),
    prior={"n_range": (10, 40), "max_dim": 3},
    companions={"plain": NetConfig(dim=32, depth=0)},
)
CPU = World("cpu")


def test_pinball_loss_is_least_at_the_quantiles():
    mi = torch.distributions.Exponential(1.0).sample((20_000,))
    truth = torch.quantile(compress(mi), torch.tensor(QUANTILE_LEVELS))
    best = float(pinball_loss(truth.expand(len(mi), -1), mi))
    for shift in (-0.1, 0.1):
        assert float(pinball_loss((truth + shift).expand(len(mi), -1), mi)) > best


def test_pinball_loss_counts_errors_in_units_of_what_a_sample_allows():
    quantiles, mi = compress(torch.tensor([[0.5], [0.5]])).expand(2, 11), torch.tensor([0.6, 0.6])
    plain = pinball_loss(quantiles, mi)
    for unit, weight in ((0.5, 2.0), (0.02, 50.0), (0.001, 50.0)):
        found = pinball_loss(quantiles, mi, torch.full((2, 1), unit))
        torch.testing.assert_close(found, weight * plain)


def test_row_loss_is_least_at_the_mean():
    mi = torch.full((1,), 0.5)
    target = torch.randn(1, 5000)
    mean = target.mean().expand(1, 5000)
    assert float(row_loss(mean, target, mi)) < float(row_loss(mean + 0.1, target, mi))


def test_the_learning_rate_warms_up_stands_still_and_decays():
    training = TrainingConfig(
        steps=1000,
        decay_steps=400,
        warmup_steps=100,
        learning_rate=1.0,
        final_learning_rate=0.1,
    )
    rates = [learning_rate(training, step) for step in (0, 99, 300, 599, 800, 1000)]
    assert rates == pytest.approx([0.01, 1.0, 1.0, 1.0, 0.55, 0.1])
    whole = replace(training, decay_steps=None)
    assert learning_rate(whole, 550) == pytest.approx(0.55)


def test_every_shipped_configuration_loads():
    paths = sorted(CONFIGS.glob("*.toml"))
    assert set(list_weights()) <= {path.stem for path in paths}
    for path in paths:
        assert load_config(path).name == path.stem


def test_an_unknown_setting_is_an_error(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('name = "bad"\n[training]\nsteps = 1\nspeed = 3\n')
    with pytest.raises(ValueError, match="speed"):
        load_config(path)


@pytest.mark.parametrize("shape", [(10, 1, 1), (3000, 2, 2), (500, 64, 64)])
def test_batch_size_fits_the_budgets(shape):
    n, p, q = shape
    size = batch_size(TINY, n, p, q)
    training = TINY.training
    assert 1 <= size <= training.max_batch
    assert size == 1 or size * n * n <= training.pair_budget


def test_the_batches_of_a_step_depend_on_nothing_but_the_step():
    data = StepBatches(TINY, MetaDistribution(**TINY.prior), CPU)
    data[0]
    again = StepBatches(TINY, MetaDistribution(**TINY.prior), CPU)
    for one, other in zip(data[2], again[2], strict=True):
        assert one.family == other.family
        torch.testing.assert_close(one.mi, other.mi)
        torch.testing.assert_close(one.statistics.sample.shared, other.statistics.sample.shared)


def test_batches_carry_the_truth_of_their_rows():
    data = StepBatches(TINY, MetaDistribution(**TINY.prior), CPU)
    for step in range(4):
        for batch in data[step]:
            rows = batch.statistics.rows.shared.shape[1]
            assert batch.pointwise.shape == (len(batch.mi), rows)
            assert batch.masked_pointwise.shape == batch.masked.features.shape[:2]
            assert bool((batch.mi >= 0).all())


def _weights(trainer):
    return {k: v.clone() for k, v in trainer.learners["tiny"].average.state_dict().items()}


@pytest.mark.parametrize(
    ("precision", "pays", "expected"),
    [("bfloat16", True, True), ("bfloat16", False, False), ("float32", True, False)],
)
def test_halves_are_taken_where_they_are_faster(monkeypatch, precision, pays, expected):
    training = replace(TINY.training, precision=precision)
    monkeypatch.setattr(learner, "halves_pay", lambda kind: pays)
    asked, autocast = [], torch.autocast
    monkeypatch.setattr(
        torch,
        "autocast",
        lambda *a, enabled, **k: asked.append(enabled) or autocast(*a, **k, enabled=enabled),
    )
    batches = StepBatches(TINY, MetaDistribution(**TINY.prior), CPU)[0]
    learner.Learner(TINY.net, training, CPU).learn(batches, 0)
    # The head computes in single precision whatever the rest does.
    assert asked[0] == expected


def test_a_resumed_run_ends_where_the_whole_one_does(tmp_path):
    whole = Trainer(TINY, tmp_path / "whole", CPU)
    whole.run()
    half = replace(TINY, training=replace(TINY.training))
    first = Trainer(half, tmp_path / "parts", CPU)
    first.run(max_seconds=0.0)
    assert first.step == 1
    second = Trainer(half, tmp_path / "parts", CPU)
    assert second.resume()
    second.run()
    assert second.step == whole.step == 4
    for name, value in _weights(whole).items():
        torch.testing.assert_close(value, _weights(second)[name], atol=1e-6, rtol=1e-5)


def test_a_checkpoint_cut_short_leaves_the_one_before(tmp_path, monkeypatch):
    run = Trainer(TINY, tmp_path, CPU)
    run.run(max_seconds=0.0)

    def killed(tensors, path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("skmist.pretrain.checkpoint.save_file", killed)
        with pytest.raises(KeyboardInterrupt):
            run.run()
    assert Trainer(TINY, tmp_path, CPU).resume()
    # or killed between the renaming of the former folder and that of the new one
    folder = tmp_path / "tiny"
    folder.rename(folder.with_name("tiny.former"))
    again = Trainer(TINY, tmp_path, CPU)
    assert again.resume()
    assert again.step == 1
    again.run()
    assert [path.name for path in tmp_path.glob("tiny*")] == ["tiny"]


@pytest.mark.filterwarnings("ignore:.*is a no-op:UserWarning")
def test_the_number_of_steps_lies_with_its_parameter(tmp_path):
    def learner(device):
        net = torch.nn.Linear(2, 1, device=device)
        return net, torch.optim.AdamW(net.parameters())

    (net, optimizer), average = learner("cpu"), torch.nn.Linear(2, 1)
    net(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    save_checkpoints([(tmp_path / "net", (net, average, optimizer))], {"step": 1})
    net, optimizer = learner("meta")
    assert load_checkpoints([(tmp_path / "net", (net, average, optimizer))]) == {"step": 1}
    devices = {state["step"].device.type for state in optimizer.state.values()}
    assert devices == {"meta"}


def test_categories_come_in_random_order():
    generator = torch.Generator().manual_seed(0)
    codes = torch.tensor([3.0, 7.0, 7.0, 5.0, 3.0, 9.0]).expand(200, -1)
    number = torch.rand(200, 6, generator=generator)
    x, y = torch.stack([codes, number], 2), codes.unsqueeze(2)
    mi, pointwise = torch.zeros(200), torch.zeros(200, 6)
    drawn = SyntheticBatch(x, y, mi, pointwise, (True, False), (True,), "any")
    renamed = rename_categories(drawn, generator)
    assert torch.equal(renamed.x[..., 1], number)
    for new in (renamed.x[..., 0], renamed.y[..., 0]):
        assert torch.equal(new[:, 0], new[:, 4])
        assert torch.equal(new[:, 1], new[:, 2])
        assert torch.equal(new[:, [0, 1, 3, 5]].sort(1).values, torch.arange(4.0).expand(200, -1))
        assert (new[:, [0, 1, 3, 5]].mean(0) - 1.5).abs().max() < 4 * 1.25**0.5 / 200**0.5


def test_ordered_codes_keep_their_order_where_a_run_says_so():
    generator = torch.Generator().manual_seed(0)
    codes = torch.tensor([3.0, 7.0, 7.0, 5.0, 3.0, 9.0]).expand(50, -1)
    x, y = torch.stack([codes, codes], 2), codes.unsqueeze(2)
    mi, pointwise = torch.zeros(50), torch.zeros(50, 6)
    flags = (True, True), (True,), "any", (True, False), (True,)
    drawn = SyntheticBatch(x, y, mi, pointwise, *flags)
    kept = rename_categories(drawn, generator, ordinal=True)
    ranks = torch.tensor([0.0, 2.0, 2.0, 1.0, 0.0, 3.0]).expand(50, -1)
    assert torch.equal(kept.x[..., 0], ranks) and torch.equal(kept.y[..., 0], ranks)
    assert not torch.equal(kept.x[..., 1], ranks)
    shuffled = rename_categories(drawn, generator)
    assert not torch.equal(shuffled.x[..., 0], ranks)
    plain = replace(drawn, x_ordered=(False, False), y_ordered=(False,))
    first, second = (
        rename_categories(d, torch.Generator().manual_seed(1)) for d in (drawn, plain)
    )
    assert torch.equal(first.x, second.x) and torch.equal(first.y, second.y)


def test_an_order_is_sometimes_forgotten_and_sometimes_invented():
    rng, generator = random.Random(0), torch.Generator().manual_seed(0)
    codes = torch.tensor([0.0, 1.0, 2.0]).expand(2, -1)
    x, y = torch.stack([codes, codes], 2), codes.unsqueeze(2)
    flags = (True, True), (True,), "any", (True, False), (True,)
    drawn = SyntheticBatch(x, y, torch.zeros(2), torch.zeros(2, 3), *flags)
    told = [as_told(drawn, generator, rng, ordinal=True) for _ in range(400)]
    seen = {o: sum(t.x_ordered == o for t in told) for o in itertools.product((0, 1), repeat=2)}
    assert seen[(1, 0)] > 200 and seen[(0, 0)] > 40 and seen[(1, 1)] > 10 and not seen[(0, 1)]
    kept = [torch.equal(t.y[..., 0], codes) for t in told if t.y_ordered == (True,)]
    assert 0 < kept.count(False) < kept.count(True)
    assert as_told(drawn, generator, rng, ordinal=False).x_ordered == drawn.x_ordered


def test_some_batches_hold_copies_of_rows():
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    x, y = torch.randn(3, 108, 2, generator=generator), torch.randn(3, 108, 1, generator=generator)
    flags = (False, False), (False,), "any", (False, False), (False,)
    drawn = SyntheticBatch(x, y, torch.zeros(3), torch.randn(3, 108), *flags)
    copied, most = 0, 0
    for _ in range(400):
        got = with_copies(drawn, 100, generator, rng)
        copied += got is not drawn
        assert torch.equal(got.mi, drawn.mi) and torch.equal(got.x[:, 100:], drawn.x[:, 100:])
        for x, own in zip(got.x, drawn.x, strict=True):
            rows = (x[:, None] == own).all(-1).float().argmax(1)
            assert torch.equal(x, own[rows])
            most = max(most, 100 - len(rows[:100].unique()))
        whole = [torch.cat([d.x, d.y, d.pointwise_mi[..., None]], -1) for d in (got, drawn)]
        assert set(map(tuple, whole[0][0].tolist())) <= set(map(tuple, whole[1][0].tolist()))
    assert 15 < copied < 55 and 5 < most <= 12


def test_the_net_is_not_shown_the_order_of_categories(monkeypatch):
    seen = []
    read = "skmist.pretrain.batches.read_batch"
    monkeypatch.setattr(read, lambda drawn, *_, **__: seen.append(drawn))
    prior = MetaDistribution(
        narrow={"staircase_uniform": 1.0}, n_range=(40, 40), max_dim=1, independence=0.0
    )
    rng, generator = random.Random(0), torch.Generator().manual_seed(0)
    for _ in range(20):
        draw_batch(TINY, prior, generator, rng)
    signs = [
        float(torch.corrcoef(torch.stack([x[:, 0], y[:, 0]]))[0, 1]) > 0
        for drawn in seen
        for x, y in zip(drawn.x, drawn.y, strict=True)
        if sum(drawn.x_discrete) + sum(drawn.y_discrete) == 1
    ]
    assert len(signs) > 30
    assert 0.2 < sum(signs) / len(signs) < 0.8


def test_a_run_starts_from_the_weights_that_it_names(tmp_path):
    first = Trainer(TINY, tmp_path / "first", CPU)
    first.run()
    card = export_weights(first, tmp_path)
    second = Trainer(replace(TINY, initial=str(card)), tmp_path / "second", CPU)
    for name, value in _weights(first).items():
        torch.testing.assert_close(value, second.learners["tiny"].net.state_dict()[name])
        torch.testing.assert_close(value, _weights(second)[name])


def test_workers_change_nothing(tmp_path):
    alone = Trainer(TINY, tmp_path / "alone", CPU)
    alone.run()
    helped = Trainer(TINY, tmp_path / "helped", CPU, workers=1)
    helped.run()
    for name, value in _weights(alone).items():
        torch.testing.assert_close(value, _weights(helped)[name], atol=1e-6, rtol=1e-5)


def test_two_processes_train_the_net_of_one(tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(
        'name = "small"\n[net]\ndim = 32\ndepth = 1\nheads = 2\nmax_rows = 16\n'
        "[training]\nsteps = 3\nmicro_batches = 3\nmax_batch = 2\nn_masked = 2\n"
        'precision = "float32"\n[prior]\nn_range = [10, 20]\nmax_dim = 2\n'
    )
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    run = ["-m", "skmist.pretrain", str(config), "--device", "cpu", "--threads", "1", "--folder"]
    ended = subprocess.run([*start, *run, str(tmp_path / "two")], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-4000:]
    main([*run[2:], str(tmp_path / "one")])
    nets = [load_file(tmp_path / name / "small/average.safetensors") for name in ("one", "two")]
    for name, value in nets[0].items():
        torch.testing.assert_close(value, nets[1][name], atol=1e-5, rtol=1e-4)
    states = [json.loads((tmp_path / k / "small/state.json").read_text()) for k in ("one", "two")]
    assert states[0]["data_sets"] == states[1]["data_sets"]


def test_more_processes_than_micro_batches_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="micro_batches=1"):
        Trainer(TINY, tmp_path, World("cpu"))


def test_training_moves_every_weight_that_has_a_use(tmp_path):
    trainer = Trainer(replace(TINY, training=replace(TINY.training, steps=10)), tmp_path, CPU)
    before = {k: v.clone() for k, v in trainer.learners["tiny"].net.named_parameters()}
    trainer.run()
    after = dict(trainer.learners["tiny"].net.named_parameters())
    still = [k for k, v in before.items() if bool((v == after[k]).all())]
    assert still == []


def test_exported_weights_load_and_altered_ones_do_not(tmp_path):
    trainer = Trainer(TINY, tmp_path / "run", CPU)
    trainer.run()
    card_path = export_weights(trainer, tmp_path)
    card = load_card(str(card_path))
    assert card["trained"]["n"] == [10, 40]
    assert card["steps"] == 4
    net = load_weights(str(card_path), "cpu")
    for name, value in _weights(trainer).items():
        torch.testing.assert_close(net.state_dict()[name], value)
    file = card_path.with_suffix(".safetensors")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    load_weights.cache_clear()
    with pytest.raises(WeightsError, match="SHA-256"):
        load_weights(str(card_path), "cpu")
    file.unlink()
    with pytest.raises(WeightsError, match="missing"):
        load_weights(str(card_path), "cpu")


def test_unknown_weights_name_those_there_are():
    with pytest.raises(WeightsError, match="mist-3"):
        load_card("mist-of-avalon")


@pytest.mark.parametrize("name", list_weights())
def test_shipped_cards_are_complete(name):
    card = load_card(name)
    for key in ("sha256", "trained", "config", "steps", "data_sets", "hardware", "results"):
        assert card[key], key
    assert json.dumps(card)


def test_the_command_trains_resumes_and_exports(tmp_path, capsys):
    config = tmp_path / "small.toml"
    config.write_text(
        'name = "small"\n[net]\ndim = 32\ndepth = 1\nheads = 2\nmax_rows = 16\n'
        "[training]\nsteps = 50\nmicro_batches = 1\nmax_batch = 2\nn_masked = 2\n"
        "[prior]\nn_range = [10, 20]\nmax_dim = 2\n"
    )
    where = ["--folder", str(tmp_path / "run"), "--device", "cpu"]
    main([str(config), *where, "--max-seconds", "0"])
    assert json.loads((tmp_path / "run/small/state.json").read_text())["step"] == 1
    main([str(config), *where, "--export", str(tmp_path)])
    assert load_card(str(tmp_path / "small.json"))["steps"] == 50
    assert "small step 50" in (tmp_path / "run/log.txt").read_text()
    assert "pinball" in capsys.readouterr().out
