"""Recognises one document and gets through its own locks, with what passwords there are."""

from __future__ import annotations

from sekisho.documents import kinds, locks
from sekisho.documents.passwords import Key, Keyring, Tries
from sekisho.documents.way import Way, holds
from sekisho.errors import LockedError, UnsupportedError, WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Format, Lock, Protection, Reason

_LAYERS = 4  # a lock around a lock around...: more than this in one document is made to annoy


class Gate:
    """One document's locks: ``way`` to what is inside, ``kind`` as far as known, its own ``lock`` and ``keys``."""

    def __init__(self, document: str, way: Way) -> None:
        self._document = document
        self.way = way
        self.named = kinds.named_kind(document)
        self.kind = ""
        self.lock = NO_LOCK
        self.keys: list[Key] = []

    def opened(self, blob: Blob, keyring: Keyring, tries: Tries) -> tuple[Format, Blob]:
        """The format that can read it, and the bytes with all locks opened.

        Raises LockedError, UnsupportedError (no format knows it), and what a format raises about a damaged lock.
        """
        for layer in range(_LAYERS):
            fmt = self._recognised(blob)
            lock = fmt.lock(blob)
            if layer and not holds(lock):
                lock = NO_LOCK  # Excel locks a protected workbook for anyone: one lock, named for the outer
            self.lock = locks.strongest((self.lock, lock))
            inner = self._inner(fmt, blob, lock, keyring, tries)
            if inner is None or inner.data is blob.data:
                return fmt, inner or blob
            blob = inner
        raise UnsupportedError(Reason.TOO_DEEP, "locks around locks")

    def _recognised(self, blob: Blob) -> Format:
        fmt = kinds.recognised(blob)
        if fmt is not None:
            self.kind = self.named if self.named in fmt.wraps else fmt.kind
            return fmt
        self.kind = kinds.without_reader(blob.data) or "unknown"
        if self.kind in kinds.SEALED:
            self.lock = Lock(Protection.UNDETERMINED, kinds.SEALED[self.kind])
            self.way = self.way.to(self.lock)
            raise LockedError(Reason.PASSWORD_UNKNOWN)
        raise UnsupportedError(Reason.UNKNOWN_KIND if self.kind == "unknown" else Reason.NO_READER)

    def _inner(self, fmt: Format, blob: Blob, lock: Lock, keyring: Keyring, tries: Tries) -> Blob | None:
        """The opened bytes; None where nothing stands in the way of reading them as they are."""
        self.way = self.way.to(lock)
        unlock = fmt.unlock
        if unlock is not None and lock.protection is Protection.OPEN_TO_ANYONE:
            try:
                return unlock(blob, "")
            except WrongPasswordError:
                return None
        if not holds(lock):
            return None
        inner, key = keyring.open(
            lambda password: _refused() if unlock is None else unlock(blob, password), self._document, tries
        )
        self.way = self.way.through(lock, key)
        self.keys.append(key)
        return inner


def _refused() -> Blob:
    raise WrongPasswordError
