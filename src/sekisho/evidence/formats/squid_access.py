"""The proxy Squid's own access.log: time, duration, client, result, bytes, method, URL, user, server, type.

``1432080753.123    921 10.47.1.31 TCP_MISS/200 507 POST http://example.jp/up tanaka HIER_DIRECT/192.0.2.7 text/html``

Times are seconds since 1970, in UTC. What a client sent in the URL may be anything; blanks in it are escaped by Squid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.evidence.clock import Clock
from sekisho.evidence.event import Event, Kind, Left, Lines, LogFormat, Passed
from sekisho.wording import Text

_LINE = re.compile(
    r"(?P<time>\d{9,11}\.\d{3}) +-?\d+ (?P<client>\S+) (?P<code>[A-Z_]+)/(?P<status>\d{3}) (?P<bytes>\d+) "
    r"(?P<method>\S+) (?P<url>\S+) (?P<user>\S+) [A-Z_]+/\S+ \S+.*",
    re.ASCII | re.DOTALL,
)


def _fits(sample: str) -> bool:
    lines = [line for line in sample.splitlines() if line]
    return bool(lines) and sum(bool(_LINE.match(line)) for line in lines) * 2 > len(lines)


def _read(lines: Lines, clock: Clock) -> Iterator[Event | Passed]:
    for place, line in lines:
        found = _LINE.match(line)
        if not found:
            yield Passed(place, Left.BROKEN)
            continue
        refused = found["code"].startswith(("TCP_DENIED", "NONE")) or found["status"] in ("000", "403", "407")
        yield Event(
            place,
            clock.epoch(found["time"]),
            found["time"],
            Kind.WEB,
            outcome="failed" if refused else "ok",
            address=found["client"],
            account="" if found["user"] == "-" else found["user"],
            object=found["url"],
            detail=f"{found['method']} {found['code']}/{found['status']}",
            bytes=int(found["bytes"][:18]),
        )


LOG = LogFormat(
    name=Text("Squid access.log", "Squid の access.log"),
    fits=_fits,
    read=_read,
    example="1432080753.123    921 10.47.1.31 TCP_MISS/200 507 POST http://example.jp/up tanaka "
    "HIER_DIRECT/192.0.2.7 text/html",
)
