"""The page of the house is what its script writes, and the drawing is right."""

from __future__ import annotations

import importlib.util
import re
from xml.etree import ElementTree

import pytest

from tests.paths import ROOT

DOC = ROOT / "doc"


def load(name: str):
    spec = importlib.util.spec_from_file_location(name, DOC / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


architecture, house = load("make_architecture"), load("draw_house")
REMEDY = "run: python doc/make_architecture.py"


def test_the_page_has_the_table_of_now():
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert architecture.render(page) == page, REMEDY


def test_the_drawing_is_that_of_now():
    assert architecture.DRAWING.read_text(encoding="utf-8") == architecture.drawing(), REMEDY


def test_an_arrow_that_others_make_needless_is_left_out():
    graph = {"a": {"b", "c", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert house.reduced(graph) == {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set()}


def test_every_room_is_drawn_apart_from_the_others():
    tree = ElementTree.fromstring(architecture.drawing())
    boxes = [r.attrib for r in tree.iter() if r.get("class") == "room"]
    corners = [(float(b["x"]), float(b["y"])) for b in boxes]
    folders = {path.parent.name for path in architecture.PACKAGE.glob("*/__init__.py")}
    assert len(corners) == len(set(corners)) == len(folders)
    wide, high = float(boxes[0]["width"]), float(boxes[0]["height"])
    for i, (x, y) in enumerate(corners):
        assert all(abs(x - u) > wide or abs(y - v) > high for u, v in corners[:i])


def test_every_arrow_goes_down():
    for arrow in re.findall(r'class="arrow" d="([^"]+)"', architecture.drawing()):
        numbers = [float(number) for number in re.findall(r"-?\d+", arrow)]
        heights = numbers[1::2]
        assert heights == sorted(heights)


@pytest.mark.parametrize("n_over", [1, 3])
def test_an_arrow_over_floors_passes_beside_their_rooms(n_over):
    middle = {f"m{i}": {f"m{i + 1}"} for i in range(n_over)}
    graph = {"top": {"m0"}, "far": {f"m{n_over}"}, **middle, f"m{n_over}": set()}
    floor = {"top": n_over + 1, "far": n_over + 1, f"m{n_over}": 0}
    floor |= {f"m{i}": n_over - i for i in range(n_over)}
    drawn = house.draw(graph, floor, dict.fromkeys(floor, "text"), {})
    tree = ElementTree.fromstring(drawn)
    rooms = [r.attrib for r in tree.iter() if r.get("class") == "room"]
    for x, y1, y2 in re.findall(r"(\d+) (\d+) L \d+ (\d+)", drawn):
        for room in rooms:
            left, top = float(room["x"]), float(room["y"])
            beside = not left <= float(x) <= left + float(room["width"])
            assert beside or not top <= (float(y1) + float(y2)) / 2 <= top + float(room["height"])
