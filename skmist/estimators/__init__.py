"""How much: the estimators of mutual information and the one contract they share.

A folder per method; :mod:`skmist.estimators.base` has the contract."""
