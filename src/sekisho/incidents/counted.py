"""How many persons the versions of a leak master counted: as much of it as the law asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Counted:
    """One version: when it was made (ISO 8601, UTC) and its persons; of these by legal class.

    ``undecided`` records and ``unread`` documents: what may still come; ``stale``: other documents belong by now.
    ``records``: all that were counted.
    """

    version: int
    at: str
    persons: int
    records: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    undecided: int = 0
    unread: int = 0
    stale: bool = False

    @property
    def may_rise(self) -> bool:
        """Whether there may be more persons than were counted."""
        return bool(self.undecided or self.unread or self.stale)


def first_over(versions: Sequence[Counted], over: int, of_class: str = "") -> Counted | None:
    """The first version with more persons than ``over``, of all or of those of a legal class."""
    return next((one for one in versions if persons_of(one, of_class) > over), None)


def persons_of(version: Counted, of_class: str = "") -> int:
    """The persons of a version, or those of a legal class."""
    return version.classes.get(of_class, 0) if of_class else version.persons
