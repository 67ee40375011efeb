"""Words of a text against its topic: few are frequent, most are rare."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from skmist.datasets.suites.held_out.cell_table import log_ratios, table_information
from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Words"]

_TOPICS = np.array([0.4, 0.25, 0.2, 0.1, 0.05])
_LEAN = (0.2, 0.6, 2.0)
_VOCABULARY, _LENGTH = 200, 12.0
_SEED = 20_261_128
# By p and q, for each strength: mean of the pointwise MI of 10^6 rows, and its standard error.
_TRUTHS = {
    (12, 1): ((0.13467, 0.00048), (0.75441, 0.00081), (1.39451, 0.00058)),
    (40, 1): ((0.1053, 0.00044), (0.7038, 0.00088), (1.40923, 0.00057)),
}


class Words(HeldOutLaw):
    """X is one word of 200, or how often each of p words stands in a text; Y is the topic.

    Frequencies fall as one over the rank (Zipf's law), and every topic leans to some words by a
    random factor. A text has 12 words in the mean, and counts are Poisson given the topic.
    """

    truth = "closed form for one word, else Monte Carlo over the exact pointwise MI"
    source = "five topics summed"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.lean, size = _LEAN[level], _VOCABULARY if p == 1 else p
        tilt = self.lean * np.random.default_rng(_SEED).standard_normal((len(_TOPICS), size))
        chance = np.exp(tilt) / np.arange(1, size + 1)
        self.chance = chance / chance.sum(axis=1, keepdims=True)
        self.joint = (_TOPICS[:, None] * self.chance).T
        truth = (table_information(self.joint), 0.0) if p == 1 else _TRUTHS[p, q][level]
        kind = "categorical" if p == 1 else "ordinal"
        self._declare_law((kind,) * p, ("categorical",), *truth)

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw topics and texts."""
        topic = rng.choice(len(_TOPICS), n, p=_TOPICS)
        if self.x_dim > 1:
            x = rng.poisson(_LENGTH * self.chance[topic])
        else:
            reached = rng.random((n, 1)) > self.chance.cumsum(axis=1)[topic]
            x = reached.sum(axis=1, keepdims=True).clip(0, _VOCABULARY - 1)
        return x.astype(float), topic[:, None].astype(float)

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log likelihood of the topic over that of all; texts are as long under each."""
        topic = y[:, 0].astype(int)
        if self.x_dim == 1:
            return log_ratios(self.joint)[x[:, 0].astype(int), topic]
        log_p = x @ np.log(self.chance).T
        return log_p[np.arange(len(x)), topic] - logsumexp(log_p, axis=1, b=_TOPICS)

    def parameters(self) -> dict:
        """The spread of the log factors."""
        return {"lean": self.lean}
