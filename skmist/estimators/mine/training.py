"""Training of one critic, and the bound on rows that it has not seen."""

from __future__ import annotations

__all__ = ["Fold", "cross_fit", "held_out_bound", "objective_bound"]

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from skmist.estimators.mine.plan import MIN_TRAINING_ROWS, Plan
from skmist.nn import (
    CompressedCritic,
    Critic,
    DonskerVaradhan,
    JointCritic,
    MutualInfoBound,
    SeparableCritic,
    chunked_scores,
    make_bound,
)
from skmist.nn.bound import off_diagonal
from skmist.nn.canonical import (
    CanonicalPairs,
    canonical_pairs,
    gaussian_information,
    spiked_correlations,
)
from skmist.nn.critic_parts import GaussianShortcut
from skmist.nn.training import AveragedTrainer, EarlyStopping, folds

_BLOCK = 4096
_MAX_RHO = 0.9999
_MAX_GAUSSIAN_COLUMNS = 256
_SHRINK_BELOW = 4
_SHORTCUT_RATE = 0.2
_LEAST_QUARTER = 5
_FAR_BELOW_0 = -1.0
_WEAKER = 0.75
_MAX_WEAKENINGS = 8
_STRENGTHS = (1.0, 0.9, 0.8)
_WORTH_TRYING = 0.05


@dataclass(frozen=True)
class Fold:
    """A critic, and what came of it on the rows that were held out from it.

    ``n_seen`` counts the other rows, validation included; ``value`` and ``training_value`` are
    the bound on held-out and on training rows, nats; ``spread`` the relative standard error of
    the partition term; ``ceiling`` the largest value that can be believed of it, which ``value``
    does not exceed. ``failed``: no critic beat the one that knows nothing, and the Gaussian log-
    ratio of the training rows was far worse.
    """

    critic: Critic
    n_seen: int
    loss_curve: list[float]
    validation_curve: list[float]
    value: float
    training_value: float
    spread: float
    ceiling: float
    failed: bool

    def is_rising(self, least: float) -> bool:
        """Whether validation gained `least` nats in the last quarter of at least 20 epochs."""
        curve, quarter = self.validation_curve, len(self.validation_curve) // 4
        if quarter < _LEAST_QUARTER:
            return False
        last, before = curve[-quarter:], curve[-2 * quarter : -quarter]
        return (sum(last) - sum(before)) / quarter > least


def cross_fit(
    x: Tensor, y: Tensor, plan: Plan, seed: int, progress: Callable[[], object]
) -> list[Fold]:
    """Hold out each part of the rows in turn, and train a critic on the others.

    Parameters
    ----------
    x : Tensor of shape (n, a), float32
    y : Tensor of shape (n, b), float32
    plan : Plan
    seed : int
    progress : callable
        Called after each epoch.

    Returns
    -------
    folds : list of Fold
    """
    generator = torch.Generator().manual_seed(seed)
    return [
        _fit_fold(x, y, seen, held_out, plan, generator, progress)
        for seen, held_out in folds(len(x), plan.folds(len(x), x.shape[1], y.shape[1]), generator)
    ]


def _fit_fold(
    x: Tensor,
    y: Tensor,
    seen: Tensor,
    held_out: Tensor,
    plan: Plan,
    generator: torch.Generator,
    progress: Any,
) -> Fold:
    trains = len(seen) >= MIN_TRAINING_ROWS
    n_validation = plan.validation_rows(len(seen)) if trains else 0
    validation, training = seen[:n_validation], seen[n_validation:]
    bound = objective_bound(plan.objective)
    trainer = _Trainer(plan, bound, (x[training], y[training]), generator)
    if trains:
        check = (x[validation], y[validation]) if n_validation else None
        trainer.run(check, progress)
    critic = cast(Critic, trainer.average.eval())
    value, spread, ceiling = held_out_bound(bound, critic, x[held_out], y[held_out])
    training_value = held_out_bound(bound, critic, x[training], y[training])[0]
    curves = trainer.loss_curve, trainer.validation_curve
    value = min(value, ceiling)
    return Fold(critic, len(seen), *curves, value, training_value, spread, ceiling, trainer.failed)


