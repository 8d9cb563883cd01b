"""Where people leave passwords: in memos and mails, in cells beside the word, in names of files and sheets."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.model import Content


def in_name(document: str) -> Iterator[str]:
    """Candidates in the name of a document."""
    return iter(())


def in_content(content: Content) -> Iterator[str]:
    """Candidates in one content."""
    return iter(())
