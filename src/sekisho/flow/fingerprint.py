"""A fingerprint of the code of some rooms: what was read by other code is read anew."""

from __future__ import annotations

import hashlib
from importlib import resources
from itertools import chain
from pathlib import Path


def of_code(*rooms: str) -> str:
    """SHA-256 of everything that lies in the rooms, with the names."""
    folders = [Path(str(resources.files("sekisho") / room)) for room in rooms]
    digest = hashlib.sha256()
    for code in sorted(chain.from_iterable(folder.rglob("*.*") for folder in folders)):
        if code.suffix != ".pyc":
            digest.update(code.read_bytes())
    return digest.hexdigest()
