"""Data sets of many rows in pretraining: drawn once, seen several times."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
import torch

from skmist.datasets import MetaDistribution
from skmist.nn import NetConfig
from skmist.pretrain.config import LargeSamplesConfig, load_config
from skmist.pretrain.export import export_weights
from skmist.pretrain.large_samples import LargeSamples
from skmist.pretrain.trainer import Trainer
from skmist.weights import load_card
from tests.pretrain.test_trainer import CPU, TINY

LARGE = LargeSamplesConfig(
    uses=3, n_usual=(60, 90), n_far=(100, 120), far_share=0.5, rows_kept=40, lag=2, window=6
)
PRIOR = MetaDistribution(**TINY.prior)


def samples(folder, **changes):
    net = NetConfig(max_rows=16)
    return LargeSamples(replace(LARGE, **changes), PRIOR, net, 5, folder, CPU.device)


def test_a_data_set_is_seen_as_often_as_asked_and_not_at_once(tmp_path):
    large = samples(tmp_path)
    seen = {step: large.numbers(step) for step in range(300)}
    assert all(numbers[0] == step for step, numbers in seen.items())
    gaps = [step - number for step, numbers in seen.items() for number in numbers[1:]]
    assert (min(gaps), max(gaps)) == (2, 6)
    counts = Counter(number for numbers in seen.values() for number in numbers)
    middle = [counts[number] for number in range(20, 280)]
    assert sum(middle) / len(middle) == pytest.approx(3, abs=0.1)


def test_a_data_set_is_kept_and_other_rows_of_it_attend(tmp_path):
    large = samples(tmp_path)
    step = 10
    number = large.numbers(step)[1]
    drawn = large.batch(number, 0)
    assert [path.stem for path in tmp_path.glob("*.pt")] == [f"{number:07d}"]
    again = large.batch(step, 1)
    assert (again.n, again.family, float(again.mi)) == (drawn.n, drawn.family, float(drawn.mi))
    torch.testing.assert_close(again.statistics.sample.shared, drawn.statistics.sample.shared)
    assert again.pointwise.shape == drawn.pointwise.shape == (1, 16)
    assert not torch.equal(again.statistics.rows.shared, drawn.statistics.rows.shared)
    assert (drawn.again, again.again) == (False, True)


def test_rows_that_attend_keep_their_truth(tmp_path):
    large = samples(tmp_path, rows_kept=16)
    batch = large.batch(3, 0)
    held = torch.load(next(tmp_path.glob("*.pt")), weights_only=False)
    torch.testing.assert_close(batch.pointwise, held.pointwise)
    torch.testing.assert_close(batch.statistics.rows.cells[0], held.statistics.rows.cells[0])


def test_a_lost_file_is_drawn_anew(tmp_path):
    large = samples(tmp_path)
    large.batch(large.numbers(10)[1], 0)
    kept = large.batch(10, 1)
    for path in tmp_path.glob("*.pt"):
        path.unlink()
    torch.testing.assert_close(large.batch(10, 1).statistics, kept.statistics)


def test_files_that_no_step_sees_again_are_deleted(tmp_path):
    large = samples(tmp_path)
    for step in range(12):
        large.batch(step, 0)
    assert min(int(path.stem) for path in tmp_path.glob("*.pt")) == 12 - 6 - 2


def test_a_step_weighs_its_large_samples_as_one_batch(tmp_path):
    large = samples(tmp_path, weight=2.0)
    for step in (0, 10):
        weights = [large.batch(step, i).weight for i in range(len(large.numbers(step)))]
        assert sum(weights) == pytest.approx(2.0)


def test_numbers_of_rows_come_from_both_ranges():
    rng = random.Random(0)
    rows = [LARGE.draw_n(rng) for _ in range(400)]
    far = [n for n in rows if n > 90]
    assert min(rows) >= 60 and max(rows) <= 120 and min(far) >= 100
    assert len(far) / len(rows) == pytest.approx(0.5, abs=0.1)


def test_a_run_learns_from_them_and_its_card_says_so(tmp_path):
    run = replace(TINY, large=LARGE)
    with_large = Trainer(run, tmp_path / "large", CPU)
    without = Trainer(TINY, tmp_path / "without", CPU)
    for trainer in (with_large, without):
        trainer.run()
    # One new data set a step; those seen again are not counted.
    assert with_large.data_sets == without.data_sets + 4
    nets = (trainer.learners["tiny"].net for trainer in (with_large, without))
    ours, theirs = (net.state_dict()["gate.weight"] for net in nets)
    assert not torch.equal(ours, theirs)
    card = load_card(str(export_weights(with_large, tmp_path)))
    assert card["trained"]["n"] == [10, 120]


def test_the_configuration_is_read(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('name = "run"\n[training]\nsteps = 1\n[large]\nuses = 4\nweight = 0.5\n')
    assert load_config(path).large == LargeSamplesConfig(uses=4, weight=0.5)
