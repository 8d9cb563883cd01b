"""Linux's audit.log: logons (``USER_LOGIN``...) and files (``SYSCALL`` with its ``PATH``), joined by their number.

``type=USER_LOGIN msg=audit(1432080753.159:24270): pid=812 uid=0 auid=1000 ses=3 msg='op=login acct="tanaka"
exe="/usr/sbin/sshd" hostname=? addr=10.47.1.31 terminal=ssh res=success'`` and lines that follow.

Times are seconds since 1970, in UTC. Names that hold blanks or other letters stand as hexadecimal digits, accounts as
numbers (``uid 1000``) where the log was not enriched with names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sekisho.evidence.clock import Clock
from sekisho.evidence.event import Event, Kind, Left, Lines, LogFormat, Passed
from sekisho.wording import Text

_HEAD = re.compile(
    r"(?:node=(?P<node>\S{1,255}) )?type=(?P<type>[A-Z_0-9\[\]]+) "
    r"msg=audit\((?P<time>\d{9,11}\.\d{1,6}):(?P<serial>\d+)\): ?(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_PAIR = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)=(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>[^\s']*))", re.ASCII)
_INNER = re.compile(r"msg='(?P<inner>.*)'", re.DOTALL)
_HEX = re.compile(r"(?:[0-9A-F]{2})+", re.ASCII)
_UNSET = frozenset({"", "?", "(none)", "(null)", "4294967295", "-1", "unset"})
_LOGONS = {
    "USER_LOGIN": (Kind.LOGON, Kind.LOGON_FAILED),
    "USER_AUTH": (None, Kind.LOGON_FAILED),
    "USER_LOGOUT": (Kind.LOGOFF, Kind.LOGOFF),
    "USER_END": (Kind.LOGOFF, Kind.LOGOFF),
    "USER_START": (Kind.LOGON, Kind.LOGON_FAILED),
    "USER_CMD": (Kind.ORDER, Kind.ORDER),
}
_TOGETHER = 1000  # records of other events that may stand between those of one
_Record = tuple[int, re.Match[str]]


def _fits(sample: str) -> bool:
    return any(_HEAD.match(line) for line in sample.splitlines()[:20])


def _read(lines: Lines, clock: Clock) -> Iterator[Event | Passed]:
    """Each record becomes an event or is passed; those of one system call become one event and are passed with it."""
    calls: dict[tuple[str, str, str], list[_Record]] = {}
    for place, line in lines:
        found = _HEAD.match(line)
        if not found:
            yield Passed(place, Left.BROKEN)
        elif found["type"] in ("SYSCALL", "PATH", "CWD"):
            calls.setdefault((found["node"] or "", found["time"], found["serial"]), []).append((place, found))
            if len(calls) > _TOGETHER:
                yield from _file(calls.pop(next(iter(calls))), clock)
        elif found["type"] in _LOGONS:
            yield _logon(place, found, clock)
        else:
            yield Passed(place, Left.OTHER)
    for records in calls.values():
        yield from _file(records, clock)


def _logon(place: int, found: re.Match[str], clock: Clock) -> Event | Passed:
    outer, enriched = _parts(found["rest"])
    inner = _INNER.search(outer)
    told = _pairs(inner["inner"]) if inner else {}
    whole = {**_pairs(outer.replace(inner[0], "") if inner else outer), **enriched}
    succeeded = told.get("res", "") in ("success", "1")
    kind = _LOGONS[found["type"]][0 if succeeded else 1]
    if kind is None:
        return Passed(place, Left.OTHER)
    return Event(
        place,
        clock.epoch(found["time"]),
        found["time"],
        kind,
        outcome="" if kind is Kind.LOGOFF else "ok" if succeeded else "failed",
        host=found["node"] or "",
        terminal=_known(told, "hostname"),
        address=_known(told, "addr"),
        account=_name(told, "acct") or ("root" if kind is Kind.ORDER else _account(whole, told, "id", "auid")),
        by=_account(whole, whole, "auid") if kind is Kind.ORDER else "",
        object=_name(told, "cmd"),
        detail=" ".join(part for part in (found["type"], _known(told, "op"), _known(told, "terminal")) if part),
        session=_known(whole, "ses"),
    )


def _file(records: list[_Record], clock: Clock) -> Iterator[Event | Passed]:
    """An event for each name that one system call touched; what has no call or no name is passed."""
    call = next(((place, found) for place, found in records if found["type"] == "SYSCALL"), None)
    paths = [(place, found) for place, found in records if found["type"] == "PATH"]
    for place, found in records:
        if call is None or found["type"] == "CWD" or (found["type"] == "SYSCALL" and paths):
            yield Passed(place, Left.OTHER if call else Left.BROKEN)
    if call is None:
        return
    rest, enriched = _parts(call[1]["rest"])
    told = {**_pairs(rest), **enriched}
    where = next((_name(_pairs(f["rest"]), "cwd") for _, f in records if f["type"] == "CWD"), "")
    for place, found in paths or [call]:
        named = _pairs(_parts(found["rest"])[0]) if found["type"] == "PATH" else {}
        yield Event(
            place,
            clock.epoch(found["time"]),
            found["time"],
            Kind.FILE,
            outcome={"yes": "ok", "no": "failed"}.get(told.get("success", ""), ""),
            host=found["node"] or "",
            terminal=_known(told, "tty"),
            account=_account(told, told, "auid"),
            by="",
            object=_under(where, _name(named, "name")),
            detail=_how(told, named),
            session=_known(told, "ses"),
        )


def _how(told: Mapping[str, str], named: Mapping[str, str]) -> str:
    call = told.get("SYSCALL") or f"syscall {told.get('syscall', '?')}"
    as_whom = _account(told, told, "uid")
    return " ".join(part for part in (call, named.get("nametype", ""), _name(told, "exe"), f"as {as_whom}") if part)


def _under(folder: str, name: str) -> str:
    return name if name.startswith("/") or not name or not folder else f"{folder.rstrip('/')}/{name}"


def _parts(rest: str) -> tuple[str, dict[str, str]]:
    """The record, and what auditd added behind it in enriched form (after a group separator): names for numbers."""
    plain, _, added = rest.partition("\x1d")
    return plain, _pairs(added)


def _pairs(text: str) -> dict[str, str]:
    """Name and value; the first of a name counts, as what follows may be written by others. Quotes are kept."""
    pairs: dict[str, str] = {}
    for found in _PAIR.finditer(text):
        value = found["plain"] if found["quoted"] is None else f'"{found["quoted"]}"'
        pairs.setdefault(found["name"], value)
    return pairs


def _name(pairs: Mapping[str, str], key: str) -> str:
    """A name: in quotes as it is, else hexadecimal digits of its bytes."""
    value = pairs.get(key, "")
    if value.startswith('"'):
        return value.strip('"')
    if _HEX.fullmatch(value):
        return bytes.fromhex(value).decode("utf-8", "backslashreplace")
    return "" if value in _UNSET else value


def _known(pairs: Mapping[str, str], key: str) -> str:
    value = pairs.get(key, "").strip('"')
    return "" if value in _UNSET else value


def _account(names: Mapping[str, str], numbers: Mapping[str, str], *keys: str) -> str:
    """By the name that auditd added, else by its number."""
    for key in keys:
        if name := _known(names, key.upper()):
            return name
        if number := _known(numbers, key) or _known(names, key):
            return f"uid {number}"
    return ""


LOG = LogFormat(
    name=Text("Linux audit.log", "Linux の audit.log"),
    fits=_fits,
    read=_read,
    example="type=USER_LOGIN msg=audit(1432080753.159:24270): pid=812 uid=0 auid=1000 ses=3 msg='op=login "
    'acct="tanaka" exe="/usr/sbin/sshd" hostname=? addr=10.47.1.31 terminal=ssh res=success\'',
)
