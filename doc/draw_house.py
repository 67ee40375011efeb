"""Draw rooms on their floors, with arrows to what they import, as SVG.

The way of Sugiyama, Tagawa and Toda (1981): a row per floor; an arrow over several floors passes
between the rooms of each; the order within a row is that of the mean of the neighbors above and
below, and so is the place, as near as the order lets it.
"""

from __future__ import annotations

import textwrap
from html import escape

__all__ = ["draw", "reduced"]

Graph = dict[str, set[str]]
Rows = list[list[str]]

_BOX, _HEIGHT, _GAP, _LANE, _RISE = 216, 92, 24, 16, 54
_MARGIN, _SWEEPS, _LETTERS, _LINES = 46, 24, 30, 4
_STYLE = """
  .page { fill: #ffffff }
  .room { fill: #eef3f8; stroke: #5b7083; stroke-width: 1.2 }
  .base { fill: #f4f1ea; stroke: #a3977e; stroke-width: 1.2 }
  .name { font: bold 15px ui-monospace, Menlo, Consolas, monospace; fill: #16222c }
  .text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3a4a57 }
  .floor { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #8b98a3 }
  .line { stroke: #dfe5ea; stroke-width: 1 }
  .arrow { fill: none; stroke: #6b7f90; stroke-width: 1.4; marker-end: url(#tip) }
"""


def reduced(graph: Graph) -> Graph:
    """The arrows that no chain of other arrows makes needless; without circles."""
    below: Graph = {}

    def reach(room: str) -> set[str]:
        if room not in below:
            near = graph.get(room, set())
            below[room] = near.union(*map(reach, near))
        return below[room]

    return {room: near - set().union(*map(reach, near)) for room, near in graph.items()}


def draw(graph: Graph, floor: dict[str, int], says: dict[str, str], base: dict[str, str]) -> str:
    """Draw the house.

    Parameters
    ----------
    graph : dict of set of str
        What each room imports, without the base.
    floor : dict of int
        The floor of each room.
    says : dict of str
        The question of each room.
    base : dict of str
        What all may import, and what it is: a strip under the house, without arrows.
    """
    rows, links = _with_lanes(reduced(graph), floor)
    _settle_order(rows, links)
    places = _places(rows, links)
    width = 2 * _MARGIN + max(places[name] + _width(name) / 2 for row in rows for name in row)
    parts = [_row_line(level, len(rows), width) for level in range(len(rows))]
    parts += [_arrow(chain, places, floor, len(rows)) for chain in _chains(links, floor)]
    parts += [
        _room(room, says[room], places[room], _top(floor[room], len(rows))) for room in floor
    ]
    foundation = _top(0, len(rows)) + _HEIGHT + _MARGIN / 2
    parts.append(_strip(base, foundation, width))
    height = foundation + _strip_height(base, width) + _MARGIN / 2
    return _page(parts, width, height)


def _width(name: str) -> int:
    return _LANE if "|" in name else _BOX


def _with_lanes(graph: Graph, floor: dict[str, int]) -> tuple[Rows, list[tuple[str, str]]]:
    """Rows from the ground up, and links between neighboring rows; a lane is named a|b|floor."""
    rows: Rows = [[] for _ in range(max(floor.values()) + 1)]
    links = []
    for room in sorted(floor):
        rows[floor[room]].append(room)
    for room in sorted(graph):
        for target in sorted(graph[room]):
            upper = room
            for level in range(floor[room] - 1, floor[target], -1):
                lane = f"{room}|{target}|{level}"
                rows[level].append(lane)
                links.append((upper, lane))
                upper = lane
            links.append((upper, target))
    return rows, links


def _neighbors(links: list[tuple[str, str]]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for upper, lower in links:
        near.setdefault(upper, []).append(lower)
        near.setdefault(lower, []).append(upper)
    return near


def _settle_order(rows: Rows, links: list[tuple[str, str]]) -> None:
    """Sort rows by their neighbors, up and down, and keep what crosses least."""
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    near = _neighbors(links)
    for sweep in range(_SWEEPS):
        levels = range(1, len(rows)) if sweep % 2 else range(len(rows) - 2, -1, -1)
        for level in levels:
            beside = rows[level - 1 if sweep % 2 else level + 1]
            place = {name: i for i, name in enumerate(beside)}
            rows[level].sort(key=lambda name, place=place: _mean(near.get(name, ()), place))
        crossed = _crossings(rows, links)
        if crossed < fewest:
            best, fewest = [list(row) for row in rows], crossed
    rows[:] = best


def _mean(names, place: dict[str, int]) -> float:
    found = [place[name] for name in names if name in place]
    return sum(found) / len(found) if found else len(place) / 2


def _crossings(rows: Rows, links: list[tuple[str, str]]) -> int:
    place = {name: (level, i) for level, row in enumerate(rows) for i, name in enumerate(row)}
    ends = [(*place[upper], place[lower][1]) for upper, lower in links]
    return sum(
        a[0] == b[0] and (a[1] - b[1]) * (a[2] - b[2]) < 0
        for i, a in enumerate(ends)
        for b in ends[:i]
    )


def _places(rows: Rows, links: list[tuple[str, str]]) -> dict[str, float]:
    """Middles of all rooms and lanes: near their neighbors, in their order, apart."""
    near = _neighbors(links)
    places = {name: float(i) for row in rows for name, i in zip(row, _apart(row), strict=True)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 else rows[::-1]:
            wished = [_wish(name, near.get(name, []), places) for name in row]
            apart = _apart(row)
            free = _ascending([w - a for w, a in zip(wished, apart, strict=True)])
            places.update({n: f + a for n, f, a in zip(row, free, apart, strict=True)})
    left = min(places[name] - _width(name) / 2 for row in rows for name in row)
    return {name: place - left + _MARGIN for name, place in places.items()}


def _wish(name: str, near: list[str], places: dict[str, float]) -> float:
    return sum(places[other] for other in near) / len(near) if near else places[name]


def _apart(row: list[str]) -> list[float]:
    """Middles of what stands in a row when all stand as close as they may."""
    middles, edge = [], 0.0
    for name in row:
        middles.append(edge + _width(name) / 2)
        edge += _width(name) + _GAP
    return middles


def _ascending(values: list[float]) -> list[float]:
    """The nearest ascending values, by pooling neighbors that are out of order."""
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n)]
    return [mean for mean, n in pools for _ in range(n)]


