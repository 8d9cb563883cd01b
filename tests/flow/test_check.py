"""A check of the vault says everything that is wrong, and of what is well that it is."""

from __future__ import annotations

import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import SekishoError, VaultError
from sekisho.flow.enter import create, enter, enter_doubtful
from sekisho.flow.keeping.check import Checked, check
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.check import Kind

SECRET, CHEAP = Secret.passphrase("a passphrase"), Cost(64, 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A vault with parts of every kind."""
    with create(tmp_path / "vault", SECRET, CHEAP) as vault:
        for root in ("/a", "/b"):
            scan = vault.begin_scan(root, "1.0")
            scan.commit([scan.write("records", pa.table({"name": [root] * 100})) for _ in range(2)])
            vault.finish_scan(scan)
        with vault.matching("daily") as matching, matching.alone():
            matching.add("records", pa.table({"name": ["a"]}))
            matching.commit()
        with vault.register().index("people") as index, index.alone():
            index.add("about", pa.table({"name": ["a"]}))
            index.commit()
        incident = vault.incidents().open("A leak")
        vault.finish_scan(vault.begin_scan("/c", "1.0", incident=incident.number))
    return tmp_path / "vault"


def looked_at(folder: Path) -> Checked:
    with enter_doubtful(folder, SECRET) as vault:
        return check(vault, shown=False)


def wrong(folder: Path) -> list[tuple[Kind, str]]:
    return [(fault.kind, fault.file) for fault in looked_at(folder).faults]


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def a_part(folder: Path, of: str = "scans/000001") -> Path:
    return sorted((folder / of).glob("*.parquet"))[0]


def test_a_vault_that_is_well_is_said_to_be(folder: Path) -> None:
    found = looked_at(folder)
    assert found.faults == []
    assert found.sound
    assert found.files >= sum(path.is_file() for path in folder.rglob("*"))  # logs of the databases came and went
    assert found.entries > 5
    assert looked_at(folder).entries == found.entries + 1  # the check itself


def test_a_part_that_is_changed_or_gone_is_named(folder: Path) -> None:
    first, last = sorted((folder / "scans/000002").glob("*.parquet"))
    flip(first, 40)
    last.unlink()
    assert wrong(folder) == [
        (Kind.DAMAGED, f"scans/000002/{first.name}"),
        (Kind.MISSING, f"scans/000002/{last.name}"),
    ]


def test_a_part_of_another_place_does_not_pass(folder: Path) -> None:
    one, other = a_part(folder), a_part(folder, "scans/000002")
    shutil.copy(one, other)
    assert wrong(folder) == [(Kind.DAMAGED, f"scans/000002/{other.name}")]


def test_a_changed_matching_is_damage_and_a_changed_index_is_none(folder: Path) -> None:
    flip(a_part(folder, "matchings/daily"), 20)
    flip(a_part(folder, "index/people"), 20)
    found = looked_at(folder)
    assert [(fault.kind, fault.file.rpartition("/")[0]) for fault in found.faults] == [
        (Kind.DAMAGED, "matchings/daily"),
        (Kind.REMADE, "index/people"),
    ]
    for listing in ("matchings/daily/listing.json", "index/people/listing.json"):
        flip(folder / listing, 30)
    found = looked_at(folder)
    assert (Kind.DAMAGED, "matchings/daily/listing.json") in wrong(folder)
    assert (Kind.REMADE, "index/people/listing.json") in wrong(folder)
    assert not found.sound


def test_what_nobody_names_is_said_and_is_no_damage(folder: Path) -> None:
    shutil.copy(a_part(folder), folder / "scans/000001/records-0000.parquet")
    (folder / ".vault.json.1234.new").write_bytes(b"")
    (folder / "photo.jpg").write_bytes(b"x")
    (folder / "link").symlink_to(folder / "vault.json")
    for path in (".vault.json.1234.new", "photo.jpg", "scans/000001/records-0000.parquet"):
        (folder / path).chmod(0o600)
    assert wrong(folder) == [
        (Kind.LEFT_BEHIND, ".vault.json.1234.new"),
        (Kind.LEFT_BEHIND, "scans/000001/records-0000.parquet"),
        (Kind.STRANGE, "link"),
        (Kind.STRANGE, "photo.jpg"),
    ]
    assert looked_at(folder).sound


def test_what_others_may_read_is_said(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    (folder / "keys.db").chmod(0o640)
    assert wrong(folder) == []  # nobody gets there
    folder.chmod(0o750)
    said = [(fault.kind, fault.file, fault.why) for fault in looked_at(folder).faults]
    assert (Kind.READABLE, "keys.db", "640") in said
    assert not any(fault == "vault.json" for _, fault, _ in said)


def test_a_ledger_that_is_changed_or_not_the_store_s_is_said(folder: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole)
    bundle = next(path for path in (folder / "ledger/tile/entries").rglob("*") if path.is_file())
    flip(bundle, 10)
    assert [kind for kind, file in wrong(folder) if file.startswith("ledger/")] == [Kind.DAMAGED]
    shutil.rmtree(folder)
    shutil.copytree(whole, folder)
    looked_at(folder)
    looked_at(folder)  # the store holds its last entry still, and would bring back a ledger that lacks only that
    shutil.rmtree(folder / "ledger")
    shutil.copytree(whole / "ledger", folder / "ledger")
    (fault,) = looked_at(folder).faults
    assert (fault.kind, fault.file) == (Kind.DAMAGED, "ledger")
    assert "earlier state" in fault.why
    (folder / "ledger" / "checkpoint").write_bytes(b"x")
    assert (Kind.DAMAGED, "ledger/checkpoint") in wrong(folder)


def test_a_page_of_the_store_that_is_changed_is_said(folder: Path) -> None:
    with Vault.open(folder, SECRET) as vault:  # a page that nobody needs to open it
        (page,) = vault._store.rows("SELECT rootpage FROM sqlite_master WHERE name = 'merge_parts'")[0]
        (size,) = vault._store.rows("PRAGMA page_size")[0]
    flip(folder / "sekisho.db", int(page) * int(size) - 2000)
    found = looked_at(folder)
    assert not found.sound
    assert "sekisho.db" in {fault.file for fault in found.faults}


def test_keys_that_are_not_here_are_said_and_are_no_damage(folder: Path) -> None:
    with enter(folder, SECRET, write=True) as vault:
        assert vault.readable_scan(3) is not None
    for path in folder.glob("keys.db*"):
        path.unlink()
    with enter(folder, SECRET) as vault:
        assert vault.readable_scan(3) is None
    assert [(fault.kind, fault.file, fault.why) for fault in looked_at(folder).faults] == [
        (Kind.NO_KEY, "keys.db", "incident 1")
    ]
    assert looked_at(folder).sound


def test_a_forgotten_incident_is_nothing_that_is_missing(folder: Path) -> None:
    with enter(folder, SECRET, write=True) as vault:
        vault.forget_incident(1)
    assert wrong(folder) == []


def each_file(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def flipped_bits_are_noticed(folder: Path, dice: random.Random, times: Callable[[Path], int]) -> None:
    """Change one bit at a time: an opening or a check refuses it, or everything is as it was."""
    held = looked_at(folder)
    for path in each_file(folder):
        data = path.read_bytes()
        for _ in range(times(path)):
            at, bit = dice.randrange(len(data)), dice.randrange(8)
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
            assert is_noticed(folder, held), (path.name, at, bit)
            path.write_bytes(data)


def is_noticed(folder: Path, held: Checked) -> bool:
    copy = folder.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    try:
        found = looked_at(copy)
    except SekishoError:
        return True
    if found.faults:
        return True
    with enter(copy, SECRET) as vault:  # harmless by proof: all that is held is there, and fits together
        assert [about.root for about in vault.scans()] == ["/a", "/b", "/c"]
    return found.entries == held.entries + 1


def test_a_changed_bit_in_any_file_is_noticed_or_harmless(folder: Path) -> None:
    flipped_bits_are_noticed(folder, random.Random(5), lambda _: 3)


@pytest.mark.soak
def test_many_changed_bits_in_every_file_are_noticed_or_harmless(folder: Path) -> None:
    flipped_bits_are_noticed(folder, random.Random(6), lambda _: 40)


def test_a_store_that_is_gone_is_said(folder: Path) -> None:
    os.remove(folder / "sekisho.db")
    with pytest.raises(VaultError, match="gone"):
        looked_at(folder)


def test_damaged_keys_are_named_alone_and_make_nothing_else_look_strange(folder: Path) -> None:
    keys = folder / "keys.db"
    flip(keys, keys.stat().st_size // 2)
    assert wrong(folder) == [(Kind.DAMAGED, "keys.db")]


def test_a_store_that_no_longer_refuses_changes_is_damaged(folder: Path) -> None:
    with Vault.open(folder, SECRET, write=True) as vault:
        vault._store._connection.execute("DROP TRIGGER keep_imports_update")
    (fault,) = looked_at(folder).faults
    assert (fault.kind, fault.file, "keep_imports_update" in fault.why) == (Kind.DAMAGED, "sekisho.db", True)
