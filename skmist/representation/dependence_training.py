"""Training of the net of the dependency measure, and its bound on rows that it has not seen."""

from __future__ import annotations

__all__ = ["DependenceFold", "cross_fit", "gaussian_reference", "score_matrix"]

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from skmist.estimators.mine.training import objective_bound
from skmist.nn import MutualInfoBound
from skmist.nn.critic_parts import perceptron
from skmist.nn.training import AveragedTrainer, EarlyStopping, folds
from skmist.representation.dependence_plan import DependencePlan

_BLOCK = 512
_DRAWS = 1 << 18
_VALIDATION_BLOCK = 128
_CHUNK = 1 << 15
_SHARE_VALIDATING = 0.2
_FLOOR = -4.0
_SPREAD = 0.1
_CEILING = math.log(_DRAWS * _SPREAD**2)
_NEAR_CEILING = 1.0
_SHRINKAGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0)


@dataclass(frozen=True)
class DependenceFold:
    """Held-out values of one fold: of the Gaussian term and of what the net adds, nats."""

    gaussian: float
    learned: float

    @property
    def value(self) -> float:
        """Their sum, the bound."""
        return self.gaussian + self.learned

    @property
    def is_near_ceiling(self) -> bool:
        """Whether the net's part could hardly be larger, whatever the truth."""
        return self.learned > _CEILING - _NEAR_CEILING


class _Net(nn.Module):
    """A log-ratio between `_FLOOR` and a ceiling; 0 at the start.

    The range is what `_DRAWS` draws can support: the relative standard error of the mean of
    ``exp`` over them is at most `_SPREAD`, whatever the net.
    """

    def __init__(
        self, n_components: int, plan: DependencePlan, generator: torch.Generator
    ) -> None:
        super().__init__()
        sizes = (n_components, *plan.hidden_layer_sizes, 1)
        self.layers = perceptron(sizes, generator, True)

    def forward(self, rows: Tensor) -> Tensor:
        """Scores (m,) of whitened rows (m, d)."""
        free = _FLOOR + softplus(self.layers(rows).squeeze(-1) - _FLOOR)
        top = _FLOOR + _CEILING
        return top - softplus(top - free)


def cross_fit(
    scores: np.ndarray, plan: DependencePlan, seed: int, device: str
) -> list[DependenceFold]:
    """Hold out each part of the rows in turn, and train on the others.

    Parameters
    ----------
    scores : ndarray of shape (n, d)
        Each column standard normal.
    plan : DependencePlan
    seed : int
    device : str

    Returns
    -------
    folds : list of DependenceFold
    """
    generator = torch.Generator().manual_seed(seed)
    rows = torch.as_tensor(scores, dtype=torch.float64)
    found = []
    for seen, held_out in folds(len(rows), plan.n_folds, generator):
        n_validation = max(2, round(_SHARE_VALIDATING * len(seen)))
        sets = [rows[places] for places in (seen[n_validation:], seen[:n_validation], held_out)]
        found.append(_fit_fold(sets, plan, generator, device))
    return found


def _fit_fold(
    sets: list[Tensor], plan: DependencePlan, generator: torch.Generator, device: str
) -> DependenceFold:
    whitening, log_volume = gaussian_reference(*sets[:2])
    whitened = [rows @ whitening for rows in sets]
    gaussian = float(_gaussian_values(sets[2], whitened[2], log_volume).mean())
    on_device = [rows.to(device, torch.float32) for rows in whitened]
    trainer = _Trainer(plan, on_device[0], generator)
    trainer.run(on_device[1])
    return DependenceFold(gaussian, trainer.value(on_device[2]))


def gaussian_reference(training: Tensor, validation: Tensor) -> tuple[Tensor, Tensor]:
    """Correlations of all these rows, as shrunk as is best from the first to the second.

    Parameters
    ----------
    training, validation : Tensor of shape (n, d) and (m, d), float64

    Returns
    -------
    whitening : Tensor of shape (d, d)
        Rows times it have no correlations left under the Gaussian.
    log_volume : Tensor of shape ()
        Half the log determinant of the correlation matrix.
    """
    spectrum = _spectrum(training)
    best, chosen = -math.inf, 1.0
    for shrinkage in _SHRINKAGES:
        whitening, log_volume = _shrunk(*spectrum, shrinkage)
        ratios = _gaussian_values(validation, validation @ whitening, log_volume)
        # one standard error less: no correlations at all have none, and are exactly 0
        found = float(ratios.mean() - ratios.std() / math.sqrt(len(validation)))
        if found > best:
            best, chosen = found, shrinkage
    return _shrunk(*_spectrum(torch.cat([training, validation])), chosen)


