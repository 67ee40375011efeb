"""``python -m skmist.pretrain.learned_heads CONFIG.toml``: the heads of learned views.

Where sides are compressed, the learned views hide less than any other, and what they say is to be
read in another way. All else that a net has learned stays as it is, to the last bit: what the
heads read of data sets of the recipe's prior is worked out once, and kept; the heads go on from
where they are, and are fitted to it in some minutes.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import math
import random
import time
from pathlib import Path
from typing import NamedTuple, cast

import torch
from torch import Tensor

from skmist.datasets import MetaDistribution
from skmist.nn import MISTNet
from skmist.nn.mist.heads import COMPRESSED, PAIRED
from skmist.pretrain.batches import batch_size, few_rows
from skmist.pretrain.config import RunConfig, load_config
from skmist.pretrain.export import write_tensors
from skmist.pretrain.losses import pinball_loss
from skmist.pretrain.reading import as_found, read_batch
from skmist.weights import load_card, load_weights
from skmist.weights.card import write_card

__all__ = ["ReadSamples", "fit_head", "joined", "main", "read_samples"]

# Of more rows as often as of few: what they allow is least forgiving.
_ROWS = (60, 10_000)
_SHAPES = {"core_share": 0.25, "one_target": 0.0, "equal_sides": 0.0}
_ONE_TARGET, _WIDE_TABLE, _COMMON_TABLE = 0.5, 0.2, 20
_NARROW, _NARROW_SHARE, _ONE_WIDE_SHARE, _EQUAL_SHARE = 6, 0.62, 0.1, 0.5
_WIDEST = 60
# A few data sets of a law each, so that there are many laws.
_TOKENS = 512
_MOST_INFORMATION = 12.0
_WARMUP, _CLIP = 50, 1.0
# That of some 20,000 rows: single data sets count for little among 512.
_LEAST_UNIT = 0.005
_PART = 60.0
# Of the card.
_FIELD = "learned_heads"
_HEADS = {"compressed": COMPRESSED, "paired": PAIRED}


class ReadSamples(NamedTuple):
    """What heads read of N data sets, their truths in nats (N,), and their laws' numbers (N,).

    ``paired`` (N,) tells which head is theirs.
    """

    read: Tensor
    candidates: Tensor
    unit: Tensor
    mi: Tensor
    law: Tensor
    paired: Tensor


def _log_integer(low: int, high: int, rng: random.Random) -> int:
    return round(math.exp(rng.uniform(math.log(low), math.log(high))))


def _shape(rng: random.Random, prior: MetaDistribution) -> tuple[int, int, int]:
    """Rows as the prior draws them, and two columns or more on one side or on both."""
    n, kind = prior.sample_shape(rng)[0], rng.random()
    wide = _NARROW + 1, _WIDEST
    if rng.random() < _ONE_TARGET:
        p = _log_integer(*(wide if kind < _WIDE_TABLE else (2, _COMMON_TABLE)), rng)
        q = 1
    elif kind < _NARROW_SHARE:
        p, q = rng.randint(2, _NARROW), rng.randint(2, _NARROW)
    elif kind < _NARROW_SHARE + _ONE_WIDE_SHARE:
        p, q = rng.randint(2, _NARROW), _log_integer(*wide, rng)
    else:
        p = _log_integer(*wide, rng)
        q = p if rng.random() < _EQUAL_SHARE else _log_integer(*wide, rng)
    return (n, p, q) if rng.random() < 0.5 else (n, q, p)


@torch.no_grad()
def read_samples(
    net: MISTNet,
    config: RunConfig,
    folder: Path,
    seed: int,
    seconds: float,
    rows: tuple[int, int] = _ROWS,
) -> None:
    """Read data sets of which something is learned for so long; write parts of them into a folder.

    Parameters
    ----------
    net : MISTNet
    config : RunConfig
        Its prior, with other numbers of rows, and its budgets of a batch.
    folder : Path
        Where parts go; several processes with other seeds may share it.
    seed : int
    seconds : float
    rows : tuple of int
        Fewest and most.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = dataclasses.replace(config.training, token_budget=_TOKENS)
    config = dataclasses.replace(config, training=training)
    prior = MetaDistribution(**(dict(config.prior) | _SHAPES | {"n_range": rows}))
    start = saved = time.monotonic()
    parts: list[ReadSamples] = []
    number = 0
    while time.monotonic() - start < seconds:
        number += 1
        rng = random.Random(f"skmist learned heads {seed} {number}")
        parts.append(_read(net, config, prior, rng, seed * 10_000_000 + number))
        if time.monotonic() - saved > _PART:
            _save(parts, folder / f"{seed}_{number}.pt")
            parts, saved = [], time.monotonic()
    if parts:
        _save(parts, folder / f"{seed}_{number}.pt")


