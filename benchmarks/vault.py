"""What opening, rotating, sharing and checking a vault cost: `python -m benchmarks.vault [megabytes]`.

Checking is held against hashing the same files, in the same run.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from sekisho.flow.enter import create, enter
from sekisho.flow.keeping.check import check
from sekisho.flow.keeping.secrets import rotate, share
from sekisho.vault import Secret, Vault
from sekisho.vault.keys import shares

T = TypeVar("T")
PART = 16  # megabytes


def main(megabytes: int) -> None:
    """Measure everything once and print it."""
    with tempfile.TemporaryDirectory() as name:
        folder, secret = Path(name) / "vault", Secret.passphrase("a passphrase")
        with create(folder, secret) as vault:
            _fill(vault, megabytes)
        _timed("open", lambda: Vault.open(folder, secret).close())
        with enter(folder, secret, write=True) as vault:
            _timed("rotate", lambda: rotate(vault, secret))
            paths = _timed("share", lambda: share(vault, 3, 5, Path(name) / "shares"))
            recovered = _timed("combine", lambda: shares.combine([shares.read(path) for path in paths[:3]]))
            _timed("open by shares", lambda: Vault.open(folder, recovered).close())
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            for _ in range(2):
                hashed = _timed("hash all files", lambda: _hash(folder), size)
                assert hashed
                assert _timed("check", lambda: check(vault, shown=False), size).sound


def _fill(vault: Vault, megabytes: int) -> None:
    scan = vault.begin_scan("/share", "1.0")
    for _ in range(megabytes // PART):
        rows = pa.table({"value": [os.urandom(1 << 20) for _ in range(PART)]})
        scan.commit([scan.write("records", rows)])
    vault.finish_scan(scan)


def _hash(folder: Path) -> list[str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]


def _timed(what: str, do: Callable[[], T], size: int = 0) -> T:
    begun = time.perf_counter()
    done = do()
    took = time.perf_counter() - begun
    print(f"{what:<16} {took:8.3f} s" + (f"  {size / took / 1e6:8.0f} MB/s" if size else ""))
    return done


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 512)
