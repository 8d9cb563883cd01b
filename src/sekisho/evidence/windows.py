"""What events of the Windows Security log say, by the names that its XML gives their values.

https://learn.microsoft.com/windows/security/threat-protection/auditing/ has a page for each event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sekisho.evidence.event import Event, Kind

Data = Mapping[str, str]
AT_THE_MACHINE = frozenset({"2", "7", "11", "13"})  # logon types at its own keyboard
_NOTHING = frozenset({"", "-", "::", "0.0.0.0"})  # noqa: S104 - as the log writes that there is none


def event(place: int, number: str, said: tuple[datetime | None, str, str], data: Data) -> Event | None:
    """One event by its ID; None for one that says nothing of logons and files. ``said``: time, as written, machine."""
    found = _KINDS.get(number)
    if found is None:
        return None
    kind, outcome, reading = found
    at, written, host = said
    return Event(place, at, written, kind, outcome, host, **reading(data, host))


def _value(data: Data, name: str) -> str:
    value = data.get(name, "").strip()
    return "" if value in _NOTHING else value


def _account(data: Data, whose: str) -> str:
    domain, name = _value(data, f"{whose}DomainName"), _value(data, f"{whose}UserName")
    return f"{domain}\\{name}" if domain and name else name


def _logon(data: Data, host: str) -> dict[str, Any]:
    kind = _value(data, "LogonType")
    here = kind in AT_THE_MACHINE
    return {
        "account": _account(data, "Target"),
        "by": _account(data, "Subject"),
        "terminal": _value(data, "WorkstationName") or (host if here else ""),
        "address": _value(data, "IpAddress"),
        "session": _value(data, "TargetLogonId").lower(),
        "detail": f"logon type {kind}" if kind else "",
    }


def _logoff(data: Data, host: str) -> dict[str, Any]:
    kind = _value(data, "LogonType")
    told = {"account": _account(data, "Target"), "session": _value(data, "TargetLogonId").lower()}
    return {**told, "detail": f"logon type {kind}" if kind else ""}


def _run_as(data: Data, host: str) -> dict[str, Any]:
    return {
        "account": _account(data, "Target"),
        "by": _account(data, "Subject"),
        "terminal": host,
        "address": _value(data, "IpAddress"),
        "session": _value(data, "SubjectLogonId").lower(),
        "object": _value(data, "TargetServerName"),
        "detail": _value(data, "ProcessName"),
    }


def _desktop(data: Data, host: str) -> dict[str, Any]:
    """Locked, unlocked, taken up from another machine, left."""
    return {
        "account": _account(data, "Target") or _value(data, "AccountName"),
        "terminal": _value(data, "ClientName") or host,
        "address": _value(data, "ClientAddress"),
        "session": (_value(data, "TargetLogonId") or _value(data, "LogonID")).lower(),
    }


def _file(data: Data, host: str) -> dict[str, Any]:
    name = _value(data, "ObjectName")
    if share := _value(data, "ShareName"):
        name = "\\".join(part for part in (share, _value(data, "RelativeTargetName")) if part)
    how = " ".join(_value(data, "AccessList").split()) or _value(data, "AccessMask")
    return {
        "account": _account(data, "Subject"),
        "address": _value(data, "IpAddress"),
        "session": _value(data, "SubjectLogonId").lower(),
        "object": name,
        "detail": " ".join(part for part in (how, _value(data, "ProcessName")) if part),
    }


_KINDS: dict[str, tuple[Kind, str, Callable[[Data, str], dict[str, Any]]]] = {
    "4624": (Kind.LOGON, "ok", _logon),
    "4625": (Kind.LOGON_FAILED, "failed", _logon),
    "4634": (Kind.LOGOFF, "", _logoff),
    "4647": (Kind.LOGOFF, "", _logoff),
    "4648": (Kind.ORDER, "", _run_as),
    "4663": (Kind.FILE, "ok", _file),
    "4778": (Kind.LOGON, "ok", _desktop),
    "4779": (Kind.LOGOFF, "", _desktop),
    "4800": (Kind.LOGOFF, "", _desktop),
    "4801": (Kind.LOGON, "ok", _desktop),
    "5140": (Kind.FILE, "ok", _file),
    "5145": (Kind.FILE, "ok", _file),
}
