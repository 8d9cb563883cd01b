"""Passwords: those that lie about in texts, cells and names, and how they are tried. Never shown, logged or kept."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from sekisho.errors import LockedError, WrongPasswordError
from sekisho.model import Blob, Reason

MOST_HERE, MOST_GATHERED = 2_000, 50_000  # candidates of one file, and of all files together


@dataclass(frozen=True, slots=True)
class Found:
    """A password candidate and the top-level file that it was seen in."""

    password: str = field(repr=False)
    document: str


@dataclass(frozen=True, slots=True)
class Key:
    """What opened a lock: a digest of the password, and whether that password was found lying about."""

    digest: bytes = field(repr=False)
    lies_beside: bool


def digest(password: str, salt: bytes) -> bytes:
    """A password as something that can be compared within one run and tells nothing outside it."""
    return hmac.digest(salt, password.encode("utf-8", "surrogatepass"), hashlib.sha256)


class Gathered:
    """The candidates of a first pass over all files, for the second pass over those that stayed locked.

    >>> gathered = Gathered(salt=b"one run")
    >>> gathered.add("share/memo.txt", ["himitsu"])
    >>> gathered.lies_beside([digest("himitsu", b"one run")])
    True
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._found: dict[str, Found] = {}
        self._digests: set[bytes] = set()

    def add(self, document: str, candidates: Iterable[str]) -> None:
        """What the findings of one top-level file hold in ``passwords``."""
        for password in candidates:
            if len(self._found) >= MOST_GATHERED:
                return
            if password not in self._found:
                self._found[password] = Found(password, document)
                self._digests.add(digest(password, self._salt))

    def found(self) -> tuple[Found, ...]:
        """For `Wants.found` of the second pass."""
        return tuple(self._found.values())

    def lies_beside(self, opened_by: Iterable[bytes]) -> bool:
        """Was every password that opened a document (``Findings.opened_by``) found lying about? False for none."""
        keys = list(opened_by)
        return bool(keys) and self._digests.issuperset(keys)


class Tries:
    """Seconds left for trying passwords on one document, or on the members of one archive together."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds


class Keyring:
    """All passwords that may be tried on the documents of one file, nearest first."""

    def __init__(
        self, bank: Iterable[str] = (), found: Iterable[Found] = (), salt: bytes = b"", own: str | None = None
    ) -> None:
        """``own``: the password that the file itself has from us; it is tried first."""
        self._bank = tuple(bank)
        self._found = tuple(found)
        self._beside = {f.password for f in self._found}
        self._here: dict[str, None] = {}
        self._worked: list[str] = [] if own is None else [own]
        self._salt = salt

    def add(self, candidates: Iterable[str]) -> None:
        """Candidates seen in this very file."""
        for password in candidates:
            if len(self._here) >= MOST_HERE:
                return
            self._here.setdefault(password)

    @property
    def here(self) -> tuple[str, ...]:
        """The candidates that this file held."""
        return tuple(self._here)

    def open(self, attempt: Callable[[str], Blob], document: str, tries: Tries) -> tuple[Blob, Key]:
        """What ``attempt`` gives for the first password that it does not refuse; the empty one is the last.

        Raises LockedError where none fits or the time is used up, and what ``attempt`` raises.
        """
        for password in self._nearest(document):
            if tries.left <= 0:
                raise LockedError(Reason.TRIES_USED_UP)
            start = time.monotonic()
            try:
                blob = attempt(password)
            except WrongPasswordError:
                tries.left -= time.monotonic() - start
                continue
            self._worked = [password, *(p for p in self._worked if p != password)]
            return blob, Key(digest(password, self._salt), password in self._beside or password in self._here)
        raise LockedError(Reason.PASSWORD_UNKNOWN)

    def _nearest(self, document: str) -> Iterator[str]:
        tried: set[str] = set()
        for password in chain(self._worked, self._here, self._bank, self._by_distance(document), ("",)):
            if password not in tried:
                tried.add(password)
                yield password

    def _by_distance(self, document: str) -> Iterator[str]:
        """The found ones, those of the folders nearest to the document first."""
        return (f.password for f in sorted(self._found, key=lambda f: -_shared_folders(f.document, document)))


def _shared_folders(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if a != b:
            break
        count += 1
    return count
