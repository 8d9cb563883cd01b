"""Outlook's properties (MAPI), as .msg, .pst and winmail.dat hold them, made into a mail."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence

from sekisho.documents import charset, mime
from sekisho.documents.mail import Attachment, Mail
from sekisho.documents.rtf import Reader

Value = str | bytes | int
Properties = Mapping[int, Value]

CLASS, SUBJECT, TRANSPORT_HEADERS, BODY, RTF, HTML = 0x1A, 0x37, 0x7D, 0x1000, 0x1009, 0x1013
CODEPAGE, INTERNET_CODEPAGE = 0x3FFD, 0x3FDE
NAME, ADDRESS, SMTP, RECIPIENT_TYPE = 0x3001, 0x3003, 0x39FE, 0x0C15
ATTACHED_DATA, SHORT_NAME, METHOD, LONG_NAME, CONTENT_ID, HIDDEN = 0x3701, 0x3704, 0x3705, 0x3707, 0x3712, 0x7FFE
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP = (0x0C1A, 0x42), (0x0C1F, 0x65), (0x5D01, 0x5D02)
_DISPLAYED = ((1, "To", 0x0E04), (2, "Cc", 0x0E03), (3, "Bcc", 0x0E02))
_CARD = (
    (0x3001, "Name"), (0x3A2D, "Kana"), (0x3A16, "Company"), (0x3A18, "Department"), (0x3A17, "Title"),
    (0x3A08, "Phone"), (0x3A09, "Home phone"), (0x3A1C, "Mobile phone"), (0x3A15, "Address"),
    (0x3A59, "City"), (0x3A5D, "Street"), (0x3A5B, "Postal code"), (0x3A5C, "Prefecture"), (0x3A42, "Birthday"),
)  # fmt: skip
_MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RTF_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def text(value: bytes, properties: Properties) -> str:
    """An 8-bit string in the code page of its message, where the bytes fit it."""
    page = properties.get(CODEPAGE) or properties.get(INTERNET_CODEPAGE)
    return charset.decode(value.rstrip(b"\0"), f"cp{page}" if isinstance(page, int) else None).text


def wide(value: bytes) -> str:
    """A UTF-16 string."""
    return value.decode("utf-16-le", "replace").rstrip("\0")


def mail(properties: Properties, recipients: Sequence[Properties], attachments: Sequence[Attachment]) -> Mail:
    """The message that these properties, recipients and attachments make."""
    plain = _text_of(properties, BODY)
    if _text_of(properties, CLASS).startswith("IPM.Contact"):
        plain = "\n".join([*_card(properties), plain])
    html = _html(properties)
    if not plain.strip() and not html.strip():
        plain = _from_rtf(properties.get(RTF))
    return Mail(_headers(properties, recipients), plain, html, list(attachments))


def _text_of(properties: Properties, *tags: int) -> str:
    """The first of the properties that says something."""
    for tag in tags:
        value = properties.get(tag, "")
        found = text(value, properties) if isinstance(value, bytes) else str(value)
        if found.strip():
            return found
    return ""


def _headers(properties: Properties, recipients: Sequence[Properties]) -> list[tuple[str, str]]:
    subject = re.sub(r"^\x01.", "", _text_of(properties, SUBJECT), flags=re.DOTALL)
    sent = mime.read(_text_of(properties, TRANSPORT_HEADERS).encode("utf-8", "replace") + b"\r\n\r\n").headers
    headers = [("Subject", subject)] + [(name, value) for name, value in sent if name != "Subject"]
    known = {name for name, _ in headers}
    if "From" not in known:
        headers.append(("From", _address(properties, _SENDER, (*_SENDER_SMTP, *_SENDER_ADDRESS))))
    for kind, name, shown in _DISPLAYED:
        listed = [_address(r, (NAME,), (SMTP, ADDRESS)) for r in recipients if r.get(RECIPIENT_TYPE, 1) == kind]
        if name not in known:
            headers.append((name, ", ".join(listed) or _text_of(properties, shown)))
    return [(name, value) for name, value in headers if value.strip()]


def _address(properties: Properties, names: Sequence[int], addresses: Sequence[int]) -> str:
    name = _text_of(properties, *names)
    found = next((a for tag in addresses if "@" in (a := _text_of(properties, tag))), "")
    return f"{name} <{found}>" if name and found and name != found else name or found


def _card(properties: Properties) -> list[str]:
    """A contact as labelled lines."""
    lines = [f"{label}: {value}" for tag, label in _CARD if (value := _text_of(properties, tag))]
    mails = {v for tag, v in properties.items() if tag >= 0x8000 and isinstance(v, str) and _MAIL_ADDRESS.fullmatch(v)}
    return lines + [f"E-mail: {address}" for address in sorted(mails)]


def _html(properties: Properties) -> str:
    value = properties.get(HTML, "")
    if not isinstance(value, bytes):
        return str(value)
    page = properties.get(INTERNET_CODEPAGE)
    return charset.decode(value, f"cp{page}" if isinstance(page, int) else None).text


def _from_rtf(value: Value | None) -> str:
    if not isinstance(value, bytes):
        return ""
    lines: list[str] = []
    for block in Reader(unpacked_rtf(value)).blocks[""]:
        lines += [block] if isinstance(block, str) else ["\t".join(cell or "" for cell in row) for row in block.rows]
    return "\n".join(lines)


def unpacked_rtf(data: bytes) -> bytes:
    """Compressed RTF ([MS-OXRTFCP]) as RTF; what is cut off ends early."""
    if data[:1] == b"{":
        return data
    if len(data) < 16:
        return b""
    _, size, magic, _ = struct.unpack_from("<4I", data)
    if magic == 0x414C454D:  # MELA: stored as it is
        return data[16 : 16 + size]
    window = bytearray(_RTF_START.ljust(4096, b"\0"))
    out = bytearray()
    at, place = 16, len(_RTF_START)
    while at < len(data) and len(out) < size:
        flags, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                break
            if flags >> bit & 1:
                reference = int.from_bytes(data[at : at + 2], "big")
                at += 2
                source, length = reference >> 4, (reference & 15) + 2
                if source == place:
                    return bytes(out)
            else:
                source, length = -1, 1
            for i in range(length):
                byte = data[at] if source < 0 else window[(source + i) % 4096]
                out.append(byte)
                window[place] = byte
                place = (place + 1) % 4096
            at += source < 0
    return bytes(out[:size])
