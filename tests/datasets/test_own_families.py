"""Families of a user's own: in priors, by themselves, and whether they are right."""

from __future__ import annotations

import math
import random

import pytest
import torch

from skmist.datasets import (
    CorrelatedGaussian,
    Family,
    FamilyPrior,
    JointTable,
    MetaDistribution,
    PriorMixture,
    Transformed,
    check_family,
)


class Echo(Family):
    """y is the sum of three columns and normal noise; made for 3 + 1 columns alone."""

    name = "test_echo"

    def __init__(self, spread):
        self.spread = torch.as_tensor(spread, dtype=torch.float64)
        self._declare(3, 1, 0.5 * torch.log1p(3.0 / self.spread**2))

    @classmethod
    def supports(cls, p, q):
        return (p, q) == (3, 1)

    @classmethod
    def from_prior(cls, batch, p, q, generator, rng=None):
        return cls(0.5 + torch.rand(batch, generator=generator, dtype=torch.float64))

    def draw(self, n, generator, dtype=torch.float32):
        z = torch.randn(len(self.spread), n, 4, generator=generator, dtype=torch.float64)
        y = z[..., :3].sum(-1) + self.spread[:, None] * z[..., 3]
        return z[..., :3].to(dtype), y.unsqueeze(-1).to(dtype)

    def log_ratio(self, x, y):
        s, total = self.spread[:, None], 3.0 + self.spread[:, None] ** 2
        rest = y[..., 0] - x.sum(-1)
        form = y[..., 0].square() / total - rest.square() / s**2
        return (0.5 * (total / s**2).log() + 0.5 * form).to(x.dtype)


class Unlikely(CorrelatedGaussian):
    """Registered, but with no prior of its own."""

    name = "test_unlikely"

    @classmethod
    def supports(cls, p, q):
        return False


def test_a_family_of_ones_own_is_drawn_by_its_name():
    prior = MetaDistribution(narrow={"gaussian": 0.5, "test_echo": 0.5}, embed=0.0, copies=0.0)
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    labels = [prior.draw(4, 30, 4, 3, generator, rng=rng).family for _ in range(30)]
    assert 5 < sum("test_echo" in label for label in labels) < 30
    # where it does not fit, others are drawn
    assert all("test_echo" not in prior.draw(2, 30, 1, 1, generator).family for _ in range(5))


def test_a_family_that_no_prior_can_draw_is_refused():
    with pytest.raises(ValueError, match="'test_unlikely' has no prior: give Unlikely"):
        MetaDistribution(narrow={"gaussian": 0.5, "test_unlikely": 0.5})
    with pytest.raises(ValueError, match="registered by its attribute `name`"):
        MetaDistribution(narrow={"never_heard_of": 1.0})
    with pytest.raises(ValueError, match="supports 1 \\+ 1 columns"):
        MetaDistribution(narrow={"test_echo": 1.0})


def test_families_are_drawn_in_their_own_shapes():
    fixed = Transformed(CorrelatedGaussian(0.5))
    prior = FamilyPrior([Echo, JointTable, fixed], n_range=(20, 40), independence=0.5)
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    seen = {}
    for _ in range(40):
        chosen = prior.choose(rng)
        n, p, q = chosen.sample_shape(rng)
        batch = chosen.draw(6, n, p, q, generator, rng=rng)
        assert batch.x.shape == (6, n, p) and batch.y.shape == (6, n, q) and 20 <= n <= 40
        seen.setdefault(batch.family, []).append(batch.mi)
    assert set(seen) == {"test_echo", "joint_table", "transformed"}
    # new parameters where there is a prior, none where there is not; some independent
    assert len(torch.cat(seen["test_echo"]).unique()) > 10
    assert len(torch.cat(seen["transformed"]).unique()) == 2
    assert float(torch.cat(seen["transformed"]).min()) == 0.0


def test_an_object_is_drawn_with_new_parameters():
    prior = FamilyPrior([Echo([1.0])], n_range=(20, 20), independence=0.0)
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    assert len(prior.draw(5, 20, 3, 1, generator, rng=rng).mi.unique()) == 5


