"""Who may read a file: from its mode bits, its POSIX ACL, or the entries that icacls listed for it."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator

EVERYBODY = "everyone"
OWNER = "owner"
_TAKEN_FOR_GRANTED = {
    "user:root",
    "nt authority\\system",
    "builtin\\administrators",
    "creator owner",
    "nt service\\trustedinstaller",
}
_EVERYBODY = {
    "everyone",
    "builtin\\users",
    "builtin\\guests",
    "nt authority\\authenticated users",
    "nt authority\\anonymous logon",
    "nt authority\\interactive",
    "nt authority\\network",
}
_ICACLS = re.compile(r"^(?P<who>[^:]+):(?P<groups>(?:\([^()]*\))+)$")
_POSIX = re.compile(r"^(?P<tag>user|group|mask|other):(?P<who>[^:]*):(?P<bits>[r-][w-][x-])")
_READING = {"F", "M", "RX", "R", "GR", "GA", "GE", "RD"}


def readers_of(mode: int | None, owner: str, group: str, acl: str) -> frozenset[str] | None:
    """Everyone who may read, in lower case: ``owner``, ``user:NAME``, ``group:NAME``, ``DOMAIN\\NAME``, ``everyone``.

    The owner is called both ``owner`` and by name where it is known. None where nothing is known of the rights.
    """
    lines = [line.strip() for line in acl.splitlines() if line.strip()]
    windows = [match for line in lines if (match := _ICACLS.match(line))]
    if windows:
        return frozenset(_windows_readers((m["who"], m["groups"]) for m in windows))
    entries = [match for line in lines if (match := _POSIX.match(line))]
    if entries:
        return frozenset(_acl_readers(((m["tag"], m["who"], m["bits"]) for m in entries), owner, group))
    return None if mode is None else frozenset(_mode_readers(mode, owner, group))


def wider(readers: Iterable[str], claimed: Iterable[str]) -> list[str]:
    """Who may read beyond the claim. A claimed name without ``user:`` or ``group:`` means either."""
    allowed = {name.casefold() for name in claimed}
    allowed |= {f"{kind}:{name}" for name in allowed for kind in ("user", "group") if ":" not in name}
    named_owner = {name for name in readers if name.startswith(f"{OWNER}=")}
    found = set(readers) - allowed - _TAKEN_FOR_GRANTED - named_owner
    by_name = {f"user:{name.removeprefix(f'{OWNER}=')}" for name in named_owner}
    if OWNER in found and by_name & (allowed | _TAKEN_FOR_GRANTED):
        found.discard(OWNER)
    if OWNER in found and by_name:
        found = (found - {OWNER}) | by_name
    return sorted(found)


def _mode_readers(mode: int, owner: str, group: str) -> Iterator[str]:
    if mode & stat.S_IRUSR:
        yield from _owner(owner)
    if mode & stat.S_IRGRP:
        yield f"group:{group.casefold()}"
    if mode & stat.S_IROTH:
        yield EVERYBODY


def _owner(owner: str) -> Iterator[str]:
    yield OWNER
    if owner:
        yield f"{OWNER}={owner.casefold()}"


def _acl_readers(entries: Iterable[tuple[str, str, str]], owner: str, group: str) -> Iterator[str]:
    known = list(entries)
    masked = any(tag == "mask" and not bits.startswith("r") for tag, _, bits in known)
    for tag, who, bits in known:
        if not bits.startswith("r") or tag == "mask":
            continue
        if tag == "other":
            yield EVERYBODY
        elif tag == "user" and not who:
            yield from _owner(owner)
        elif not masked:
            yield f"{tag}:{(who or group).casefold()}"


def _windows_readers(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for who, groups in entries:
        parts = re.findall(r"\(([^()]*)\)", groups)
        rights = {right.strip() for part in parts for right in part.split(",")}
        if "DENY" in rights or "IO" in rights or not rights & _READING:
            continue
        name = who.strip().casefold()
        yield EVERYBODY if name in _EVERYBODY else name
