"""Outlook data files (.pst, .ost): each message, contact and appointment is a document of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sekisho.documents import mapi
from sekisho.documents.mail import Attachment, Mail, written
from sekisho.documents.seekable import Seekable
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Gap, Head, Limits, Member, Piece, Reason
from sekisho.wording import Text

_WIDE, _NARROW, _LONG, _BOOLEAN = 0x1F, 0x1E, 0x3, 0xB
_DEEP = 100


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) == b"!BDN"


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    import pypff

    file = pypff.file()
    try:
        file.open_file_object(Seekable(blob.data))
    except OSError as error:
        raise UnreadableError(Reason.DAMAGED, "Outlook data file") from error
    try:
        yield from _folder(file.get_root_folder(), "", 0)
        yield from _orphans(file)
    except OSError:
        yield Gap(Reason.DAMAGED_PART, "folder")


def _folder(folder: Any, path: str, depth: int) -> Iterator[Piece]:
    for number in range(folder.number_of_sub_messages):
        yield _member(f"{path}message {number + 1}.eml", folder.get_sub_message, number)
    for number in range(folder.number_of_sub_folders if depth < _DEEP else 0):
        inner = folder.get_sub_folder(number)
        yield from _folder(inner, f"{path}{inner.name or number + 1}/", depth + 1)


def _orphans(file: Any) -> Iterator[Piece]:
    """Messages that no folder holds any more: deleted, yet in the file."""
    for number in range(file.number_of_orphan_items):
        item = file.get_orphan_item(number)
        if hasattr(item, "plain_text_body"):
            yield _member(f"orphans/message {number + 1}.eml", file.get_orphan_item, number)


def _member(name: str, fetch: Any, number: int) -> Member:
    def load(_: str | None) -> Blob:
        try:
            return Blob(name, written(_mail(fetch(number), 0)))
        except OSError as error:
            raise UnreadableError(Reason.DAMAGED, "message") from error

    return Member(name, load)


def _mail(message: Any, depth: int) -> Mail:
    properties = _properties(message)
    recipients = [] if message.recipients is None else _recipients(message.recipients)
    attachments = [
        found
        for number in range(message.number_of_attachments)
        if (found := _attachment(message.get_attachment(number), number + 1, depth)) is not None
    ]
    return mapi.mail(properties, recipients, attachments)


def _recipients(item: Any) -> list[mapi.Properties]:
    return [_values(records) for records in item.record_sets]


def _attachment(item: Any, number: int, depth: int) -> Attachment | None:
    properties = _properties(item)
    name = str(properties.get(mapi.LONG_NAME) or properties.get(mapi.SHORT_NAME) or properties.get(mapi.NAME) or "")
    if properties.get(mapi.METHOD) == 5 and item.number_of_sub_items and depth < _DEEP:
        return Attachment(f"{name or f'message {number}'}.eml", _mail(item.get_sub_item(0), depth + 1))
    if properties.get(mapi.HIDDEN) and properties.get(mapi.CONTENT_ID):
        return None
    data = properties.get(mapi.ATTACHED_DATA)
    if not isinstance(data, bytes):
        size = item.get_size()
        data = item.read_buffer(size) if size else b""
    return Attachment(name or f"attachment {number}", data)


def _properties(item: Any) -> dict[int, mapi.Value]:
    found: dict[int, mapi.Value] = {}
    for records in item.record_sets:
        found.update(_values(records))
    return found


def _values(records: Any) -> dict[int, mapi.Value]:
    found: dict[int, mapi.Value] = {}
    narrow: dict[int, bytes] = {}
    for entry in records.entries:
        tag, kind, data = entry.entry_type, entry.value_type, entry.data
        if tag is None or data is None:
            continue
        if kind == _WIDE:
            found[tag] = mapi.wide(data)
        elif kind == _NARROW:
            narrow[tag] = data
        else:
            found[tag] = int.from_bytes(data[:4], "little") if kind in (_LONG, _BOOLEAN) else data
    return found | {tag: mapi.text(data, found) for tag, data in narrow.items()}


FORMAT = Format(
    kind="pst",
    title=Text("Outlook data file", "Outlookデータファイル"),
    suffixes=(".pst", ".ost"),
    recognise=_recognise,
    read=_read,
    order=10,
)
