"""An index of the vault's register, made of it and for nothing else: whoever finds it damaged makes it anew.

Encrypted parts as everywhere in the vault. Which of them count says ``listing.json``, under a seal that only the vault
can make; the store knows nothing of them, so that they may be thrown away at any time.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self

import pyarrow as pa

from sekisho.vault import tables
from sekisho.vault.files import make_folder, not_written, write_atomically
from sekisho.vault.keys.secret import derive
from sekisho.vault.shelf import Part, Shelf

LISTING, LOCK = "listing.json", "lock"


class Index(Shelf):
    """Tables in parts; use as a context: nobody changes them meanwhile. Raises VaultError."""

    def __init__(self, folder: Path, key: bytes) -> None:
        super().__init__(folder, key)
        self._seal = derive(key, "seal")
        try:
            make_folder(folder)
            self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise not_written(error) from error
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        self._parts = self._listed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else uses it, and keep others out: look again at what is there, and change it."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._parts = self._listed()
        yield
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts of one table or of all, those too that were not committed yet."""
        return [part for part in self._parts if table in (None, part.table)]

    def add(self, table: str, rows: pa.Table) -> None:
        """One more part of ``table``; raises VaultError."""
        self._parts.append(self.write(table, rows))

    def put(self, table: str, rows: pa.Table) -> None:
        """``table`` is ``rows`` from now on; raises VaultError."""
        self._parts = [part for part in self._parts if part.table != table]
        self.add(table, rows)

    def intact(self) -> bool:
        """Whether every part that counts is there, to the last bit."""
        return all(tables.is_intact(self.folder / part.name, part.sha256) for part in self._parts)

    def is_listed(self) -> bool:
        """Whether the listing is there and is one that this vault made."""
        return self._read() is not None

    def clear(self) -> None:
        """Throw everything away."""
        self._parts = []
        self.commit()

    def commit(self) -> None:
        """Have the parts that are here count, and no other ones; raises VaultError."""
        listed = json.dumps([asdict(part) for part in self._parts])
        sealed = json.dumps({"parts": listed, "seal": self._sealed(listed)}).encode()
        try:
            write_atomically(self.folder / LISTING, lambda file: file.write(sealed))
        except OSError as error:
            raise not_written(error) from error
        self._sweep()

    def _sweep(self) -> None:
        """Remove what does not count: left behind by killed runs, or replaced."""
        counted = {part.name for part in self._parts} | {LISTING, LOCK}
        for path in self.folder.iterdir():
            if path.name not in counted:
                path.unlink(missing_ok=True)

    def _listed(self) -> list[Part]:
        """No parts where there is no listing, or not one that this vault made."""
        return self._read() or []

    def _read(self) -> list[Part] | None:
        try:
            found = json.loads((self.folder / LISTING).read_bytes())
            parts, seal = found["parts"], found["seal"]
            if hmac.compare_digest(seal, self._sealed(parts)):
                return [Part(**part) for part in json.loads(parts)]
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _sealed(self, listed: str) -> str:
        return hmac.new(self._seal, listed.encode(), hashlib.sha256).hexdigest()
