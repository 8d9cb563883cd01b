"""Logs brought in as evidence answer one question together, and say what none of them knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from sekisho.errors import InputError, RightsError, UsageError
from sekisho.evidence.ask import Question
from sekisho.evidence.event import Kind
from sekisho.evidence.read import formats
from sekisho.flow.proving.evidence import ask, import_log, logs
from sekisho.flow.proving.logs import Given
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.acts import NOBODY

JAPAN = Given(zone=ZoneInfo("Asia/Tokyo"), year=2015)
EVENT = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>{}</EventID>"
    "<TimeCreated SystemTime='{}'/><Computer>FS01</Computer></System><EventData>{}</EventData></Event>"
)


def windows(number: int, at: str, **data: str) -> str:
    return EVENT.format(number, at, "".join(f"<Data Name='{name}'>{value}</Data>" for name, value in data.items()))


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough passphrase"), Cost(64, 1, 1)) as made:
        yield made


def bring(vault: Vault, folder: Path, text: str, given: Given = JAPAN, encoding: str = "utf-8") -> Path:
    path = folder / "some.log"
    path.write_bytes(text.encode(encoding))
    import_log(vault, path, given, shown=False)
    return path


def test_the_logon_of_the_same_session_says_from_which_terminal_a_file_was_opened(vault: Vault, tmp_path: Path) -> None:
    logon = {"TargetUserName": "tanaka", "TargetLogonId": "0x8DCDC", "LogonType": "3", "IpAddress": "10.47.1.31"}
    opened = {"SubjectUserName": "tanaka", "SubjectLogonId": "0x8dcdc", "ObjectName": r"D:\kiroku\一覧.xlsx"}
    text = (
        windows(4624, "2015-05-19T00:00:00Z", **{**logon, "IpAddress": "10.47.9.99"})  # before a restart
        + windows(4624, "2015-05-20T00:00:00Z", **logon, WorkstationName="TERM031")
        + windows(4663, "2015-05-20T00:10:00Z", **opened)
        + windows(4663, "2015-05-20T00:11:00Z", **{**opened, "SubjectLogonId": "0x1"})
    )
    bring(vault, tmp_path, text)
    found = ask(vault, Question(object="一覧", kinds=(Kind.FILE,)))
    assert [(one.terminal, one.address, one.known_by) for one in found.events] == [
        ("TERM031", "10.47.1.31", "session"),
        ("", "", ""),
    ]
    assert found.unknown == {"person": 2, "when": 0, "terminal": 1, "account": 0, "order": 2}


def test_several_logs_answer_in_the_order_of_time_and_say_whose_order(vault: Vault, tmp_path: Path) -> None:
    bring(vault, tmp_path, formats()["samba_audit"].example)
    bring(vault, tmp_path, formats()["squid_access"].example)
    sudo = "May 20 09:12:30 fs01 sudo:   tanaka : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/bin/cat list.xlsx"
    bring(vault, tmp_path, sudo, Given(zone=JAPAN.zone, year=2015, fast=30))
    found = ask(vault, Question(since=datetime(2015, 5, 20, tzinfo=UTC), until=datetime(2015, 5, 21, tzinfo=UTC)))
    assert [(one.log, one.kind, one.account, one.order) for one in found.events] == [
        (3, "order", "root", "tanaka"),
        (1, "file", "tanaka", ""),
        (2, "web", "tanaka", ""),
    ]
    assert found.events[0].at == "2015-05-20T00:12:00.000000+00:00"
    assert set(found.span) == {1, 2, 3}


@pytest.mark.parametrize("encoding", ["cp932", "utf-16", "utf-8-sig", "utf-16-le", "euc-jp"])
def test_a_japanese_export_in_whatever_encoding(vault: Vault, tmp_path: Path, encoding: str) -> None:
    bring(vault, tmp_path, formats()["windows_csv"].example.replace("\n", "\r\n"), encoding=encoding)
    (one,) = ask(vault, Question(account="TANAKA")).events
    assert (one.account, one.at, one.address) == ("KIKO\\tanaka", "2015-05-20T00:12:33.000000+00:00", "10.47.1.31")


def test_our_own_acts_of_the_time_stand_beside_it(vault: Vault) -> None:
    begun = datetime.now(UTC)
    vault.log("register.show", counts={"holders": 1})
    found = ask(vault, Question(since=begun))
    assert [(one.action, one.role) for one in found.acts] == [("register.show", "owner"), ("evidence.ask", "owner")]
    assert ask(vault, Question(until=begun)).acts == ()


def test_the_same_file_again_changes_nothing_and_read_another_way_takes_its_place(vault: Vault, tmp_path: Path) -> None:
    path = bring(vault, tmp_path, formats()["auth_log"].example)
    assert import_log(vault, path, JAPAN, shown=False).again
    assert not import_log(vault, path, Given(zone=JAPAN.zone, year=2014), shown=False).again
    assert [log.number for log in logs(vault)] == [1, 2]
    found = ask(vault, Question())
    assert [(one.log, one.at[:4] if one.at else "") for one in found.events] == [(2, "2014")]
    assert set(found.span) == {2}


def test_what_a_log_leaves_open_must_be_said(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="time zone"):
        bring(vault, tmp_path, formats()["auth_log"].example, Given(year=2015))
    with pytest.raises(UsageError, match="year"):
        bring(vault, tmp_path, formats()["auth_log"].example, Given(zone=JAPAN.zone))
    with pytest.raises(InputError):
        bring(vault, tmp_path, "氏名,住所\n")
    assert logs(vault) == []


def test_what_could_not_be_read_or_told_is_said_with_every_answer(vault: Vault, tmp_path: Path) -> None:
    line = formats()["squid_access"].example + "\n"
    bring(vault, tmp_path, line + line.replace("jp/up", "jp/\ufffd") + "no such line\n")
    unclear = "Keywords,Date and Time,Source,Event ID,Task Category\nAudit Success,05/06/2015 09:12:33,x,4634,Logoff,\n"
    bring(vault, tmp_path, unclear)
    found = ask(vault, Question())
    assert found.gaps == {1: ["broken", "undecoded"], 2: ["no_time"]}
    assert found.unknown["when"] == 1
    assert found.events[-1].at is None
    assert ask(vault, Question(since=datetime(2020, 1, 1, tzinfo=UTC))).found == 1  # it may have been then


def test_a_log_that_was_rewritten_in_the_vault_is_said_to_be(vault: Vault, tmp_path: Path) -> None:
    bring(vault, tmp_path, formats()["squid_access"].example)
    evidence = vault.evidence()
    rows = evidence.rows_of(evidence.parts()[0])
    place = rows.schema.get_field_index("account")
    forged = evidence.write("events", rows.set_column(place, "account", pa.array(["suzuki"])))
    with vault._store.transaction():
        vault._store._connection.execute("DROP TRIGGER keep_evidence_parts_update")
        vault._store.run("UPDATE evidence_parts SET name = ?, sha256 = ?", (forged.name, forged.sha256))
    found = ask(vault, Question())
    assert [one.account for one in found.events] == ["suzuki"]
    assert found.gaps == {1: ["doctored"]}


def test_whoever_may_not_ask_is_refused_and_whoever_asks_is_in_the_ledger(vault: Vault) -> None:
    before = vault.outbox.head().size
    ask(vault, Question())
    assert vault.outbox.head().size == before + 1
    vault._store.sign_in(lambda: NOBODY)
    with pytest.raises(RightsError):
        ask(vault, Question())
