"""One side as a smooth function of the other and Gaussian noise: a process, fitted to a batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["Regression", "bends"]

_ROWS_TO_TUNE = 200
_ROWS_TO_FIT = 1000
_STEPS = 15
_JITTER = 1e-5
_WAVES, _PENALTIES = 100, (0.1, 1.0, 10.0, 100.0)
_BEND, _CHANCE = 0.03, 5.0  # nats a row, and by chance over the number of rows


class Regression:
    """Posterior mean of a Gaussian process with a length for each input, and its noise.

    Parameters
    ----------
    inputs : Tensor of shape (n, p), float64
    outputs : Tensor of shape (n, q), float64
    generator : torch.Generator
        On the CPU: which rows tune the lengths.

    Attributes
    ----------
    score : float
        Mean log density of each row's outputs, predicted by all other rows.
    """

    def __init__(self, inputs: Tensor, outputs: Tensor, generator: torch.Generator) -> None:
        order = torch.randperm(len(inputs), generator=generator).to(inputs.device)
        tuned, fitted = order[:_ROWS_TO_TUNE], order[:_ROWS_TO_FIT]
        self._mean = outputs.mean(0)
        self._logs = _tuned(inputs[tuned], outputs[tuned] - self._mean)
        self._inputs, centered = inputs[fitted], outputs[fitted] - self._mean
        root = torch.linalg.cholesky(_noisy_kernel(self._logs, self._inputs))
        inverse = torch.cholesky_inverse(root)
        self._weights = inverse @ centered
        self.score = float(_log_normal(self._weights / inverse.diagonal()[:, None]).mean())
        # residuals of rows that were fitted to are too small, of left-out rows too large
        ridge = self._logs[-1].exp() + _JITTER
        self._noise = _covariance(self._weights * (ridge / inverse.diagonal()).sqrt()[:, None])

    def log_density(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """Log density (n,) of outputs given inputs."""
        mean = self._mean + _kernel(self._logs, inputs, self._inputs) @ self._weights
        return _log_normal(outputs - mean, self._noise)


def bends(inputs: Tensor, outputs: Tensor, generator: torch.Generator) -> bool:
    """Whether waves of the inputs predict left-out rows of the outputs better than a line does.

    Ridge on random waves, a hundredth of the time of a `Regression`.

    Parameters
    ----------
    inputs : Tensor of shape (n, p), float64
        Of about unit spread, as the outputs.
    outputs : Tensor of shape (n, q), float64
    generator : torch.Generator
        On the CPU.
    """
    order = torch.randperm(len(inputs), generator=generator).to(inputs.device)[:_ROWS_TO_FIT]
    rows, told = inputs[order], outputs[order] - outputs[order].mean(0)
    p = rows.shape[1]
    drawn = torch.randn(p + 1, _WAVES, generator=generator, dtype=torch.float64).to(rows.device)
    lengths = rows.new_tensor([0.7, 1.4]).repeat(_WAVES // 2) / math.sqrt(p)
    waves = torch.cos(rows @ (drawn[:p] * lengths) + 2.0 * math.pi * drawn[p])
    line, wave = (_left_out(x, told) for x in (rows, torch.cat([rows, waves], dim=1)))
    return line - wave > _BEND + _CHANCE / len(rows)


def _left_out(features: Tensor, outputs: Tensor) -> float:
    """Least of half the log volume of what ridge leaves of left-out rows."""
    u, s, _ = torch.linalg.svd(features - features.mean(0), full_matrices=False)
    found = []
    for penalty in _PENALTIES:
        kept = s.square() / (s.square() + penalty)
        left = outputs - u @ (kept[:, None] * (u.T @ outputs))
        left = left / (1.0 - (u.square() * kept).sum(1) - 1.0 / len(u))[:, None]
        found.append(0.5 * float(torch.logdet(_covariance(left))))
    return min(found)


def _covariance(residuals: Tensor) -> Tensor:
    eye = torch.eye(residuals.shape[1], dtype=residuals.dtype, device=residuals.device)
    return residuals.T @ residuals / len(residuals) + 1e-8 * eye


def _log_normal(residuals: Tensor, covariance: Tensor | None = None) -> Tensor:
    """Log density (n,) of residuals under their own covariance, or another."""
    root = torch.linalg.cholesky(_covariance(residuals) if covariance is None else covariance)
    white = torch.linalg.solve_triangular(root, residuals.T, upper=False)
    constant = 0.5 * len(root) * math.log(2 * math.pi) + root.diagonal().log().sum()
    return -0.5 * white.square().sum(0) - constant


def _kernel(logs: Tensor, rows: Tensor, others: Tensor) -> Tensor:
    """A smooth kernel with a length for each input, and a linear one; their sizes come after."""
    *_, size, linear, _ = logs.exp()
    scale = (-logs[:-3]).exp()
    a, b = rows * scale, others * scale
    square = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
    return size * (-0.5 * square.clamp_min(0)).exp() + linear * rows @ others.T / rows.shape[1]


def _noisy_kernel(logs: Tensor, rows: Tensor) -> Tensor:
    eye = torch.eye(len(rows), dtype=rows.dtype, device=rows.device)
    return _kernel(logs, rows, rows) + (logs[-1].exp() + _JITTER) * eye


def _tuned(inputs: Tensor, outputs: Tensor) -> Tensor:
    """Logarithms of lengths, sizes and noise that make the outputs most likely."""
    p = inputs.shape[1]
    start = [0.5 * math.log(p)] * p + [0.0, -1.0, -1.0]
    logs = inputs.new_tensor(start).requires_grad_()
    optimizer = torch.optim.LBFGS([logs], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = _unlikely(logs, inputs, outputs)
        value.backward()
        return value.detach()

    with torch.enable_grad():
        optimizer.step(loss)
    return logs.detach()


def _unlikely(logs: Tensor, inputs: Tensor, outputs: Tensor) -> Tensor:
    n, q = outputs.shape
    # bounded, as a far step of the line search would leave no inverse
    root = torch.linalg.cholesky(_noisy_kernel(logs.clamp(-9.0, 9.0), inputs))
    white = torch.linalg.solve_triangular(root, outputs, upper=False)
    likely = 0.5 * white.square().sum() / q + root.diagonal().log().sum()
    # lengths that nothing tells stay near those of a gentle function
    return likely / n + 0.002 * (logs[: inputs.shape[1]] - 0.7).square().sum()
