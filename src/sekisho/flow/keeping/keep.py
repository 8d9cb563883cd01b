"""`sekisho vault`: which scans a vault holds, and the dropping of old ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.flow.assessing.case import known
from sekisho.vault import About, Vault

TABLES = ("files", "documents", "records")


@dataclass(frozen=True, slots=True)
class Held:
    """A scan of the vault: rows by table, bytes on the disk; ``dropped``: when it was, empty where it is there.

    ``shut``: it is there, but not the key of its incident.
    """

    about: About
    rows: Mapping[str, int]
    size: int = 0
    dropped: str = ""
    shut: bool = False


def held(vault: Vault) -> list[Held]:
    """Every scan that ever was, oldest first."""
    there = [Held(about, scan.rows(), scan.size()) for about in vault.scans() for scan in [vault.scan(about.scan)]]
    gone = [Held(one.about, one.rows, dropped=one.when) for one in vault.dropped()]
    shut = [Held(about, {}, shut=True) for about in vault.unreadable()]
    return sorted(there + gone + shut, key=lambda one: one.about.scan)


def older(vault: Vault, keep: int, root: str | None = None) -> list[Held]:
    """The finished scans before the last ``keep`` of each folder, or of ``root`` alone: those that may be dropped.

    Those of incidents, and those whose documents belong to one, stay until the incident is forgotten.
    """
    wanted = _wanted(vault)
    by_root: dict[str, list[Held]] = {}
    for one in held(vault):
        is_free = one.about.finished and not one.dropped and one.about.incident is None
        is_free = is_free and one.about.scan not in wanted
        if is_free and root in (None, one.about.root):
            by_root.setdefault(one.about.root, []).append(one)
    return [one for scans in by_root.values() for one in scans[: -max(keep, 1)]]


def _wanted(vault: Vault) -> frozenset[int]:
    """The scans whose documents belong to an incident."""
    incidents = sorted(vault.incidents().readable())
    return frozenset(scope.scan for number in incidents for scope in known(vault, number).documents)


def drop_older(vault: Vault, keep: int, root: str | None = None) -> list[Held]:
    """Drop them, and say which they were."""
    found = older(vault, keep, root)
    vault.drop([one.about.scan for one in found])
    return found
