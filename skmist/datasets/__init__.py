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
from skmist.datasets._archimedean import ArchimedeanCopula
from skmist.datasets._bmi import bmi_task, list_bmi_tasks
from skmist.datasets._bmi_mixtures import bmi_mixture_task, list_bmi_mixture_tasks
from skmist.datasets._censored import CensoredGaussian
from skmist.datasets._classification import GaussianClasses, SoftmaxClasses
from skmist.datasets._clayton import MultivariateClayton
from skmist.datasets._copies import Copies
from skmist.datasets._copulas import ClaytonCopula, FrankCopula, GumbelCopula, JoeCopula
from skmist.datasets._counts import CountRegression
from skmist.datasets._embedding import Embedded, ManifoldEmbedding
from skmist.datasets._erased import Erased
from skmist.datasets._family import Family, get_family, list_families
from skmist.datasets._gaussian import CorrelatedGaussian, Gaussian
from skmist.datasets._independent import Independent
from skmist.datasets._labelled_mixture import LabelledMixture
from skmist.datasets._maps import (
    Chain,
    Coupling,
    InvertibleMap,
    LinearMix,
    Monotone,
    RadialScaling,
    Rotation,
)
from skmist.datasets._mist_paper import mist_paper_distribution, mist_paper_families
from skmist.datasets._mist_paper_sets import (
    MistPaperItem,
    MistPaperSet,
    mist_paper_imd,
    mist_paper_oomd,
    mist_paper_train,
)
from skmist.datasets._mixed import GaussianWithAtoms, StaircaseUniform
from skmist.datasets._mixture import GaussianMixture
from skmist.datasets._multi_output import MultiOutputRegression
from skmist.datasets._radial import RadialProfile, Reflection
from skmist.datasets._regression import MultiIndexRegression, SingleIndexRegression
from skmist.datasets._rounded import RoundedGaussian
from skmist.datasets._student import StudentT
from skmist.datasets._student_copula import StudentCopula
from skmist.datasets._table import JointTable
from skmist.datasets._wrappers import NoiseColumns, Product, Swapped, Transformed
from skmist.datasets._zero_inflated import ZeroInflatedGaussian, ZeroInflatedPoisson
from skmist.datasets.prior import MetaDistribution, SyntheticBatch

__all__ = [
    "AdditiveNoise",
    "AdditiveUniform",
    "ArchimedeanCopula",
    "CensoredGaussian",
    "Chain",
    "ClaytonCopula",
    "Copies",
    "CorrelatedGaussian",
    "CountRegression",
    "Coupling",
    "Embedded",
    "Erased",
    "Family",
    "FrankCopula",
    "Gaussian",
    "GaussianClasses",
    "GaussianMixture",
    "GaussianWithAtoms",
    "GumbelCopula",
    "Independent",
    "InvertibleMap",
    "JoeCopula",
    "JointTable",
    "LabelledMixture",
    "LinearMix",
    "ManifoldEmbedding",
    "MetaDistribution",
    "MistPaperItem",
    "MistPaperSet",
    "Monotone",
    "MultiIndexRegression",
    "MultiOutputRegression",
    "MultivariateClayton",
    "NoiseColumns",
    "Product",
    "RadialProfile",
    "RadialScaling",
    "Reflection",
    "Rotation",
    "RoundedGaussian",
    "SingleIndexRegression",
    "SoftmaxClasses",
    "StaircaseUniform",
    "StudentCopula",
    "StudentT",
    "Swapped",
    "SyntheticBatch",
    "Transformed",
    "ZeroInflatedGaussian",
    "ZeroInflatedPoisson",
    "bmi_mixture_task",
    "bmi_task",
    "get_family",
    "list_bmi_mixture_tasks",
    "list_bmi_tasks",
    "list_families",
    "mist_paper_distribution",
    "mist_paper_families",
    "mist_paper_imd",
    "mist_paper_oomd",
    "mist_paper_train",
]
