"""Rich Text Format: paragraphs, tables, headers, notes, deletions and embedded objects.

Bytes are read in the code page of their font, else of the document; ``\\uN`` beats its fallback. Text that wraps
HTML (as Outlook stores it) comes out without the tags.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sekisho.documents import ole, phonetic
from sekisho.documents.blocks import Block
from sekisho.documents.changes import Change
from sekisho.documents.stories import Shape, Story
from sekisho.errors import DocumentError
from sekisho.model import Member

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,40})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n\0]+)|[\r\n\0\\]",
    re.DOTALL,
)
_CHARSETS = {
    0: "", 1: "", 2: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
_DOUBLE_BYTE = {932: "cp932", 936: "gbk", 949: "cp949", 950: "big5"}
_SIGNS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n", b"\t": "\t"}
_WORDS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": "　", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SKIPPED = frozenset(
    (
        *("colortbl", "stylesheet", "pict", "nonshppict", "shprslt", "sp", "listtext", "pntext", "pntxta", "pntxtb"),
        *("xe", "tc", "txe", "rxe", "listtable", "revtbl", "rsidtbl", "nonesttables", "filetbl", "upr", "fontemb"),
    )
)
_STORIES = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
    **dict.fromkeys(("shptxt", "dptxbxtext"), "box"),
    "footnote": "note",
    "annotation": "comment",
    **dict.fromkeys(("title", "subject", "keywords", "doccomm", "category"), "properties"),
}
_INFO = frozenset(("author", "operator", "company", "manager", "comment", "hlinkbase"))
_DEEP = 10_000


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside one pair of braces."""

    story: Story
    codec: str = ""
    fallback: int = 1  # characters to skip after \\u
    skip: bool = False
    change: Change = Change.KEPT
    level: int = 0  # nesting of tables
    depth: int = 1  # \\itap
    destination: str = ""
    html: bool = False  # inside \\htmlrtf: the RTF twin of a tag


