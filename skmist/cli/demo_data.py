"""The real data sets of ``skmist demo``, both shipped by scikit-learn."""

from __future__ import annotations

__all__ = ["DEMOS", "Demo"]

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Demo:
    """A data set with a question.

    Parameters
    ----------
    name : str
        Stem of the files that the demo writes.
    title : str
        What the data are.
    target : str
        Column in question.
    load : callable
        Returns the pandas.DataFrame of shape (n, n_fields).
    """

    name: str
    title: str
    target: str
    load: Callable


def _breast_cancer():
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True)
    names = dict(enumerate(data.target_names))
    return data.data.assign(diagnosis=data.target.map(names))


# what scikit-learn's description of the data set says s1 to s6 are
_BLOOD_SERUM = {
    "s1": "total cholesterol",
    "s2": "LDL",
    "s3": "HDL",
    "s4": "cholesterol / HDL",
    "s5": "log triglycerides",
    "s6": "blood sugar",
}


def _diabetes():
    from sklearn.datasets import load_diabetes

    data = load_diabetes(as_frame=True, scaled=False)
    return data.data.rename(columns=_BLOOD_SERUM).assign(progression=data.target)


DEMOS = (
    Demo(
        "breast_cancer",
        "Breast cancer: which measurements of a cell sample tell malignant from benign?",
        "diagnosis",
        _breast_cancer,
    ),
    Demo(
        "diabetes",
        "Diabetes: what tells how far the disease will have progressed after one year?",
        "progression",
        _diabetes,
    ),
)
