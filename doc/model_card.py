"""The card of the shipped weights as Markdown, for the page that shows it."""

from __future__ import annotations

__all__ = ["model_card"]

from typing import Any

from skmist.weights import DEFAULT_WEIGHTS, load_card


def model_card(name: str = DEFAULT_WEIGHTS) -> str:
    """Tables of what a card states.

    Parameters
    ----------
    name : str
        Of the weights.
    """
    card = load_card(name)
    parts = [f"## {card['name']}", _table(_facts(card))]
    parts += ["### Prior", "Share of each family among the data sets drawn for training."]
    parts += [_shares(card["config"]["prior"])]
    parts += [
        "### Net and training",
        _table(_flat(card["net"]) | _flat(card["config"]["training"])),
    ]
    parts += ["### Results", "In nats, as measured for the card. Coverage is that of intervals."]
    parts += _results(card["results"])
    return "\n\n".join(parts)


def _facts(card: dict[str, Any]) -> dict[str, Any]:
    trained = card["trained"]
    return {
        "rows in training": _range(trained["n"]),
        "columns on a side": _range(trained["columns"]),
        "categories in a column": _range(trained["categories"]),
        "last sitting": f"{card['steps']:,} steps, {card['data_sets']:,} data sets, "
        f"{card['training_seconds'] / 3600:.1f} hours",
        "hardware": card["hardware"],
        "commit": f"`{card['commit'][:12]}`",
        "versions": ", ".join(f"{k} {v}" for k, v in card["versions"].items()),
        "SHA-256 of the file": f"`{card['sha256']}`",
    }


def _range(ends: list[int]) -> str:
    return f"{ends[0]:,} to {ends[1]:,}"


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    return {f"`{key}`": value for key, value in values.items() if not isinstance(value, dict)}


def _table(values: dict[str, Any], heads: tuple[str, str] = ("", "")) -> str:
    rows = [f"| {heads[0]} | {heads[1]} |", "|---|---|"]
    return "\n".join(rows + [f"| {key} | {_shown(value)} |" for key, value in values.items()])


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _shares(prior: dict[str, Any]) -> str:
    sides = {key: value for key, value in prior.items() if isinstance(value, dict)}
    names = sorted({name for side in sides.values() for name in side})
    rows = ["| family | " + " | ".join(sides) + " |", "|---|" + "---|" * len(sides)]
    for name in names:
        cells = " | ".join(_shown(side.get(name, "")) for side in sides.values())
        rows.append(f"| {name} | {cells} |")
    return "\n".join(rows)


def _results(results: dict[str, Any]) -> list[str]:
    parts = []
    for name, value in results.items():
        if isinstance(value, dict):
            parts += [f"#### {name.replace('_', ' ')}", _figures(value)]
    return parts


def _figures(tree: dict[str, Any]) -> str:
    rows = dict(_leaves(tree))
    heads = list(dict.fromkeys(key for row in rows.values() for key in row))
    lines = ["| | " + " | ".join(h.replace("_", " ") for h in heads) + " |"]
    lines.append("|---|" + "---|" * len(heads))
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(_shown(row.get(h, "")) for h in heads) + " |")
    return "\n".join(lines)


def _leaves(tree: dict[str, Any], path: str = "") -> Any:
    """Rows of figures, whatever they are nested in."""
    plain = {key: value for key, value in tree.items() if not isinstance(value, dict | list)}
    if plain:
        yield path or "all", plain
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}, {key}" if path else key)
