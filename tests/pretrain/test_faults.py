"""Trainings that are interrupted, and what they left behind damaged or planted."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
from dataclasses import replace

import pytest
import torch

from skmist.pretrain import checkpoint
from skmist.pretrain.__main__ import main
from skmist.pretrain.trainer import Trainer
from tests.pretrain.test_large_samples import samples
from tests.pretrain.test_trainer import CPU, TINY

LONG = replace(TINY, training=replace(TINY.training, steps=200))


def trained(folder, steps):
    trainer = Trainer(replace(TINY, training=replace(TINY.training, steps=steps)), folder, CPU)
    trainer.resume()
    trainer.run()
    return trainer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_saved(tmp_path, monkeypatch, number):
    learn = Trainer._learn

    def interrupted(self, *arguments):
        if self.step == 2:
            os.kill(os.getpid(), number)
        return learn(self, *arguments)

    monkeypatch.setattr(Trainer, "_learn", interrupted)
    handler = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        Trainer(LONG, tmp_path, CPU).run()
    assert signal.getsignal(number) is handler
    again = Trainer(LONG, tmp_path, CPU)
    assert again.resume() and 3 <= again.step <= 4


def test_a_run_killed_between_its_nets_goes_on_from_one_step(tmp_path, monkeypatch):
    trained(tmp_path, 2)
    trainer = Trainer(replace(TINY, training=replace(TINY.training, steps=3)), tmp_path, CPU)
    trainer.resume()
    rename = checkpoint.Path.rename
    done = []

    def killed(path, place):
        if len(done) == 2:  # of the first net both, of the second none
            raise SystemExit
        done.append(path)
        return rename(path, place)

    monkeypatch.setattr(checkpoint.Path, "rename", killed)
    with pytest.raises(SystemExit):
        trainer.run()
    monkeypatch.undo()
    again = Trainer(LONG, tmp_path, CPU)
    assert again.resume() and again.step == 2


def test_nets_of_different_steps_are_refused(tmp_path):
    trained(tmp_path, 1)
    shutil.copytree(tmp_path / "plain", tmp_path / "kept")
    trained(tmp_path, 3)
    shutil.rmtree(tmp_path / "plain")
    with pytest.raises(ValueError, match=r"not of one step \(tiny \[3\], plain none\)"):
        Trainer(LONG, tmp_path, CPU).resume()
    (tmp_path / "kept").rename(tmp_path / "plain")
    with pytest.raises(ValueError, match=r"not of one step \(tiny \[3\], plain \[1\]\)"):
        Trainer(LONG, tmp_path, CPU).resume()


@pytest.mark.parametrize("name", ["net.safetensors", "exp_avg.safetensors", "state.json"])
def test_a_damaged_checkpoint_says_so(tmp_path, name):
    trained(tmp_path, 1)
    for data in ((tmp_path / "tiny" / name).read_bytes()[:-5], b"", b"{}"):
        (tmp_path / "tiny" / name).write_bytes(data)
        with pytest.raises(ValueError, match="is damaged"):
            Trainer(LONG, tmp_path, CPU).resume()


class Planted:
    """Runs when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_damaged_or_planted_sample_is_drawn_anew(tmp_path):
    large = samples(tmp_path / "large")
    large.batch(large.numbers(10)[1], 0)
    kept = large.batch(10, 1)
    (path,) = (tmp_path / "large").glob("*.pt")
    whole, victim = path.read_bytes(), tmp_path / "victim"
    torch.save(Planted(victim), tmp_path / "planted.pt")
    planted = (tmp_path / "planted.pt").read_bytes(), pickle.dumps(Planted(victim))
    for data in (whole[:-100], whole[:50], b"", *planted):
        path.write_bytes(data)
        torch.testing.assert_close(large.batch(10, 1).statistics, kept.statistics)
        assert path.read_bytes() != data
    assert not victim.exists()
    path.write_bytes(whole)
    before = path.stat().st_mtime_ns
    torch.testing.assert_close(large.batch(10, 1).statistics, kept.statistics)
    assert path.stat().st_mtime_ns == before  # read, and not drawn


def test_the_folder_of_the_export_is_made_before_the_training(tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(
        'name = "small"\n[net]\ndim = 32\ndepth = 0\n[training]\nsteps = 1\nmicro_batches = 1\n'
        "max_batch = 2\nn_masked = 2\n[prior]\nn_range = [10, 20]\nmax_dim = 2\n"
    )
    out = tmp_path / "new" / "folder"
    where = ["--folder", str(tmp_path / "run"), "--device", "cpu", "--export"]
    main([str(config), *where, str(out)])
    assert (out / "small.json").exists()
    with pytest.raises(OSError, match="small.toml"):
        main([str(config), *where, str(config)])
