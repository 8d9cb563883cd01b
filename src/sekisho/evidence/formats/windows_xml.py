"""The Windows Security log as XML: saved by the Event Viewer, or by ``wevtutil qe Security /f:xml``.

Each event is cut out and parsed for itself, so that a broken one costs one; a document type is refused, entities
are never resolved. Times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from sekisho.evidence.clock import Clock
from sekisho.evidence.event import Event, Left, Lines, LogFormat, Passed
from sekisho.evidence.windows import event
from sekisho.wording import Text

_MARK = re.compile(r"<Event(?=[\s>])|</Event>|<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST = 1 << 20  # characters of one event; Windows writes 64 KiB at most


def _fits(sample: str) -> bool:
    return bool(re.search(r"<Event\s[^>]{0,200}schemas\.microsoft\.com/win/2004/08/events/event", sample))


def _read(lines: Lines, clock: Clock) -> Iterator[Event | Passed]:
    for place, text in enumerate(_cut(lines), 1):
        yield Passed(place, text) if isinstance(text, Left) else _event(place, text, clock)


def _cut(lines: Lines) -> Iterator[str | Left]:
    """The text of each event, or why it is none."""
    held: list[str] | None = None
    size = 0
    for _, line in lines:
        start = 0
        for mark in _MARK.finditer(line):
            if mark[0].startswith("<!"):
                yield Left.BROKEN
            elif mark[0].startswith("</"):
                if held is not None:
                    text = "".join([*held, line[start : mark.end()]])
                    yield text if len(text) <= _LONGEST else Left.TOO_LONG
                held = None
            else:
                if held is not None:
                    yield Left.BROKEN
                held, size = [], 0
            start = mark.start() if held is not None else mark.end()
        if held is not None and size <= _LONGEST:
            held.append(line[start:])
            size += len(line)
    if held is not None:
        yield Left.BROKEN


class _Values:
    """What one event holds: elements and their texts, values of ``Data`` by their names."""

    def __init__(self) -> None:
        self.data: dict[str, str] = {}
        self.time = ""
        self._name = ""
        self.parser: XMLParserType = ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._name = attributes.get("Name", "") if tag == "Data" else tag
        if tag == "TimeCreated":
            self.time = attributes.get("SystemTime", "")
        if self._name in self.data:  # said twice: neither counts
            self.data[self._name] = ""
            self._name = ""

    def _end(self, _: str) -> None:
        self._name = ""

    def _text(self, text: str) -> None:
        if self._name:
            self.data[self._name] = self.data.get(self._name, "") + text


def _event(place: int, text: str, clock: Clock) -> Event | Passed:
    values = _Values()
    try:
        values.parser.Parse(text, True)
    except ExpatError:
        return Passed(place, Left.BROKEN)
    number = values.data.get("EventID", "").strip()
    if not number:
        return Passed(place, Left.BROKEN)
    said = (clock.iso(values.time), values.time, values.data.get("Computer", "").strip())
    return event(place, number, said, values.data) or Passed(place, Left.OTHER)


LOG = LogFormat(
    name=Text("Windows Security log, XML", "Windows セキュリティログ（XML）"),
    fits=_fits,
    in_lines=False,
    read=_read,
    example="<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>4624</EventID>"
    "<TimeCreated SystemTime='2015-05-20T00:12:33.079785200Z'/><Computer>TERM031</Computer></System><EventData>"
    "<Data Name='TargetUserName'>tanaka</Data><Data Name='TargetDomainName'>KIKO</Data>"
    "<Data Name='TargetLogonId'>0x8dcdc</Data><Data Name='LogonType'>2</Data><Data Name='IpAddress'>127.0.0.1</Data>"
    "</EventData></Event>",
)
