"""A table counts from the transaction that names its parts; a part that differs by one bit is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.errors import VaultError
from sekisho.vault import Scan, Vault, tables

SCHEMA = pa.schema([("name", pa.string()), ("kind", pa.dictionary(pa.int32(), pa.string()))])


@pytest.fixture
def scan(vault: Vault) -> Scan:
    return vault.begin_scan("/share", "1.0")


def rows(*names: str) -> pa.Table:
    kinds = pa.array([f"kind of {name}" for name in names]).dictionary_encode()
    return pa.table({"name": list(names), "kind": kinds}, schema=SCHEMA)


def test_parts_count_in_the_order_of_their_commits_and_only_then(scan: Scan) -> None:
    first, second, third = (scan.write("records", rows(name)) for name in "abc")
    scan.commit([second])
    scan.commit([first])
    assert scan.read("records", SCHEMA)["name"].to_pylist() == ["b", "a"]
    assert scan.read("records", SCHEMA, ["kind"])["kind"].to_pylist() == ["kind of b", "kind of a"]
    assert scan.parts("other") == []
    scan.discard([third])
    assert sum(part.rows for part in scan.parts()) == 2


def test_a_table_without_parts_is_empty_with_its_columns(scan: Scan) -> None:
    assert scan.read("records", SCHEMA).schema.names == ["name", "kind"]


def test_a_table_can_be_replaced_as_a_whole(scan: Scan) -> None:
    scan.commit([scan.write("matches", rows("old"))])
    scan.replace({"matches": [scan.write("matches", rows("new"))]}, breakdown=[1, 2])
    assert scan.read("matches", SCHEMA)["name"].to_pylist() == ["new"]
    assert scan.note("breakdown") == [1, 2]
    assert scan.note("nothing") is None


def test_a_failing_commit_changes_nothing(scan: Scan) -> None:
    part = scan.write("records", rows("a"))
    scan.commit([part], note=1)
    with pytest.raises(VaultError):
        scan.commit([part], note=2)
    assert (scan.note("note"), len(scan.parts())) == (1, 1)


KEY = bytes(range(32))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_bit_is_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "flipped.parquet"
    path.unlink(missing_ok=True)
    sha256 = tables.write(path, rows("a", "b"), KEY)
    raw = bytearray(path.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(raw)
    with pytest.raises(VaultError, match="flipped"):
        tables.read(path, KEY, sha256)


def test_one_part_cannot_stand_in_for_another_nor_open_under_another_key(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    sha256 = tables.write(path, rows("a"), KEY)
    with pytest.raises(VaultError):
        tables.read(path, bytes(32), sha256)
    path.rename(tmp_path / "b.parquet")
    with pytest.raises(VaultError):
        tables.read(tmp_path / "b.parquet", KEY, sha256)
    with pytest.raises(VaultError):
        tables.read(path, KEY, sha256)


def test_a_full_disk_is_said_and_leaves_nothing_half_written(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultError, match="cannot be written: No space left"):
        scan.write("records", rows("a"))
    assert os.listdir(scan.folder) == []


def test_parts_are_private(scan: Scan) -> None:
    part = scan.write("records", rows("a"))
    assert (scan.folder / part.name).stat().st_mode & 0o077 == 0
