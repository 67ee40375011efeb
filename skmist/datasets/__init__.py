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

from skmist.datasets.checks import check_family
from skmist.datasets.draws import SyntheticBatch
from skmist.datasets.families.additive import AdditiveNoise, AdditiveUniform
from skmist.datasets.families.archimedean import ArchimedeanCopula
from skmist.datasets.families.censored import CensoredGaussian
from skmist.datasets.families.classification import GaussianClasses, SoftmaxClasses
from skmist.datasets.families.clayton import MultivariateClayton
from skmist.datasets.families.copies import Copies
from skmist.datasets.families.copulas import ClaytonCopula, FrankCopula, GumbelCopula, JoeCopula
from skmist.datasets.families.counts import CountRegression
from skmist.datasets.families.coupled_rows import CoupledRows
from skmist.datasets.families.embedding import Embedded, ManifoldEmbedding
from skmist.datasets.families.empirical import EmpiricalRegression
from skmist.datasets.families.erased import Erased
from skmist.datasets.families.gaussian import CorrelatedGaussian, Gaussian
from skmist.datasets.families.group_means import GroupMeans
from skmist.datasets.families.independent import Independent
from skmist.datasets.families.label_channel import LabelChannel
from skmist.datasets.families.labelled_mixture import LabelledMixture
from skmist.datasets.families.mixed import GaussianWithAtoms, StaircaseUniform
from skmist.datasets.families.mixture import GaussianMixture
from skmist.datasets.families.multi_output import MultiOutputRegression
from skmist.datasets.families.near_function import NearFunction
from skmist.datasets.families.noisy_curve import NoisyCurve
from skmist.datasets.families.regression import MultiIndexRegression, SingleIndexRegression
from skmist.datasets.families.rotated_pairs import RotatedPairs
from skmist.datasets.families.rounded import RoundedGaussian
from skmist.datasets.families.shared_rate import SharedRate
from skmist.datasets.families.shared_state import SharedState
from skmist.datasets.families.structural.family import Structural
from skmist.datasets.families.student import StudentT
from skmist.datasets.families.student_copula import StudentCopula
from skmist.datasets.families.table import JointTable
from skmist.datasets.families.wrappers import NoiseColumns, Product, Swapped, Transformed
from skmist.datasets.families.zero_inflated import ZeroInflatedGaussian, ZeroInflatedPoisson
from skmist.datasets.flows import FlowMap, FlowTransformed, fit_flow
from skmist.datasets.own_families import FamilyPrior, PriorMixture
from skmist.datasets.parts.family import Family, get_family, list_families
from skmist.datasets.parts.maps import (
    Chain,
    Coupling,
    InvertibleMap,
    LinearMix,
    Monotone,
    RadialScaling,
    Rotation,
)
from skmist.datasets.parts.radial import RadialProfile, Reflection
from skmist.datasets.prior import MetaDistribution
from skmist.datasets.suites.bmi import bmi_task, list_bmi_tasks
from skmist.datasets.suites.bmi_mixtures import bmi_mixture_task, list_bmi_mixture_tasks
from skmist.datasets.suites.mist_paper import mist_paper_distribution, mist_paper_families
from skmist.datasets.suites.mist_paper_sets import (
    MistPaperItem,
    MistPaperSet,
    mist_paper_imd,
    mist_paper_oomd,
    mist_paper_train,
)

__all__ = [
    "AdditiveNoise",
    "AdditiveUniform",
    "ArchimedeanCopula",
    "CensoredGaussian",
    "Chain",
    "ClaytonCopula",
    "Copies",
    "CorrelatedGaussian",
    "CoupledRows",
    "CountRegression",
    "Coupling",
    "Embedded",
    "EmpiricalRegression",
    "Erased",
    "Family",
    "FamilyPrior",
    "FlowMap",
    "FlowTransformed",
    "FrankCopula",
    "Gaussian",
    "GaussianClasses",
    "GaussianMixture",
    "GaussianWithAtoms",
    "GroupMeans",
    "GumbelCopula",
    "Independent",
    "InvertibleMap",
    "JoeCopula",
    "JointTable",
    "LabelChannel",
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
    "NearFunction",
    "NoiseColumns",
    "NoisyCurve",
    "PriorMixture",
    "Product",
    "RadialProfile",
    "RadialScaling",
    "Reflection",
    "RotatedPairs",
    "Rotation",
    "RoundedGaussian",
    "SharedRate",
    "SharedState",
    "SingleIndexRegression",
    "SoftmaxClasses",
    "StaircaseUniform",
    "Structural",
    "StudentCopula",
    "StudentT",
    "Swapped",
    "SyntheticBatch",
    "Transformed",
    "ZeroInflatedGaussian",
    "ZeroInflatedPoisson",
    "bmi_mixture_task",
    "bmi_task",
    "check_family",
    "fit_flow",
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
