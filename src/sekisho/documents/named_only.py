"""Formats that are recognised, so that the outcome names them, but have no reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sekisho.errors import UnsupportedError
from sekisho.model import Blob, Format, Head, Limits, Piece, Reason
from sekisho.wording import Text


def named_only(kind: str, title: Text, suffixes: tuple[str, ...], recognise: Callable[[Head], bool]) -> Format:
    """A format whose documents are UNSUPPORTED for the reason that they have no reader."""
    return Format(kind, title, suffixes, recognise, _read, order=25, reads=False)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    raise UnsupportedError(Reason.NO_READER)
    yield
