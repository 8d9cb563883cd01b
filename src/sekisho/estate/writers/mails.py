"""Mails as eml and mbox, in UTF-8 and in the ISO-2022-JP of Japanese offices, with attachments."""

from __future__ import annotations

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from sekisho.estate.content import NOTICE, Letter

CLERKS = ("仲村", "上原", "高井", "浅野", "榎本")
MACHINE = "mail.example.or.jp"


def eml(
    letter: Letter, attachments: Sequence[tuple[str, bytes]] = (), charset: str = "utf-8", serial: int = 1
) -> bytes:
    """A mail between two clerks; ``attachments``: names and bytes."""
    return message(letter, attachments, charset, serial).as_bytes(policy=SMTP)


def message(letter: Letter, attachments: Sequence[tuple[str, bytes]], charset: str, serial: int) -> EmailMessage:
    """The same as a message."""
    mail = EmailMessage(policy=SMTP)
    sender, receiver = CLERKS[serial % len(CLERKS)], CLERKS[(serial + 3) % len(CLERKS)]
    mail["From"] = Address(f"{sender} (記録審査)", f"kiroku-{serial % 7}", MACHINE)
    mail["To"] = Address(f"{receiver} (突合)", f"shinsa-{serial % 5}", MACHINE)
    mail["Subject"] = letter.title
    mail["Date"] = f"Wed, 01 Apr 2015 09:{serial % 60:02}:00 +0900"
    mail["Message-ID"] = f"<{serial}@{MACHINE}>"
    mail["X-Note"] = NOTICE
    text = "\n".join(b for b in letter.blocks if isinstance(b, str)) + "\n"
    mail.set_content(_fitting(text, charset), charset=charset, cte="7bit" if charset == "iso-2022-jp" else "base64")
    for name, data in attachments:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail


def _fitting(text: str, charset: str) -> str:
    return text.replace("－", "−").replace("～", "〜") if charset == "iso-2022-jp" else text


def mbox(mails: Sequence[bytes]) -> bytes:
    """Mails one after the other in one file."""
    parts = [b"From - Wed Apr 01 09:00:00 2015\r\n" + _quoted(m).rstrip(b"\r\n") + b"\r\n\r\n" for m in mails]
    return b"".join(parts)


def _quoted(mail: bytes) -> bytes:
    return b"\r\n".join(b">" + line if line.startswith(b"From ") else line for line in mail.split(b"\r\n"))
