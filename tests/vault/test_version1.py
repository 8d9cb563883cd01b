"""Vaults of version 1, made by the program as it was then, open, and become vaults of this version when written to."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from sekisho.errors import VaultError
from sekisho.vault import Keyring, Secret, Vault, opening
from sekisho.vault.keys.head import write_head

DATA = Path(__file__).with_name("data")
PASSPHRASE = Secret.passphrase("an old passphrase")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A vault with a scan, a register, merges and a matching."""
    return unpacked("version-1-passphrase", tmp_path)


def unpacked(name: str, to: Path) -> Path:
    with tarfile.open(DATA / f"{name}.tar.gz") as archive:
        archive.extractall(to)  # our own; the first Pythons 3.11 know no filter
    return to / "vault"


def version(folder: Path) -> int:
    return int(json.loads((folder / "vault.json").read_bytes())["version"])


def everything(vault: Vault) -> str:
    """A hash of all that a vault holds: every table and key."""
    digest = hashlib.sha256()
    for about in vault.scans():
        scan = vault.scan(about.scan)
        for part in scan.parts():
            digest.update(repr(scan.rows_of(part).to_pylist()).encode())
    for shelf in (vault.register(), vault.merges()):
        for part in shelf.parts():
            digest.update(repr(shelf.rows_of(part).to_pylist()).encode())
    for name in vault.matchings():
        with vault.matching(name) as matching:
            assert matching.parts()
            for part in matching.parts():
                digest.update(repr(matching.rows_of(part).to_pylist()).encode())
    digest.update(repr(vault.decisions()).encode())
    for purpose in ("password marks", "persons of scan 1", "ledger signing", "blind name", "anything"):
        digest.update(vault.keys.key(purpose) + vault.secret_for(purpose))
    return digest.hexdigest()


def test_reading_leaves_it_as_it_is(old: Path) -> None:
    before = (old / "vault.json").read_bytes()
    with Vault.open(old, PASSPHRASE) as vault:
        assert [about.root for about in vault.scans()] == ["/srv/office/pass/share"]
        assert vault.scan().rows()["records"] == 3
        assert len(vault.register().imports()) == 1
        everything(vault)
    assert (old / "vault.json").read_bytes() == before


def test_the_first_opening_to_write_makes_it_one_of_this_version_with_all_that_it_held(old: Path) -> None:
    with Vault.open(old, PASSPHRASE) as vault:
        held = everything(vault)
    os.chmod(old / "sekisho.db", 0o644)
    with Vault.open(old, PASSPHRASE, write=True) as vault:
        assert version(old) == 2
        assert everything(vault) == held
        vault.begin_scan("/office/share", "2.0")
    assert stat.S_IMODE((old / "sekisho.db").stat().st_mode) == 0o600
    for write in (False, True):
        with Vault.open(old, PASSPHRASE, write=write) as vault:
            assert everything(vault) == held
            assert len(vault.scans()) == 2
    with pytest.raises(VaultError, match="does not open"):
        Vault.open(old, Secret.passphrase("another"), write=True)


def test_a_key_file_opens_it_too(tmp_path: Path) -> None:
    folder = unpacked("version-1-key-file", tmp_path)
    key = Secret.from_key_file(tmp_path / "key")
    for write in (False, True, False):
        with Vault.open(folder, key, write=write) as vault:
            assert next(vault.scan().batches("records"))["name"].to_pylist() == ["架空太郎"]
            assert [decision.answer for decision in vault.decisions()] == ["name"]
    assert version(folder) == 2


def test_a_kill_while_it_is_made_one_of_this_version_leaves_it_openable(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    def kill_after(folder: Path, keys: Keyring) -> None:
        write_head(folder, keys)
        raise Killed

    for place, killed, then in (
        ("open_keys", kill, 1),
        ("open_store", kill, 1),
        ("write_head", kill, 1),
        ("write_head", kill_after, 2),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(opening, place, killed)
            with pytest.raises(Killed):
                Vault.open(old, PASSPHRASE, write=True)
        assert version(old) == then
        Vault.open(old, PASSPHRASE).close()
    Vault.open(old, PASSPHRASE, write=True).close()


def test_a_wrong_secret_changes_nothing(old: Path) -> None:
    before = (old / "vault.json").read_bytes()
    for write in (False, True):
        with pytest.raises(VaultError, match="does not open"):
            Vault.open(old, Secret.passphrase("wrong"), write=write)
    assert (old / "vault.json").read_bytes() == before


@pytest.mark.parametrize("part", ["secret", "kdf", "salt", "nonce", "root_key"])
def test_a_head_with_a_part_missing_is_said(old: Path, part: str) -> None:
    head = json.loads((old / "vault.json").read_bytes())
    (old / "vault.json").write_text(json.dumps({name: value for name, value in head.items() if name != part}))
    with pytest.raises(VaultError):
        Vault.open(old, PASSPHRASE)
