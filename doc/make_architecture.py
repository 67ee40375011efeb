"""Draw the house from its imports: rooms, floors, arrows and circles.

A room is a folder of the package with all that is in it; a file beside the package's own
``__init__`` is a room by itself. ``python doc/make_architecture.py`` writes the drawing and the
table into doc/architecture.md, ``--count [PACKAGE]`` prints the figures of any source tree. The
layers test takes what rooms import from here.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
import sys
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from draw_house import draw

__all__ = [
    "Module",
    "circles",
    "drawing",
    "floors",
    "read_modules",
    "render",
    "room_imports",
    "room_of",
]

PACKAGE = Path(__file__).parent.parent / "skmist"
PAGE = Path(__file__).with_name("architecture.md")
DRAWING = Path(__file__).with_name("architecture.svg")
BEGIN = "<!-- written by python doc/make_architecture.py -->"
END = "<!-- end -->"


class Module:
    """One file of the package: its dotted name without the package's, and what it imports."""

    def __init__(self, path: Path, package: Path) -> None:
        parts = path.relative_to(package).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.lines = len(path.read_text(encoding="utf-8").splitlines())

    def imports(self, package: str) -> list[tuple[str, str]]:
        """Pairs (module, name) of all that is imported, at the top or inside functions."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found += [(node.module or "", alias.name) for alias in node.names]
        ours = [(module, name) for module, name in found if module.split(".")[0] == package]
        return [(module.partition(".")[2], name) for module, name in ours]

    def function_lengths(self) -> list[int]:
        """Lines of each function without its docstring and signature."""
        return [_body_lines(node) for node in ast.walk(self.tree) if isinstance(node, _FUNCTIONS)]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _body_lines(node) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def read_modules(package: Path = PACKAGE) -> dict[str, Module]:
    """All modules of a package by name; the package itself is the empty name."""
    modules = (Module(path, package) for path in sorted(package.rglob("*.py")))
    return {module.name: module for module in modules}


def room_of(name: str) -> str:
    """The room of a module: the first part of its name."""
    return name.partition(".")[0]


def module_imports(modules: dict[str, Module], package: str) -> dict[str, set[str]]:
    """Which modules each module imports."""
    graph = {}
    for name, module in modules.items():
        targets = set()
        for base, imported in module.imports(package):
            inner = f"{base}.{imported}" if base else imported
            targets.add(inner if inner in modules else base)
        graph[name] = {target for target in targets if target in modules} - {name}
    return graph


def room_imports(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Which other rooms each room imports; the package's ``__init__`` is left out."""
    modules = read_modules(package)
    rooms: dict[str, set[str]] = defaultdict(set)
    for name, targets in module_imports(modules, package.name).items():
        rooms[room_of(name)] |= {room_of(target) for target in targets} - {room_of(name), ""}
    rooms.pop("", None)
    return dict(rooms)


def circles(graph: dict[str, set[str]]) -> list[str]:
    """The first circle of a graph as the names along it; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floors(graph: dict[str, set[str]]) -> dict[str, int]:
    """The floor of each room: 0 where it imports none, else one above the highest it imports."""
    order = TopologicalSorter(graph).static_order()
    floor: dict[str, int] = {}
    for room in order:
        floor[room] = 1 + max((floor[target] for target in graph.get(room, ())), default=-1)
    return floor


def questions(package: Path = PACKAGE) -> dict[str, str]:
    """What each room says of itself: the first sentence of its docstring, without its marks."""
    rooms = {name: m for name, m in read_modules(package).items() if name and "." not in name}
    texts = {name: ast.get_docstring(m.tree) or "" for name, m in rooms.items()}
    first = {
        name: " ".join(re.split(r"\n\n|(?<=\.)\s", text)[0].split())
        for name, text in texts.items()
    }
    return {name: re.sub(r"`+|:\w+:`~?", "", text) for name, text in first.items()}


def split_base(graph: dict[str, set[str]], folders: set[str]) -> tuple[set[str], set[str]]:
    """The base, files that import none but one another; and doors, files that none imports."""
    files = set(graph) - folders
    base = {name for name in files if graph[name] <= files and _is_imported(name, graph)}
    return base, files - base


def _is_imported(name: str, graph: dict[str, set[str]]) -> bool:
    return any(name in targets for targets in graph.values())


def drawing(package: Path = PACKAGE) -> str:
    """The house as SVG: folders as rooms, files that all may import as its base."""
    graph, says = room_imports(package), questions(package)
    base, doors = split_base(graph, {path.parent.name for path in package.glob("*/__init__.py")})
    rooms = {room: graph[room] - base for room in graph if room not in base | doors}
    floor = {room: level for room, level in floors(graph).items() if room in rooms}
    return draw(rooms, floor, says, {name: says[name] for name in base})


def table(package: Path = PACKAGE) -> str:
    """Figures of the house, and all rooms from the top floor down with all that they import."""
    graph, says = room_imports(package), questions(package)
    floor = floors(graph)
    lines = [
        f"{len(graph)} rooms on {max(floor.values()) + 1} floors, "
        f"{sum(map(len, graph.values()))} arrows, no circle.",
        "",
        "| floor | room | what it is | imports |",
        "|---|---|---|---|",
    ]
    for room in sorted(graph, key=lambda name: (-floor[name], name)):
        imports = ", ".join(f"`{name}`" for name in sorted(graph[room])) or "nothing of ours"
        lines.append(f"| {floor[room]} | `{room}` | {says[room]} | {imports} |")
    return "\n".join(lines)


def render(page: str, package: Path = PACKAGE) -> str:
    """The page with its table as it must be now."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n{table(package)}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Count, or write drawing and page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", nargs="?", const=PACKAGE, type=Path, metavar="PACKAGE")
    package = parser.parse_args().count
    if package is not None:
        print(count(package))
        return
    DRAWING.write_text(drawing(), encoding="utf-8")
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def count(package: Path) -> str:
    """Rooms, floors, arrows, circles of a package, and how long its files and functions are."""
    modules, graph = read_modules(package), room_imports(package)
    circle = circles(graph)
    inside = circles(module_imports(modules, package.name))
    lengths = [module.lines for module in modules.values() if module.lines > 3]
    functions = [n for module in modules.values() for n in module.function_lengths()]
    lines = [
        f"rooms: {len(graph)}",
        f"floors: {'-' if circle else max(floors(graph).values()) + 1}",
        f"arrows: {sum(map(len, graph.values()))}",
        f"circle of rooms: {' -> '.join(circle) or 'none'}",
        f"circle of modules: {' -> '.join(inside) or 'none'}",
        _lengths("files", lengths),
        _lengths("functions", functions),
    ]
    return "\n".join(lines)


def _lengths(what: str, lengths: list[int]) -> str:
    ninetieth = statistics.quantiles(lengths, n=10)[-1]
    median = statistics.median(lengths)
    return f"{what}: {len(lengths)}, median {median:g} lines, 90th percentile {ninetieth:g}"


if __name__ == "__main__":
    main()
