"""Outlook messages (.msg, .oft): headers, body, attachments, forwarded messages, contacts."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import olefile

from sekisho.documents import mail, mapi, ole
from sekisho.documents.mail import Attachment, Mail
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_PROPERTIES = "__properties_version1.0"
_STREAM = "__substg1.0_"
_WIDE, _NARROW, _BINARY, _LONG, _BOOLEAN = 0x1F, 0x1E, 0x102, 0x3, 0xB
_DEEP = 20


def _recognise(head: Head) -> bool:
    return ole.named(head, _PROPERTIES)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    with ole.open_ole(blob.data) as file:
        message = _Storage(file, ole.children(file), ()).message(32)
    yield from mail.pieces(message)


class _Storage:
    """One object of the file: the message, a recipient, an attachment, a message inside an attachment."""

    def __init__(self, file: olefile.OleFileIO, tree: ole.Tree, path: tuple[str, ...], page: int = 0) -> None:
        self._file = file
        self._tree = tree
        self._path = path
        self._entries = tree.get(path, frozenset())
        self._page = page
        self.damaged = False

    def message(self, header: int) -> Mail:
        """The mail of a message object whose property list begins after ``header`` bytes."""
        properties = self._properties(header)
        page = properties.get(mapi.CODEPAGE) or properties.get(mapi.INTERNET_CODEPAGE)
        self._page = page if isinstance(page, int) else self._page
        recipients = [inner._properties(8) for inner in self._inner("__recip_version1.0_")]
        result = mapi.mail(properties, recipients, [])
        for number, inner in enumerate(self._inner("__attach_version1.0_"), start=1):
            inner._attach(result, number)
            self.damaged |= inner.damaged
        if self.damaged:
            result.gaps.append(Gap(Reason.DAMAGED_PART, "a property"))
        return result

    def _attach(self, to: Mail, number: int) -> None:
        properties = self._properties(8)
        name = str(properties.get(mapi.LONG_NAME) or properties.get(mapi.SHORT_NAME) or "")
        embedded = f"{_STREAM}3701000D"
        if embedded in self._entries:
            self._attach_object(to, name or str(properties.get(mapi.NAME) or ""), number, embedded)
        elif isinstance(data := properties.get(mapi.ATTACHED_DATA), bytes):
            picture = properties.get(mapi.HIDDEN) and properties.get(mapi.CONTENT_ID)
            if not picture:
                to.attachments.append(Attachment(name or f"attachment {number}", data))
        else:
            to.gaps.append(Gap(Reason.UNREAD_PART, "an attachment is not in the file"))

    def _attach_object(self, to: Mail, name: str, number: int, embedded: str) -> None:
        inner = _Storage(self._file, self._tree, (*self._path, embedded), self._page)
        if _PROPERTIES in inner._entries and len(self._path) < _DEEP:
            to.attachments.append(Attachment(f"{name or f'message {number}'}.eml", inner.message(24)))
            return
        for stream in ("CONTENTS", "Package", "\x01Ole10Native"):
            if stream in inner._entries:
                data = ole.stream(self._file, *inner._path, stream)
                native = ole.native(data, name) if stream.startswith("\x01") else [ole.member(name, data)]
                to.attachments += [Attachment(m.name or f"object {number}", bytes(m.load(None).data)) for m in native]
                return
        to.gaps.append(Gap(Reason.UNREAD_PART, "an embedded object"))

    def _inner(self, prefix: str) -> list[_Storage]:
        names = sorted(name for name in self._entries if name.startswith(prefix))
        return [_Storage(self._file, self._tree, (*self._path, name), self._page) for name in names]

    def _properties(self, header: int) -> dict[int, mapi.Value]:
        found: dict[int, mapi.Value] = {}
        data = ole.stream(self._file, *self._path, _PROPERTIES) if _PROPERTIES in self._entries else b""
        for at in range(header, len(data) - 15, 16):
            kind, tag = struct.unpack_from("<HH", data, at)
            if kind in (_LONG, _BOOLEAN):
                found[tag] = int.from_bytes(data[at + 8 : at + 12], "little")
        page = {mapi.CODEPAGE: found.get(mapi.CODEPAGE, self._page)}
        for name in self._entries:
            if name.startswith(_STREAM) and len(name) == len(_STREAM) + 8:
                self._take(name, found, page)
        return found

    def _take(self, name: str, found: dict[int, mapi.Value], page: mapi.Properties) -> None:
        try:
            tag, kind = int(name[-8:-4], 16), int(name[-4:], 16)
        except ValueError:
            return
        if kind not in (_WIDE, _NARROW, _BINARY):
            return
        try:
            data = ole.stream(self._file, *self._path, name)
        except UnreadableError:
            self.damaged = True
            return
        if kind == _WIDE:
            found[tag] = mapi.wide(data)
        else:
            found[tag] = mapi.text(data, page) if kind == _NARROW else data


FORMAT = Format(
    kind="msg",
    title=Text("Outlook message", "Outlookメッセージ"),
    suffixes=(".msg", ".oft"),
    recognise=_recognise,
    read=_read,
    order=30,
)
