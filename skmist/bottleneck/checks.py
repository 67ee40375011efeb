"""Checks of the parameters of the information bottleneck."""

from __future__ import annotations

__all__ = ["check_bottleneck"]

import math
import numbers

_CHOICES = {
    "encoder": ("gaussian", "additive", "propagated"),
    "regularizer": ("mine", "vib", None),
    "bound": (
        "infonce",
        "donsker_varadhan",
        "nwj",
        "jensen_shannon",
        "interpolated",
        "smile",
    ),
}
_WHOLE = {"n_components": 1, "batch_size": 4, "max_iter": 1, "n_iter_no_change": 1, "n_draws": 1}
_REAL = {
    "beta": ("at least 0", lambda value: 0 <= value < math.inf, 0.01),
    "noise_scale": ("at least 0", lambda value: 0 <= value < math.inf, 1.0),
    "dropout": ("at least 0 and below 1", lambda value: 0 <= value < 1, 0.1),
    "label_smoothing": ("at least 0 and below 1", lambda value: 0 <= value < 1, 0.1),
    "learning_rate_init": ("above 0", lambda value: 0 < value < math.inf, 0.001),
    "validation_fraction": ("above 0 and below 1", lambda value: 0 < value < 1, 0.1),
}
_WIDTHS = {"hidden_layer_sizes": 0, "critic_hidden_layer_sizes": 1}


def check_bottleneck(classifier) -> None:
    """Refuse parameters that cannot be used, alone or together.

    Parameters
    ----------
    classifier : InformationBottleneckClassifier

    Raises
    ------
    ValueError
        The message names parameter, value, limit and remedy.
    """
    for name, choices in _CHOICES.items():
        value = getattr(classifier, name)
        if value not in choices:
            names = ", ".join(map(repr, choices))
            raise ValueError(f"{name} is {value!r}; pass one of {names}.")
    for name, least in _WHOLE.items():
        if not _is_whole(getattr(classifier, name), least):
            raise ValueError(
                f"{name} is {getattr(classifier, name)!r}, but must be a whole number of at "
                f"least {least}. Pass for example {least}."
            )
    for name, (limit, holds, example) in _REAL.items():
        value = getattr(classifier, name)
        if not (_is_number(value, numbers.Real) and holds(value)):
            raise ValueError(
                f"{name} is {value!r}, but must be a number {limit}. Pass for example {example}."
            )
    for name, fewest in _WIDTHS.items():
        _check_widths(name, getattr(classifier, name), fewest)
    _check_noise(classifier)


def _is_number(value, kind) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_whole(value, least: int) -> bool:
    return _is_number(value, numbers.Integral) and value >= least


def _check_widths(name: str, widths, fewest: int) -> None:
    listed = isinstance(widths, (list, tuple)) and len(widths) >= fewest
    if not (listed and all(_is_whole(width, 1) for width in widths)):
        raise ValueError(
            f"{name} is {widths!r}, but must be a tuple of whole numbers of at least 1, "
            f"{fewest} of them or more. Pass for example (64, 64)."
        )


def _check_noise(classifier) -> None:
    if classifier.regularizer == "vib" and classifier.encoder == "propagated":
        raise ValueError(
            "regularizer is 'vib', but the encoder 'propagated' gives Z no density, which that "
            "bound needs. Pass regularizer='mine', or another encoder."
        )
    plain = classifier.encoder == "additive" and classifier.regularizer is None
    if classifier.noise_scale == 0 and not plain:
        raise ValueError(
            f"noise_scale is {classifier.noise_scale!r} with encoder={classifier.encoder!r} and "
            f"regularizer={classifier.regularizer!r}, but without noise I(X; Z) is infinite. Pass "
            "a number above 0, or encoder='additive' and regularizer=None for a plain net."
        )
