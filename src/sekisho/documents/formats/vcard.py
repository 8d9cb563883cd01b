"""Business cards (.vcf): each card is a person with labelled values."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator

from sekisho.documents import charset
from sekisho.documents.blocks import Flow
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_LINE = re.compile(rb"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<parameters>(?:;[^:;]*)*):(?P<value>.*)", re.DOTALL)
_CHARSET = re.compile(rb"CHARSET=\"?([\w-]+)", re.IGNORECASE)
_SOFT_BREAK = re.compile(rb"=\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LABELS = {
    "FN": "氏名",
    "X-PHONETIC-LAST-NAME": "セイ",
    "X-PHONETIC-FIRST-NAME": "メイ",
    "SORT-STRING": "カナ",
    "SOUND": "カナ",
    "BDAY": "生年月日",
    "GENDER": "性別",
    "TEL": "電話番号",
    "EMAIL": "メール",
    "ADR": "住所",
    "ORG": "組織名",
    "TITLE": "役職",
    "NOTE": "備考",
}


def _recognise(head: Head) -> bool:
    return bytes(head.data[:64]).lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCARD")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    data = _FOLD.sub(b"", _SOFT_BREAK.sub(b"", bytes(blob.data)))
    flow = Flow()
    yield from flow.contents(_lines(data))
    if not data.rstrip().upper().endswith(b"END:VCARD"):
        yield Gap(Reason.TRUNCATED)


def _lines(data: bytes) -> Iterator[str]:
    """Labelled lines, an empty one after each card."""
    named = False
    for raw in data.splitlines():
        match = _LINE.match(raw)
        name = match["name"].decode("ascii").upper() if match else ""
        if match is None or name == "END":
            yield ""
            named = False
            continue
        value = _value(match)
        if name == "N" and value.strip("; "):
            name, value = "" if named else "FN", " ".join(value.split(";")[:2])
        named = named or name == "FN"
        if name in _LABELS and value.strip("; "):
            yield from _labelled(name, value)


def _labelled(name: str, value: str) -> Iterator[str]:
    if name == "ADR":
        parts = [*value.split(";"), *[""] * 7][:7]
        if parts[5]:
            yield f"郵便番号: {parts[5]}"
        value = "".join((parts[4], parts[3], parts[2], parts[1]))
    value = " ".join(part for part in value.split(";") if part)
    if value:
        yield f"{_LABELS[name]}: {value}"


def _value(match: re.Match[bytes]) -> str:
    data, parameters = match["value"], match["parameters"].upper()
    if b"QUOTED-PRINTABLE" in parameters:
        data = quopri.decodestring(data)
    declared = _CHARSET.search(parameters)
    text = charset.decode(data, declared[1].decode("ascii") if declared else None).text
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


FORMAT = Format(
    kind="vcard",
    title=Text("business cards (vCard)", "名刺データ（vCard）"),
    suffixes=(".vcf", ".vcard"),
    recognise=_recognise,
    read=_read,
    order=40,
)
