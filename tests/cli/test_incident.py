"""An incident from its first minute, as sessions on the command line."""

from __future__ import annotations

import hashlib
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from tests.cli.calls import Calls

from sekisho.cli._main import main, parse
from sekisho.incidents.kinds import EVIDENCE, kinds
from sekisho.wording import speak


@pytest.fixture
def calls(place: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    made = Calls(place, capsys)
    made.run("vault", "init")
    made.run("incident", "open", "標的型メール", "--kind", "leak")
    return made


def add(calls: Calls, kind: str, *arguments: str, code: int = 0) -> Any:
    return json.loads(calls.run("incident", "add", kind, "1", *arguments, "--json", code=code) or "null")


def test_what_is_known_is_said_fact_by_fact_and_shown(calls: Calls) -> None:
    add(calls, "known", "那覇事務所", "--at", "2015-05-08T15:00", "--through", "NISC")
    add(calls, "infected", "--at", "2015-05-08T10:28", "--how", "a link in a mail")
    add(calls, "system", "FS1", "accessed", "--as-of", "2015-05-28", "--evidence", "proxy log")
    add(calls, "system", "FS2", "not_known", "--as-of", "2015-05-28")
    add(calls, "offence", "yes", "--what", "不正アクセス", "--complaint", "27-123")
    shown = calls.json("incident", "show", "1")
    assert (shown["kind"], shown["known_by"], shown["detected_by"]) == ("leak", "那覇事務所", "NISC")
    assert shown["first_infection"] == "2015-05-08T10:28:00+09:00"
    text = calls.run("incident", "show", "1")
    for part in ("那覇事務所", "FS2; not known", "27-123", "2015-05-08 15:00 +09:00"):
        assert part in text


def test_a_correction_stands_and_what_it_corrects_is_shown_when_asked_for(calls: Calls) -> None:
    wrong = add(calls, "known", "head office", "--at", "2015-05-28")["fact"]
    right = add(calls, "known", "head office", "--at", "2015-05-27", "--instead-of", str(wrong))["fact"]
    assert calls.json("incident", "show", "1")["known_at"] == "2015-05-27T00:00:00+09:00"
    assert [one["fact"] for one in calls.json("incident", "show", "1")["facts"]][-1] == right
    everything = calls.json("incident", "show", "1", "--all")["facts"]
    assert [(one["fact"], one["replaced_by"]) for one in everything[1:]] == [(wrong, right), (right, None)]
    assert f"fact {right} stands in its place" in calls.run("incident", "show", "1", "--all")


def test_the_timeline_holds_what_happened_and_what_was_done(calls: Calls) -> None:
    add(calls, "event", "cable pulled", "--at", "2015-05-08T15:25")
    add(calls, "event", "traffic seen", "--at", "2015-05-08T06:20Z")
    add(calls, "measure", "two networks", "--owner", "IT", "--due", "2099-01-01")
    lines = calls.json("incident", "timeline", "1")
    assert [one["said"] for one in lines if "said" in one] == ["traffic seen", "cable pulled", "two networks"]
    assert [one["action"] for one in lines if "action" in one] == [
        "incident.open",
        *["incident.add"] * 4,
        "incident.show",
    ]
    assert lines[-1]["due"] is True


def test_the_clocks_say_what_is_left_and_what_is_not_confirmed(calls: Calls) -> None:
    add(calls, "known", "a clerk", "--at", "2015-05-28T23:50")
    (clock,) = [one for one in _clocks(calls, "2015-06-01T22:00") if one["duty"] == "jp_public.preliminary"]
    assert (clock["due"], clock["hours_left"], clock["state"]) == ("2015-06-02T00:00:00+09:00", 2, "running")
    assert clock["last_day"] == "2015-06-01"
    assert (clock["confirmed"], clock["asked"], clock["applies"]["answer"]) == (False, "not_known", "not_known")
    text = calls.run("incident", "clocks", "1", "--at", "2015-06-02T00:30", "--law", "jp_public")
    assert text.startswith("Overdue: 1: jp_public.preliminary\nNext: jp_public.final, 599 hours left\n")
    assert "OVERDUE; aim at 2015-05-30; until the end of 2015-06-01 (Asia/Tokyo); 1 hour over" in text
    assert "not confirmed:" in text
    assert "not considered" in calls.said
    assert "There is no law" in calls.run("incident", "clocks", "1", "--law", "xx", code=3) + calls.said


def test_both_languages_say_it_and_neither_says_exempt(calls: Calls) -> None:
    add(calls, "known", "a clerk", "--at", "2015-05-28")
    try:
        japanese = calls.run("incident", "clocks", "1", "--lang", "ja") + calls.said
    finally:
        speak("en")
    english = calls.run("incident", "clocks", "1") + calls.said
    assert "期限超過" in japanese
    assert "OVERDUE" in english
    assert not any(word in japanese for word in ("免除", "適用除外", "報告不要", "通知不要"))
    assert "exempt" not in english.lower()


def _clocks(calls: Calls, at: str) -> Any:
    return calls.json("incident", "clocks", "1", "--at", at)


def test_an_incident_closes_only_with_a_measure_that_has_an_owner_and_a_date(calls: Calls) -> None:
    assert "measure" in calls.run("incident", "close", "1", code=3) + calls.said
    add(calls, "measure", "two networks", "--owner", "IT", code=2)
    add(calls, "measure", "two networks", "--owner", "IT", "--due", "2016-03-31")
    assert calls.json("incident", "close", "1", "--what", "all were told")["state"] == "closed"
    assert "jp_public.preliminary" in calls.said
    assert calls.json("incident", "show", "1")["facts"][-1]["said"]["what"] == "all were told"
    assert "not open" in str(add(calls, "event", "late", "--at", "2016-01-01", code=3)) + calls.said


def test_a_closed_incident_goes_on_where_something_came_to_light(calls: Calls) -> None:
    calls.run("incident", "reopen", "1", code=3)
    add(calls, "measure", "two networks", "--owner", "IT", "--due", "2016-03-31")
    calls.run("incident", "close", "1")
    assert calls.json("incident", "reopen", "1")["state"] == "open"
    add(calls, "event", "late", "--at", "2016-01-01")


def test_a_name_need_not_stand_in_the_title_of_a_process(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("架空太郎\nNISC\n"))
    add(calls, "known", "-", "--at", "2015-05-08", "--through", "-")
    known = calls.json("incident", "show", "1")
    assert (known["known_by"], known["detected_by"]) == ("架空太郎", "NISC")


def test_the_example_of_each_kind_of_fact_is_a_call_that_can_be_made() -> None:
    for kind in kinds().values():
        call = parse(["incident", "add", kind.name, "1", *shlex.split(kind.example)])
        for field in kind.fields:
            assert not field.needed or getattr(call, field.name) or kind is EVIDENCE, kind.name


def test_what_stands_by_itself_in_a_call_is_called_by_its_own_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["incident", "add", "documents", "--help", "--lang", "en"]) == 0
    assert "N SCAN\n" in capsys.readouterr().out
    assert main(["incident", "add", "system", "--help", "--lang", "ja"]) == 0
    assert "not_accessed（アクセスなし）" in capsys.readouterr().out


