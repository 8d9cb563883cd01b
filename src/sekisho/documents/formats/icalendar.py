"""Calendars (.ics): what entries say and who is asked to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.documents import charset
from sekisho.documents.blocks import Flow
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_LINE = re.compile(r"(?P<name>[\w-]+)(?P<parameters>(?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(?P<value>.*)", re.DOTALL)
_NAME = re.compile(r"CN=\"?([^\";:]+)", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TEXTS = frozenset(("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT"))
_PERSONS = {"ATTENDEE": "To", "ORGANIZER": "From"}


def _recognise(head: Head) -> bool:
    return bytes(head.data[:64]).lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    text = charset.decode(_FOLD.sub(b"", bytes(blob.data))).text
    yield from Flow().contents(_lines(text))
    if "END:VCALENDAR" not in text[-200:].upper():
        yield Gap(Reason.TRUNCATED)


def _lines(text: str) -> Iterator[str]:
    for raw in text.splitlines():
        match = _LINE.match(raw)
        name = match["name"].upper() if match else ""
        if match is None or name == "END":
            yield ""
        elif name in _TEXTS:
            yield _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], match["value"])
        elif name in _PERSONS:
            told = _NAME.search(match["parameters"])
            address = re.sub("^mailto:", "", match["value"], flags=re.IGNORECASE)
            yield f"{_PERSONS[name]}: {told[1]} <{address}>" if told else f"{_PERSONS[name]}: {address}"


FORMAT = Format(
    kind="icalendar",
    title=Text("calendar (iCalendar)", "予定表（iCalendar）"),
    suffixes=(".ics", ".ical", ".ifb"),
    recognise=_recognise,
    read=_read,
    order=40,
)
