"""The HTML report: what it holds, what cannot get into it, and how it works in a real browser."""

from __future__ import annotations

import re
from contextlib import contextmanager
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from skmist import MutualInfoFeatureSelector, mi_matrix
from skmist._report import Source, render_report
from skmist.cli.main import main
from skmist.feature_selection.table import select_from_table
from tests.report.browser import browser, missing_browser

EVIL = "<script>document.title='broken'</script>"
QUOTE = "\"' onclick=\"document.title='broken'\" $title &amp;"
# where the colors of the heat map begin
STARTS = (0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.8, 1.3, 2.2)
SOURCE = Source("data.csv", "skmist report data.csv", "0" * 64)


def table(p=5, n=60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"c{j}" for j in range(p)])
    return df.assign(c1=df["c0"] + 0.4 * df["c1"], group=np.where(df["c0"] > 0, "on", "off"))


def page(df, target=None, title="data.csv", **options) -> str:
    pairs = mi_matrix(df, form="long", **{"estimator": "gaussian_copula", **options})
    return render_report(df, pairs, title=title, source=SOURCE, target=target)


class Outline(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def count(self, tag, **attrs):
        wanted = attrs.items()
        return sum(name == tag and wanted <= found.items() for name, found in self.tags)


def test_the_section_of_a_choice_has_names_steps_and_a_picture():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300))
    df = pd.DataFrame({EVIL: a, "b": b, "same": a + 0.05 * rng.normal(size=300), "t": a + 0.6 * b})
    df["t"] += 0.5 * rng.normal(size=300)
    found = select_from_table(df, "t", estimator="gaussian_copula")
    pairs = mi_matrix(df, form="long", estimator="gaussian_copula")
    content = render_report(df, pairs, title="x", source=SOURCE, target="t", selection=found)
    outline = Outline(content)
    assert outline.open == [] and EVIL not in content
    assert "What together says what all say" in outline.texts
    assert outline.count("table", id="selection") == 1
    assert outline.count("circle") == len(found.selector.path_) == 2
    assert any("says the same" in told for told in outline.texts)
    assert not any("are not looked for" in told for told in outline.texts)
    cut = select_from_table(df, "t", estimator="gaussian_copula", max_columns=1)
    cut = Outline(render_report(df, pairs, title="x", source=SOURCE, target="t", selection=cut))
    assert any("More than 1 columns are not looked for" in told for told in cut.texts)
    other = MutualInfoFeatureSelector(estimator="gaussian_copula")
    assert not any("nan" in line for line in re.findall(r' d="([^"]*)"', content))
    nothing = found._replace(selector=other.fit(rng.normal(size=(60, 2)), rng.normal(size=60)))
    told = Outline(render_report(df, pairs, title="x", source=SOURCE, selection=nothing)).texts
    assert any("None of 2 columns says anything" in one for one in told)


def test_tags_are_balanced_ids_unique_and_links_lead_somewhere():
    outline = Outline(page(table(), target="group"))
    assert outline.open == []
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = [a["aria-labelledby"] for _, a in outline.tags if "aria-labelledby" in a]
    links = [attrs["href"] for tag, attrs in outline.tags if tag == "a"]
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert set(named) <= set(ids)


def test_nothing_is_loaded_from_anywhere():
    content = page(table(), target="group")
    outline = Outline(content)
    assert not re.search(r"https?://|@import|url\(", content)
    assert not [attrs for _, attrs in outline.tags if "src" in attrs or "style" in attrs]
    policy = next(a["content"] for t, a in outline.tags if "Content-Security" in str(a))
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", [EVIL, QUOTE, "</style><b>"])
def test_names_cannot_break_the_page(name):
    df = table().rename(columns={"c0": name, "group": name + "2"})
    df[name + "2"] = np.where(df["c2"] > 0, "<i>", "</table>")
    plain, outline = Outline(page(table())), Outline(page(df, target=name, title=name))
    assert outline.open == []
    # the script, and the rows that it draws
    assert outline.count("script") == plain.count("script") == 2
    assert not any("onclick" in attrs for _, attrs in outline.tags)
    assert outline.count("b") == outline.count("i") == 0
    assert name in outline.texts


