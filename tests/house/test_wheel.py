"""The wheel alone: installed where nothing else of skmist is, asked with the network cut off.

``make test-wheel`` builds the wheel and names it in the variable SKMIST_WHEEL. What it needs comes
from the environment of the tests; ``make test-newcomer`` sets SKMIST_FROM_INDEX and installs that
too, as a newcomer does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pandas as pd
import pytest
from sklearn.datasets import load_wine

from tests.paths import ROOT

WHEEL = os.environ.get("SKMIST_WHEEL", "")
FROM_INDEX = bool(os.environ.get("SKMIST_FROM_INDEX", ""))
CUT = """import sys

def _refuse(event, _):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise OSError(f"the network is cut off: {event}")

sys.addaudithook(_refuse)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not WHEEL, reason="make test-wheel names the wheel in SKMIST_WHEEL"),
]


def without_network() -> list[str]:
    """Command that starts another in a network of its own, where the system lets us."""
    prefix = ["unshare", "--net", "--map-root-user"]
    try:
        allowed = subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    return prefix if allowed else []


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """An environment with the wheel and, by a path, what it needs, but not the checkout.

    Lines of .pth files in a folder that is itself named by a .pth file are not read, and such a
    line is what leads an editable installation to the checkout.
    """
    place = tmp_path_factory.mktemp("elsewhere")
    venv.create(place, symlinks=True)
    scheme = {"base": str(place), "platbase": str(place)}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    pip = [sys.executable, "-m", "pip", "-qq", "--python", str(place / "bin" / "python")]
    if FROM_INDEX:
        pinned = ["--constraint", str(ROOT / "constraints.txt")]
        subprocess.run([*pip, "install", *pinned, f"{WHEEL}[plot,files]"], check=True)
    else:
        subprocess.run([*pip, "install", "--no-index", "--no-deps", WHEEL], check=True)
    (packages / "cut.py").write_text(CUT)
    needed = "" if FROM_INDEX else f"{sysconfig.get_path('purelib')}\n"
    (packages / "elsewhere.pth").write_text(f"{needed}import cut\n")
    return place


def run(place: Path, *command: str) -> str:
    """Output of a command of the environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    call = [*without_network(), str(place / "bin" / command[0]), *command[1:]]
    done = subprocess.run(call, cwd=place, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_the_wheel_that_is_asked(place):
    code = "import skmist; print(skmist.__file__); print(skmist.__version__)"
    file, version = run(place, "python", "-c", code).split()
    assert Path(file).is_relative_to(place)
    assert f"-{version}-" in Path(WHEEL).name
    assert (Path(file).parent / "py.typed").exists()


def test_the_network_is_cut_off(place):
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    with pytest.raises(AssertionError, match="OSError"):
        run(place, "python", "-c", code)


def test_every_module_is_there(place):
    code = (
        "import pkgutil, skmist; from importlib import import_module;"
        "names = [m.name for m in pkgutil.walk_packages(skmist.__path__, 'skmist.')];"
        "[import_module(name) for name in names if not name.endswith('__main__')];"
        "print(*names)"
    )
    checkout = ROOT / "skmist"
    stems = [path.relative_to(checkout).with_suffix("") for path in checkout.rglob("*.py")]
    parts = [["skmist", *stem.parts] for stem in stems]
    names = {".".join(p[:-1] if p[-1] == "__init__" else p) for p in parts}
    assert set(run(place, "python", "-c", code).split()) == names - {"skmist"}


def test_an_estimate(place):
    code = (
        "import numpy as np; from skmist import mutual_info;"
        "x = np.random.default_rng(0).normal(size=(300, 2));"
        "estimate = mutual_info(x[:, 0], x.sum(1));"
        "print(estimate.low, estimate.mi, estimate.high)"
    )
    low, mi, high = map(float, run(place, "python", "-c", code).split())
    assert 0.2 < low < mi < high < 0.6  # the truth is log(2) / 2 = 0.347


def test_the_demo(place):
    output = run(place, "skmist", "demo")
    assert "worst perimeter" in output
    assert list(place.glob("skmist-demo/*.png"))


# The newcomer's path --------------------------------------------------------------------


def test_five_minutes(place):
    page = place / "start.md"
    page.write_bytes((ROOT / "doc" / "start.md").read_bytes())
    flags = ["-o", "ELLIPSIS", "-o", "NORMALIZE_WHITESPACE"]
    assert run(place, "python", "-m", "doctest", *flags, page.name) == ""


@pytest.fixture(scope="module")
def wines() -> pd.DataFrame:
    wines = load_wine(as_frame=True).frame[["alcohol", "hue", "proline", "target"]]
    return wines.rename(columns={"hue": "Farbtönung"})


@pytest.mark.parametrize("name", ["wines.xlsx", "wines.csv"])
def test_the_report_of_a_file_as_it_comes(place, wines, name):
    if name == "wines.xlsx":
        wines.to_excel(place / name, index=False)
    else:
        wines.to_csv(place / name, sep=";", decimal=",", encoding="latin-1", index=False)
    run(place, "skmist", "report", name, "--target", "target", "-o", f"{name}.html")
    page = (place / f"{name}.html").read_text(encoding="utf-8")
    assert "Farbtönung" in page and "continuous" in page and len(page) > 20_000
