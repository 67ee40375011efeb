"""MIEstimate: units, text, immutability."""

from __future__ import annotations

import dataclasses
import math
import pickle

import pytest

from skmist import MIEstimate

ESTIMATE = MIEstimate(0.4123, 0.371, 0.455, 0.9, "mist", 500)
NO_INTERVAL = MIEstimate(-0.0104, None, None, None, "ksg", 80, ("n is small",))


def test_repr_reads_as_a_sentence():
    assert repr(ESTIMATE) == (
        "MIEstimate(0.412 nats, 90% interval [0.371, 0.455], method='mist', n=500)"
    )
    assert repr(NO_INTERVAL) == (
        "MIEstimate(-0.010 nats, method='ksg', n=80, warnings=['n is small'])"
    )
    assert "97.5% interval" in repr(dataclasses.replace(ESTIMATE, level=0.975))
    assert "nats, interval [" in repr(dataclasses.replace(ESTIMATE, level=None))


def test_bits_scale_everything_by_ln_2():
    bits = ESTIMATE.bits
    assert bits.unit == "bits"
    for name in ("mi", "low", "high"):
        assert getattr(bits, name) * math.log(2) == pytest.approx(getattr(ESTIMATE, name))
    assert (bits.level, bits.method, bits.n_samples) == (0.9, "mist", 500)
    assert "0.595 bits" in repr(bits)


def test_units_convert_back_and_only_once():
    assert ESTIMATE.bits.bits is not ESTIMATE
    assert ESTIMATE.bits.bits == ESTIMATE.bits
    assert ESTIMATE.nats is ESTIMATE
    assert float(ESTIMATE.bits.nats) == pytest.approx(ESTIMATE.mi)


def test_bits_without_interval():
    assert NO_INTERVAL.bits.low is None and NO_INTERVAL.bits.high is None
    assert NO_INTERVAL.bits.warnings == ("n is small",)


def test_is_a_number_a_value_and_picklable():
    assert float(ESTIMATE) == 0.4123
    assert pickle.loads(pickle.dumps(ESTIMATE)) == ESTIMATE
    assert {ESTIMATE: 1}[dataclasses.replace(ESTIMATE)] == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        ESTIMATE.mi = 0.0


def test_a_format_is_that_of_the_number():
    estimate = MIEstimate(0.4123, 0.371, 0.455, 0.9, "mist", 500)
    assert f"{estimate:.2f}" == "0.41" and f"{estimate}" == repr(estimate)


def test_a_notebook_shows_it_with_its_notes():
    estimate = MIEstimate(0.4123, 0.371, 0.455, 0.9, "mist", 500, ("a < b",))
    page = estimate._repr_html_()
    assert "<b>0.412 nats</b>, 90% interval [0.371, 0.455]" in page and "a &lt; b" in page
