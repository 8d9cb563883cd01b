"""How one gets to a document: the locks on the way in, what opened them, and what that means for a container."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sekisho.documents.passwords import Key
from sekisho.model import NO_LOCK, Lock, Outcome, Protection

_UNSEEN = frozenset((Outcome.LOCKED, Outcome.UNREADABLE, Outcome.OVER_LIMIT))


def holds(lock: Lock) -> bool:
    """Does it keep anybody out?"""
    return lock.protection >= Protection.UNDETERMINED


@dataclass(frozen=True, slots=True)
class Way:
    """The strongest lock on the way in, what opened the locks, how deep the document lies; ``shut``: not open yet."""

    lock: Lock = NO_LOCK
    keys: tuple[Key, ...] = ()
    depth: int = 0
    shut: bool = False

    def to(self, lock: Lock) -> Way:
        """The way up to ``lock``, which is still to be opened, if it keeps anybody out."""
        return replace(self._under(lock), shut=holds(lock))

    def through(self, lock: Lock, key: Key | None = None) -> Way:
        """The way on through ``lock``, opened by ``key``."""
        return replace(self._under(lock), keys=(*self.keys, key) if key else self.keys, shut=False)

    def deeper(self) -> Way:
        """The way to what lies inside."""
        return replace(self, depth=self.depth + 1)

    def _under(self, lock: Lock) -> Way:
        return replace(self, lock=max(self.lock, lock, key=lambda each: each.protection))

    @property
    def password_beside(self) -> bool:
        """Was every lock opened by a password that lies about?"""
        return bool(self.keys) and not self.shut and all(key.lies_beside for key in self.keys)

    @property
    def opened_by(self) -> tuple[bytes, ...]:
        """Digests of the passwords; none where something stayed shut."""
        return () if self.shut else tuple(key.digest for key in self.keys)


@dataclass(frozen=True, slots=True)
class Inside:
    """What a member means for its container: its lock there and what opened it, records in it and below."""

    lock: Lock
    records: int = 0
    outcome: Outcome = Outcome.READ
    keys: tuple[Key, ...] = ()

    @property
    def telling(self) -> bool:
        """Does it hold records, or could it, as nobody could look?"""
        return bool(self.records) or self.outcome in _UNSEEN


def seen_through(way: Way, inside: Sequence[Inside]) -> Way:
    """The way to an archive as its members make it: it is as weak as its weakest member with personal data.

    A member that nobody could look into may hold some; where none holds any, all count.
    """
    if not inside:
        return way
    telling = [each for each in inside if each.telling] or inside
    weakest = min(telling, key=lambda each: each.lock.protection).lock
    if not holds(weakest):
        return replace(way, lock=max(way.lock, weakest, key=lambda each: each.protection))
    keys = dict.fromkeys(key for each in telling for key in each.keys)
    shut = way.shut or not all(each.keys for each in telling)
    return replace(way.through(weakest), keys=(*way.keys, *keys), shut=shut)
