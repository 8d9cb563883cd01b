"""What stands on a page, as marks with places: runs of text, ruled lines, notes.

Places are points from the top left corner of the page as it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Run:
    """Characters that follow each other on one line. ``stops``: left edge of each, and the right edge of the last.

    ``glue``: the white space that the text itself has before it.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    stops: list[float]
    glue: str = ""

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

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
