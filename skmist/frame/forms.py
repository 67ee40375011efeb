"""The two forms of what :func:`skmist.mi_matrix` answers: a row per pair, or a square."""

from __future__ import annotations

__all__ = ["answer_square", "long_form", "square_form"]

from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._parameters import check_choice
from skmist._sample.table import label_key
from skmist.frame.facts import MatrixFacts
from skmist.frame.pair_tests import adjusted
from skmist.frame.pairs import PairAnswers
from skmist.frame.scales import normalized

if TYPE_CHECKING:
    import pandas as pd


def long_form(pairs: np.ndarray, answers: PairAnswers, facts: MatrixFacts) -> pd.DataFrame:
    """Make a table with a row per pair.

    Parameters
    ----------
    pairs : ndarray of int, shape (m, 2)
        Numbers of the columns of each pair.
    answers : PairAnswers
        Of the m pairs, in nats.
    facts : MatrixFacts

    Returns
    -------
    table : pandas.DataFrame of shape (m, 12)
        As :func:`skmist.mi_matrix` documents it, in the units of `facts`.
    """
    import pandas as pd

    (i, j), unit = pairs.T, facts.nats
    labels = np.empty(len(facts.columns), dtype=object)
    labels[:] = facts.columns
    kinds = np.array(facts.kinds, dtype=object)
    table = pd.DataFrame(
        {
            "a": _labels(labels[i], facts),
            "b": _labels(labels[j], facts),
            **{name: getattr(answers, name) / unit for name in ("mi", "low", "high")},
            "normalized": _normalized(pairs, answers, facts),
            "p_value": answers.p_value,
            "q_value": adjusted(answers.p_value),
            "n_samples": answers.n_samples,
            "kind_a": kinds[i],
            "kind_b": kinds[j],
            "warnings": answers.warnings(),
        }
    )
    table.attrs = facts.as_attrs()
    return table


def _labels(labels: np.ndarray, facts: MatrixFacts) -> pd.Series:
    import pandas as pd

    series = pd.Series(labels, dtype=object)
    if facts.has_unnamed:
        return series
    try:
        return series.infer_objects()
    except UnicodeEncodeError:  # half a pair of surrogates, which is no text to Arrow
        return series


def _normalized(pairs: np.ndarray, answers: PairAnswers, facts: MatrixFacts) -> np.ndarray:
    limits = (np.array(facts.entropies) * facts.nats)[pairs].min(axis=1)
    return normalized(answers.mi, limits, facts.normalize)


def answer_square(pairs: np.ndarray, answers: PairAnswers, facts: MatrixFacts) -> pd.DataFrame:
    """Make a matrix of the MI, or of the normalized MI where `facts` say how.

    Parameters
    ----------
    pairs, answers, facts
        As of `long_form`.

    Returns
    -------
    matrix : pandas.DataFrame of shape (p, p)
        As :func:`square_form` makes it.
    """
    if facts.normalize is None:
        return _square(pairs, answers.mi / facts.nats, facts, "mi")
    return _square(pairs, _normalized(pairs, answers, facts), facts, "normalized")


def square_form(pairs: pd.DataFrame, value: str = "mi") -> pd.DataFrame:
    """Make a matrix of one field of :func:`mi_matrix`'s long form.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As ``mi_matrix(form="long")`` returns it, with its ``attrs``; rows may have been left
        out or sorted.
    value : {"mi", "low", "high", "normalized", "p_value", "q_value", "n_samples"}, default="mi"

    Returns
    -------
    matrix : pandas.DataFrame of shape (n_columns, n_columns)
        Symmetric; NaN for pairs that `pairs` has not. The diagonal of mi, low, high and
        normalized is that of :func:`mi_matrix`, of the others NaN. It carries the ``attrs``.

    Raises
    ------
    ValueError
        If `value` is no such field, or `pairs` lacks its ``attrs``.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmist import mi_matrix
    >>> from skmist.matrix import square_form
    >>> df = pd.DataFrame({"a": [1, 2, 3, 4, 5, 6.5], "b": [2, 1, 4, 3, 6, 5.5]})
    >>> pairs = mi_matrix(df, estimator="gaussian_copula", form="long")
    >>> int(square_form(pairs, "n_samples").loc["b", "a"])
    6
    """
    fields = ("mi", "low", "high", "normalized", "p_value", "q_value", "n_samples")
    check_choice("value", value, fields, quoted=True)
    facts = MatrixFacts.of(pairs)
    if value not in pairs.columns:
        raise ValueError(MatrixFacts.refusal)
    position = {label_key(label): i for i, label in enumerate(facts.columns)}
    ends = [[position[label_key(label)] for label in pairs[side]] for side in ("a", "b")]
    matrix = _square(np.array(ends, dtype=int).T, pairs[value], facts, value)
    matrix.attrs = dict(pairs.attrs)
    return matrix


def _square(pairs: np.ndarray, values: Any, facts: MatrixFacts, name: str) -> pd.DataFrame:
    """The values of pairs (m, 2) as a symmetric matrix; `name` says what they are."""
    import pandas as pd

    (i, j), labels = pairs.T, facts.index()
    square = np.full((len(labels), len(labels)), np.nan)
    square[i, j] = square[j, i] = values
    np.fill_diagonal(square, _diagonal(facts, name))
    matrix = pd.DataFrame(square, index=labels, columns=labels)
    matrix.attrs = facts.as_attrs()
    return matrix


def _diagonal(facts: MatrixFacts, value: str) -> np.ndarray | float:
    entropies = np.array(facts.entropies)
    if value in ("mi", "low", "high"):
        return entropies
    if value == "normalized":
        nats = entropies * facts.nats
        return normalized(nats, nats, facts.normalize)
    return np.nan
