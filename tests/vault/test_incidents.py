"""An incident that was forgotten stays unreadable, whatever backup is brought back; a legal hold forbids forgetting."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import HeldError, InputError, VaultError
from sekisho.vault import Secret, Vault
from sekisho.vault.backups.backup import back_up
from sekisho.vault.backups.restore import restoring
from sekisho.vault.holds import INCIDENT
from sekisho.vault.incidents import State
from sekisho.vault.keys.perishable import Perishable

_PAGE = 4096
TITLE = "a stolen laptop of the Naha office"


def with_a_scan(vault: Vault, number: int) -> int:
    scan = vault.begin_scan("/share", "1.0", incident=number)
    scan.commit([scan.write("records", pa.table({"name": ["架空太郎"]}))])
    vault.finish_scan(scan)
    return scan.about.scan


def restored(folder: Path, secret: Secret, target: Path) -> Vault:
    with restoring(folder, secret, target):
        pass
    return Vault.open(target, secret, write=True)


def test_an_incident_and_its_scans_are_read_under_its_own_key(vault: Vault) -> None:
    incident = vault.incidents().open(TITLE)
    scan = with_a_scan(vault, incident.number)
    assert (incident.number, incident.title, incident.state) == (1, TITLE, State.OPEN)
    assert next(vault.scan(scan).batches("records"))["name"].to_pylist() == ["架空太郎"]
    assert vault.incidents().of_scan(scan) == 1


def test_a_forgotten_incident_stays_unreadable_where_an_older_backup_of_the_data_is_restored(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    incident = vault.incidents().open(TITLE)
    scan = with_a_scan(vault, incident.number)
    back_up(vault, tmp_path / "backups", "1.0")
    vault.forget_incident(incident.number)
    assert (vault.scans(), [one.about.scan for one in vault.dropped()]) == ([], [scan])
    assert not list((vault.folder / "scans").rglob("*.parquet"))
    assert vault.incidents().incident(1).title is None
    with restored(tmp_path / "backups", secret, tmp_path / "again") as again:
        assert again.incidents().incident(1).state is State.OPEN  # so much the older store still says
        assert again.incidents().incident(1).title is None
        assert (again.scans(), [one.scan for one in again.unreadable()]) == ([], [scan])
        assert list((again.folder / "scans").rglob("*.parquet"))  # it is there, and noise
        with pytest.raises(VaultError, match="not here"):
            again.incidents().key(1)


def test_keys_come_back_from_their_own_backup_but_not_those_that_were_destroyed_since(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    kept, gone = (vault.incidents().open(title).number for title in ("kept", "gone"))
    back_up(vault, tmp_path / "backups", "1.0")
    vault.perishable.back_up(tmp_path / "early", bytes(32), "2099-01-01")
    vault.incidents().forget(gone)
    vault.perishable.back_up(tmp_path / "late", bytes(32), "2099-01-01")
    with restored(tmp_path / "backups", secret, tmp_path / "again") as again:
        for copy in ("late", "early"):
            again.perishable.take_in(Perishable(tmp_path / copy, bytes(32)))
        assert [one.title for one in again.incidents().all()] == ["kept", None]
        with pytest.raises(VaultError, match="forgotten"):
            again.incidents().key(gone)
    assert kept == 1


def test_a_legal_hold_forbids_forgetting_until_it_is_released_and_the_ledger_says_so(vault: Vault) -> None:
    number = vault.incidents().open(TITLE).number
    hold = vault.holds().place(INCIDENT, str(number), "an order of the court")
    assert vault.incidents().incident(number).held
    with pytest.raises(HeldError, match="Legal hold"):
        vault.incidents().forget(number)
    assert vault.incidents().incident(number).title == TITLE
    vault.holds().release(hold.number, "the case is over")
    vault.incidents().forget(number)
    said = b"\n".join(entry for _, entry in vault.outbox.pending(0))
    assert [said.count(f'"{action}"'.encode()) for action in ("refused", "vault.forget")] == [1, 2]
    assert b"laptop" not in said
    assert b"court" not in said


def test_a_forgetting_that_was_killed_in_between_is_finished(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    number = vault.incidents().open(TITLE).number
    with monkeypatch.context() as killed:
        killed.setattr("sekisho.vault.incidents.Incidents.finish_forgetting", lambda _: None)
        vault.incidents().forget(number)
    with pytest.raises(VaultError, match="forgotten"):
        vault.incidents().key(number)
    vault.incidents().forget(number)
    assert (
        vault.perishable.some([row[0] for row in vault.incidents()._store.rows("SELECT key_id FROM incidents")]) == {}
    )


def test_whoever_writes_next_finishes_a_forgetting_that_was_killed(
    vault: Vault, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = vault.incidents().open(TITLE).number
    [(_, key_id)] = vault.incidents().key_ids()
    with monkeypatch.context() as killed:
        killed.setattr("sekisho.vault.incidents.Incidents.finish_forgetting", lambda _: None)
        vault.incidents().forget(number)
    assert not vault.perishable.is_destroyed(key_id)
    vault.close()
    with Vault.open(vault.folder, secret, write=True) as again:
        assert again.perishable.is_destroyed(key_id)
        assert again.perishable.some([key_id]) == {}


def test_nothing_of_a_destroyed_key_is_left_in_its_file(vault: Vault) -> None:
    [(name, key)] = vault.perishable.make(INCIDENT)
    vault.perishable.destroy([name])
    assert (vault.folder / "keys.db-wal").stat().st_size == 0
    assert key not in (vault.folder / "keys.db").read_bytes()


def test_an_incident_that_is_not_there_is_the_calls_mistake(vault: Vault) -> None:
    with pytest.raises(InputError, match="no incident 7"):
        vault.incidents().forget(7)


def test_keys_that_are_damaged_are_not_taken_for_keys_that_are_gone(vault: Vault, secret: Secret) -> None:
    vault.incidents().open(TITLE)
    vault.close()
    keys = vault.folder / "keys.db"
    whole = keys.read_bytes()
    refused = 0
    for place in range(_PAGE // 2, len(whole), _PAGE):
        keys.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            with Vault.open(vault.folder, secret) as damaged:
                assert damaged.incidents().incident(1).title == TITLE
        except VaultError:
            refused += 1
    assert refused
