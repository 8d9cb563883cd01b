"""Not written yet."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.model import Tree
from sekisho.records.block import Found


def nested(tree: Tree) -> Iterator[Found]:
    """Nothing yet."""
    yield from ()
