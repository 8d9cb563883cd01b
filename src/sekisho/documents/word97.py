"""The text of old Word files (.doc, Word 6 to 2003): the piece table, and which paragraphs are cells, rows, deletions.

After [MS-DOC]. Word 6 and 95 keep bytes in the code page of their language and mark rows in another way.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from sekisho.documents import charset, phonetic
from sekisho.documents.blocks import Block
from sekisho.documents.changes import Change
from sekisho.documents.stories import Shape, Story
from sekisho.documents.word97_properties import (
    ELSEWHERE,
    OUTSIDE,
    Paragraph,
    Ranges,
    change,
    codes,
    paragraph,
    properties,
)
from sekisho.errors import LockedError, UnreadableError, UnsupportedError
from sekisho.model import Reason

STORIES = ("", "note", "header", "macro", "comment", "endnote", "box", "header box")
_WORD_97, _WORD_6 = 0xA5EC, 0xA5DC
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_LANGUAGES = {  # by primary language
    0x11: "cp932", 0x12: "cp949", 0x19: "cp1251", 0x22: "cp1251", 0x02: "cp1251", 0x05: "cp1250", 0x15: "cp1250",
    0x0E: "cp1250", 0x08: "cp1253", 0x1F: "cp1254", 0x0D: "cp1255", 0x01: "cp1256",
}  # fmt: skip
_CHINESE = {0x804: "gbk", 0x404: "big5"}
_MARKS = re.compile("[\r\x07\x0c]")
_FIELD_MARKS = re.compile("[\x13\x14\x15]")
_WHITE = {
    0x0B: "\n",
    0x0E: "\n",
    0x1E: "-",
    0x1F: "",
    0xA0: " ",
    **dict.fromkeys((0, 1, 2, 3, 4, 5, 8, 0x13, 0x14, 0x15), ""),
}


class _Piece(NamedTuple):
    """Characters ``start`` to ``end`` of the document stand at byte ``at``, ``width`` bytes each."""

    start: int
    end: int
    at: int
    width: int


class Document:
    """The text of a Word file. ``main``: the WordDocument stream; ``stream``: gives another one by its name.

    Raises UnreadableError, LockedError, UnsupportedError.
    """

    def __init__(self, main: bytes, stream: Callable[[str], bytes]) -> None:
        if len(main) < 0x200:
            raise UnreadableError(Reason.TRUNCATED, "header")
        self._main = main
        magic, flags = self._short(0), self._short(0x0A)
        self._modern = magic == _WORD_97
        if not self._modern and magic != _WORD_6:
            raise UnsupportedError(Reason.NO_READER, "older than Word 6")
        if flags & _ENCRYPTED:
            raise LockedError(Reason.PASSWORD_UNKNOWN)
        self._table = stream("1Table" if flags & _TABLE_1 else "0Table") if self._modern else main
        language = self._short(6)
        self._codec = _CHINESE.get(language) or _LANGUAGES.get(language & 0x3FF, "")
        self._lengths = struct.unpack_from("<8I", main, 0x4C if self._modern else 0x34)
        self._pieces = self._read_pieces()
        self._starts = [piece.start for piece in self._pieces]
        self._text = "".join(map(self._piece_text, self._pieces))
        self._codec = self._codec or self._told_codec()
        self._more = cache(lambda: stream("Data"))
        self._paragraphs = Ranges(self._pages(0x102, 13) if self._modern else iter(()), self._paragraph)
        self._changes = Ranges(self._pages(0xFA, 1) if self._modern else iter(()), change)
        self.deleted: list[str] = []
        self.has_pictures = "\x01" in self._text or "\x08" in self._text

    def stories(self) -> Iterator[tuple[str, list[Block]]]:
        """The body first, then notes, headers, comments, text boxes, each with its name."""
        at = 0
        for name, length in zip(STORIES, self._lengths, strict=True):
            end = min(at + length, len(self._text))
            if length and name != "macro":
                story = self._story(at, end)
                self.deleted += story.deleted
                yield name, story.blocks
            at = end

    def _short(self, at: int) -> int:
        return int.from_bytes(self._main[at : at + 2], "little")

    def _long(self, at: int) -> int:
        return int.from_bytes(self._main[at : at + 4], "little")

    # -- the piece table

    def _read_pieces(self) -> list[_Piece]:
        at = 0x1A2 if self._modern else 0x160
        start, size = self._long(at), self._long(at + 4)
        if not self._modern and not (self._short(0x0A) & 4 and size):
            first = self._long(0x18)
            return [_Piece(0, self._long(0x1C) - first, first, 1)]
        return list(self._piece_table(self._table[start : start + size]))

    def _piece_table(self, clx: bytes) -> Iterator[_Piece]:
        at = 0
        while at + 5 <= len(clx) and clx[at] == 1:
            at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
        if at >= len(clx) or clx[at] != 2:
            raise UnreadableError(Reason.DAMAGED, "piece table")
        table = clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]
        count = (len(table) - 4) // 12
        for i in range(count):
            start, end = struct.unpack_from("<2I", table, 4 * i)
            place = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * i + 2)[0]
            if not start <= end <= start + len(self._main):
                raise UnreadableError(Reason.DAMAGED, "piece table")
            narrow = bool(place & 0x40000000) or not self._modern
            yield _Piece(start, end, (place & 0x3FFFFFFF) >> narrow if self._modern else place, 1 if narrow else 2)

    def _piece_text(self, piece: _Piece) -> str:
        length = piece.end - piece.start
        data = self._main[piece.at : piece.at + length * piece.width]
        if piece.width == 2:
            text = data.decode("utf-16-le", "replace")
            if len(text) * 2 != len(data):  # one character a unit, so that places stay right; paired by paragraph
                text = "".join(map(chr, struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])))
        elif self._modern:
            text = data.decode("cp1252", "replace")
        else:
            text = data.decode("latin-1")  # a byte a character, so that places stay right; decoded by paragraph
        return text.ljust(length, "\0")[:length]

    def _told_codec(self) -> str:
        """The code page of bytes whose language is a western one: some Japanese files say so."""
        told = "" if self._modern else charset.detect(self._text.encode("latin-1", "replace"))
        return told if told == "cp932" else "cp1252"

    def _place(self, at: int) -> int:
        """The byte at which character ``at`` stands."""
        piece = self._pieces[max(0, bisect_right(self._starts, at) - 1)]
        return piece.at + (at - piece.start) * piece.width

    # -- formatting: pages of 512 bytes that say what holds for which bytes

    def _pages(self, at: int, width: int) -> Iterator[tuple[int, int, bytes]]:
        """First byte, byte after the last, and the properties that hold between; entries are ``width`` bytes wide."""
        start, size = self._long(at), self._long(at + 4)
        index = self._table[start : start + size]
        count = max(0, (len(index) - 4) // 8)
        for i in range(count):
            number = struct.unpack_from("<I", index, 4 * (count + 1) + 4 * i)[0] & 0x3FFFFF
            page = self._main[number * 512 : number * 512 + 512]
            runs = page[511] if len(page) == 512 else 0
            if 4 * (runs + 1) + width * runs <= 511:
                for j in range(runs):
                    first, end = struct.unpack_from("<2I", page, 4 * j)
                    yield first, end, properties(page, page[4 * (runs + 1) + width * j] * 2, width)

    def _paragraph(self, raw: bytes) -> Paragraph | None:
        for code, value in codes(raw):
            if code in ELSEWHERE:
                at = int.from_bytes(value, "little")
                data = self._more()
                raw = data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2], "little")]
        return paragraph(raw)

    # -- stories

    def _story(self, start: int, end: int) -> Story:
        story = Story("")
        at = start
        for mark in _MARKS.finditer(self._text, start, end):
            self._add(story, at, mark.start())
            self._end(story, mark)
            at = mark.end()
        self._add(story, at, end)
        story.finish()
        return story

    def _add(self, story: Story, start: int, end: int) -> None:
        """The characters between two marks, parted where tracked changes begin and end."""
        fields = _Fields()
        for first, last, state in self._changed(start, end):
            text = self._text[first:last]
            if not self._modern:
                text = charset.decode(text.encode("latin-1", "replace"), self._codec).text
            elif any("\ud800" <= c <= "\udfff" for c in text):
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            story.add(fields.shown(text).translate(_WHITE), state)

    def _changed(self, start: int, end: int) -> Iterator[tuple[int, int, Change]]:
        if not self._changes.telling:
            yield start, end, Change.KEPT
            return
        while start < end:
            place = self._place(start)
            until, change = self._changes.at(place)
            piece = self._pieces[max(0, bisect_right(self._starts, start) - 1)]
            stop = min(end, piece.end, start + max(1, (until - place) // piece.width))
            yield start, stop, change if isinstance(change, Change) else Change.KEPT
            start = stop

    def _end(self, story: Story, mark: re.Match[str]) -> None:
        cell = mark[0] == "\x07"
        if not self._modern:
            self._end_old(story, mark, cell=cell)
            return
        _, found = self._paragraphs.at(self._place(mark.start()))
        paragraph = found if isinstance(found, Paragraph) else OUTSIDE
        depth = max(paragraph.depth, 1) if paragraph.in_table or cell else 0
        if paragraph.inner_row_end:
            story.end_row(max(depth, 2), paragraph.shape)
        elif paragraph.inner_cell:
            story.end_cell(max(depth, 2))
        elif cell and paragraph.row_end:
            story.end_row(1, paragraph.shape)
        elif cell:
            story.end_cell(1)
        else:
            story.end_paragraph(depth)

    def _end_old(self, story: Story, mark: re.Match[str], *, cell: bool) -> None:
        """Word 6: a row ends with a cell mark right behind that of its last cell."""
        row_end = cell and self._text[mark.start() - 1 : mark.start()] == "\x07"
        if row_end:
            story.end_row(1, Shape())
        elif cell:
            story.end_cell(1)
        else:
            story.end_paragraph(0)


class _Fields:
    """Takes the codes of fields out of a paragraph; a phonetic guide, which is such a code, is base and reading."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._out: list[str] = []

    def shown(self, text: str) -> str:
        """What is to be seen of the next stretch of the paragraph."""
        if "\x13" not in text and not self._codes:
            return text
        self._out = []
        at = 0
        for mark in _FIELD_MARKS.finditer(text):
            self._give(text[at : mark.start()])
            self._turn(mark[0])
            at = mark.end()
        self._give(text[at:])
        return "".join(self._out)

    def _turn(self, mark: str) -> None:
        if mark == "\x13":
            self._codes.append("")
        elif self._codes and mark == "\x14":
            self._codes[-1] = mark
        elif self._codes:
            found = phonetic.guide(self._codes.pop())
            if found:
                self._give(str(found))

    def _give(self, text: str) -> None:
        if all(code == "\x14" for code in self._codes):
            self._out.append(text)
        elif self._codes[-1] != "\x14":
            self._codes[-1] += text
