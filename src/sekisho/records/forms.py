"""Not written yet."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.model import Grid
from sekisho.records.block import Found


def forms(grid: Grid) -> Iterator[Found]:
    """Nothing yet."""
    yield from ()