def objective_bound(objective: str) -> MutualInfoBound:
    """The bound of that name, as the estimator trains it."""
    # The thousands of pairs of a batch leave its gradient next to no bias, and a moving average
    # that lags behind let training diverge where exp(T) has heavy tails.
    return DonskerVaradhan(rate=1.0) if objective == "donsker_varadhan" else make_bound(objective)


def held_out_bound(
    bound: MutualInfoBound, critic: Critic, x: Tensor, y: Tensor
) -> tuple[float, float, float]:
    """Bound on all pairs within blocks of rows.

    Returns
    -------
    value : float
        Nats, the mean over blocks.
    spread : float
        Relative standard error of the mean of ``exp(critic)`` over the product of the margins,
        from the spread of its means by row; the largest over blocks. 0 for bounds that
        have a ceiling because they divide by a mean of their own.
    ceiling : float
        Largest value to be believed on these blocks: what the bound can take, and at most the
        logarithm of their rows.
    """
    n_blocks = -(-len(x) // _BLOCK)
    found = []
    for rows in torch.arange(len(x), device=x.device).tensor_split(n_blocks):
        scores = chunked_scores(critic, x[rows], y[rows]).double()
        limit = min(bound.ceiling(len(rows)), math.log(len(rows)))
        spread = 0.0 if math.isfinite(bound.ceiling(2)) else _partition_spread(scores)
        found.append((float(bound(scores)), spread, limit))
    values, spreads, ceilings = zip(*found, strict=True)
    return sum(values) / n_blocks, max(spreads), min(ceilings)


def _partition_spread(scores: Tensor) -> float:
    by_row = torch.logsumexp(off_diagonal(scores), 1)
    share = torch.softmax(by_row, 0)
    return float((share - 1.0 / len(share)).norm())


class _Trainer(AveragedTrainer):
    """A critic in training, from the Gaussian log-ratio where that helps."""

    def __init__(
        self,
        plan: Plan,
        bound: MutualInfoBound,
        rows: tuple[Tensor, Tensor],
        generator: torch.Generator,
    ) -> None:
        self.bound = bound
        self.x, self.y = rows
        kind = SeparableCritic if plan.critic == "separable" else JointCritic
        sizes = self.x.shape[1], self.y.shape[1], tuple(plan.hidden_layer_sizes)
        net = kind(*sizes, generator=generator)
        critic = CompressedCritic(net, bound.offset + math.log(len(self.x))).to(self.x.device)
        with torch.no_grad():
            cast(GaussianShortcut, net.shortcut).constant.fill_(bound.offset)
        super().__init__(critic, plan, generator)
        self.loss_curve: list[float] = []
        self.validation_curve: list[float] = []
        self.failed = False

    def run(
        self, validation: tuple[Tensor, Tensor] | None, progress: Callable[[], object]
    ) -> None:
        """Train to the end, or until the validation rows say that it is enough."""
        best = EarlyStopping(self.average, self.plan.n_iter_no_change, self.plan.tol)
        # What knows nothing scores 0, and stays where nothing does better.
        self._check(validation, best)
        nothing, gaussian = best.value, math.nan
        if self.plan.gaussian_start:
            gaussian = self._start_gaussian(validation, best)
        for loss in self.epochs(len(self.x)):
            self.loss_curve.append(loss)
            progress()
            if validation is not None:
                self.validation_curve.append(self._check(validation, best))
                if best.is_over:
                    break
        best.restore()
        self.failed = best.value == nothing and gaussian < _FAR_BELOW_0

    def _check(self, validation: tuple[Tensor, Tensor] | None, best: EarlyStopping) -> float:
        if validation is None:
            return math.nan
        value, spread, _ = held_out_bound(self.bound, cast(Critic, self.average), *validation)
        # A value that hangs on few pairs will not be met again: one standard error less.
        best.see(value - spread)
        return value

    def _start_gaussian(
        self, validation: tuple[Tensor, Tensor] | None, best: EarlyStopping
    ) -> float:
        """Start as the Gaussian log-ratio of the training rows, its noise taken out.

        With few rows for its columns that log-ratio can be so far off that training does not
        repair it: pairs of the validation rows score far below 0, however large the MI. Its
        correlations are weakened then until they do not.

        Returns
        -------
        worth : float
            On the validation rows, nats: the mean score of pairs at full strength, or the bound
            from what was made of it where that is less; NaN without such rows.
        """
        a, b, n = self.x.shape[1], self.y.shape[1], len(self.x)
        if max(a, b) > _MAX_GAUSSIAN_COLUMNS or n <= a + b + 2:
            return self._check(validation, best)
        pairs = canonical_pairs(self.x[None], self.y[None], shrink=n < _SHRINK_BELOW * (a + b))
        rho = spiked_correlations(pairs.rho, n, a, b)[0].clamp(max=_MAX_RHO)
        self._set_gaussian(pairs, rho)
        if validation is None:
            return math.nan
        rho = self._best_strength(pairs, rho, validation)
        worth = score = self._mean_score(validation)
        for weakening in range(1, _MAX_WEAKENINGS + 1):
            if worth >= _FAR_BELOW_0 or score > 0.0:
                break
            self._set_gaussian(pairs, _WEAKER**weakening * rho)
            score = self._mean_score(validation)
        return min(worth, self._check(validation, best))

    def _best_strength(
        self, pairs: CanonicalPairs, rho: Tensor, validation: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Start at the correlations that suit the validation rows, and return them.

        What frees correlations of their noise takes all of them for few that stand alone. Many
        weak ones fall below its edge and are lost; as they are, or a little weaker, they are
        nearer to the truth then.
        """
        plain = pairs.rho[0].clamp(max=_MAX_RHO)
        lost = gaussian_information(plain) - gaussian_information(rho)
        # with fewer rows than pairs of columns they are noise, however they score
        few = len(self.x) < self.x.shape[1] * self.y.shape[1]
        if few or float(lost) < _WORTH_TRYING:
            return rho
        tried = [rho, *(strength * plain for strength in _STRENGTHS)]
        values = []
        for correlations in tried:
            self._set_gaussian(pairs, correlations)
            values.append(held_out_bound(self.bound, cast(Critic, self.average), *validation)[0])
        rho = tried[max(range(len(tried)), key=values.__getitem__)]
        self._set_gaussian(pairs, rho)
        return rho

    @torch.no_grad()
    def _mean_score(self, rows: tuple[Tensor, Tensor]) -> float:
        """Of pairs that were drawn together, nats; at the log-ratio itself this is the MI."""
        return float(self.average(*rows).mean()) - self.bound.offset

    def _set_gaussian(self, pairs: CanonicalPairs, rho: Tensor) -> None:
        shortcut = self._shortcut()
        weights = (pairs.weights[0][0], pairs.weights[1][0])
        shortcut.set_gaussian(rho, weights, (pairs.means[0][0, 0], pairs.means[1][0, 0]))
        with torch.no_grad():
            shortcut.constant.add_(self.bound.offset)
        self.average.load_state_dict(self.net.state_dict())

    # a module forgets what it holds
    def _shortcut(self) -> GaussianShortcut:
        return cast(GaussianShortcut, cast(CompressedCritic, self.net).critic.shortcut)

    def groups(self) -> list[dict[str, Any]]:
        """The shortcut apart: it learns at a lower rate, and its weights do not decay."""
        shortcut = list(self._shortcut().parameters())
        held = {id(parameter) for parameter in shortcut}
        others = [p for p in self.net.parameters() if id(p) not in held]
        rate = _SHORTCUT_RATE * self.plan.learning_rate_init
        return [{"params": others}, {"params": shortcut, "full_lr": rate, "weight_decay": 0.0}]

    def loss(self, rows: Tensor) -> Tensor:
        """Loss of a batch, by all pairs in it."""
        return self.bound.loss(cast(Critic, self.net).scores(self.x[rows], self.y[rows]))