class Reader:
    """Reads one RTF text.

    ``blocks``: by story, the body under ""; ``deleted``: what tracked changes took away; ``objects``: what is
    embedded; ``damaged``: whether an embedded object could not be opened; ``whole``: whether it ends with a brace.
    """

    def __init__(self, data: bytes) -> None:
        self.blocks: dict[str, list[Block]] = {"": []}
        self.deleted: list[str] = []
        self.objects: list[Member] = []
        self.damaged = False
        self.pictures = False
        self._data = data
        self._codec = "cp1252"
        self._double = ""
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._bytes = b""
        self._to_skip = 0
        self._high = 0
        self._star = False
        self._code = ""
        self._hex: list[bytes] = []
        self._shape = Shape()
        self._stack: list[_Group] = []
        self._group = _Group(Story(""))
        self._read()
        self.whole = not self._stack or data.rstrip(b"\0\r\n\t ").endswith(b"}")
        while self._stack:
            self._leave()
        self._flush()
        self._end_story(self._group.story)

    def _read(self) -> None:
        at, end = 0, len(self._data)
        while at < end:
            token = _TOKEN.match(self._data, at)
            at = token.end() if token else at + 1
            if token is not None:
                at += self._take(token)

    def _take(self, token: re.Match[bytes]) -> int:
        """Acts on one token; gives how many raw bytes after it are to be passed over."""
        kind = token.lastgroup
        if kind == "number" or kind == "word":
            return self._word(token["word"].decode("ascii"), token["number"])
        if kind == "text":
            self._raw(token["text"])
        elif kind == "hex":
            self._raw(binascii.unhexlify(token["hex"]), one=True)
        elif kind == "brace":
            self._enter() if token["brace"] == b"{" else self._leave()
        elif kind == "sign":
            self._sign(token["sign"])
        return 0

    def _raw(self, data: bytes, *, one: bool = False) -> None:
        if self._to_skip:
            passed = min(self._to_skip, 1 if one else len(data))
            self._to_skip -= passed
            data = b"" if one else data[passed:]
        if self._group.destination == "objdata":
            self._hex.append(data)
        elif self._group.destination == "fldinst":
            self._code += data.decode(self._group.codec or self._codec, "replace")
        elif self._group.destination == "fonttbl" or not (self._group.skip or self._group.html):
            self._bytes += data

    def _text(self, text: str) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._group.destination == "fldinst":
            self._code += text
        elif not (self._group.skip or self._group.html or self._group.destination == "fonttbl"):
            self._flush()
            self._group.story.add(text, self._group.change)

    def _flush(self) -> None:
        data, self._bytes = self._bytes, b""
        if data and self._group.destination != "fonttbl":
            self._group.story.add(self._decoded(data), self._group.change)

    def _decoded(self, data: bytes) -> str:
        """In the font's code page, but in the document's where that is a double-byte one that the bytes fit."""
        if data.isascii():
            return data.decode("ascii")
        for codec in (self._double, self._group.codec, self._codec):
            if codec:
                try:
                    return data.decode(codec)
                except UnicodeDecodeError:
                    continue
        return data.decode(self._group.codec or self._codec, "replace")

    def _enter(self) -> None:
        self._flush()
        self._to_skip = 0
        if len(self._stack) < _DEEP:
            self._stack.append(self._group)
        self._star = False

    def _leave(self) -> None:
        self._flush()
        self._to_skip = 0
        if not self._stack:
            return
        left, self._group = self._group, self._stack.pop()
        if left.story is not self._group.story:
            self._end_story(left.story)
        if left.destination == "objdata" and self._group.destination != "objdata":
            self._end_object()
        if left.destination == "fldinst" and self._group.destination != "fldinst":
            self._end_field()

    def _end_story(self, story: Story) -> None:
        story.finish()
        self.blocks.setdefault(story.name, []).extend(story.blocks)
        self.deleted += story.deleted

    def _end_object(self) -> None:
        try:
            digits = b"".join(self._hex)
            data = binascii.unhexlify(digits[: len(digits) // 2 * 2])
            self.objects += _embedded(data, f"object {len(self.objects) + 1}")
        except (binascii.Error, DocumentError):
            self.damaged = True
        self._hex = []

    def _end_field(self) -> None:
        found = phonetic.guide(self._code)
        if found:
            self._text(str(found))
        self._code = ""

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._star = True
        elif sign in (b"\n", b"\r"):
            self._paragraph()
        elif sign in _SIGNS:
            self._text(_SIGNS[sign])

    def _word(self, word: str, digits: bytes | None) -> int:
        number = None if digits is None else int(digits)
        star, self._star = self._star, False
        if word == "bin":
            return max(0, number or 0)
        if word == "u":
            self._unicode(number or 0)
        elif self._to_skip:
            self._to_skip -= 1
        elif word in _WORDS:
            self._text(_WORDS[word])
        elif word in _PLAIN:
            self._flush()
            _PLAIN[word](self, number)
        elif star or word in _SKIPPED or word in _STORIES or word in _DESTINATIONS or word in _INFO:
            self._flush()
            self._destination(word, star=star)
        return 0

    def _unicode(self, number: int) -> None:
        code = number & 0xFFFF
        self._to_skip = 0
        if 0xD800 <= code < 0xDC00:
            self._high = code
        elif 0xDC00 <= code < 0xE000:
            if self._high:
                self._text(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00))
            self._high = 0
        else:
            self._text(chr(code))
        self._to_skip = self._group.fallback

    def _destination(self, word: str, *, star: bool) -> None:
        if self._group.skip and word != "ud":
            return
        if word in _STORIES:
            self._group = replace(self._group, story=Story(_STORIES[word]), level=0, destination=word)
        elif word in ("shpinst", "do", "nesttableprops"):
            self._group = replace(self._group, destination=word)
        elif word == "ud":
            self._group = replace(self._group, skip=False)
        elif word in ("objdata", "fldinst", "fonttbl"):
            self._group = replace(self._group, destination=word)
        else:
            self.pictures = self.pictures or word == "pict"
            self._group = replace(self._group, skip=True, destination=word)

    def _paragraph(self) -> None:
        if not self._group.skip and not self._group.html:
            self._group.story.end_paragraph(self._group.level * self._group.depth)

    def _cell(self, level: int) -> None:
        if not self._group.skip:
            self._group.story.end_cell(level)

    def _row(self, level: int) -> None:
        if not self._group.skip:
            self._group.story.end_row(level, self._shape)

    def _set(self, **values: object) -> None:
        self._group = replace(self._group, **values)  # type: ignore[arg-type]

    def _page(self, number: int | None) -> None:
        self._codec = _codec(f"cp{number}")
        self._double = _DOUBLE_BYTE.get(number or 0, "")

    def _choose_font(self, number: int | None) -> None:
        self._font = number or 0
        if self._group.destination != "fonttbl":
            self._set(codec=self._fonts.get(self._font, ""))

    def _charset(self, number: int | None) -> None:
        if self._group.destination == "fonttbl":
            self._fonts[self._font] = _CHARSETS.get(number or 0, "")

    def _change(self, change: Change, number: int | None) -> None:
        self._set(change=Change.KEPT if number == 0 else change)

    def _plain_paragraph(self) -> None:
        self._set(level=0, depth=1)

    def _new_row(self) -> None:
        self._shape = Shape()

    def _goes_on(self) -> None:
        self._shape.next_goes_on = True


_DESTINATIONS = frozenset(("shpinst", "do", "nesttableprops", "ud", "objdata", "fldinst", "fonttbl"))
_PLAIN: dict[str, Callable[[Reader, int | None], None]] = {
    "par": lambda r, _: r._paragraph(),
    "sect": lambda r, _: r._paragraph(),
    "page": lambda r, _: r._paragraph(),
    "cell": lambda r, _: r._cell(1),
    "row": lambda r, _: r._row(1),
    "nestcell": lambda r, _: r._cell(max(2, r._group.depth)),
    "nestrow": lambda r, _: r._row(max(2, r._group.depth)),
    "trowd": lambda r, _: r._new_row(),
    "cellx": lambda r, n: r._shape.end_cell(n or 0),
    "clmrg": lambda r, _: r._goes_on(),
    "clvmrg": lambda r, _: r._goes_on(),
    "pard": lambda r, _: r._plain_paragraph(),
    "intbl": lambda r, _: r._set(level=1),
    "itap": lambda r, n: r._set(level=int(bool(n)), depth=max(1, min(n or 1, 50))),
    "ansicpg": lambda r, n: r._page(n),
    "mac": lambda r, _: r._page(10000),
    "f": lambda r, n: r._choose_font(n),
    "fcharset": lambda r, n: r._charset(n),
    "plain": lambda r, _: r._set(codec="", change=Change.KEPT),
    "uc": lambda r, n: r._set(fallback=max(0, n if n is not None else 1)),
    "deleted": lambda r, n: r._change(Change.REMOVED, n),
    "revised": lambda r, n: r._change(Change.ADDED, n),
    "htmlrtf": lambda r, n: r._set(html=n != 0),
}


def _codec(name: str) -> str:
    if name == "cp10000":
        return "mac_roman"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _embedded(data: bytes, name: str) -> Iterator[Member]:
    """The document in an OLE 1 object: four lengths, each before its text or bytes."""
    at, words = 8, []
    for _ in range(3):
        size = int.from_bytes(data[at : at + 4], "little")
        words.append(data[at + 4 : at + 4 + size].rstrip(b"\0"))
        at += 4 + size
    native = data[at + 4 : at + 4 + int.from_bytes(data[at : at + 4], "little")]
    if words[0] == b"Package":
        yield from ole.native(b"\0\0\0\0" + native, name)
    elif ole.is_ole(native):
        yield from ole.unwrapped(name, native)