def _chains(links: list[tuple[str, str]], floor: dict[str, int]) -> list[list[str]]:
    """Each arrow as the names from its room over its lanes to its target."""
    onward = {upper: lower for upper, lower in links if "|" in upper}
    chains = []
    for upper, lower in links:
        if upper in floor:
            chain = [upper, lower]
            while chain[-1] not in floor:
                chain.append(onward[chain[-1]])
            chains.append(chain)
    return chains


def _top(level: int, n_floors: int) -> float:
    return _MARGIN / 2 + (n_floors - 1 - level) * (_HEIGHT + _RISE)


def _arrow(chain: list[str], places: dict[str, float], floor: dict[str, int], n: int) -> str:
    start = floor[chain[0]]
    shift = max(-70.0, min(70.0, (places[chain[1]] - places[chain[0]]) / 5))
    x, y = places[chain[0]] + shift, _top(start, n) + _HEIGHT
    path = [f"M {x:.0f} {y:.0f}"]
    for i, name in enumerate(chain[1:], 1):
        end = name in floor
        to = places[name]
        if end:
            to += max(-70.0, min(70.0, (x - places[name]) / 5))
        below = _top(start - i, n) - (7 if end else 0)
        half = (y + below) / 2
        path.append(f"C {x:.0f} {half:.0f} {to:.0f} {half:.0f} {to:.0f} {below:.0f}")
        x, y = to, below
        if not end:
            y += _HEIGHT
            path.append(f"L {x:.0f} {y:.0f}")
    return f'<path class="arrow" d="{" ".join(path)}"/>'


def _room(name: str, says: str, middle: float, top: float) -> str:
    lines = textwrap.wrap(says, _LETTERS, max_lines=_LINES, placeholder=" …")
    left = middle - _BOX / 2
    box = f'x="{left:.0f}" y="{top:.0f}" width="{_BOX}" height="{_HEIGHT}" rx="6"'
    text = [f'<text class="name" x="{left + 10:.0f}" y="{top + 20:.0f}">{escape(name)}</text>']
    text += [
        f'<text class="text" x="{left + 10:.0f}" y="{top + 38 + 15 * i:.0f}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
    return f'<g><rect class="room" {box}/>{"".join(text)}</g>'


def _row_line(level: int, n_floors: int, width: float) -> str:
    y = _top(level, n_floors) + _HEIGHT / 2
    line = f'<line class="line" x1="26" x2="{width - 10:.0f}" y1="{y:.0f}" y2="{y:.0f}"/>'
    return f'{line}<text class="floor" x="10" y="{y + 4:.0f}">{level}</text>'


def _per_line(width: float) -> int:
    return max(1, int((width - 2 * _MARGIN) // 330))


def _strip_height(base: dict[str, str], width: float) -> float:
    return 44 + 40 * -(-len(base) // _per_line(width))


def _strip(base: dict[str, str], top: float, width: float) -> str:
    columns = _per_line(width)
    pitch = (width - 2 * _MARGIN - 20) / columns
    box = f'x="{_MARGIN}" y="{top:.0f}" width="{width - 2 * _MARGIN:.0f}" rx="6"'
    parts = [f'<rect class="base" {box} height="{_strip_height(base, width) - 8:.0f}"/>']
    left = _MARGIN + 12
    parts.append(f'<text class="floor" x="{left}" y="{top + 18:.0f}">what all may import</text>')
    for i, (name, says) in enumerate(sorted(base.items())):
        x, y = left + pitch * (i % columns), top + 38 + 40 * (i // columns)
        short = textwrap.shorten(says, 48, placeholder=" …")
        parts.append(f'<text class="name" x="{x:.0f}" y="{y:.0f}">{escape(name)}</text>')
        parts.append(f'<text class="text" x="{x:.0f}" y="{y + 15:.0f}">{escape(short)}</text>')
    return "".join(parts)


def _page(parts: list[str], width: float, height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">'
    )
    tip = (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="3" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M 0 1 L 9 5 L 0 9 z" fill="#6b7f90"/>'
        "</marker></defs>"
    )
    title = "<title>The rooms of skmist by floor, with arrows to what they import</title>"
    page = '<rect class="page" width="100%" height="100%"/>'
    return "\n".join([head, title, f"<style>{_STYLE}</style>", tip, page, *parts, "</svg>\n"])
