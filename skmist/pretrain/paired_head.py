"""``python -m skmist.pretrain.paired_head CONFIG.toml``: a head for two compressed sides.

Where both sides of a sample are compressed, the learned views hide less than anywhere else, and
what they say is to be read in another way. All else that a net has learned stays as it is, to the
last bit: what the head reads of data sets of the recipe's prior is worked out once, and kept; the
head goes on from where it is, and is fitted to it in some minutes.
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
from skmist.nn.mist.heads import PAIRED
from skmist.pretrain.batches import batch_size, few_rows
from skmist.pretrain.config import RunConfig, load_config
from skmist.pretrain.export import write_tensors
from skmist.pretrain.losses import pinball_loss
from skmist.pretrain.reading import as_found, read_batch
from skmist.weights import load_card, load_weights
from skmist.weights.card import write_card

__all__ = ["ReadPairs", "fit_head", "joined", "main", "read_pairs"]

# Of more rows as often as of few: what they allow is least forgiving.
_ROWS = (60, 10_000)
_SHAPES = {"core_share": 0.25, "one_target": 0.0, "equal_sides": 0.0}
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
_FIELD = "paired_head"


class ReadPairs(NamedTuple):
    """What a head reads of N data sets, their truths in nats (N,), and their law's number (N,)."""

    read: Tensor
    candidates: Tensor
    unit: Tensor
    mi: Tensor
    law: Tensor


def _shape(rng: random.Random, prior: MetaDistribution) -> tuple[int, int, int]:
    """Rows as the prior draws them, and two columns or more on both sides."""
    n, kind = prior.sample_shape(rng)[0], rng.random()

    def wide() -> int:
        """A number of columns above the narrow ones, log-uniform."""
        low, high = math.log(_NARROW + 1), math.log(_WIDEST)
        return round(math.exp(rng.uniform(low, high)))

    p = rng.randint(2, _NARROW) if kind < _NARROW_SHARE + _ONE_WIDE_SHARE else wide()
    if kind < _NARROW_SHARE:
        q = rng.randint(2, _NARROW)
    elif kind < _NARROW_SHARE + _ONE_WIDE_SHARE:
        q = wide()
    else:
        q = p if rng.random() < _EQUAL_SHARE else wide()
    return (n, p, q) if rng.random() < 0.5 else (n, q, p)


@torch.no_grad()
def read_pairs(
    net: MISTNet,
    config: RunConfig,
    folder: Path,
    seed: int,
    seconds: float,
    rows: tuple[int, int] = _ROWS,
) -> None:
    """Read data sets of two continuous sides for so long; write parts of them into a folder.

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
    parts: list[ReadPairs] = []
    number = 0
    while time.monotonic() - start < seconds:
        number += 1
        rng = random.Random(f"skmist paired head {seed} {number}")
        found = _read(net, config, prior, rng, seed * 10_000_000 + number)
        if found is not None:
            parts.append(found)
        if parts and time.monotonic() - saved > _PART:
            _save(parts, folder / f"{seed}_{number}.pt")
            parts, saved = [], time.monotonic()
    if parts:
        _save(parts, folder / f"{seed}_{number}.pt")


def _read(
    net: MISTNet, config: RunConfig, prior: MetaDistribution, rng: random.Random, law: int
) -> ReadPairs | None:
    generator = torch.Generator().manual_seed(rng.getrandbits(60))
    n, p, q = _shape(rng, prior)
    n = few_rows(n, config.net.max_rows)
    size = batch_size(config, n, p, q)
    drawn = prior.draw(max(2, size), n, p, q, generator, rng=rng)
    drawn = as_found(drawn, n, generator, rng, True)
    tied = drawn.x_discrete + drawn.y_discrete + drawn.x_ordered + drawn.y_ordered
    if any(tied):
        return None
    batch = read_batch(drawn, n, config.net.max_rows, extended=True)
    read, candidates = net.read(net.encode(batch.statistics))
    unit = cast(Tensor, batch.statistics.sample.unit)
    return ReadPairs(read, candidates, unit, batch.mi, torch.full(batch.mi.shape, law))


def _save(parts: list[ReadPairs], path: Path) -> None:
    torch.save(_joined(parts)._asdict(), path)


def _joined(parts: list[ReadPairs]) -> ReadPairs:
    return ReadPairs(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def joined(folder: Path) -> ReadPairs:
    """All that `read_pairs` has written into a folder."""
    held = (torch.load(path, weights_only=True) for path in sorted(folder.glob("*.pt")))
    return _joined([ReadPairs(**part) for part in held])


def fit_head(
    net: MISTNet, pairs: ReadPairs, *, epochs: int = 12, learning_rate: float = 7e-4
) -> dict[str, float]:
    """Fit a net's head for two compressed sides, in place; losses before and after.

    Parameters
    ----------
    net : MISTNet
    pairs : ReadPairs
        Each twelfth law is left out, to judge by.
    epochs : int
    learning_rate : float
        At its highest; it falls to 0 as a cosine.

    Returns
    -------
    dict of str to float
        Pinball loss, in units of error, of what was left out, ``before`` and ``after``.
    """
    usable = torch.isfinite(pairs.read).all(1) & torch.isfinite(pairs.candidates).all(1)
    usable &= pairs.mi < _MOST_INFORMATION
    judged = pairs.law % 12 == 0
    ours, left_out = ((usable & part).nonzero()[:, 0] for part in (~judged, judged))

    def loss(index: Tensor) -> Tensor:
        """Pinball loss of some data sets, in units of error."""
        quantiles = net.answer(
            pairs.read[index], pairs.candidates[index], pairs.unit[index], PAIRED
        )
        return pinball_loss(quantiles, pairs.mi[index], pairs.unit[index], _LEAST_UNIT)

    with torch.no_grad():
        before = float(loss(left_out))
    parameters = list(net.paired.requires_grad_().parameters())
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
        return {"before": before, "after": float(loss(left_out))}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path, help="TOML file of the run that the net comes from")
    parser.add_argument("--folder", type=Path, default=Path("runs/paired"), help="what was read")
    parser.add_argument("--seed", type=int, default=1, help="of what is read, not below 1")
    parser.add_argument("--seconds", type=float, default=0.0, help="read on for so long")
    parser.add_argument("--rows", type=int, nargs=2, default=_ROWS, metavar=("LOW", "HIGH"))
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="fit, and write weights there"
    )
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    net = copy.deepcopy(load_weights(config.initial, "cpu"))
    if options.seconds:
        read_pairs(net, config, options.folder, options.seed, options.seconds, tuple(options.rows))
    if options.export is None:
        return
    pairs = joined(options.folder)
    losses = fit_head(net, pairs)
    _export(net, load_card(config.initial), {"data_sets": len(pairs.mi)} | losses, options.export)


def _export(net: MISTNet, card: dict, told: dict, folder: Path) -> None:
    """The card of the net that it stems from, with the new digests, and what the head has read."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card['name']}.json"
    told = told | {"data_sets": told["data_sets"] + card.get(_FIELD, {}).get("data_sets", 0)}
    new = {"sha256": write_tensors(net, path), _FIELD: told}
    kept = {key: value for key, value in card.items() if key != "card_sha256"}
    write_card(path, kept | new)


if __name__ == "__main__":
    main()
