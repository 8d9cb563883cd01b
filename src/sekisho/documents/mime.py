"""Reads Internet mail (RFC 5322, MIME) as it is really sent in Japan: ISO-2022-JP with extensions, raw Shift_JIS."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email import errors as defects
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32

from sekisho.documents import charset
from sekisho.documents.mail import HEADERS, Attachment, Mail
from sekisho.model import Gap, Reason

_WORD = re.compile(r"=\?(?P<charset>[^?*\s]+)(?:\*[^?]*)?\?(?P<how>[BbQq])\?(?P<text>[^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?)")
_FOLD = re.compile(r"\r?\n[ \t]")
_UUENCODED = re.compile(r"^begin [0-7]{3,4} (?P<name>[^\r\n]+)\r?\n(?P<body>.*?)^end\s*$", re.MULTILINE | re.DOTALL)
_MESSAGES = frozenset(("message/rfc822", "message/global"))
_NESTED = 60


class _AsItStands(Compat32):
    """Headers as they were sent: raw bytes in them stay, as surrogates, instead of being given up."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value, untouched."""
        return value


_AS_IT_STANDS = _AsItStands()


def read(data: bytes) -> Mail:
    """The message in ``data``; parts that are damaged leave a gap."""
    message = BytesParser(policy=_AS_IT_STANDS).parsebytes(data)
    mail = Mail([(name, header(str(value))) for name in HEADERS for value in _all(message, name)])
    _take(message, mail, 0)
    if any(isinstance(d, _BROKEN) for part in _parts(message, 0) for d in part.defects):
        mail.gaps.append(Gap(Reason.TRUNCATED, "parts"))
    return mail


_BROKEN = (
    defects.NoBoundaryInMultipartDefect,
    defects.StartBoundaryNotFoundDefect,
    defects.CloseBoundaryNotFoundDefect,
)


def _all(message: Message, name: str) -> list[object]:
    return list(message.get_all(name) or ())


def _parts(message: Message, depth: int) -> Iterator[Message]:
    yield message
    if message.is_multipart() and depth < _NESTED:
        for part in _children(message):
            yield from _parts(part, depth + 1)


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def header(raw: str) -> str:
    """A header value as text: encoded words decoded (also where one character was cut between two), else raw bytes."""
    value = _FOLD.sub(" ", raw)
    data = value.encode("utf-8", "surrogateescape")
    if not data.isascii() or b"\x1b" in data:
        value = charset.decode(data).text
    value = _BETWEEN.sub(r"\1\2", value)
    words = list(_WORD.finditer(value))
    if not words:
        return " ".join(value.split())
    out, at = [], 0
    for same in _runs(words):
        out.append(value[at : same[0].start()])
        data = b"".join(_decoded_word(word) for word in same)
        out.append(charset.decode(data, same[0]["charset"]).text)
        at = same[-1].end()
    return " ".join(("".join(out) + value[at:]).split())


def _runs(words: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Encoded words that touch and share their charset, to be decoded as one."""
    run: list[re.Match[str]] = []
    for word in words:
        if run and (word.start() != run[-1].end() or word["charset"].lower() != run[-1]["charset"].lower()):
            yield run
            run = []
        run.append(word)
    yield run


def _decoded_word(word: re.Match[str]) -> bytes:
    text = word["text"].encode("ascii", "replace")
    if word["how"] in "Qq":
        return quopri.decodestring(text.replace(b"_", b" "))
    return _base64(text)


def _base64(data: bytes) -> bytes:
    """Base64 as far as it can be read."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return base64.b64decode(clean[: len(clean) // 4 * 4])


def _take(part: Message, mail: Mail, depth: int) -> None:
    """Adds one part of the message, and what is in it, to the mail."""
    kind = part.get_content_type()
    children = _children(part)
    if kind in _MESSAGES:
        _take_message(part, children, mail)
    elif children:
        for child in children if depth < _NESTED else ():
            _take(child, mail, depth + 1)
    elif not part.is_multipart():
        _take_leaf(part, kind, mail)


def _take_message(part: Message, children: list[Message], mail: Mail) -> None:
    name = _name(part) or f"message {len(mail.attachments) + 1}.eml"
    packed = str(part.get("Content-Transfer-Encoding") or "").strip().lower() == "base64"
    for child in children:
        data = child.as_bytes(policy=_AS_IT_STANDS)
        mail.attachments.append(Attachment(name, _base64(data) if packed else data))


def _take_leaf(part: Message, kind: str, mail: Mail) -> None:
    name = _name(part)
    attached = part.get_content_disposition() == "attachment" or bool(name)
    if kind in ("text/plain", "text/html", "text/enriched") and not attached:
        text = _text(part)
        if kind == "text/html":
            mail.html += text
        else:
            mail.plain += ("\n" if mail.plain else "") + _unpacked(text, mail)
    elif kind.startswith(("message/", "text/rfc822")) and not attached:
        mail.plain += "\n" + _text(part)
    elif kind.startswith("image/") and not attached and part.get("Content-ID"):
        return  # a picture of the page, not a file that was sent
    else:
        extension = {"text/calendar": ".ics", "text/vcard": ".vcf", "text/x-vcard": ".vcf"}.get(kind, "")
        mail.attachments.append(Attachment(name or f"part {len(mail.attachments) + 1}{extension}", _payload(part)))


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    decoded = charset.decode(_payload(part), part.get_content_charset())
    text = decoded.text.replace("\r\n", "\n")
    if str(part.get_param("format") or "").lower() == "flowed":
        text = _unflowed(text, delete=str(part.get_param("delsp") or "").lower() == "yes")
    return text


def _unflowed(text: str, *, delete: bool) -> str:
    """Lines that were wrapped on the way, joined again (RFC 3676)."""
    out: list[str] = []
    soft = False
    for line in text.split("\n"):
        if soft and not line.startswith(">"):
            out[-1] = (out[-1].removesuffix(" ") if delete else out[-1]) + line.removeprefix(" ")
        else:
            out.append(line.removeprefix(" "))
        soft = line.endswith(" ") and line != "-- "
    return "\n".join(out)


def _unpacked(text: str, mail: Mail) -> str:
    """The text without files that stand in it uuencoded; they become attachments."""
    if "\nbegin " not in f"\n{text}":
        return text
    for match in _UUENCODED.finditer(text):
        mail.attachments.append(Attachment(match["name"].strip(), _uudecoded(match["body"])))
    return _UUENCODED.sub("", text)


def _uudecoded(body: str) -> bytes:
    out = b""
    for line in body.splitlines():
        try:
            out += binascii.a2b_uu(line.encode("ascii", "replace"))
        except binascii.Error:
            size = (((ord(line[0]) - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out += binascii.a2b_uu(line[:size].encode("ascii", "replace"))
            except binascii.Error:
                continue
    return out


def _name(part: Message) -> str:
    """The file name of a part: RFC 2231, encoded words in quotes, or raw bytes."""
    for parameter, field in (("filename", "content-disposition"), ("name", "content-type")):
        value = part.get_param(parameter, None, field)
        if isinstance(value, tuple):
            return charset.decode(value[2].encode("latin-1", "replace"), value[0]).text
        if value:
            return header(str(value))
    return ""
