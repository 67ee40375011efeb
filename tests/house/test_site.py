"""The documentation site: its drawings, gallery, card, links and who leads to it."""

from __future__ import annotations

import ast
import importlib
import re

import pytest

import skmist
from skmist import KSGEstimator, MutualInfoFeatureSelector, _site
from skmist.weights import DEFAULT_WEIGHTS, load_card
from tests.paths import ROOT

DOC = ROOT / "doc"
GALLERY = sorted((DOC / "gallery").glob("*.py"))
LEAST_EXAMPLES = 15


@pytest.fixture
def script(monkeypatch):
    """Importer of the modules beside the pages."""
    monkeypatch.syspath_prepend(str(DOC))
    return importlib.import_module


def test_the_drawings_are_what_the_script_draws(script):
    for name, svg in script("draw_site").drawings().items():
        drawn = (DOC / "drawings" / name).read_text(encoding="utf-8")
        assert drawn == svg, "run: python doc/draw_site.py"


def test_the_gallery_is_large():
    assert len(GALLERY) >= LEAST_EXAMPLES


def test_every_example_has_its_place_in_the_order_of_reading(script):
    order = script("gallery_order").READING_ORDER
    assert sorted(order) == [path.stem for path in GALLERY]


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_an_example_is_a_question_on_data_that_are_there(path):
    source = path.read_text(encoding="utf-8")
    title = ast.get_docstring(ast.parse(source)).splitlines()[0]
    assert path.stem.startswith("plot_") and title.endswith("?")
    assert "fetch_" not in source and "http" not in source
    assert "Display" in source or "plt." in source


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_an_example_leads_to_examples_that_are_there(path):
    for name in re.findall(r"/auto_gallery/(\w+)", path.read_text(encoding="utf-8")):
        assert path.with_stem(name).exists(), name


def test_the_card_is_that_of_the_shipped_weights(script):
    card, page = load_card(DEFAULT_WEIGHTS), script("model_card").model_card()
    assert f"## {DEFAULT_WEIGHTS}" in page and card["sha256"] in page
    assert f"{card['data_sets']:,}" in page
    assert all(family in page for family in card["config"]["prior"]["narrow"])


def test_broken_links_are_found(script, tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here"></p><a href="#here"></a><a href="b.html#there"></a><a href="#gone"></a>'
        '<a href="c.html"></a><a href="https://example.org"></a><img src="https://far/x.png">'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p>')
    found = script("check_links").broken_links(tmp_path)
    assert found == ["a.html: needs https://far/x.png", "a.html: #gone", "a.html: c.html"]


def test_an_estimator_links_to_its_page(monkeypatch):
    monkeypatch.setattr("skmist._site.site_root", lambda: "https://site.test")
    for estimator in (KSGEstimator(), MutualInfoFeatureSelector()):
        page = f"https://site.test/api/generated/skmist.{type(estimator).__name__}.html"
        assert page in estimator._repr_html_()


def test_where_there_is_no_site_there_is_no_link(monkeypatch):
    monkeypatch.setattr("skmist._site.site_root", lambda: "")
    assert "Documentation for" not in KSGEstimator()._repr_html_()


def test_the_site_is_that_of_the_tree_or_of_the_package(monkeypatch, tmp_path):
    class Metadata:
        def get_all(self, key):
            return ["Idea, https://a.test", "Documentation, https://site.test/"]

    monkeypatch.setattr(_site, "metadata", lambda name: Metadata())
    monkeypatch.setattr(_site, "__file__", str(tmp_path / "skmist" / "_site.py"))
    assert _site.site_root() == "https://site.test"
    built = tmp_path / "doc" / "_build" / "html"
    built.mkdir(parents=True)
    (built / "index.html").touch()
    assert _site.site_root() == built.as_uri()


def test_every_estimator_that_links_has_a_page():
    pages = "\n".join(path.read_text() for path in (DOC / "api").glob("*.rst"))
    linked = [n for n in skmist.__all__ if hasattr(getattr(skmist, n), "_doc_link_module")]
    assert linked and all(f"   {name}\n" in pages for name in linked)
