"""A vault is there or not, belongs to one writer at a time, and shows nothing to who has no key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import VaultError
from sekisho.model import Decision
from sekisho.vault import Cost, Secret, Vault

CHEAP = Cost(64, 1, 1)
CANARY = "CANARY-架空太郎-9876543210"


def everything_under(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_vault_is_found_again_as_it_was_left(vault: Vault, secret: Secret) -> None:
    made = vault.begin_scan("/share", "1.0")
    made.commit([made.write("records", pa.table({"name": ["a", "b"]}))], settings={"x": 1})
    vault.finish_scan(made)
    vault.close()
    with Vault.open(vault.folder, secret) as again:
        assert [(about.root, about.program) for about in again.scans()] == [("/share", "1.0")]
        assert again.scan().note("settings") == {"x": 1}
        assert next(again.scan().batches("records"))["name"].to_pylist() == ["a", "b"]


def test_nothing_lies_in_clear_in_any_file_of_it(vault: Vault) -> None:
    made = vault.begin_scan(f"/share/{CANARY}", "1.0")
    part = made.write("records", pa.table({CANARY: [CANARY] * 1000}))
    made.commit([part], note=CANARY)
    vault.decide([Decision(CANARY, CANARY, "name", CANARY, "2026-01-01T00:00:00+00:00")])
    raw = everything_under(vault.folder)  # the store is open: its write-ahead log is there too
    assert len(raw) > 10_000
    for encoding in ("utf-8", "utf-16-le", "cp932"):
        assert CANARY.encode(encoding) not in raw
        assert "架空太郎".encode(encoding) not in raw
    assert b"SQLite format 3" not in raw


def test_two_writers_are_kept_apart_and_a_reader_is_not(vault: Vault, secret: Secret) -> None:
    with pytest.raises(VaultError, match=str(os.getpid())):
        Vault.open(vault.folder, secret, write=True)
    Vault.open(vault.folder, secret).close()
    vault.close()
    Vault.open(vault.folder, secret, write=True).close()


def test_a_killed_writer_leaves_no_lock(tmp_path: Path, secret: Secret) -> None:
    program = f"""
import time
from pathlib import Path
from sekisho.vault import Cost, Secret, Vault
vault = Vault.create(Path({str(tmp_path / "v")!r}), Secret.passphrase("a long enough passphrase"), Cost(64, 1, 1))
print("made", flush=True)
time.sleep(20)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(VaultError, match=str(writer.pid)):
            Vault.open(tmp_path / "v", secret, write=True)
        writer.send_signal(signal.SIGKILL)
    Vault.open(tmp_path / "v", secret, write=True).close()


def test_a_wrong_secret_opens_nothing_and_makes_nothing(vault: Vault) -> None:
    vault.close()
    before = everything_under(vault.folder)
    with pytest.raises(VaultError, match="does not open"):
        Vault.open(vault.folder, Secret.passphrase("wrong"), write=True)
    assert everything_under(vault.folder) == before


def test_a_folder_with_other_things_does_not_become_a_vault(tmp_path: Path, secret: Secret) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(VaultError, match="other things"):
        Vault.create(tmp_path, secret, CHEAP)
    assert os.listdir(tmp_path) == ["photo.jpg"]


def test_no_vault_is_no_vault(tmp_path: Path, secret: Secret) -> None:
    with pytest.raises(VaultError, match="no vault"):
        Vault.open(tmp_path / "nowhere", secret)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("head", [b"", b"[]", b"{}", b'{"format": "sekisho vault"}', b"\xff"])
def test_a_broken_head_is_said(vault: Vault, secret: Secret, head: bytes) -> None:
    vault.close()
    (vault.folder / "vault.json").write_bytes(head)
    with pytest.raises(VaultError, match="not a vault's head"):
        Vault.open(vault.folder, secret)


