"""One log, read apart: its bytes become tables of events. Runs in a child that is shut in, as logs are hostile too."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pyarrow as pa

from sekisho.documents import charset
from sekisho.evidence.clock import Clock
from sekisho.evidence.event import EVENTS
from sekisho.evidence.read import SAMPLE, Account, counted, events, formats, look, recognised

NEEDED = (
    *("sekisho.flow.proving.logs", "sekisho.wording", "pyarrow.compute", "xml.parsers.expat", "zoneinfo", "_strptime"),
    *("encodings.cp932", "encodings.euc_jp", "encodings.iso2022_jp", "encodings.cp1252"),
    *("encodings.utf_16_le", "encodings.utf_16_be", "encodings.utf_32_le", "encodings.utf_32_be"),
    *(f"sekisho.evidence.formats.{name}" for name in formats()),
)
_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says of a log: its ``format`` where it is not told, the zone and year that its times lack.

    ``fast``: by how many seconds the machine's clock was ahead; ``host``: the machine, where the log names none.
    """

    format: str = ""
    zone: tzinfo | None = None
    year: int | None = None
    fast: float = 0.0
    host: str = ""

    def clock(self) -> Clock:
        """The clock that these times are read by."""
        return Clock(self.zone, self.year, timedelta(seconds=self.fast))


def parsed(data: bytes, given: Given, now: datetime) -> bytes:
    """The account as JSON and the events as an Arrow stream, each after its length; raises UnclearError."""
    sample = _sample(data)
    name = given.format or recognised(sample)
    look(name, sample, given.clock())
    account = Account(name)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, EVENTS) as stream:
        for table in counted(events(name, _file(data), given.clock(), account), account, now):
            stream.write_table(table)
    return _framed(json.dumps(account.as_json()).encode()) + _framed(sink.getvalue())


def _file(data: bytes) -> io.TextIOWrapper:
    encoding = charset.detect(data)
    file = io.TextIOWrapper(io.BytesIO(data), encoding, "replace", newline="\n")
    if file.read(1) != "\ufeff":
        file.seek(0)
    return file


def _sample(data: bytes) -> str:
    text = charset.decode(data[: SAMPLE * 2]).text[:SAMPLE]
    return text if len(data) <= SAMPLE * 2 else text.rpartition("\n")[0] or text


def _framed(frame: bytes | pa.Buffer) -> bytes:
    return len(frame).to_bytes(_LENGTH, "little") + bytes(frame)


def received(raw: bytes) -> tuple[dict[str, Any], pa.Table]:
    """What `parsed` gave, looked at: the child may be captured. Raises ValueError, pyarrow's errors."""
    found, at = [], 0
    while at < len(raw):
        start = at + _LENGTH
        at = start + int.from_bytes(raw[at:start], "little")
        found.append(memoryview(raw)[start:at])
    if at != len(raw) or len(found) != 2:
        raise ValueError("not what a child of ours sends")
    with pa.ipc.open_stream(pa.py_buffer(found[1])) as stream:
        if stream.schema != EVENTS:
            raise ValueError("not our events")
        table = stream.read_all()
    table.validate(full=True)
    return Account.of(json.loads(bytes(found[0]))).as_json(), table
