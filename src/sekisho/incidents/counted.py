"""How many persons the versions of a leak master counted: as much of it as the law asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Counted:
    """One version: when it was made (ISO 8601, UTC) and its persons; of these by legal class and by item.

    ``undecided`` records and ``unread`` documents: what may still come. ``records``: all that were counted.
    """

    version: int
    at: str
    persons: int
    records: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    undecided: int = 0
    unread: int = 0

    @property
    def may_rise(self) -> bool:
        """Whether there may be more persons than were counted."""
        return bool(self.undecided or self.unread)


def first_over(versions: Sequence[Counted], over: int, item: str = "") -> Counted | None:
    """The first version with more persons than ``over``, of all or of those with an item."""
    return next((one for one in versions if persons_of(one, item) > over), None)


def persons_of(version: Counted, item: str = "") -> int:
    """The persons of a version, or those with an item."""
    return version.items.get(item, 0) if item else version.persons
