"""Tar archives, plain or compressed as a whole: one container, whatever it is wrapped in.

Members are read as the archive goes by, so that a large one is never held whole. Where a header is damaged the next
sound one is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.documents import streams
from sekisho.documents.member_names import member_name
from sekisho.documents.metered import STEP, Meter
from sekisho.errors import UnreadableError, UnsupportedError
from sekisho.model import Blob, Format, Gap, Head, Limits, Member, Piece, Reason
from sekisho.wording import Text

_BLOCK = 512
_LONGEST_NAME = 1 << 16
_LINKS, _FOLDER, _DEVICES = b"12", b"5", b"346"
_LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL = b"L", b"K", b"x", b"g"


def _recognise(head: Head) -> bool:
    return _is_header(bytes(head.data[:_BLOCK])) or _is_header(streams.head(head.data, _BLOCK))


def _is_header(block: bytes) -> bool:
    """A block whose checksum fits; this also tells the oldest tars, that have no magic word."""
    if len(block) < _BLOCK or not block[0]:
        return False
    return _number(block[148:156]) == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _number(digits: bytes) -> int:
    """Octal digits, or (GNU) a binary number behind the byte 0x80; -1 for what is neither."""
    if digits[0] == 0x80:
        return int.from_bytes(digits[1:], "big")
    try:
        return int(digits.split(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        return -1


@dataclass(frozen=True, slots=True)
class _Header:
    """One member as its header tells it."""

    name: bytes
    size: int
    type: bytes

    @property
    def stored(self) -> int:
        """Bytes that follow the header, in whole blocks."""
        return 0 if self.type in _LINKS + _FOLDER + _DEVICES else -(-self.size // _BLOCK) * _BLOCK


class _Plain:
    """The bytes of an uncompressed tar as a stream."""

    cut = Reason.NONE

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = data
        self._at = 0

    def read(self, size: int) -> bytes:
        part = bytes(self._data[self._at : self._at + size])
        self._at += len(part)
        return part


class _Tape:
    """One pass over the archive; a member that is asked for late costs another pass."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        self._meter = Meter(limits, len(blob.data))
        make = streams.decoder_of(blob.data)
        self._stream = streams.Stream(blob.data, make, self._meter) if make else _Plain(blob.data)
        self._header: _Header | None = None
        self._ahead = 0  # bytes of the present member that were not read yet
        self.at = -1
        self.cut = Reason.NONE

    def next(self) -> _Header | None:
        """The next member; None at the end."""
        self._skip(self._ahead)
        self._header = self._next_header()
        self._ahead = self._header.stored if self._header else 0
        self.at += 1
        return self._header

    def load(self, at: int) -> Blob:
        """The bytes of the ``at``-th member."""
        tape = self
        if self.at != at or self._header is None or self._ahead != self._header.stored:
            tape = _Tape(self._blob, self._limits)
            while tape.at < at and tape.next() is not None:
                pass
        return tape._taken()

    def _taken(self) -> Blob:
        header = self._header
        if header is None:
            raise UnreadableError(Reason.DAMAGED)
        if header.type in _LINKS:
            raise UnsupportedError(Reason.LINK)
        if header.type in _DEVICES:
            raise UnreadableError(Reason.NOT_A_FILE)
        self._meter.admit(header.size, len(self._blob.data))
        data = self._stream.read(header.size)
        self._ahead -= len(data)
        return Blob("", data, cut=Reason.NONE if len(data) == header.size else self._stream.cut or Reason.TRUNCATED)

    def _next_header(self) -> _Header | None:
        name = b""
        size = None
        while (block := self._sound_block()) is not None:
            header = self._parsed(block, name, size)
            if header.type in (_LONG_NAME, _PAX):
                words = self._stream.read(min(header.stored, _LONGEST_NAME))
                self._skip(header.stored - len(words))
                if header.type == _LONG_NAME:
                    name = words[: header.size].rstrip(b"\0")
                else:
                    pax = _pax(words[: header.size])
                    name = pax.get(b"path", name)
                    size = int(pax[b"size"]) if pax.get(b"size", b"").isdigit() else None
            elif header.type in (_LONG_LINK, _PAX_FOR_ALL):
                self._skip(header.stored)
            else:
                return header
        return None

    def _parsed(self, block: bytes, name: bytes, size: int | None) -> _Header:
        prefix = block[345:500].rstrip(b"\0") if block[257:262] == b"ustar" and block[263:265] == b"00" else b""
        own = block[:100].split(b"\0")[0]
        full = name or (prefix + b"/" + own if prefix else own)
        return _Header(full, max(0, _number(block[124:136])) if size is None else size, block[156:157])

    def _sound_block(self) -> bytes | None:
        """The next block that is a header; None at the end. What is skipped is damage."""
        while block := self._stream.read(_BLOCK):
            if _is_header(block):
                return block
            if not any(block):
                return None
            self.cut = Reason.DAMAGED_PART if len(block) == _BLOCK else Reason.TRUNCATED
        self.cut = self.cut or self._stream.cut or Reason.TRUNCATED
        return None

    def _skip(self, size: int) -> None:
        while size > 0 and (part := self._stream.read(min(size, STEP))):
            size -= len(part)
        if size > 0:
            self.cut = self._stream.cut or Reason.TRUNCATED


def _pax(words: bytes) -> dict[bytes, bytes]:
    """The ``length key=value`` lines of an extended header."""
    found = {}
    while words:
        length, _, _ = words.partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(words):
            break
        key, _, value = words[len(length) + 1 : int(length) - 1].partition(b"=")
        found[key] = value
        words = words[int(length) :]
    return found


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    tape = _Tape(blob, limits)
    while (header := tape.next()) is not None:
        if header.type != _FOLDER and not header.name.endswith(b"/"):
            yield Member(member_name(header.name), lambda _, at=tape.at: tape.load(at))  # type: ignore[misc]
    if tape.at == 0:
        raise UnreadableError(Reason.DAMAGED)
    if tape.cut:
        yield Gap(tape.cut)


FORMAT = Format(
    kind="tar",
    title=Text("tar archive, also compressed", "tar書庫（圧縮を含む）"),
    suffixes=(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tzst"),
    recognise=_recognise,
    read=_read,
    order=40,
)