def test_the_numbers_are_those_of_mi_matrix():
    df = table()
    pairs = mi_matrix(df, form="long", units="bits", level=0.8)
    texts = Outline(page(df, estimator="mist", units="bits", level=0.8, target="group")).texts
    for row in pairs.itertuples():
        assert f"{row.mi:.3f}" in texts
        assert f"{row.low:.3f} to {row.high:.3f}" in texts
    assert "MI (bits)" in texts
    assert "80% interval" in texts


def test_rows_and_cells_are_as_many_as_pairs():
    outline = Outline(page(table(p=5), target="group"))
    assert sum("data-row" in attrs for tag, attrs in outline.tags if tag == "td") == 30
    assert outline.count("td", **{"class": "self"}) == 6
    ids = {attrs["id"] for tag, attrs in outline.tags if tag == "tr" and "id" in attrs}
    assert len(ids) == 15
    assert outline.count("svg", **{"class": "bar"}) == 5


def test_each_cell_shows_and_refers_to_the_pair_of_its_names():
    df = table()
    content = page(df)
    mi = mi_matrix(df, estimator="gaussian_copula")
    heat = content[content.index('<table id="heat"') :].partition("</table>")[0]
    head = re.findall(r'<th scope="col"><span>(\w+)</span>', heat)
    rows = re.findall(r'<tr><th scope="row">(\w+)</th>(.*)</tr>', heat)
    assert [name for name, _ in rows] == head
    pair_row = r'<tr id="{}"[^>]*><th scope="row"><button[^>]*>(\w+)</button></th><td>(\w+)</td>'
    for name, cells in rows:
        parsed = re.findall(r'<td class="(\w+)"(?: data-row="(p\d+)")?>(.*?)</td>', cells)
        for other, (style, row, shown) in zip(head, parsed, strict=True):
            if name == other:
                assert (style, row, shown) == ("self", "", "")
                continue
            assert set(re.search(pair_row.format(row), content).groups()) == {name, other}
            assert shown == f"{mi.loc[name, other]:.2f}"
            assert style == f"s{sum(mi.loc[name, other] >= start for start in STARTS) - 1}"


def test_without_a_target_there_is_no_ranking():
    content = page(table())
    assert '<h2 id="ranking-title">' not in content
    assert "The strongest pairs" in content
    assert "What says most about group" in page(table(), target="group")
    assert "The entropy of group is about 0.69" in page(table(), target="group")


def test_missing_values_and_few_rows_are_told():
    df = table(n=40)
    df.loc[:29, "c3"] = np.nan
    df.loc[6:, "c4"] = np.nan
    texts = " ".join(Outline(page(df, missing="drop")).texts)
    assert "75.0%" in texts
    assert "unbiased only where values are missing completely at random" in texts
    assert "c3 and c4" in texts
    assert "below min_periods=5: not estimated" in texts


@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
def test_every_warning_stands_once_and_is_referred_to():
    df = table(n=60).assign(name=[f"person {i}" for i in range(60)])
    outline = Outline(page(df, estimator="mist"))
    notes = [a["id"] for t, a in outline.tags if t == "li" and a.get("id", "").startswith("note-")]
    links = {a["href"][1:] for t, a in outline.tags if t == "a" and a.get("class") == "ref"}
    assert notes
    assert links == set(notes)
    # once at its column, as why that is faded, and once among the notes
    assert sum("60 labels in 60 rows" in text for text in outline.texts) == 2


def test_how_it_was_made_can_be_read():
    texts = " ".join(Outline(page(table(), estimator="mist")).texts)
    for fact in ("skmist report data.csv", "0" * 64, "weights mist-", "torch", "60 rows"):
        assert fact in texts


