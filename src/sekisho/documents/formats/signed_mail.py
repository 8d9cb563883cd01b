"""Signed and encrypted mail and files (.p7m, S/MIME): what is signed is read, what is encrypted is locked."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from sekisho.documents import mail, mime, ole
from sekisho.errors import LockedError, UnreadableError
from sekisho.model import NO_LOCK, Blob, Format, Head, Limits, Lock, Piece, Protection, Reason
from sekisho.wording import Text

_PKCS_7 = bytes.fromhex("06092a864886f70d0107")  # and one byte that says what: 2 signed, 3 encrypted
_SIGNED, _ENVELOPED = 2, 3
_ARMOUR = re.compile(rb"-----BEGIN (?:PKCS7|CMS)-----(.*?)-----END", re.DOTALL)
_STRONG = {  # RFC 3565, RFC 5084
    bytes.fromhex(f"6086480165030401{last}"): name
    for last, name in (("02", "AES-128"), ("16", "AES-192"), ("2a", "AES-256"), ("06", "AES-128"), ("2e", "AES-256"))
}
_DEEP = 30


def _recognise(head: Head) -> bool:
    return _what(bytes(head.data[:4096])) in (_SIGNED, _ENVELOPED)


def _what(start: bytes) -> int:
    """The kind of PKCS #7 message: 2 signed, 3 encrypted, 0 where it is none."""
    data = _bare(start)
    at = data.find(_PKCS_7, 0, 24)
    return data[at + len(_PKCS_7)] if data[:1] == b"\x30" and 0 < at < len(data) - len(_PKCS_7) else 0


def _bare(data: bytes) -> bytes:
    armoured = _ARMOUR.search(data) if data.startswith(b"-----BEGIN ") else None
    if armoured is None:
        return data
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", armoured[1])
    return base64.b64decode(clean[: len(clean) // 4 * 4])


def _lock(blob: Blob) -> Lock:
    data = _bare(bytes(blob.data))
    if _what(data[:4096]) != _ENVELOPED:
        return NO_LOCK
    name = next((name for mark, name in _STRONG.items() if mark in data[:65536]), "")
    return Lock(Protection.STRONG, f"S/MIME {name}") if name else Lock(Protection.WEAK, "S/MIME, older cipher")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    data = _bare(bytes(blob.data))
    if _what(data[:4096]) == _ENVELOPED:
        raise LockedError(Reason.PASSWORD_UNKNOWN)
    content = _content(data)
    if re.match(rb"(?:MIME-Version|Content-[\w-]+):", content, re.IGNORECASE):
        yield from mail.pieces(mime.read(content))
    elif content:
        yield ole.member(re.sub(r"\.p7[ms]$", "", re.split("[!/]", blob.name)[-1], flags=re.IGNORECASE), content)


def _content(data: bytes) -> bytes:
    """What is signed: the octets in the message, put together where they come in parts; empty where it is apart."""
    try:
        signed = _inside(_inside(data)[1])[0]
        return b"".join(_octets(part, 0) for part in _inside(_inside(signed)[2])[1:])
    except IndexError as error:
        raise UnreadableError(Reason.DAMAGED, "PKCS #7") from error


def _octets(value: bytes, depth: int) -> bytes:
    if value[0] == 4:
        return _body(value)[0]
    return b"".join(_octets(part, depth + 1) for part in _inside(value)) if depth < _DEEP else b""


def _inside(value: bytes) -> list[bytes]:
    """The values inside a constructed one, each with its tag and length (X.690, also without stated lengths)."""
    rest, _ = _body(value)
    found = []
    while rest and rest[:2] != b"\0\0":
        _, size = _body(rest)
        found.append(rest[:size])
        rest = rest[size:]
    return found


def _body(value: bytes) -> tuple[bytes, int]:
    """The content of the first value, and how many bytes it takes with tag and length."""
    first = value[1]
    if first == 0x80:
        return _unstated(value)
    count = first & 0x7F if first & 0x80 else 0
    size = int.from_bytes(value[2 : 2 + count], "big") if count else first
    start = 2 + count
    return value[start : start + size], min(start + size, len(value))


def _unstated(value: bytes) -> tuple[bytes, int]:
    """A value that ends with two zero bytes instead of saying how long it is."""
    at = 2
    while value[at : at + 2] != b"\0\0":
        if at + 2 > len(value):
            raise IndexError
        at += _body(value[at:])[1]
    return value[2:at], at + 2


FORMAT = Format(
    kind="signed_mail",
    title=Text("signed or encrypted mail (S/MIME)", "署名・暗号化メール（S/MIME）"),
    suffixes=(".p7m", ".p7s"),
    recognise=_recognise,
    read=_read,
    lock=_lock,
    order=30,
)