def _spectrum(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (d,) and eigenvectors (d, d) of the correlations of rows (n, d)."""
    eigenvalues, axes = torch.linalg.eigh(torch.corrcoef(rows.T))
    return eigenvalues.clamp_min(0.0), axes


def _shrunk(eigenvalues: Tensor, axes: Tensor, shrinkage: float) -> tuple[Tensor, Tensor]:
    shrunk = (1.0 - shrinkage) * eigenvalues + shrinkage
    return axes * shrunk.rsqrt(), 0.5 * shrunk.log().sum()


def _gaussian_values(rows: Tensor, whitened: Tensor, log_volume: Tensor) -> Tensor:
    """Log-ratio (m,) of the Gaussian to the standard normal law."""
    return 0.5 * (rows.square().sum(1) - whitened.square().sum(1)) - log_volume


def score_matrix(own: Tensor, drawn: Tensor) -> Tensor:
    """Scores as the bounds take them: those of codes on the diagonal, those of draws off it.

    Parameters
    ----------
    own : Tensor of shape (n,)
    drawn : Tensor of shape (n * (n - 1), k)

    Returns
    -------
    scores : Tensor of shape (n, n, k)
    """
    n, k = len(own), drawn.shape[1]
    diagonal = own[:, None].expand(n, k)
    rest = torch.cat([drawn.reshape(n - 1, n, k), diagonal[1:, None]], 1)
    return torch.cat([diagonal[:1], rest.flatten(0, 1)]).reshape(n, n, k)


class _Trainer(AveragedTrainer):
    """A net in training, against draws of independent components."""

    def __init__(self, plan: DependencePlan, rows: Tensor, generator: torch.Generator) -> None:
        self.rows = rows
        self.bound: MutualInfoBound = objective_bound(plan.objective)
        net = _Net(rows.shape[1], plan, generator).to(rows.device)
        with torch.no_grad():
            cast(nn.Linear, net.layers[-1]).bias.fill_(self.bound.offset)
        super().__init__(net, plan, generator)

    def run(self, validation: Tensor) -> None:
        """Train to the end, or until the validation rows say that it is enough."""
        best = EarlyStopping(self.average, self.plan.n_iter_no_change)
        # what knows nothing is kept where nothing does better
        best.see(self._validate(validation))
        for _ in self.epochs(len(self.rows)):
            best.see(self._validate(validation))
            if best.is_over:
                break
        best.restore()

    def value(self, rows: Tensor) -> float:
        """Bound of the averaged net on rows (m, d), nats."""
        return self._mean_bound(rows, _BLOCK, _DRAWS, self.generator)

    def _validate(self, rows: Tensor) -> float:
        # the same draws each time, so that no net is better for its luck
        generator = torch.Generator().manual_seed(0)
        return self._mean_bound(rows, _VALIDATION_BLOCK, 1, generator)

    @torch.no_grad()
    def _mean_bound(
        self, rows: Tensor, block: int, n_draws: int, generator: torch.Generator
    ) -> float:
        """Mean over blocks of rows, each against `n_draws` draws at least."""
        total = 0.0
        for part in rows.tensor_split(-(-len(rows) // block)):
            places = len(part) * (len(part) - 1)
            k = -(-n_draws // places)
            drawn = self._scores_of_draws(places * k, generator).reshape(places, k)
            scores = score_matrix(self.average(part), drawn)
            total += len(part) * float(self.bound(scores.double()))
        return total / len(rows)

    def _scores_of_draws(self, count: int, generator: torch.Generator) -> Tensor:
        sizes = (min(_CHUNK, count - start) for start in range(0, count, _CHUNK))
        return torch.cat([self.average(self._drawn(size, generator)) for size in sizes])

    def _drawn(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randn((count, self.rows.shape[1]), generator=generator).to(self.rows)

    def loss(self, rows: Tensor) -> Tensor:
        """Loss of a batch, against as many draws as it has pairs."""
        batch = self.rows[rows]
        drawn = self.net(self._drawn(len(batch) * (len(batch) - 1), self.generator))
        return self.bound.loss(score_matrix(self.net(batch), drawn[:, None]))
