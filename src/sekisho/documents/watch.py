"""What a reading tells its keeper as it goes, and what it is told to pass over when it is taken up again.

A reader can die on hostile bytes. The keeper then knows from the last thing told which document it died of, and has
the file read again from there: what is done is passed over, what killed the reader is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sekisho.documents.account import Examined
from sekisho.documents.opening import open_file
from sekisho.model import Reason


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier reading of the same file left of one document.

    ``next_id``: it and all nested in it is done with, go on from there; ``records``: found in all of that.
    Else the first ``records`` and ``doubts`` of its own are already known, and, where ``stop`` is set, it must not be
    asked for another member after the one with that id, for that reason.
    """

    records: int = 0
    doubts: int = 0
    next_id: int | None = None
    stop: tuple[int, Reason] | None = None


def _nobody(examined: Examined) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Watch:
    """``tell`` hears which document is at work, with what is known of it so far; ``past``: by document id.

    ``open`` gives the descriptor of the file at a path, or raises OSError: in the sandbox nothing can be opened any
    more, there it gives what was opened before.
    """

    tell: Callable[[Examined], None] = _nobody
    past: Mapping[int, Past] = field(default_factory=dict)
    open: Callable[[bytes], int] = open_file
