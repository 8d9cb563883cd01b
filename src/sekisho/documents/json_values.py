"""JSON read leniently and, where it is large, in runs; nothing of a doubled key is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sekisho.documents import charset
from sekisho.errors import OverLimitError
from sekisho.model import Frame, Gap, Head, Place, Prose, Reason, Tree

LARGE = 16 << 20  # characters from which arrays go out in runs
_RUN = 20_000  # elements
_DEEPEST_RUN = 4
_BLANK = re.compile(r"[ \t\r\n]*")
_BEGINS = re.compile(
    r'\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\}\s*\Z)|\[\s*(?:[{\["]|\]\s*\Z|-?\d+(?:\.\d+)?\s*,|null|true|false)'
)
NOTHING = object()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled: dict[str, Any] = {}
    for key, value in pairs:
        while key in doubled:
            key += "'"
        doubled[key] = value
    return doubled


_decoder = json.JSONDecoder(strict=False, object_pairs_hook=_pairs)


def beginning(head: Head) -> str:
    """The first characters of a file that may be JSON, without blanks before; empty where it cannot be."""
    start = bytes(head.data[: charset.SAMPLE])
    if not start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] or not charset.is_text(start):
        return ""
    text = charset.decode(start).text.lstrip()
    return text if text[:1] in ("{", "[") else ""


def begins_value(text: str, *, whole: bool) -> bool:
    """Whether ``text`` is (``whole``) or begins one JSON value, be it cut off."""
    if not _BEGINS.match(text):
        return False
    if not whole:
        return True
    try:
        _, end = _decoder.raw_decode(text)
    except (ValueError, RecursionError):
        return True
    return not text[end:].strip()


def value(line: str) -> Any:
    """The JSON value that a line is, or `NOTHING`."""
    try:
        return _decoder.decode(line)
    except (ValueError, RecursionError):
        return NOTHING


def trees(text: str, large: int = LARGE) -> Iterator[Tree | Prose | Gap]:
    """The value in ``text``: one Tree, or, of a large or broken one, its arrays in runs and then what stands beside.

    From where it is no JSON any more, its lines come as Prose.
    """
    text = text.lstrip("\ufeff")
    if len(text) < large:
        found = value(text)
        if found is not NOTHING:
            yield Tree(found, Place(Frame.PATH, "$"))
            return
    walk = _Walk(text)
    try:
        yield from walk.value("$", 0)
    except RecursionError as error:
        raise OverLimitError(Reason.TOO_DEEP) from error
    except ValueError as error:
        yield from walk.left()
        rest = text[walk.at :]
        lines = [line for line in rest.splitlines() if line.strip()]
        if lines:
            yield Prose(lines, Place(Frame.LINE, "", text.count("\n", 0, walk.at) + 1))
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        cut = not text[at:].strip() or text.count('"', at) % 2 == 1
        yield Gap(Reason.TRUNCATED if cut else Reason.DAMAGED_PART, "JSON")


class _Walk:
    """Goes through a JSON text array by array, holding one run of elements at a time. ``at``: how far it has come."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self._held: list[Tree] = []

    def left(self) -> Iterator[Tree]:
        """What had been read of arrays and objects when an error ended the walk."""
        yield from (tree for tree in self._held if tree.value)

    def value(self, path: str, depth: int) -> Iterator[Tree]:
        """The Trees of the value that begins here, which stands at ``path``."""
        mark = self._next()
        if mark == "[" and depth < _DEEPEST_RUN:
            yield from self._array(path)
        elif mark == "{" and depth < _DEEPEST_RUN:
            yield from self._object(path, depth)
        else:
            yield Tree(self._whole(), Place(Frame.PATH, path))

    def _array(self, path: str) -> Iterator[Tree]:
        self.at += 1
        run: list[Any] = []
        first = 1
        self._held.append(Tree(run, Place(Frame.PATH, path, first)))
        while self._next() != "]":
            run.append(self._whole())
            if len(run) == _RUN:
                yield self._held.pop()
                first, run = first + len(run), []
                self._held.append(Tree(run, Place(Frame.PATH, path, first)))
            self._comma("]")
        self.at += 1
        done = self._held.pop()
        if run:
            yield done

    def _object(self, path: str, depth: int) -> Iterator[Tree]:
        self.at += 1
        beside: dict[str, Any] = {}
        self._held.append(Tree(beside, Place(Frame.PATH, path)))
        while self._next() != "}":
            key = str(self._whole())
            if self._next() != ":":
                raise json.JSONDecodeError("colon", self._text, self.at)
            self.at += 1
            if self._next() in "{[":
                yield from self.value(f"{path}.{key}", depth + 1)
            else:
                beside[key] = self._whole()
            self._comma("}")
        self.at += 1
        done = self._held.pop()
        if beside:
            yield done

    def _next(self) -> str:
        found = _BLANK.match(self._text, self.at)
        self.at = found.end() if found else self.at
        if self.at >= len(self._text):
            raise json.JSONDecodeError("end", self._text, len(self._text))
        return self._text[self.at]

    def _whole(self) -> Any:
        found, self.at = _decoder.raw_decode(self._text, self.at)
        return found

    def _comma(self, end: str) -> None:
        mark = self._next()
        if mark == ",":
            self.at += 1
        elif mark != end:
            raise json.JSONDecodeError("comma", self._text, self.at)
