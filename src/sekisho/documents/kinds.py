"""Which format a document is: told by its content; what its name says is kept beside."""

from __future__ import annotations

from functools import cache
from typing import cast

from sekisho import parts
from sekisho.model import Blob, Format, Head


@cache
def formats() -> tuple[Format, ...]:
    """All formats, in the order in which they are asked."""
    found = cast("dict[str, Format]", parts.find("sekisho.documents.formats", "FORMAT"))
    return tuple(sorted(found.values(), key=lambda f: (f.order, f.kind)))


def recognised(blob: Blob) -> Format | None:
    """The first format that knows the content as its own."""
    head = Head(blob.data, blob.name)
    return next((f for f in formats() if f.recognise(head)), None)


def named_kind(name: str) -> str:
    """The kind that the ending of a name stands for; the longest ending counts (``.tar.gz`` before ``.gz``)."""
    lower = name.lower()
    fitting = [(len(s), f.kind) for f in formats() for s in f.suffixes if lower.endswith(s)]
    return max(fitting, default=(0, ""))[1]
