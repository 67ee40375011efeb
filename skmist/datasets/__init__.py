"""Data with known mutual information: the truth for tests, benchmarks and pretraining.

Every family returns samples, the true mutual information and the true pointwise MI of each
row, in nats. The module needs torch.

Examples
--------
>>> family = CorrelatedGaussian(0.8)
>>> X, y = family.sample(500, random_state=0)
>>> X.shape, round(family.mutual_information, 4)
((500, 1), 0.5108)
"""

from __future__ import annotations

from skmist.datasets._additive import AdditiveNoise, AdditiveUniform
from skmist.datasets._classification import GaussianClasses, SoftmaxClasses
from skmist.datasets._family import Family, get_family, list_families
from skmist.datasets._gaussian import CorrelatedGaussian, Gaussian
from skmist.datasets._independent import Independent
from skmist.datasets._maps import (
    Chain,
    Coupling,
    InvertibleMap,
    LinearMix,
    Monotone,
    RadialScaling,
    Rotation,
)
from skmist.datasets._mixture import GaussianMixture
from skmist.datasets._regression import MultiIndexRegression, SingleIndexRegression
from skmist.datasets._student import StudentT
from skmist.datasets._table import JointTable
from skmist.datasets._wrappers import NoiseColumns, Product, Swapped, Transformed
from skmist.datasets.prior import MetaDistribution, SyntheticBatch

__all__ = [
    "AdditiveNoise",
    "AdditiveUniform",
    "Chain",
    "CorrelatedGaussian",
    "Coupling",
    "Family",
    "Gaussian",
    "GaussianClasses",
    "GaussianMixture",
    "Independent",
    "InvertibleMap",
    "JointTable",
    "LinearMix",
    "MetaDistribution",
    "Monotone",
    "MultiIndexRegression",
    "NoiseColumns",
    "Product",
    "RadialScaling",
    "Rotation",
    "SingleIndexRegression",
    "SoftmaxClasses",
    "StudentT",
    "Swapped",
    "SyntheticBatch",
    "Transformed",
    "get_family",
    "list_families",
]
