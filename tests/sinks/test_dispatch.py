"""Parcels are queued with the act that makes them, and handed over once, whatever falls in between."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.sinks.conftest import LETTERS, SECRET, parcel, queue

from sekisho.errors import FinalError, RetryableError, UsageError
from sekisho.flow.dispatch import again, dispatch, failures, waiting
from sekisho.flow.keeping import custody
from sekisho.flow.sinks import set_sink
from sekisho.sinks import backoff, kinds, wait_after
from sekisho.sinks.folder import Folder
from sekisho.vault import Vault, parcels
from sekisho.vault.backups.backup import back_up
from sekisho.vault.backups.restore import restoring
from sekisho.vault.check import look


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir(mode=0o750)
    return folder


def lying(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".sekisho")


def test_a_parcel_lies_in_the_folder_with_its_checksums_and_is_received(vault: Vault, outside: Path) -> None:
    set_sink(vault, "shop", "folder", {"path": str(outside)})
    queue(vault, "shop", "letters-1")
    done = dispatch(vault, shown=False)
    assert (done.received, done.failed, done.waiting) == (1, (), 0)
    assert lying(outside) == ["letters-1"]
    assert (outside / "letters-1" / "letters.pdf").read_bytes() == LETTERS["letters.pdf"]
    assert len((outside / "letters-1" / "SHA256SUMS").read_text().splitlines()) == 2
    assert (outside / "letters-1").stat().st_mode & 0o777 == 0o750
    assert (outside / "letters-1" / "index.csv").stat().st_mode & 0o777 == 0o640


def test_what_an_act_made_is_queued_with_it_or_not_at_all(vault: Vault) -> None:
    found = vault.parcels(1)
    kept = found.keep(LETTERS)

    def fall() -> None:
        with vault.act("sinks.send", incident=1):
            found.put("shop", "letters-1", "letters", kept)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fall()
    assert found.all() == []
    found.sweep()
    assert not list(found.folder.iterdir())


def test_the_same_parcel_is_queued_once_and_another_of_its_name_is_refused(vault: Vault) -> None:
    first, second = queue(vault, "shop", "letters-1"), queue(vault, "shop", "letters-1")
    assert first == second
    assert queue(vault, "elsewhere", "letters-1").key != first.key
    with pytest.raises(UsageError, match="another content"):
        queue(vault, "shop", "letters-1", {"letters.pdf": b"another"})


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b", "", "名簿.pdf"])
def test_no_name_leads_elsewhere(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        vault.parcels(1).keep({name: b""})
    with pytest.raises(ValueError, match="name"):
        queue(vault, "shop", name)


def test_content_lies_sealed_and_nothing_of_it_in_clear(vault: Vault) -> None:
    queue(vault, "shop", "letters-1")
    assert look(vault).sound
    files = [path for path in vault.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parcel" for path in files)
    assert not [path for path in files if b"an invented letter" in path.read_bytes()]


def test_a_changed_or_lost_parcel_is_not_sent_and_is_found_by_the_check(vault: Vault, outside: Path) -> None:
    set_sink(vault, "shop", "folder", {"path": str(outside)})
    queue(vault, "shop", "letters-1")
    (path,) = vault.parcels(1).folder.iterdir()
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    assert not look(vault).sound
    queue(vault, "shop", "letters-2")
    done = dispatch(vault, shown=False)
    assert ([one.name for one in done.failed], done.received) == (["letters-1"], 1)
    assert lying(outside) == ["letters-2"]


def test_a_share_that_is_not_mounted_is_tried_again_and_after_the_last_try_listed(vault: Vault, outside: Path) -> None:
    set_sink(vault, "shop", "folder", {"path": str(outside / "share")})
    queue(vault, "shop", "letters-1")
    for tried in range(len(backoff()["wait_seconds"])):
        assert dispatch(vault, shown=False).put_off == 1
        assert dispatch(vault, shown=False).put_off == 0  # it is not due yet
        (one,) = waiting(vault)
        assert one.tries == tried + 1
        with vault._store.transaction():
            vault._store.run("UPDATE parcel_tries SET due = '2026-01-01'", ())
    done = dispatch(vault, shown=False)
    assert [one.name for one in done.failed] == ["letters-1"]
    assert [one.number for one in failures(vault)] == [1]
    (outside / "share").mkdir()
    assert again(vault, 1).state is parcels.State.QUEUED
    assert dispatch(vault, shown=False).received == 1
    with pytest.raises(UsageError):
        again(vault, 1)


def test_a_parcel_for_a_sink_that_nobody_set_up_waits_for_it(vault: Vault, outside: Path) -> None:
    queue(vault, "shop", "letters-1")
    assert dispatch(vault, shown=False).waiting == 1


def test_a_receiver_who_takes_it_away_is_not_given_it_again(outside: Path) -> None:
    sink = Folder({"path": str(outside)})
    assert sink.send(parcel()).said == "laid down"
    shutil.rmtree(outside / "letters-1")
    assert sink.send(parcel()).said == "was laid down before"
    assert lying(outside) == []


def test_what_another_put_there_under_the_name_stays(outside: Path) -> None:
    (outside / "letters-1").mkdir()
    (outside / "letters-1" / "theirs").touch()
    with pytest.raises(FinalError):
        Folder({"path": str(outside)}).send(parcel())
    assert lying(outside / "letters-1") == ["theirs"]
    with pytest.raises(RetryableError):
        Folder({"path": str(outside / "nowhere")}).send(parcel())


def test_a_restored_backup_sends_nothing_that_the_receiver_has(vault: Vault, outside: Path, tmp_path: Path) -> None:
    set_sink(vault, "shop", "folder", {"path": str(outside)})
    queue(vault, "shop", "letters-1")
    back_up(vault, tmp_path / "backups", "1.0")
    dispatch(vault, shown=False)
    shutil.rmtree(outside / "letters-1")
    custody.back_up_keys(vault, tmp_path / "keys", 30)
    with restoring(tmp_path / "backups", SECRET, tmp_path / "again"):
        pass
    with Vault.open(tmp_path / "again", SECRET, write=True) as restored:
        custody.bring_keys_back(restored, tmp_path / "keys")
        assert [one.state for one in restored.parcels(1).all()] == [parcels.State.QUEUED]
        assert dispatch(restored, shown=False).received == 1
    assert lying(outside) == []


def test_a_forgotten_incident_leaves_no_parcel_and_a_sound_vault(vault: Vault) -> None:
    queue(vault, "shop", "letters-1")
    vault.forget_incident(1)
    assert not list(vault.folder.rglob("*.parcel"))
    assert look(vault).sound
    assert dispatch(vault, shown=False).received == 0


def test_waits_grow_and_end_and_a_receiver_may_ask_for_longer() -> None:
    waits = [wait_after(tries) for tries in range(len(backoff()["wait_seconds"]))]
    assert waits == sorted(waits, key=lambda wait: wait or timedelta.max)
    assert wait_after(len(waits)) is None
    assert wait_after(0, asked_for=7200) == timedelta(hours=2)
    assert wait_after(0, asked_for=10**9) == timedelta(seconds=backoff()["longest_seconds"])


def test_every_kind_of_sink_says_what_it_is_and_what_it_must_be_told() -> None:
    assert "folder" in kinds()
    for kind in kinds().values():
        assert kind.about.en
        assert kind.about.ja
        assert any(setting.needed for setting in kind.settings)


def test_due_is_what_may_be_tried_now(vault: Vault) -> None:
    one = queue(vault, "shop", "letters-1")
    found = vault.parcels(1)
    found.tried(one, "no answer", timedelta(hours=1))
    assert found.due() == []
    assert [due.tries for due in found.due(datetime.now(UTC) + timedelta(hours=2))] == [1]