def _read(
    net: MISTNet, config: RunConfig, prior: MetaDistribution, rng: random.Random, number: int
) -> ReadSamples:
    generator = torch.Generator().manual_seed(rng.getrandbits(60))
    n, p, q = _shape(rng, prior)
    n = few_rows(n, config.net.max_rows)
    size = batch_size(config, n, p, q)
    drawn = prior.draw(max(2, size), n, p, q, generator, rng=rng)
    drawn = as_found(drawn, n, generator, rng, True)
    batch = read_batch(drawn, n, config.net.max_rows, extended=True)
    sample = batch.statistics.sample
    read, candidates = net.read(net.encode(batch.statistics))
    paired = torch.full(batch.mi.shape, sample.head == PAIRED)
    law = torch.full(batch.mi.shape, number)
    return ReadSamples(read, candidates, cast(Tensor, sample.unit), batch.mi, law, paired)


def _save(parts: list[ReadSamples], path: Path) -> None:
    torch.save(_joined(parts)._asdict(), path)


def _joined(parts: list[ReadSamples]) -> ReadSamples:
    return ReadSamples(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def joined(folder: Path) -> ReadSamples:
    """All that `read_samples` has written into a folder."""
    held = (torch.load(path, weights_only=True) for path in sorted(folder.glob("*.pt")))
    return _joined([ReadSamples(**part) for part in held])


def fit_head(
    net: MISTNet,
    samples: ReadSamples,
    head: int,
    *,
    epochs: int = 12,
    learning_rate: float = 7e-4,
) -> dict[str, float]:
    """Fit what answers for learned views to the samples of its kind, in place.

    Parameters
    ----------
    net : MISTNet
    samples : ReadSamples
        Each twelfth law is left out, to judge by.
    head : int
        `PAIRED`, or `COMPRESSED`: of these the widths of the intervals alone.
    epochs : int
    learning_rate : float
        At its highest; it falls to 0 as a cosine.

    Returns
    -------
    dict of str to float
        Number of ``data_sets``; pinball loss, in units of error, of what was left out, ``before``
        and ``after``.
    """
    usable = torch.isfinite(samples.read).all(1) & torch.isfinite(samples.candidates).all(1)
    usable &= (samples.mi < _MOST_INFORMATION) & (samples.paired == (head == PAIRED))
    judged = samples.law % 12 == 0
    ours, left_out = ((usable & part).nonzero()[:, 0] for part in (~judged, judged))

    def loss(index: Tensor) -> Tensor:
        """Pinball loss of some data sets, in units of error."""
        read, candidates, unit, mi = (part[index] for part in samples[:4])
        return pinball_loss(net.answer(read, candidates, unit, head), mi, unit, _LEAST_UNIT)

    with torch.no_grad():
        before = float(loss(left_out))
    fitted = net.paired if head == PAIRED else net.widths
    parameters = list(fitted.requires_grad_().parameters())
    optimizer = torch.optim.AdamW(parameters, lr=learning_rate, betas=(0.9, 0.98))
    size = min(512, len(ours))
    net.train()
    steps = epochs * (len(ours) // size)
    generator = torch.Generator().manual_seed(0)
    for step in range(steps):
        if step % (len(ours) // size) == 0:
            order = ours[torch.randperm(len(ours), generator=generator)]
        start = step % (len(ours) // size) * size
        rate = 0.5 * learning_rate * (1 + math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / _WARMUP)
        optimizer.zero_grad()
        loss(order[start : start + size]).backward()
        torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
        optimizer.step()
    net.eval()
    with torch.no_grad():
        after = float(loss(left_out))
    return {"data_sets": int(usable.sum()), "before": before, "after": after}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path, help="TOML file of the run that the net comes from")
    parser.add_argument("--folder", type=Path, default=Path("runs/heads"), help="what was read")
    parser.add_argument("--seed", type=int, default=1, help="of what is read, not below 1")
    parser.add_argument("--seconds", type=float, default=0.0, help="read on for so long")
    parser.add_argument("--rows", type=int, nargs=2, default=_ROWS, metavar=("LOW", "HIGH"))
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="fit, and write weights there"
    )
    parser.add_argument("--fit", nargs="+", choices=_HEADS, default=list(_HEADS), metavar="HEAD")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    net = copy.deepcopy(load_weights(config.initial, "cpu"))
    if options.seconds:
        read_samples(
            net, config, options.folder, options.seed, options.seconds, tuple(options.rows)
        )
    if options.export is None:
        return
    samples = joined(options.folder)
    told = {name: fit_head(net, samples, _HEADS[name]) for name in options.fit}
    _export(net, load_card(config.initial), told, options.export)


def _export(net: MISTNet, card: dict, told: dict[str, dict], folder: Path) -> None:
    """The card of the net that it stems from, with new digests, and what the heads have read."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card['name']}.json"
    before = card.get(_FIELD, {})
    for name, each in told.items():
        each["data_sets"] += before.get(name, {}).get("data_sets", 0)
    new = {"sha256": write_tensors(net, path), _FIELD: before | told}
    kept = {key: value for key, value in card.items() if key != "card_sha256"}
    write_card(path, kept | new)


if __name__ == "__main__":
    main()
