"""Not written yet."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.model import Prose
from sekisho.records.block import Found


def fixed_width(content: Prose) -> Iterator[Found]:
    """Nothing yet."""
    yield from ()