def test_a_mixture_has_the_shares_of_its_weights():
    general, own = MetaDistribution(n_range=(10, 90)), FamilyPrior([Echo], n_range=(20, 200))
    mixture, rng = PriorMixture([general, own], [0.7, 0.3]), random.Random(0)
    share = sum(mixture.choose(rng) is own for _ in range(1000)) / 1000
    assert 0.25 < share < 0.35
    assert mixture.n_range == (10, 200) and mixture.max_dim == 64
    assert mixture.describe()["mixture"][1]["prior"]["families"] == ["test_echo"]


@pytest.mark.parametrize(
    "make, match",
    [
        (lambda: FamilyPrior([]), "families is empty"),
        (lambda: FamilyPrior(["gaussian"]), "which is no Family"),
        (lambda: FamilyPrior([Unlikely]), "Unlikely supports no numbers of columns up to 64"),
        (lambda: FamilyPrior([Echo], weights=[1.0, 2.0]), "2 entries and families 1"),
        (lambda: FamilyPrior([Echo], n_range=(5, 2)), "n_range must increase"),
        (lambda: PriorMixture([MetaDistribution()], [0.0]), "as many positive weights"),
    ],
)
def test_bad_priors(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_right_families_pass():
    check_family(Echo)
    check_family(Echo([0.5, 2.0]))
    check_family(JointTable([[2, 1], [1, 3]]))


class WrongMean(Echo):
    def log_ratio(self, x, y):
        return super().log_ratio(x, y) + 0.05


class WrongLaw(Echo):
    """Has the right mean by chance, and is no ratio."""

    def log_ratio(self, x, y):
        return self.mi[:, None].expand(x.shape[:2]).to(x.dtype)


class WrongShape(Echo):
    def draw(self, n, generator, dtype=torch.float32):
        x, y = super().draw(n, generator, dtype)
        return x, torch.cat([y, y], -1)


class NotFinite(Echo):
    def log_ratio(self, x, y):
        return super().log_ratio(x, y).masked_fill(x[..., 0] > 1.0, math.nan)


class OwnSeed(Echo):
    def draw(self, n, generator, dtype=torch.float32):
        return super().draw(n, torch.Generator().manual_seed(3), dtype)


class NoSeed(Echo):
    def draw(self, n, generator, dtype=torch.float32):
        fresh = torch.Generator()
        fresh.seed()
        return super().draw(n, fresh, dtype)


class Mixing(Echo):
    """Mixes up the distributions of a batch."""

    def log_ratio(self, x, y):
        return super().log_ratio(x.flip(0), y.flip(0))


class Neighbors(Echo):
    def log_ratio(self, x, y):
        return super().log_ratio(x, y) - x[..., 0].mean(1, keepdim=True)


class Codes(Echo):
    def __init__(self, spread):
        super().__init__(spread)
        self.x_discrete = (True, False, False)


class Short(Echo):
    def __init__(self, spread):
        super().__init__(spread)
        self.y_ordered = ()


class Negative(Echo):
    def __init__(self, spread):
        super().__init__(spread)
        self.mi = -self.mi


@pytest.mark.parametrize(
    "wrong, match",
    [
        (WrongMean, "the mean pointwise MI"),
        (WrongLaw, "no ratio of p"),
        (WrongShape, "y has shape"),
        (NotFinite, "not finite"),
        (OwnSeed, "another generator gives the same rows"),
        (NoSeed, "equal generators give other rows"),
        (Mixing, "the mean pointwise MI"),
        (Neighbors, "depends on the other rows"),
        (Codes, "other than whole numbers"),
        (Short, "has not y_dim=1 entries"),
        (Negative, "must be finite and not negative"),
    ],
)
def test_wrong_families_are_told_what_is_wrong(wrong, match):
    with pytest.raises(ValueError, match=f"{wrong.__name__} fails .*{match}"):
        check_family(wrong)


def test_only_families_are_checked():
    with pytest.raises(ValueError, match="pass a Family"):
        check_family("gaussian")
    with pytest.raises(ValueError, match="Unlikely supports no numbers of columns"):
        check_family(Unlikely)