def test_the_same_input_gives_the_same_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    content = page(table())
    assert content == page(table())
    assert "1970-01-01 00:00 UTC" in content


def test_many_columns_give_a_page_of_limited_size_that_says_so():
    content = page(table(p=49, n=40))
    assert len(content.encode()) < 1_000_000
    assert "share the most with any other are shown" not in content
    wide = table(p=70, n=40)
    content = page(wide, target="c69")
    assert len(content.encode()) < 1_500_000
    assert "Of 71 columns, the 60 that share the most" in content
    heat = content[content.index('<table id="heat"') :]
    heads = re.findall(r'<th scope="col"><span>(\w+)</span>', heat)
    assert len(heads) == 60
    assert {"c69", "c0", "c1", "group"} <= set(heads)


# The command -----------------------------------------------------------------------------


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "data.csv"
    table().rename(columns={"c2": EVIL}).to_csv(path, index=False)
    return path


def report(csv, *options):
    out = csv.with_suffix(".html")
    assert main(["report", str(csv), "-o", str(out), *options]) == 0
    return out


def test_report_writes_the_page(csv, capsys):
    options = ["--target=group", "--columns=c0", "--estimator=ksg", "--p-values"]
    out = report(csv, *options, "--title", "My table")
    assert capsys.readouterr() == ("", f"report: {out}\n")
    outline = Outline(out.read_text(encoding="utf-8"))
    assert "My table" in outline.texts
    assert "q-value" in outline.texts
    command = f"skmist report {csv} -o {out} {' '.join(options)} --title 'My table'"
    assert command in outline.texts


def test_report_of_some_columns_has_the_target_too(csv):
    content = report(csv, "--target=group", "--columns=c0,c1", "--estimator=ksg").read_text()
    assert "3 columns compared" in content


# In a browser ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    if missing_browser():
        pytest.skip(missing_browser())
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def opened(driver, csv):
    driver.get(report(csv, "--target=group", "--estimator=mist").as_uri())
    yield driver
    assert driver.get_log("browser") == []


def column(driver, name: str, j: int) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map(c => c.textContent)"
    return driver.execute_script(script, f"#{name} tbody tr > :nth-child({j})")


def click(driver, name: str, j: int):
    driver.execute_script(
        "document.querySelector(arguments[0]).click()", f"#{name} thead th:nth-child({j}) button"
    )


def test_no_script_of_the_data_runs(opened):
    assert opened.title == "data.csv: mutual information"
    assert EVIL in column(opened, "columns", 1)


def test_headers_sort(opened):
    values = [float(text) for text in column(opened, "pairs", 3)]
    assert values == sorted(values, reverse=True)
    assert len(values) == 15
    click(opened, "pairs", 3)
    assert column(opened, "pairs", 3) == [f"{v:.3f}" for v in values[::-1]]
    click(opened, "pairs", 1)
    names = column(opened, "pairs", 1)
    assert names == sorted(names)
    assert names != sorted(names, reverse=True)
    order = "return document.querySelectorAll('#pairs th[aria-sort=ascending]').length"
    assert opened.execute_script(order) == 1


def test_the_keyboard_sorts_and_walks_over_the_heat_map(opened):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    before = column(opened, "ranking", 3)
    button = opened.find_element(By.CSS_SELECTOR, "#ranking thead th:nth-child(3) button")
    button.send_keys(Keys.ENTER)
    assert column(opened, "ranking", 3) == before[::-1]
    cells = opened.find_elements(By.CSS_SELECTOR, "#heat td[data-row]")
    assert len(cells) == 30
    cells[0].send_keys(Keys.ARROW_DOWN)
    focused = opened.switch_to.active_element
    assert focused.get_attribute("data-row")
    assert focused.id != cells[0].id
    line = opened.find_element(By.ID, "cell").text
    row = opened.find_element(By.ID, focused.get_attribute("data-row"))
    names = row.find_elements(By.XPATH, "*")[:2]
    assert line.startswith(" and ".join(c.get_property("textContent") for c in names))
    assert "MI (nats)" in line
    assert "90% interval" in line


