"""A mail message, whatever store it came from, and what of it is read: headers, one body, attachments."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.documents import markup
from sekisho.documents.blocks import Block, Flow, Table
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Gap, Member, Piece

HEADERS = ("Subject", "From", "Sender", "To", "Cc", "Bcc", "Reply-To")  # those that are read
_WHITE = re.compile(r"[\s\u200b\ufeff>]+")
_BOUNDARY = "=_sekisho_between_the_parts"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on a mail, or another mail."""

    name: str
    content: bytes | Mail


@dataclass(slots=True)
class Mail:
    """One message. ``plain`` and ``html`` are two forms of one body, or one of them is empty."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    plain: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def pieces(mail: Mail) -> Iterator[Piece]:
    """Headers as lines ``From: ...``, the body once, what the other form of the body adds, attachments."""
    flow = Flow()
    yield from flow.contents([f"{name}: {value}" for name, value in mail.headers if value.strip()], "headers")
    body, addition = _bodies(mail)
    yield from flow.contents(body)
    yield from flow.contents(addition, "other form")
    yield from mail.gaps
    for attachment in mail.attachments:
        yield _member(attachment)


def _member(attachment: Attachment) -> Member:
    content = attachment.content
    if isinstance(content, Mail):
        return Member(attachment.name, lambda _: Blob(attachment.name, written(content)))
    return Member(attachment.name, lambda _: Blob(attachment.name, content))


def _bodies(mail: Mail) -> tuple[list[Block], list[Block]]:
    """The body to read, and the lines of its other form that say something else.

    HTML is read where it has tables, since plain text flattens them, or where there is no plain text.
    """
    plain: list[Block] = list(mail.plain.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    html = _html(mail.html)
    if not html:
        return plain, []
    if not mail.plain.strip():
        return html, []
    if any(isinstance(block, Table) and len(block.rows) > 1 and max(map(len, block.rows)) > 1 for block in html):
        return html, _new_in(plain, html)
    return plain, _new_in(html, plain)


def _html(text: str) -> list[Block]:
    if not text.strip():
        return []
    try:
        return list(markup.blocks(markup.root(text)))
    except UnreadableError:
        return []


def _new_in(blocks: list[Block], known: list[Block]) -> list[Block]:
    """The lines and tables of ``blocks`` whose text does not stand in ``known``."""
    text = "".join(_words(block) for block in known)
    return [block for block in blocks if not _said(block, text)]


def _said(block: Block, text: str) -> bool:
    if isinstance(block, str):
        return all(_WHITE.sub("", line) in text for line in block.split("\n"))
    return all(_WHITE.sub("", cell or "") in text for row in block.rows for cell in row)


def _words(block: Block) -> str:
    if isinstance(block, str):
        return _WHITE.sub("", block)
    return "".join(_WHITE.sub("", cell or "") for row in block.rows for cell in row) + "".join(
        _words(inner) for inner in block.nested
    )


def written(mail: Mail) -> bytes:
    """The message as an Internet mail, so that a mail out of any store is read as one document."""
    lines = [f"{name}: {_encoded(value)}" for name, value in mail.headers]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"', ""]
    bodies = [_part("text/plain; charset=utf-8", mail.plain.encode("utf-8-sig", "replace"))] if mail.plain else []
    if mail.html:
        bodies.append(_part("text/html; charset=utf-8", mail.html.encode("utf-8-sig", "replace")))
    if len(bodies) == 2:
        inner = f"{_BOUNDARY}_forms"
        between = f"--{inner}\r\n"
        bodies = [
            f'Content-Type: multipart/alternative; boundary="{inner}"\r\n\r\n{between}'
            + between.join(bodies)
            + f"--{inner}--\r\n"
        ]
    parts = bodies + [_attached(attachment) for attachment in mail.attachments]
    text = "\r\n".join(lines) + "\r\n" + "".join(f"--{_BOUNDARY}\r\n{part}" for part in parts) + f"--{_BOUNDARY}--\r\n"
    return text.encode("ascii")


def _attached(attachment: Attachment) -> str:
    content = attachment.content
    data = written(content) if isinstance(content, Mail) else content
    return _part("application/octet-stream", data, f'attachment; filename="{_encoded(attachment.name)}"')


def _part(kind: str, data: bytes, disposition: str = "inline") -> str:
    body = base64.encodebytes(data).decode("ascii").replace("\n", "\r\n")
    return (
        f"Content-Type: {kind}\r\nContent-Disposition: {disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
    )


def _encoded(text: str) -> str:
    """A header value as one encoded word, so that nothing in it can break the message."""
    return f"=?utf-8?B?{base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}?="
