"""Draw the pictures of doc/pictures.md: ``python doc/make_pictures.py``, about two minutes.

Needs matplotlib, selenium, and a Chromium with its driver. The tables are those that
scikit-learn ships, and one that is made up here.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

from skmist import (
    MISTRegressor,
    MutualInfoLagsDisplay,
    MutualInfoMatrixDisplay,
    MutualInfoRankingDisplay,
    MutualInfoSelectionDisplay,
    PointwiseInformationDisplay,
    mi_lags,
    mi_matrix,
    mi_with,
    mutual_info_feature_selection,
)
from skmist.cli.demo_data import DEMOS
from skmist.cli.main import main as skmist

TESTS = Path(__file__).parent.parent / "tests"
PICTURES = Path(__file__).with_name("pictures")
DESKTOP, PHONE = (1100, 1250), (390, 844)


def wine() -> pd.DataFrame:
    """Chemistry of wines of three cultivars, as scikit-learn ships it."""
    data = load_wine(as_frame=True)
    return data.data.assign(cultivar=data.target.map(dict(enumerate("ABC"))))


def flats(n=400) -> pd.DataFrame:
    """A made-up table of flats: numbers, classes and truth values, with gaps.

    The rent follows from size, district, balcony and year; the reference number and the day of
    the week say nothing.
    """
    rng = np.random.default_rng(7)
    size = rng.gamma(9.0, 8.0, n).round()
    district = rng.choice(["center", "harbor", "hill", "park"], n, p=[0.3, 0.3, 0.2, 0.2])
    year = rng.integers(1900, 2021, n).astype(float)
    balcony = rng.random(n) < 0.25 + 0.5 * (year > 1970)
    premium = pd.Series(district).map({"center": 6.0, "harbor": 2.0, "hill": 3.5, "park": 1.0})
    rent = size * (9 + premium + 1.5 * balcony) + 1.2 * (year - 1900) + rng.normal(0, 60, n)
    heating = np.where(year + rng.normal(0, 15, n) > 1990, "district", "gas")
    table = pd.DataFrame(
        {
            "rent": rent.round(2),
            "size_m2": size,
            "rooms": np.clip((size / 24 + rng.normal(0, 0.5, n)).round(), 1, 6),
            "district": district,
            "balcony": balcony,
            "year": year,
            "heating": heating.astype(object),
            "weekday": rng.choice(["Mon", "Tue", "Wed", "Thu", "Fri"], n),
            "reference": [f"F-{number:04d}" for number in rng.permutation(n)],
        }
    )
    table.loc[rng.random(n) < 0.15, "year"] = np.nan
    # gaps that tell something: those who heat with gas leave the field empty more often
    table.loc[rng.random(n) < np.where(heating == "gas", 0.3, 0.02), "heating"] = None
    return table


def draw_lags():
    """Two displays of lags side by side, of the series of doc/lags.md."""
    from matplotlib import pyplot as plt

    rng = np.random.default_rng(0)
    months = pd.date_range("1990-01-01", periods=400, freq="MS")
    rain, river = rng.normal(size=400), np.zeros(400)
    for t in range(2, 400):
        river[t] = 0.6 * river[t - 1] + rain[t - 2] ** 2 + 0.5 * rng.normal()
    series = pd.Series(rain, months, name="rain"), pd.Series(river, months, name="river")
    figure, axes = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    for ax, past in zip(axes, (0, 2), strict=True):
        MutualInfoLagsDisplay.from_frame(mi_lags(*series, range(7), past=past), ax=ax)
    figure.savefig(PICTURES / "lags.png", dpi=90)
    _shrink(PICTURES / "lags.png")


def main():
    """Draw all pictures."""
    matplotlib.use("Agg")
    PICTURES.mkdir(exist_ok=True)
    draw_displays()
    draw_lags()
    cancer = DEMOS[0]
    tables = (
        ("flats", flats(), "rent", ["--missing", "category"]),
        (cancer.name, cancer.load(), cancer.target, []),
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, table, target, options in tables:
            table.to_csv(f"{name}.csv", index=False)
            skmist(["report", f"{name}.csv", "--target", target, *options, "-o", f"{name}.html"])
        photograph_reports(Path(folder))


def photograph_reports(folder: Path):
    """Save what a browser shows of the reports in a folder."""
    sys.path.insert(0, str(TESTS))
    from report.browser import browser

    page = folder / "flats.html"
    with tempfile.TemporaryDirectory() as profile, browser(profile, *DESKTOP) as driver:
        photograph(driver, page, "report_flats", DESKTOP)
        pair = "#ranking tbody tr:nth-child(3) button"
        photograph(driver, page, "report_drawing", (1000, 660), click=pair)
        photograph(driver, page, "report_notes", (1100, 1250), at="#columns-title")
        photograph(driver, page, "report_phone", PHONE, dark=True)
        cancer = folder / f"{DEMOS[0].name}.html"
        photograph(driver, cancer, "report_heat_map", (1100, 950), at="#heat-title")


def photograph(driver, page: Path, name: str, size, *, dark=False, at="body", click=""):
    """Save what a window of this size shows of a page, from the element `at` on."""
    width, height = size
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": dark}
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    driver.get(page.as_uri())
    show = "document.querySelector(arguments[0]).scrollIntoView({behavior: 'instant'})"
    driver.execute_script(show, at)
    if click:
        driver.execute_script("document.querySelector(arguments[0]).click()", click)
    picture = PICTURES / f"{name}.png"
    driver.save_screenshot(str(picture))
    _shrink(picture)


def _shrink(picture: Path):
    """Keep 128 colors, which is all that such a picture has, more or less."""
    from PIL import Image

    with Image.open(picture) as image:
        small = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(picture, optimize=True)


def draw_displays():
    """The displays, on the wine data."""
    df = wine()
    X, y = df[["flavanoids", "color_intensity"]], df["cultivar"]
    mist = MISTRegressor().fit(X, y)
    selector = mutual_info_feature_selection().fit(df.drop(columns="cultivar"), y)
    displays = {
        "matrix": MutualInfoMatrixDisplay.from_frame(mi_matrix(df, form="long")),
        "ranking": MutualInfoRankingDisplay.from_frame(mi_with(df, "cultivar")),
        "selection": MutualInfoSelectionDisplay.from_selector(selector, target_name="cultivar"),
        "pointwise": PointwiseInformationDisplay.from_estimator(mist, X, y),
        "predict": PointwiseInformationDisplay.from_estimator(
            mist, X, y, response_method="predict"
        ),
    }
    for name, display in displays.items():
        picture = PICTURES / f"{name}.png"
        display.figure_.savefig(picture, dpi=90)
        _shrink(picture)


if __name__ == "__main__":
    main()