def test_the_filter_hides_pairs(opened):
    from selenium.webdriver.common.by import By

    opened.find_element(By.ID, "filter").send_keys("GROUP")
    shown = "return document.querySelectorAll('#pairs tbody tr:not([hidden])').length"
    assert opened.execute_script(shown) == 5
    assert opened.find_element(By.ID, "found").text == "5 pairs"


CONTRAST = """
const scale = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = (color) => {
  const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(scale);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (element) => {
  const color = getComputedStyle(element).backgroundColor;
  return color.startsWith("rgba(0, 0, 0, 0") && element.parentElement
    ? ground(element.parentElement) : color;
};
const elements = document.querySelectorAll("body *:not(script):not(svg):not(svg *)");
let worst = [99, ""];
for (const element of elements) {
  if (![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
  const pair = [getComputedStyle(element).color, ground(element)];
  const [dark, bright] = pair.map(light).sort((one, two) => one - two);
  const ratio = (bright + 0.05) / (dark + 0.05);
  if (ratio < worst[0]) worst = [ratio, element.outerHTML.slice(0, 80) + pair];
}
return worst;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_enough_contrast(opened, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    paper = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    ratio, where = opened.execute_script(CONTRAST)
    assert ratio >= 4.5, where


@contextmanager
def on_a_phone(driver):
    size = {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_page_fits_a_phone(opened):
    with on_a_phone(opened):
        width = opened.execute_script("return document.documentElement.scrollWidth")
        assert width == 390


def labelled() -> pd.DataFrame:
    """A table whose values, labels and names would break a page that took them for markup."""
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=90), "</script><b>": rng.normal(size=90)})
    labels = np.array([EVIL, "</script><img src=x onerror=document.title='broken'>", "plain"])
    df["label"] = labels[(df["x"] > 0).astype(int) + (df["x"] > 1)]
    df["other"] = np.where(df["x"] + 0.3 * rng.normal(size=90) > 0, QUOTE, "no")
    return df


@pytest.fixture
def drawn(driver, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page(labelled(), target="label"))
    driver.get(path.as_uri())
    yield driver
    assert driver.title == "data.csv: mutual information"
    assert driver.get_log("browser") == []


def shapes(driver, tag: str) -> int:
    return driver.execute_script(
        "return document.querySelectorAll('#canvas ' + arguments[0]).length", tag
    )


def draw(driver, name: str):
    """Click on a name of the ranking."""
    driver.execute_script(
        "const button = [...document.querySelectorAll('#ranking .draw')]"
        ".find(button => button.textContent === arguments[0]); button.focus(); button.click()",
        name,
    )
    return driver.execute_script("return document.getElementById('drawing-title').textContent")


def close(driver) -> bool:
    """Leave the drawing by a key; tell whether the focus is back at a name or a cell."""
    from selenium.webdriver.common.keys import Keys

    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not driver.execute_script("return document.getElementById('drawing').open")
    return driver.execute_script("return Boolean(document.activeElement.dataset.row)")


def test_a_click_draws_points_boxes_or_a_mosaic_of_the_pair(drawn):
    assert draw(drawn, "x") == "x and label"
    assert (shapes(drawn, ".box"), shapes(drawn, "circle")) == (3, 90)
    assert "label" in drawn.execute_script("return document.getElementById('canvas').textContent")
    # the labels are shown as they are
    assert EVIL[:9] in drawn.execute_script("return document.getElementById('canvas').textContent")
    assert close(drawn)
    draw(drawn, "other")
    assert shapes(drawn, ".tile") >= 4 and shapes(drawn, "circle") == 0
    assert close(drawn)
    cell = "document.querySelector('#heat td[data-row]')"
    drawn.execute_script(f"{cell}.focus()")
    from selenium.webdriver.common.keys import Keys

    drawn.switch_to.active_element.send_keys(Keys.ENTER)
    assert drawn.execute_script("return document.getElementById('drawing').open")
    assert "From all 90 rows" in drawn.execute_script(
        "return document.getElementById('drawing-note').textContent"
    )
    assert close(drawn)


def test_ranks_in_place_of_values(drawn):
    pair = "[...document.querySelectorAll('#pairs tr')].find(r => r.dataset.a === '0' && "
    drawn.execute_script(f"{pair} r.dataset.b === '1').querySelector('.draw').click()")
    places = (
        "return [...document.querySelectorAll('#canvas circle')].map(c => c.getAttribute('cx'))"
    )
    values = sorted(map(float, drawn.execute_script(places)))
    drawn.execute_script("document.getElementById('ranks').click()")
    ranks = sorted(map(float, drawn.execute_script(places)))
    assert len(values) == len(ranks) == 90
    assert np.ptp(np.diff(ranks)) < 0.11 < np.ptp(np.diff(values))
    drawn.execute_script("document.getElementById('ranks').click()")


def test_pairs_near_zero_are_folded_until_they_are_asked_for(drawn):
    shown = "return document.querySelectorAll('#pairs tbody tr:not([hidden])').length"
    folded = drawn.execute_script(shown)
    assert 0 < folded < 6
    button = "document.getElementById('unfold')"
    assert drawn.execute_script(f"return {button}.textContent") == (
        f"Show {6 - folded} near zero too"
    )
    drawn.execute_script(f"{button}.click()")
    assert drawn.execute_script(shown) == 6
    drawn.execute_script(f"{button}.click()")
    assert drawn.execute_script(shown) == folded


NAMELESS = """
const named = (element) => (element.textContent + (element.getAttribute("aria-label") || "") +
  [...(element.labels || [])].map(label => label.textContent).join("")).trim();
