"""A result in the two forms that all styles are made of: for programs, and for people."""

from __future__ import annotations

__all__ = ["Answer", "Page"]

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """What people read.

    Parameters
    ----------
    heading : list of str
        Sentences above the table.
    cells : list of list of str, default=[]
        The head of the table and its lines, with whole names; empty where there is none.
    names : dict of int to int, default={}
        The columns of names, and the most characters of each on a terminal.
    left : set of int, default=set()
        Other columns of words.
    below : list of str, default=[]
        Sentences right under the table.
    notes : list of str, default=[]
        What speaks against the numbers.
    """

    heading: list[str]
    cells: list[list[str]] = field(default_factory=list)
    names: dict[int, int] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    below: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """A result, each form made by need.

    Parameters
    ----------
    frame : callable
        Makes the pandas.DataFrame whose lines CSV and workbooks have.
    record : callable
        Makes the dict that JSON has.
    page : callable
        Makes the page; it is told how many lines are shown at most, or None.
    """

    frame: Callable[[], Any]
    record: Callable[[], dict]
    page: Callable[[int | None], Page]