def test_a_head_that_is_lost_comes_back_from_its_copy(vault: Vault, secret: Secret) -> None:
    vault.close()
    head, copy = vault.folder / "vault.json", vault.folder / "vault.json.copy"
    whole = head.read_bytes()
    assert copy.read_bytes() == whole
    for broken in (whole[:-9], whole.replace(b"argon2id", b"argon2ie"), None):
        head.unlink()
        if broken is not None:
            head.write_bytes(broken)
        with pytest.raises(VaultError, match="not a vault's head") as caught:
            Vault.open(vault.folder, secret)
        assert str(copy) in caught.value.hint.en
        head.write_bytes(copy.read_bytes())
        Vault.open(vault.folder, secret).close()
    copy.write_bytes(b"x")
    head.write_bytes(b"x")
    with pytest.raises(VaultError) as caught:
        Vault.open(vault.folder, secret)
    assert "copy of the vault" in caught.value.hint.en
    head.write_bytes(whole)
    Vault.open(vault.folder, secret, write=True).close()
    assert copy.read_bytes() == whole


def test_a_head_with_a_part_missing_is_said(vault: Vault, secret: Secret) -> None:
    vault.close()
    whole = json.loads((vault.folder / "vault.json").read_bytes())
    for part in ("generation", "slots", "keys", "seal", "sha256"):
        (vault.folder / "vault.json").write_text(json.dumps({k: v for k, v in whole.items() if k != part}))
        with pytest.raises(VaultError):
            Vault.open(vault.folder, secret)


def test_a_vault_of_a_later_version_is_left_alone(vault: Vault, secret: Secret) -> None:
    vault.close()
    head = json.loads((vault.folder / "vault.json").read_bytes())
    (vault.folder / "vault.json").write_text(json.dumps({**head, "version": 3}))
    with pytest.raises(VaultError, match="newer"):
        Vault.open(vault.folder, secret)


def test_a_store_of_a_later_version_is_left_alone(vault: Vault, secret: Secret) -> None:
    with vault._store.transaction():
        vault._store._connection.execute("PRAGMA user_version = 99")
    vault.close()
    with pytest.raises(VaultError, match="newer"):
        Vault.open(vault.folder, secret)


def test_a_store_in_clear_or_damaged_or_gone_is_refused(vault: Vault, secret: Secret) -> None:
    import sqlite3

    vault.begin_scan("/share", "1.0")
    vault.close()
    database = vault.folder / "sekisho.db"
    good = database.read_bytes()
    for bad in (good[:100] + bytes([good[100] ^ 1]) + good[101:], good[: len(good) // 2 - 7], b"x" * 4096):
        database.write_bytes(bad)
        with pytest.raises(VaultError, match="damaged"):
            Vault.open(vault.folder, secret).scans()
    database.unlink()
    with pytest.raises(VaultError, match="gone"):
        Vault.open(vault.folder, secret)
    with sqlite3.connect(database) as clear:
        clear.execute("CREATE TABLE scans (scan)")
    clear.close()
    with pytest.raises(VaultError, match="damaged"):
        Vault.open(vault.folder, secret)


def test_decisions_are_kept_in_their_order(vault: Vault) -> None:
    made = [Decision("b", "s", answer, "who", "2026-01-01T00:00:00+00:00") for answer in ("name", "other")]
    vault.decide(made)
    vault.decide([])
    assert vault.decisions() == made


def test_killed_scans_of_a_folder_go_when_one_is_finished(vault: Vault) -> None:
    killed, elsewhere, whole = (vault.begin_scan(root, "1.0") for root in ("/a", "/b", "/a"))
    for scan in (killed, elsewhere, whole):
        scan.commit([scan.write("records", pa.table({"name": ["a"]}))])
    vault.finish_scan(whole)
    assert [about.scan for about in vault.scans()] == [elsewhere.about.scan, whole.about.scan]
    assert sorted(os.listdir(vault.folder / "scans")) == ["000002", "000003"]
    with pytest.raises(VaultError, match=f"no scan {killed.about.scan}"):
        vault.scan(killed.about.scan)
