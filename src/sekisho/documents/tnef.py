"""Reads winmail.dat, the shape in which Outlook sends a mail to those who have no Outlook ([MS-OXTNEF])."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sekisho.documents import charset, mapi, ole
from sekisho.documents.mail import Attachment, Mail
from sekisho.errors import UnreadableError
from sekisho.model import Gap, Reason

MAGIC = b"\x78\x9f\x3e\x22"
_PROPERTIES, _PAGE, _CUT_OFF = 0x9003, 0x9007, -1
_TEXTS = {0x8004: mapi.SUBJECT, 0x800C: mapi.BODY}
_NEW_ATTACHMENT, _TITLE, _DATA, _ATTACHMENT_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_NARROW, _WIDE, _BINARY, _OBJECT, _MANY = 0x1E, 0x1F, 0x102, 0x0D, 0x1000
_FIXED = {5: 8, 6: 8, 7: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_DEEP = 20


def read(data: bytes, depth: int = 0) -> Mail:
    """The mail; raises UnreadableError."""
    if data[:4] != MAGIC:
        raise UnreadableError(Reason.DAMAGED, "TNEF")
    message = _Message()
    for identifier, value in _attributes(data):
        message.take(identifier, value)
    mail = mapi.mail(message.properties, [], [])
    for number, properties in enumerate(message.attached, start=1):
        mail.attachments += _attachment(properties, number, depth)
    if not message.whole:
        mail.gaps.append(Gap(Reason.TRUNCATED))
    return mail


class _Message:
    """The properties of the message and of each file attached, gathered from attributes in their order."""

    def __init__(self) -> None:
        self.properties: dict[int, mapi.Value] = {}
        self.attached: list[dict[int, mapi.Value]] = []
        self.whole = True
        self._page: dict[int, mapi.Value] = {}

    def take(self, identifier: int, value: bytes) -> None:
        """One more attribute."""
        if identifier == _PAGE:
            self._page[mapi.CODEPAGE] = int.from_bytes(value[:4], "little")
        elif identifier == _NEW_ATTACHMENT:
            self.attached.append({})
        elif identifier == _PROPERTIES:
            self.properties |= dict(_values(value, self._page))
        elif identifier in _TEXTS:
            self.properties.setdefault(_TEXTS[identifier], mapi.text(value, self._page))
        elif identifier == _CUT_OFF:
            self.whole = False
        elif self.attached:
            self._take_attached(identifier, value, self.attached[-1])

    def _take_attached(self, identifier: int, value: bytes, properties: dict[int, mapi.Value]) -> None:
        if identifier == _TITLE:
            properties.setdefault(mapi.SHORT_NAME, mapi.text(value, self._page))
        elif identifier == _DATA:
            properties.setdefault(mapi.ATTACHED_DATA, value)
        elif identifier == _ATTACHMENT_PROPERTIES:
            properties |= dict(_values(value, self._page))


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Identifier and value of each attribute; `_CUT_OFF` at last where the data ends too early."""
    at = 6
    while at + 9 <= len(data):
        identifier, size = struct.unpack_from("<I", data, at + 1)[0], struct.unpack_from("<I", data, at + 5)[0]
        if at + 9 + size > len(data):
            yield _CUT_OFF, b""
            return
        yield identifier & 0xFFFF, data[at + 9 : at + 9 + size]
        at += 11 + size


def _attachment(properties: mapi.Properties, number: int, depth: int) -> Iterator[Attachment]:
    name = str(properties.get(mapi.LONG_NAME) or properties.get(mapi.SHORT_NAME) or "").rpartition("\\")[2]
    data = properties.get(mapi.ATTACHED_DATA)
    if isinstance(data, bytes) and data[16:20] == MAGIC and depth < _DEEP:
        yield Attachment(f"{name or f'message {number}'}.eml", read(data[16:], depth + 1))
    elif isinstance(data, bytes) and ole.is_ole(data[16:24]):
        for inner in ole.unwrapped(name or f"object {number}", data[16:]):
            yield Attachment(inner.name, bytes(inner.load(None).data))
    elif isinstance(data, bytes):
        yield Attachment(name or f"attachment {number}", data)


def _values(data: bytes, page: mapi.Properties) -> Iterator[tuple[int, mapi.Value]]:
    """Tag and value of each MAPI property; a list ends where it is damaged."""
    at = 4
    try:
        for _ in range(min(int.from_bytes(data[:4], "little"), len(data) // 4)):
            kind, tag = struct.unpack_from("<HH", data, at)
            at += 4
            if tag >= 0x8000:
                at = _past_name(data, at)
            many, kind = bool(kind & _MANY), kind & ~_MANY
            variable = kind in (_NARROW, _WIDE, _BINARY, _OBJECT)
            count = 1
            if many or variable:
                count = struct.unpack_from("<I", data, at)[0]
                at += 4
            for _ in range(min(count, len(data))):
                size = _FIXED.get(kind, 4)
                if variable:
                    size = struct.unpack_from("<I", data, at)[0]
                    at += 4
                yield tag, _value(kind, data[at : at + size], page)
                at += size + -size % 4
    except struct.error:
        return


def _past_name(data: bytes, at: int) -> int:
    at += 16
    kind, size = struct.unpack_from("<II", data, at)
    return at + 8 + (size + -size % 4 if kind else 0)


def _value(kind: int, value: bytes, page: mapi.Properties) -> mapi.Value:
    if kind == _WIDE:
        return mapi.wide(value)
    if kind == _NARROW:
        return charset.decode(value.rstrip(b"\0")).text if not page else mapi.text(value, page)
    return value if kind in (_BINARY, _OBJECT, 0x40, 0x48) else int.from_bytes(value[:4], "little")
