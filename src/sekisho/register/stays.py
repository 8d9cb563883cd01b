"""Where a holder lived on a given day, by dates that files give and, where they give none, by when files came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sekisho.model import Item
from sekisho.register.lookup import Life
from sekisho.register.profile import Row, counted


@dataclass(frozen=True, slots=True)
class Stay:
    """One address. ``since``, ``until``: dates that a file gives, or null; ``first``, ``last``: acts that say it."""

    postal_code: str | None
    address: str | None
    since: str | None
    until: str | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Lived:
    """The addresses that may have been the one on ``day``, the likeliest first; ``certain``: whether it is told.

    Certain is an address with a date before the day, if a later one has a date too or a file that came after the day
    still says it; and one that files from before and from after the day both say.
    """

    day: str
    stays: tuple[Stay, ...]
    certain: bool


def lived(life: Life, day: str, came: Mapping[int, str]) -> Lived:
    """Where the holder lived on ``day`` (ISO 8601); ``came``: by act, the day on which its file came."""
    known = stays(counted(life))
    begun = [stay for stay in known if stay.since and stay.since <= day and not (stay.until and stay.until <= day)]
    undated = [stay for stay in known if not stay.since and not stay.until]
    if begun:
        return _since_then(day, max(begun, key=lambda stay: stay.since or ""), known, undated, came)
    left = sorted((stay for stay in known if stay.until and stay.until > day), key=lambda stay: stay.until or "")
    if left:
        return Lived(day, (left[0],), certain=False)
    told = [stay for stay in undated if came[stay.first] <= day]
    if told:
        latest = max(told, key=lambda stay: stay.last)
        return Lived(day, (latest,), certain=came[latest.last] >= day)
    return Lived(day, tuple(undated[:1]), certain=False)


def _since_then(day: str, stay: Stay, known: Sequence[Stay], undated: Sequence[Stay], came: Mapping[int, str]) -> Lived:
    """Where a dated address had begun: still there, or at one that a later file names without a date."""
    later = sorted((other for other in undated if other.first > stay.last), key=lambda other: other.first)
    moved = [other for other in later if came[other.first] <= day]
    if moved:
        return Lived(day, (moved[-1],), certain=came[moved[-1].last] >= day)
    followed = bool(stay.until) or any(other.since and other.since > day for other in known)
    certain = came[stay.last] >= day or (followed and not later)
    return Lived(day, (stay,) if certain else (stay, *later[:1]), certain)


def stays(rows: Sequence[Row]) -> list[Stay]:
    """Every address that was ever said, each once, in the order of acts."""
    found: dict[tuple[str | None, str | None], Stay] = {}
    for row in sorted(rows, key=lambda row: row["act"]):
        for stay in _said(row):
            key = (stay.postal_code, stay.address)
            before = found.get(key, stay)
            since, until = stay.since or before.since, stay.until or before.until
            found[key] = replace(before, since=since, until=until, last=stay.last)
    return [replace(stay, until=None) if _is_back(stay) else stay for stay in found.values()]


def _is_back(stay: Stay) -> bool:
    """Whether somebody came back to an address that they had left."""
    return stay.since is not None and stay.until is not None and stay.until <= stay.since


def _said(row: Row) -> Iterator[Stay]:
    here, act = (row[Item.POSTAL_CODE], row[Item.ADDRESS]), row["act"]
    before = (row["former_postal_code"], row["former_address"])
    if any(before):
        yield Stay(*before, None, row["address_from"], act, act)
    if any(here):
        yield Stay(*here, row["address_from"], None, act, act)
