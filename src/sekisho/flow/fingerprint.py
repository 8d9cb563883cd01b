"""Fingerprints: of files that were handed in, and of the code of some rooms (what other code read is read anew)."""

from __future__ import annotations

import hashlib
from importlib import resources
from itertools import chain
from pathlib import Path

from sekisho.errors import not_opened


def of_file(path: Path) -> str:
    """SHA-256 of a file that was handed in; raises InputError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise not_opened(path, error) from error


def of_code(*rooms: str) -> str:
    """SHA-256 of everything that lies in the rooms, with the names."""
    folders = [Path(str(resources.files("sekisho") / room)) for room in rooms]
    digest = hashlib.sha256()
    for code in sorted(chain.from_iterable(folder.rglob("*.*") for folder in folders)):
        if code.suffix != ".pyc":
            digest.update(code.read_bytes())
    return digest.hexdigest()
