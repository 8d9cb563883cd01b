"""A vault with an incident, and parcels in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.parcels import Parcel, Queued

SECRET = Secret.passphrase("a long enough passphrase")
LETTERS = {"letters.pdf": b"%PDF-1.7 an invented letter", "index.csv": b"control\n0001\n"}


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as made:
        made.incidents().open("a lost list")
        yield made


def queue(vault: Vault, sink: str, name: str, content: Mapping[str, bytes] = LETTERS) -> Queued:
    parcels = vault.parcels(1)
    kept = parcels.keep(content)
    with vault.act("sinks.send", incident=1):
        number = parcels.put(sink, name, "letters", kept)
    return next(one for one in parcels.all() if one.number == number)


def parcel(name: str = "letters-1", key: str = "k1") -> Parcel:
    return Parcel(key, name, "letters", LETTERS, "2026-11-23T08:00:00+00:00")
