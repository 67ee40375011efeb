"""The installation where the kernel cannot be compiled."""

from __future__ import annotations

import importlib.util
import sys

import pytest
import setuptools

from tests.paths import ROOT


@pytest.fixture
def script(monkeypatch):
    """setup.py as a module; it sets nothing up."""
    monkeypatch.setattr(setuptools, "setup", lambda **_: None)
    spec = importlib.util.spec_from_file_location("skmist_setup", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("problem", ["", "no C compiler"])
def test_no_kernel_is_said_and_stops_nothing(script, monkeypatch, problem):
    done, said = [], []
    monkeypatch.setattr(script.kernel, "build", lambda: problem)
    monkeypatch.setattr(script.build_py, "run", lambda self: done.append(True))
    command = script.BuildWithKernel(script.Distribution())
    monkeypatch.setattr(command, "warn", said.append)
    command.run()
    assert done == [True]
    assert len(said) == bool(problem) and all(problem in text for text in said)


def test_a_failing_compiler_is_a_reason(script, monkeypatch, tmp_path):
    monkeypatch.setattr(script.kernel, "library_path", lambda variant="": tmp_path / "library")
    monkeypatch.setenv("CC", f"{sys.executable} -c import(")
    assert "failed" in script.kernel.build()
    assert list(tmp_path.iterdir()) == []


def test_no_compiler_is_a_reason(script, monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(script.kernel.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(script.kernel.shutil, "which", lambda name: None)
    assert "ziglang" in script.kernel.build()
