"""What stands on a page, as marks with places: runs of text, ruled lines, notes.

Places are points from the top left corner of the page as it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Run:
    """Characters that follow each other on one line. ``lefts`` and ``rights``: the edges of each.

    ``glue``: the white space that the text itself has before it.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    lefts: list[float]
    rights: list[float]
    glue: str = ""

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def start(self) -> float:
        """Where its first character has its middle, from the left."""
        return (self.lefts[0] + self.rights[0]) / 2

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2


class Rule(NamedTuple):
    """A straight line: at ``at`` across its direction, from ``start`` to ``end`` along it."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Page:
    """Everything that can be read on one page."""

    runs: list[Run] = field(default_factory=list)
    across: list[Rule] = field(default_factory=list)  # horizontal lines
    down: list[Rule] = field(default_factory=list)  # vertical lines
    notes: list[str] = field(default_factory=list)
    undecoded: int = 0
    characters: int = 0
    pictured: float = 0.0  # share of the page that pictures cover
    drawn: int = 0  # number of drawn shapes
    fields: int = 0  # number of form fields


def cut(run: Run, start: int, end: int) -> Run:
    """Characters ``start`` to ``end`` of a run."""
    lefts, rights = run.lefts[start:end], run.rights[start:end]
    glue = run.glue if not start else ""
    return Run(run.text[start:end], lefts[0], run.top, rights[-1], run.bottom, lefts, rights, glue)


def spread(text: str, left: float, top: float, right: float, bottom: float) -> Run:
    """A run whose characters share the room between two edges evenly."""
    step = (right - left) / max(1, len(text))
    lefts = [left + step * i for i in range(len(text))]
    return Run(text, left, top, right, bottom, lefts, [edge + step for edge in lefts])
