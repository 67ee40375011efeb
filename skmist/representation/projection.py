"""A step of pipelines that keeps the directions of X which say most about y."""

from __future__ import annotations

__all__ = ["MutualInformationProjection"]

import math
from numbers import Integral
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skmist._device import resolve_device
from skmist._errors import InvalidSampleError
from skmist._sample.numeric import validated_rows
from skmist._sample.reading import check_labels
from skmist._sample.sample import make_side
from skmist._sample.side import Side
from skmist.estimators.mist.estimator import MISTRegressor
from skmist.weights import DEFAULT_WEIGHTS, load_weights

if TYPE_CHECKING:
    from sklearn.utils import Tags

_LEVEL = 0.9
_LEAST_ROWS = 10
_MOST_ROWS = 1000
_ROWS_EACH = 5
_LEAST_SHARE = 1e-10


class MutualInformationProjection(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Linear projections of X that keep most information about y.

    Finds orthonormal directions W of the whitened columns of X with the greatest I(XW; y), one
    after the other, by climbing along the gradient of `skmist.nn.MISTInformation`. Unlike
    discriminant analysis or partial least squares it sees whatever depends on y: means, spreads,
    waves, products of directions. y may be classes, numbers, or several columns.

    Parameters
    ----------
    n_components : int, default=2
        How many directions, at most the rank of X.
    weights : str, default="mist-3"
        Name of the shipped weights, or path of a model card (``.json``).
    discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of y are discrete; see :func:`skmist.mutual_info`.
    random_state : int, RandomState instance or None, default=None
        Source of some of the directions that the search starts from, and of the 1,000 rows that
        it looks at, where there are more. None stands for 0: the same data give the same answer.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, p)
        Directions in units of the columns of X: ``(X - mean_) @ components_.T`` are uncorrelated
        columns, the rows of fit given. The spread of each is ``exp(I)``, where I is what it says
        about y alone, nats, or what the others lack without it, where that is more. So to a
        distance a direction counts by what it tells; one that tells nothing has unit spread.
    mean_ : ndarray of shape (p,)
        Means of the columns.
    information_ : ndarray of shape (n_components, 3)
        MI of y with the first 1, 2, ... components, and the ends of its 90 % interval; nats. It
        never falls, as no further component takes anything away.
    explained_information_ : float
        The share of what all columns say about y that the components keep, from 0 to 1; nan where
        they say nothing.
    explained_interval_ : ndarray of shape (2,)
        The least and the greatest share that the two 90 % intervals allow.
    n_features_in_ : int
        Number of columns p.
    feature_names_in_ : ndarray of shape (p,)
        Names of the columns of X, where it had any.
    device_ : str
        Where the net ran.

    See Also
    --------
    skmist.MutualInfoFeatureSelector : Keeps whole columns.

    Notes
    -----
    The directions are chosen for the rows of fit, so what they say about these is more than what
    they say about others, the more so the more columns there are for the rows: judge by rows that
    were held out. So does the search: parts of the rows are left out by turns, and a direction
    that was climbed to is kept where it says more about them than that in which the means of
    slices of y differ most; where rows are too few for that the latter is taken. With fewer than
    5 rows for each column only the leading principal components are looked at, as many as a fifth
    of the rows. Rows count as they are given, copies included.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import MutualInformationProjection
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 4))
    >>> y = np.cos(1.5 * (X[:, 0] + X[:, 1])) + 0.2 * rng.normal(size=500)
    >>> projection = MutualInformationProjection(1, device="cpu").fit(X, y)
    >>> direction = projection.components_[0] / np.linalg.norm(projection.components_[0])
    >>> bool(abs(direction @ [0.5**0.5, 0.5**0.5, 0, 0]) > 0.99)
    True
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "weights": [str],
        "discrete_target": "no_validation",
        "random_state": ["random_state"],
        "device": [str],
    }

    def __init__(
        self,
        n_components: int = 2,
        *,
        weights: str = DEFAULT_WEIGHTS,
        discrete_target: ArrayLike = "auto",
        random_state: int | np.random.RandomState | None = None,
        device: str = "auto",
    ) -> None:
        self.n_components = n_components
        self.weights = weights
        self.discrete_target = discrete_target
        self.random_state = random_state
        self.device = device

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the directions.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite numbers; at least 10 rows.
        y : array-like of shape (n,) or (n, q)
            Numbers, booleans, text or categories, paired with X row by row.

        Returns
        -------
        self : MutualInformationProjection

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used, or there are fewer directions than asked
            for.
        """
        self._validate_params()
        rows, side = self._read(X, y)
        self.mean_ = rows.mean(axis=0)
        whitening = self._whitening(rows - self.mean_)
        self.device_ = resolve_device(self.device)
        found = self._directions((rows - self.mean_) @ whitening, side)
        self.components_ = _with_signs((whitening @ found).T, rows.std(axis=0))
        self._explain(rows, y)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Coordinates of rows along the components.

        Parameters
        ----------
        X : array-like of shape (m, p)

        Returns
        -------
        ndarray of shape (m, n_components)
        """
        check_is_fitted(self)
        rows = validated_rows(self, X, dtype=np.float64, reset=False)
        return (rows - self.mean_) @ self.components_.T

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def _read(self, X: Any, y: Any) -> tuple[np.ndarray, Side]:
        if y is None:
            raise InvalidSampleError(
                "MutualInformationProjection requires y to be passed, but the target y is None. "
                "Pass one row of y per row of X."
            )
        check_labels(X, y)
        rows = validated_rows(self, X, dtype=np.float64, ensure_min_samples=_LEAST_ROWS)
        side = make_side(y, "y", self.discrete_target)
        if len(side) != len(rows):
            raise InvalidSampleError(
                f"X has {len(rows)} rows and y has {len(side)}, and the numbers must be equal. "
                "Pass one row of y per row of X."
            )
        return rows, side.varying() if side.varying().width else side

    def _whitening(self, centered: np.ndarray) -> np.ndarray:
        """Map (p, r) of centered rows to uncorrelated columns of unit spread."""
        scale = np.abs(centered).max(axis=0)
        scale[scale == 0] = 1.0
        scale = scale * np.sqrt(np.mean((centered / scale) ** 2, axis=0))
        scale[scale == 0] = 1.0
        white = centered / scale
        values, vectors = np.linalg.eigh(white.T @ white / len(white))
        kept = np.flatnonzero(values > _LEAST_SHARE * max(values[-1], _LEAST_SHARE))
        kept = kept[-max(self.n_components, len(white) // _ROWS_EACH) :]
        if len(kept) < self.n_components:
            raise ValueError(
                f"n_components is {self.n_components}, but X of n_features = {len(scale)} and "
                f"n_samples = {len(white)} varies in {len(kept)} directions only. Pass that many "
                "or fewer."
            )
        return vectors[:, kept] / np.sqrt(values[kept]) / scale[:, None]

    def _directions(self, white: np.ndarray, side: Side) -> np.ndarray:
        import torch

        from skmist.nn import MISTInformation
        from skmist.representation.projection_choice import chosen_directions

        random = check_random_state(0 if self.random_state is None else self.random_state)
        chosen = np.sort(random.permutation(len(white))[:_MOST_ROWS])
        generator = torch.Generator().manual_seed(random.randint(2**31 - 1))
        rows = torch.as_tensor(white[chosen], device=self.device_)
        target = _target(side.rows(chosen)).to(self.device_)
        information = MISTInformation(load_weights(self.weights, self.device_))
        search, found = chosen_directions(information, rows, target, self.n_components, generator)
        # in units of what is left of it once y is known, were it Gaussian: to a distance a
        # direction that tells nothing would else count as much as one that tells all
        return (found * search.worths(found).exp()).cpu().numpy()

    def _explain(self, rows: np.ndarray, y: ArrayLike) -> None:
        projected = (rows - self.mean_) @ self.components_.T
        mist = MISTRegressor(
            weights=self.weights, device=self.device_, discrete_target=self.discrete_target
        )
        kept = [projected[:, : k + 1] for k in range(projected.shape[1])]
        answers = mist.estimate_intervals([(x, y) for x in (*kept, rows)], level=_LEVEL)
        found = np.array([answer[:3] for answer in answers])
        # a further component takes nothing away, though the net may read less
        self.information_, whole = np.maximum.accumulate(found[:-1]), found[-1]
        held, shares = self.information_[-1], np.full(3, math.nan)
        if whole[0] > 0:
            shares = held / np.maximum([whole[0], whole[2], whole[1]], 1e-12)
        self.explained_information_ = float(np.minimum(shares[0], 1.0))
        self.explained_interval_ = np.minimum(shares[1:], 1.0)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags


def _target(side: Side) -> Any:
    """What the search knows of y, (n, q): codes, or scores of numbers with codes as indicators."""
    import torch

    from skmist.nn import normal_scores

    values = torch.as_tensor(side.values)
    if side.nameless.all():
        return values.long()
    columns = []
    for j, nameless in enumerate(side.nameless):
        column = values[:, j : j + 1]
        codes = torch.unique(column)[1:]
        columns.append((column == codes).double() if nameless else normal_scores(column[None])[0])
    return torch.cat([column.double() for column in columns], dim=1)


def _with_signs(components: np.ndarray, spreads: np.ndarray) -> np.ndarray:
    """Each direction with its weightiest column positive, so that none is turned by chance."""
    weightiest = np.abs(components * spreads).argmax(axis=1)
    return components * np.sign(components[np.arange(len(components)), weightiest])[:, None]
