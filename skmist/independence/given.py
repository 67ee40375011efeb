"""The test given further columns: local permutations, near in two ways."""

from __future__ import annotations

__all__ = ["conditional_test"]

import numpy as np

from skmist._sample.side import Side, joined
from skmist.conditional.estimate import PreparedConditional
from skmist.independence.orders import free_orders, local_orders
from skmist.independence.permutation import PermutationTestResult, Plan, permutation_test

_UNDECIDED = 0.1


def conditional_test(
    prepared: PreparedConditional, n_neighbors: int, plan: Plan, method: str = ""
) -> PermutationTestResult:
    """Test whether x and y are independent given z, by exchanging x among rows near in z.

    Near are rows in z; and then rows on the directions of z that x and y follow, on which errors
    of the regressions change least from a row to the next. The larger of the two p-values
    counts; the second is asked only where the first is 0.1 or less.

    Parameters
    ----------
    prepared : PreparedConditional
    n_neighbors : int
        How many rows are near.
    plan : Plan
    method : str
        Name for the result.

    Returns
    -------
    PermutationTestResult

    Raises
    ------
    InvalidSampleError
        If all columns of z are discrete and no two rows are equal.
    """
    z, n = prepared.sample.z, prepared.n_samples
    orders = local_orders(z, n_neighbors) if z.width else free_orders(n)
    first = permutation_test(prepared.test_statistics, orders, n, plan, method)
    if first.pvalue > _UNDECIDED or not z.width:
        return first
    places = prepared.places()
    if not places.shape[1]:
        return first
    orders = local_orders(_beside(z, places), n_neighbors)
    second = permutation_test(prepared.test_statistics, orders, n, plan, method)
    return max(first, second, key=lambda result: result.pvalue)


def _beside(z: Side, places: np.ndarray) -> Side:
    """The places as columns, with the discrete columns of z."""
    names = tuple(f"direction {j}" for j in range(places.shape[1]))
    along = Side(places, np.zeros(len(names), dtype=bool), names)
    return joined((z.columns(np.flatnonzero(z.discrete)), along))