return [...document.querySelectorAll("a, button, input, summary, [tabindex='0'], [role=img]")]
  .filter(element => !named(element) && !element.getAttribute("aria-labelledby"))
  .map(element => element.outerHTML.slice(0, 80));
"""
ORDER = """
const stops = [...document.querySelectorAll("a, button, input, summary, [tabindex]")];
return [stops.filter(element => element.tabIndex > 0).length,
  [...document.querySelectorAll("nav a")].map(a => document.querySelector(a.getAttribute("href"))
    .getBoundingClientRect().top),
  [...document.querySelectorAll("h1, h2, h3")].map(h => Number(h.tagName[1]))];
"""


def test_controls_have_names_and_an_order(opened):
    assert opened.execute_script(NAMELESS) == []
    ahead, places, levels = opened.execute_script(ORDER)
    assert ahead == 0
    assert len(places) == 7 and places == sorted(places)
    steps = zip(levels, levels[1:], strict=False)
    assert levels[0] == 1 and all(two <= one + 1 for one, two in steps)


def test_nothing_scrolls_sideways_on_a_phone(opened):
    wider = (
        "return [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > "
        "e.clientWidth + 1).map(e => e.firstElementChild.id)"
    )
    with on_a_phone(opened):
        assert opened.execute_script(wider) == []


def test_words_of_a_drawing_can_be_read_on_a_phone(drawn):
    heights = (
        "return [...document.querySelectorAll('#canvas text')].map(e => "
        "parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().d)"
    )
    with on_a_phone(drawn):
        draw(drawn, "x")
        upright = [height for height in drawn.execute_script(heights) if height > 0.1]
        assert len(upright) > 3 and min(upright) > 9.0


def test_print_has_all_rows_and_no_controls(opened):
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    look = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    try:
        assert opened.execute_script(look, ".scroll", "maxHeight") == "none"
        for control in ("nav", ".controls", ".cell"):
            assert opened.execute_script(look, control, "display") == "none"
        assert opened.execute_script(look, "body", "backgroundColor") == "rgb(255, 255, 255)"
    finally:
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
