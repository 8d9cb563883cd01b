"""Readers written in Rust: what they fail with, their panics too, becomes the outcome of one document."""

from __future__ import annotations

from types import TracebackType

from sekisho.errors import UnreadableError
from sekisho.model import Reason


class guarded:  # noqa: N801
    """A block in which an error or panic of a native reader becomes an UnreadableError about ``what``."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is not None and (kind.__name__ == "PanicException" or kind.__module__ == "_fastexcel"):
            raise UnreadableError(Reason.DAMAGED, self._what) from error
