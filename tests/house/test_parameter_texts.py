"""One text per parameter: what public docstrings say of those that many functions have."""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import pytest

import skmist
from skmist.estimators.methods import METHODS

MODULES = (
    "skmist",
    "skmist.datasets",
    "skmist.representation",
    "skmist.conditional",
    "skmist.feature_selection",
    "skmist.matrix",
    "skmist.nn",
    "skmist.plotting",
)

DEVICE = r'{"auto", "cpu", "cuda", ...}, default="auto"'
SEED = "int, RandomState instance or None, default="
KINDS = '"auto", "ordered", bool, or array-like, default="auto"'
LEVEL = "Probability that an interval is meant to hold the true value, between 0 and 1"
UNITS = '{"nats", "bits"}, default="nats"'

# How a parameter is typed, and how its text begins; after it a docstring may say what is so in
# its case alone.
TEXTS = {
    "confidence_level": [("float, default=0.9", LEVEL)],
    "device": [(DEVICE, 'Where nets run; ``"auto"`` takes a GPU where there is one.')],
    "discrete_conditions": [
        ('"auto", "ordered", bool or array-like', "Which columns of X, y and Z are discrete"),
    ],
    "discrete_features": [
        (KINDS, "Which columns of X and y are discrete"),
        ('"auto", "ordered", bool or array-like', "Which columns of X, y and Z are discrete"),
    ],
    "level": [
        (kind, LEVEL)
        for kind in ("float, default=0.9", "float or None, default=None", "float or None", "float")
    ],
    "n_jobs": [
        (
            "int or None, default=None",
            "Processes, as joblib counts them. The answer does not depend on it.",
        )
    ],
    "n_permutations": [
        ("int, default=999", "Permutations drawn, at least 19."),
        ("int, default=499", "Permutations drawn, at least 19."),
        ("int, default=199", "Permutations drawn, at least 19."),
    ],
    "progress": [
        (
            "bool, default=False",
            "Show a progress bar on a terminal when the work takes more than a second.",
        )
    ],
    "random_state": [
        (SEED + "None", "Source of "),
        (SEED + "0", "Source of "),
        # data sets draw from generators of numpy too
        ("int, numpy.random.Generator, numpy.random.RandomState or None", "Source of "),
        ("int, numpy.random.Generator or None", "Source of "),
    ],
    "units": [
        (UNITS, "Unit of the result; 1 bit is ln 2 = 0.693 nats."),
        (UNITS, "Unit of the values, which are drawn as given, not converted."),
    ],
    "verbose": [("bool, default=False", "Whether to show a progress bar")],
}
TEXTS["discrete_target"] = TEXTS["discrete_features"]

# (public name, parameter): why it says something else
EXCEPTIONS = {
    ("skmist.MutualInformationProjection", "discrete_target"): "columns of X are numbers to it",
    ("skmist.KSGEstimator", "n_jobs"): "threads, and none of joblib's",
    ("skmist.mutual_info_classif", "discrete_features"): "as in scikit-learn",
    ("skmist.mutual_info_classif", "random_state"): "scikit-learn's signature; nothing is random",
    ("skmist.mutual_info_regression", "discrete_features"): "as in scikit-learn",
    ("skmist.mutual_info_regression", "random_state"): "as in mutual_info_classif",
    ("skmist.PermutationTestResult", "n_permutations"): "a field: how many were drawn",
    ("skmist.datasets.MetaDistribution.draw", "device"): "a device of torch, only checked",
}


def public_objects() -> dict[str, object]:
    """Public functions, classes and methods, each under the first of its names."""
    found, seen = {}, set()
    for module_name in MODULES:
        module = import_module(module_name)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            entries = {f"{module_name}.{name}": thing}
            if inspect.isclass(thing):
                entries |= {
                    f"{module_name}.{name}.{member}": method
                    for member, method in inspect.getmembers(thing, callable)
                    if not member.startswith("_") and _is_ours(method)
                }
            for path, entry in entries.items():
                own = getattr(entry, "__func__", entry)
                if id(own) not in seen:
                    seen.add(id(own))
                    found[path] = entry
    return found


def _is_ours(thing) -> bool:
    return (getattr(thing, "__module__", None) or "").startswith("skmist")


def parameters(thing) -> list[tuple[str, str, str]]:
    """Name, type and text of each parameter that the docstring describes."""
    text = inspect.getdoc(thing) or ""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", text, re.M | re.S)
    entries = re.findall(
        r"^(\*{0,2}\w[\w, ]*?)(?: : (.*))?\n((?: {4}.*\n?|\n)*)",
        section[1] if section else "",
        re.M,
    )
    return [
        (name.strip(), kind, " ".join(body.split()))
        for names, kind, body in entries
        for name in names.split(",")
    ]


OBJECTS = public_objects()
DOCUMENTED = [
    (path, *parameter) for path, thing in OBJECTS.items() for parameter in parameters(thing)
]
CASES = [case for case in DOCUMENTED if case[1] in TEXTS]


@pytest.mark.parametrize(("path", "name", "kind", "text"), CASES, ids=lambda value: value[:60])
def test_a_parameter_of_many_functions_has_one_text(path, name, kind, text):
    if (path, name) in EXCEPTIONS or text.startswith("As in :"):
        return
    fits = [kind == own and text.startswith(start) for own, start in TEXTS[name]]
    assert any(fits), f"{path} describes {name} as {kind!r}: {text!r}; see TEXTS"


def test_every_text_is_used_and_every_exception_is_one():
    for name, texts in TEXTS.items():
        for kind, start in texts:
            used = [c for c in CASES if c[1:3] == (name, kind) and c[3].startswith(start)]
            assert used, (name, kind, start)
    documented = {(path, name) for path, name, _, _ in CASES}
    assert set(EXCEPTIONS) <= documented
    for path, name, kind, text in CASES:
        fits = any(kind == own and text.startswith(start) for own, start in TEXTS[name])
        assert not (fits and (path, name) in EXCEPTIONS), (path, name)


def test_who_takes_an_estimator_takes_all_of_them():
    found = [case for case in DOCUMENTED if case[2].endswith("}") or "} or estimator" in case[2]]
    found = [case for case in found if case[1] == "estimator"]
    assert len(found) >= 7
    for path, name, kind, _ in found:
        named = re.search(r"\{(.*)\}", kind)[1]
        assert set(re.findall(r'"(\w+)"', named)) == set(METHODS), (path, name, kind)


def test_what_is_documented_is_in_the_signature():
    for path, name, _, _ in CASES:
        thing = OBJECTS[path]
        if not inspect.isclass(thing) or thing.__init__ is not object.__init__:
            assert name in inspect.signature(thing).parameters, (path, name)


def test_parameters_are_read_from_docstrings():
    assert ("device", DEVICE) in [case[:2] for case in parameters(skmist.MINEEstimator)]
    assert len(CASES) > 60
