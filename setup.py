"""Compile the kernel of the neighbor search with the package; pyproject.toml has the rest.

Where that fails the package is installed all the same, and does the work in numpy and scipy.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

SPEC = importlib.util.spec_from_file_location(
    "skmist_build", Path(__file__).parent / "skmist" / "_neighbors" / "build.py"
)
kernel = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(kernel)


class BuildWithKernel(build_py):
    """Compile before the files are gathered."""

    def run(self):
        """Build, and say so where there is no kernel."""
        if problem := kernel.build():
            self.warn(f"skmist is installed without its compiled kernel ({problem})")
        super().run()


class PlatformPackage(Distribution):
    """A library of C belongs to a platform ..."""

    def has_ext_modules(self):
        """As if it were an extension of Python."""
        return True


class PlatformWheel(bdist_wheel):
    """... but to no version of Python."""

    def get_tag(self):
        """Any Python 3 on this platform."""
        return "py3", "none", super().get_tag()[2]


setup(
    distclass=PlatformPackage,
    cmdclass={"build_py": BuildWithKernel, "bdist_wheel": PlatformWheel},
)
