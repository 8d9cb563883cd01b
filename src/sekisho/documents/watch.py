"""What a reading tells its keeper as it goes, and what it is told to pass over when it is taken up again.

A reader can die on hostile bytes. The keeper then knows from the last thing told which document it died of, and has
the file read again from there: what is done is passed over, what killed the reader is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the document at work; ``visited``: its own contents are done, its members follow."""

    document_id: int
    document: str
    visited: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier reading of the same file left of one document.

    ``next_id``: it and all nested in it is done with, go on from there; ``records``: found in all of that.
    Else its own contents may be done (``visited``; ``records``: found in those), and it must not be asked for
    another member after the one whose id is ``stop_after``.
    """

    records: int = 0
    next_id: int | None = None
    visited: bool = False
    stop_after: int | None = None


def _nobody(told: Told) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The keeper's ear, and its memory of earlier readings by document id."""

    tell: Callable[[Told], None] = _nobody
    past: Mapping[int, Past] = field(default_factory=dict)