def test_a_command_says_what_comes_next_to_people_only(calls: Calls) -> None:
    calls.run("incident", "open", "another")
    assert "Next: sekisho incident clocks 2" in calls.said
    calls.run("incident", "open", "a third", "--json")
    assert "Next" not in calls.said


def test_laws_that_apply_come_first_then_those_of_the_incidents_country(calls: Calls) -> None:
    add(calls, "law", "us_ca", "yes")
    add(calls, "law", "jp_private", "no")
    laws = list(dict.fromkeys(one["duty"].split(".")[0] for one in calls.json("incident", "clocks", "1")))
    assert (laws[0], laws[-1]) == ("us_ca", "jp_private")
    assert laws.index("jp_public") < laws.index("eu_gdpr")


def test_evidence_is_kept_by_its_hash(calls: Calls) -> None:
    calls.put("proxy.log", "GET /\n")
    add(calls, "evidence", "proxy.log", "--source", "the proxy", "--at", "2015-05-29")
    (said,) = [one["said"] for one in calls.json("incident", "show", "1")["facts"] if one["kind"] == "evidence"]
    assert (said["name"], said["size"]) == ("proxy.log", 6)
    assert said["sha256"] == hashlib.sha256(b"GET /\n").hexdigest()
    add(calls, "evidence", "proxy.log", "--sha256", "0" * 64, code=3)
    add(calls, "evidence", "--sha256", "AB" * 32, "--keeper", "the police")
    add(calls, "evidence", code=3)
    add(calls, "evidence", "missing.log", code=3)
    add(calls, "evidence", ".", code=3)


def test_documents_are_named_by_scan_folder_and_list_of_hashes(calls: Calls) -> None:
    share = calls.folder / "share" / "沖縄"
    share.mkdir(parents=True)
    (share / "list.csv").write_bytes("基礎年金番号,氏名\r\n8201-000001,架空太郎\r\n".encode())
    calls.run("scan", "share")
    sha = hashlib.sha256((share / "list.csv").read_bytes()).hexdigest()
    calls.put("hashes.txt", f"{sha}  list.csv\n{'0' * 64}  other.csv\n")
    add(calls, "documents", "1", "--folder", "沖縄")
    add(calls, "documents", "1", "--hashes", "hashes.txt")
    assert "1 of 2 hashes" in calls.said
    add(calls, "documents", "2", code=4)
    calls.put("none.txt", "not a hash\n")
    add(calls, "documents", "1", "--hashes", "none.txt", code=3)
    scopes = [one["said"] for one in calls.json("incident", "show", "1")["facts"] if one["kind"] == "documents"]
    assert [(one["scan"], one.get("folder"), len(one.get("hashes", []))) for one in scopes] == [
        (1, "沖縄", 0),
        (1, None, 2),
    ]


def test_what_is_printed_is_neutralised(calls: Calls) -> None:
    add(calls, "event", "\x1b[31mred\u202e", "--at", "2015-05-08")
    for call in ("show", "timeline"):
        text = calls.run("incident", call, "1")
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_the_ledger_holds_no_word_of_it(calls: Calls) -> None:
    add(calls, "known", "那覇の架空太郎", "--at", "2015-05-08", "--through", "秘密の通報者")
    whole = b"".join(path.read_bytes() for path in (calls.folder / "vault" / "ledger").rglob("*") if path.is_file())
    for word in ("架空太郎", "秘密の通報者", "2015-05-08"):
        assert word.encode() not in whole
        assert json.dumps(word).strip('"').encode() not in whole


def test_an_incident_that_is_not_there_or_was_forgotten_says_so(calls: Calls) -> None:
    for call in ("show", "timeline", "clocks"):
        calls.run("incident", call, "7", code=3)
    calls.run("vault", "forget", "incident", "1", "--yes")
    for call in ("show", "timeline", "clocks"):
        assert "forgotten" in calls.run("incident", call, "1", code=4) + calls.said
