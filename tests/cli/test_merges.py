"""From a matching to merges: questions go to clerks and persons, answers come back, and nothing counts alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.cli.calls import Calls

HOLDERS = """基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,性別,郵便番号,住所,加入期間,死亡日,支援措置
8201-000001,9901-000001,架空 太郎,カクウ タロウ,1948-04-06,男,900-0029,沖縄県那覇市旭町1-9,1966-04/1970-03,,
8201-000002,,架空 花子,カクウ ハナコ,1950-01-02,女,900-0001,沖縄県那覇市港町1-1,,,○
8201-000003,,仮名 次郎,カメイ ジロウ,1948-04-06,男,900-0002,沖縄県那覇市曙2-2,,2019-05-02,
8201-000004,,仮名 三郎,カメイ サブロウ,1948-04-16,男,900-0003,沖縄県那覇市安謝3-3,,,
8201-000005,,見本 四郎,ミホン シロウ,1951-07-07,男,,,,,
"""
RECORDS = """record,氏名カナ,生年月日,性別,事業所番号,period_from,period_to,office,備考
r1,カクウ タロウ,1948-04-06,M,,1971-04,1975-03,8212,昭和製作所
r2,カクウ タロオ,1948-04-06,M,,1976-04,1990-03,8212,見本商店
r3,カクウ ハナコ,1950-01-02,F,,1968-01,1969-12,8210,港町の工場
r4,カメイ ジロウ,1948-04-06,M,,1970-01,1970-12,8210,
r5,カメイ サブロ,1948-04-06,M,,1969-01,1969-06,8210,
r6,ダレカ ナナシ,1920-01-01,M,,,,,
r7,カクウ タロウ,1948-04-07,M,,1968-01,1971-12,8212,
r8,ミホン シロウ,1951-07-07,M,,1970-01,1972-12,,
"""
MATCHES = """record,holder,probability,outcome,rank,reasons
r1,8201-000001,0.99999,auto,1,name; birth date
r1,8201-000003,0.000002,auto,2,birth date
r2,8201-000001,0.80,ask,1,name close; birth date
r2,8201-000004,0.15,ask,2,birth date near
r3,8201-000002,0.70,ask,1,name; birth date
r4,8201-000003,0.60,ask,1,name; birth date
r5,8201-000004,0.50,ask,1,name close
r5,8201-000003,0.40,ask,2,birth date
r6,8201-000005,0.01,unresolved,1,nothing
r7,8201-000001,0.70,ask,1,name
r8,8201-000005,0.90,ask,1,name; birth date
"""
Row = dict[str, str]


class Office(Calls):
    """A folder with a register and a matching."""

    def json(self, *arguments: str) -> Any:
        return super().json("merges", *arguments)

    def register(self, text: str) -> None:
        self.put("holders.csv", text)
        self.run("register", "import", "holders.csv")

    def take(self, matches: str = MATCHES, records: str = RECORDS, *more: str) -> Any:
        self.put("records.csv", records)
        self.put("matches.csv", matches)
        return self.json("take", "matches.csv", "--records", "records.csv", *more)

    def fill(self, name: str, filled: Callable[[Row], Row]) -> None:
        rows = [row | filled(row) for row in self.rows(name)]
        pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)).write_csv(self.folder / name)

    def worklist(self, clerk: str, *more: str) -> list[Row]:
        self.json("worklist", "--clerk", clerk, "--to", "work.csv", "--force", *more)
        return self.rows("work.csv")

    def letters(self, *more: str) -> Any:
        return self.json("letters", "--to", "letters.csv", "--force", *more)

    def answer(
        self, who: str, answers: dict[tuple[str, str], str], evidence: str = "年金手帳", name: str = "work.csv"
    ) -> Any:
        """Fill the list in, by record and candidate, and read it back."""

        def filled(row: Row) -> Row:
            said = answers.get((row["record"], row["candidate"]), "")
            return {"answer": said, "evidence": evidence if said == "yes" else ""}

        self.fill(name, filled)
        return self.json("answer", name, "--who", who)

    def decide(self, who: str, decision: str = "confirm") -> Any:
        listed = self.json("proposals", "--who", who, "--to", "p.csv", "--force")
        if not listed["rows"]:
            return listed
        self.fill("p.csv", lambda _: {"decision": decision})
        return self.json("confirm", "p.csv", "--who", who)

    def states(self) -> dict[str, int]:
        status = self.json("status")
        assert sum(status["states"].values()) == status["records"]
        return {state: count for state, count in status["states"].items() if count}

    def merged(self) -> dict[str, str]:
        self.run("merges", "export", "--to", "merged.csv", "--force")
        return {row["record"]: row["holder"] for row in self.rows("merged.csv")}

    def state(self, record: str) -> str:
        return str(self.json("show", record)["state"])


@pytest.fixture
def office(place: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    made = Office(place, capsys)
    made.register(HOLDERS)
    return made


def test_a_matching_becomes_merges_and_questions_and_the_counts_close(office: Office) -> None:
    taken = office.take()
    assert {name: taken["counts"][name] for name in ("records", "new", "auto", "ask", "unresolved", "none")} == {
        "records": 8, "new": 8, "auto": 1, "ask": 6, "unresolved": 1, "none": 0,
    }  # fmt: skip
    assert "only shown to clerks: 事業所番号, 備考" in office.said
    assert office.states() == {"auto": 1, "open": 6, "unresolved": 1}
    assert office.merged() == {"r1": "8201-000001"}
    shown = office.json("show", "r1")
    assert (shown["holder"], shown["by"], shown["items"]["備考"]) == ("8201-000001", "program", "昭和製作所")
    assert office.json("show", "9901-000001")["records"] == {"r1": "program"}


def test_the_same_matching_again_changes_nothing(office: Office) -> None:
    office.take()
    assert office.take()["again"]
    assert len(office.json("status")["takes"]) == 1
    counts = office.take(MATCHES + "\n")["counts"]
    assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, 8)
    assert office.states() == {"auto": 1, "open": 6, "unresolved": 1}


def test_a_yes_moves_nothing_before_a_second_clerk_has_confirmed_it(office: Office) -> None:
    office.take()
    office.worklist("田中")
    answered = office.answer("田中", {("r2", "8201-000001"): "yes"})
    assert (answered["new"], answered["proposed"]) == (1, 1)
    assert office.state("r2") == "proposed"
    assert "r2" not in office.merged()
    assert office.decide("田中") == {"file": "p.csv", "rows": 0, "own": 1, "void": 0}
    assert office.decide("佐藤")["confirmed"] == 1
    assert office.merged()["r2"] == "8201-000001"
    row = next(row for row in office.rows("merged.csv") if row["record"] == "r2")
    assert (row["by"], row["evidence"]) == ("clerks", "pension_handbook")
    assert office.states() == {"auto": 1, "merged": 1, "given": 5, "unresolved": 1}


def test_whoever_proposed_cannot_confirm_however_they_write_their_name(office: Office) -> None:
    office.take()
    office.worklist("A. Tanaka")
    office.answer("a.tanaka", {("r2", "8201-000001"): "yes"})
    office.json("proposals", "--who", "B. Sato", "--to", "p.csv")
    office.fill("p.csv", lambda _: {"decision": "confirm"})
    office.run("merges", "confirm", "p.csv", "--who", "Ａ．ＴＡＮＡＫＡ", code=3)
    assert "row 2" in office.said
    assert office.state("r2") == "proposed"


def test_evidence_of_one_clerk_is_not_anothers_because_a_letter_was_keyed_in(office: Office) -> None:
    office.take()
    office.letters()
    (office.folder / "letters.csv").rename(office.folder / "late.csv")
    office.json("back", "1")
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "yes"})
    office.fill("late.csv", lambda row: {"answer": "yes"} if "1990s" in row["text"] else {})
    assert office.json("answer", "late.csv", "--who", "佐藤")["proposed"] == 1
    for own in ("田中", "佐藤"):
        assert office.decide(own) == {"file": "p.csv", "rows": 0, "own": 1, "void": 0}
    assert office.decide("鈴木")["confirmed"] == 1


def test_a_yes_without_evidence_of_a_known_kind_is_refused_by_its_row(office: Office) -> None:
    office.take()
    office.worklist("田中")
    for evidence in ("", "勘"):
        first = {"answer": "yes", "evidence": evidence}
        office.fill("work.csv", lambda row, first=first: first if row["question"] == "Q1-1-1" else {})
        office.run("merges", "answer", "work.csv", "--who", "田中", code=3)
        assert "pay slip" in office.said
    assert office.states()["given"] == 6


def test_a_question_given_to_one_clerk_is_not_given_to_another_until_it_is_taken_back(office: Office) -> None:
    office.take()
    first = office.worklist("田中", "-n", "2")
    (office.folder / "work.csv").rename(office.folder / "tanaka.csv")
    second = office.worklist("佐藤")
    assert {row["record"] for row in first}.isdisjoint({row["record"] for row in second})
    assert len({row["record"] for row in second}) == 4
    office.run("merges", "worklist", "--clerk", "鈴木", "--to", "x.csv", code=3)
    office.fill("tanaka.csv", lambda row: {"answer": "no"})
    office.run("merges", "answer", "tanaka.csv", "--who", "佐藤", code=3)
    assert "list 1 was given to 田中" in office.said
    record = first[0]["record"]
    assert office.json("back", "1", "--record", record)["back"] == 1
    office.run("merges", "answer", "tanaka.csv", "--who", "田中", code=3)
    assert "not out in list 1" in office.said
    assert {row["record"] for row in office.worklist("鈴木")} == {record}


def test_what_is_worth_most_comes_first(office: Office) -> None:
    office.take()
    order = list(dict.fromkeys(row["record"] for row in office.worklist("田中")))
    assert order == ["r2", "r7", "r8", "r3", "r4", "r5"]  # months times probability: 134, 34, 32, 17, 7, 3


def test_record_and_candidates_stand_side_by_side(office: Office) -> None:
    office.take()
    rows = {(row["record"], row["candidate"]): row for row in office.worklist("田中")}
    row = rows["r2", "8201-000001"]
    assert (row["name_kana"], row["holder_name_kana"], row["holder_name"]) == (
        "カクウ タロオ",
        "カクウ タロウ",
        "架空 太郎",
    )
    assert (row["probability"], row["reasons"], row["more"]) == ("0.8", "name close; birth date", "備考: 見本商店")
    assert rows["r7", "8201-000001"]["warning"]
    assert not rows["r2", "8201-000001"]["warning"]
    assert rows["r2", "8201-000004"]["rank"] == "2"


def test_the_address_of_whoever_must_not_be_found_is_shown_on_request_only(office: Office) -> None:
    office.take()
    office.worklist("田中")
    assert "港町" not in (office.folder / "work.csv").read_text(encoding="utf-8")
    office.run("merges", "worklist", "--list", "1", "--to", "again.csv", "--protected")
    assert "港町" in (office.folder / "again.csv").read_text(encoding="utf-8")
    assert "港町" not in office.run("merges", "show", "r3")
    assert "港町" in office.run("merges", "show", "r3", "--protected")


def test_a_no_asks_about_the_next_only_if_that_is_likely_given_the_no(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "no", ("r3", "8201-000002"): "no"})
    shown = office.json("show", "r2")
    assert shown["state"] == "open"
    assert shown["candidates"] == [{"holder": "8201-000004", "probability": pytest.approx(0.15 / 0.2)}]
    assert office.state("r3") == "no"
    office.worklist("佐藤")
    assert [(row["record"], row["candidate"], row["answered"]) for row in office.rows("work.csv")] == [
        ("r2", "8201-000004", "clerk 8201-000001: no")
    ]


def test_letters_show_nothing_that_a_stranger_could_use(office: Office) -> None:
    office.take()
    made = office.letters()
    assert made["held"] == {
        "unknown": 0, "deceased": 1, "protected_address": 1, "abroad": 0, "no_address": 1, "no_name": 0,
        "nothing_to_say": 0,
    }  # fmt: skip
    assert made["questions"] + sum(made["held"].values()) + made["open"] == 6
    rows = office.rows("letters.csv")
    taro = [row for row in rows if row["name"] == "架空 太郎"]
    assert {row["text"] for row in taro} == {
        "a record of contributions from the 1970s to the 1990s, from an office in Okinawa",
        "a record of contributions from the 1960s to the 1970s, from an office in Okinawa",
    }
    assert len({row["letter"] for row in taro}) == 1
    raw = (office.folder / "letters.csv").read_text(encoding="utf-8")
    for hidden in ("8201", "8212", "1948", "カクウ", "1976", "商店", "r2", "r7", "花子", "次郎"):
        assert hidden not in raw, hidden


def test_a_letter_is_not_written_again_to_somebody_who_died_since(office: Office) -> None:
    office.take()
    office.letters()
    assert {row["name"] for row in office.rows("letters.csv")} == {"架空 太郎", "仮名 三郎"}
    rows = HOLDERS.splitlines()
    office.register("\n".join([rows[0], rows[4].replace(",,,", ",,2026-01-01,")]) + "\n")
    office.run("merges", "letters", "--list", "1", "--to", "again.csv")
    assert {row["name"] for row in office.rows("again.csv")} == {"架空 太郎"}


def test_whoever_cannot_tell_leaves_it_to_the_other(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "不明", ("r8", "8201-000005"): "?"})
    office.json("back", "1")
    assert "r2" not in {row["record"] for row in office.worklist("佐藤")}
    office.letters()
    office.fill("letters.csv", lambda row: {"answer": "わからない"})
    office.json("answer", "letters.csv", "--who", "佐藤")
    assert office.state("r2") == "cannot_tell"
    office.run("merges", "letters", "--to", "x.csv", code=3)
    assert "has no address: 1" in office.said


def test_a_merge_that_a_person_denies_is_disputed_and_a_clerk_rules(office: Office) -> None:
    office.take()
    office.letters()
    first = (office.folder / "letters.csv").read_text("utf-8")
    office.fill("letters.csv", lambda row: {"answer": "yes", "evidence": "手帳"} if "1990s" in row["text"] else {})
    office.json("answer", "letters.csv", "--who", "田中")
    office.decide("佐藤")
    office.put("late.csv", first)
    office.fill("late.csv", lambda row: {"answer": "no"} if "1990s" in row["text"] else {})
    office.json("answer", "late.csv", "--who", "田中")
    assert office.json("status")["disputed"] == 1
    assert office.merged()["r2"] == "8201-000001"
    row = office.worklist("鈴木", "-n", "1")[0]
    assert (row["record"], row["state"], row["candidate"]) == ("r2", "disputed", "8201-000004")
    answered = office.answer("鈴木", {("r2", "8201-000001"): "no"})
    assert (answered["proposed"], answered["states"]) == (1, {"merged": 1})
    assert office.decide("佐藤")["confirmed"] == 1
    assert "r2" not in office.merged()
    assert office.state("r2") == "open"


def test_a_persons_yes_waits_for_evidence_and_for_a_second_clerk(office: Office) -> None:
    office.take()
    office.letters()
    office.fill("letters.csv", lambda row: {"answer": "はい"})
    assert office.json("answer", "letters.csv", "--who", "田中")["proposed"] == 0
    assert office.states() == {"auto": 1, "evidence": 3, "open": 3, "unresolved": 1}
    office.worklist("田中", "-n", "1")
    assert office.rows("work.csv")[0]["answered"].startswith("person 8201-000001: yes")
    office.answer("田中", {("r2", "8201-000001"): "yes"}, "給与明細、証言")
    assert office.decide("佐藤")["confirmed"] == 1
    row = next(row for row in (office.merged(), office.rows("merged.csv"))[1] if row["record"] == "r2")
    assert row["evidence"] == "pay_slip;testimony"


def test_two_who_both_say_yes_are_a_conflict_that_a_clerk_rules_on(office: Office) -> None:
    office.take()
    office.letters()
    office.put("first.csv", (office.folder / "letters.csv").read_text("utf-8"))
    lists = office.json("status")["lists"]
    office.json("back", str(lists[0]["list"]), "--record", "r2")
    office.worklist("田中", "-n", "9")
    office.answer("田中", {("r2", "8201-000004"): "yes"})
    assert office.state("r2") == "proposed"
    office.fill(
        "first.csv", lambda row: {"answer": "yes" if "1970s to the 1990s" in row["text"] else "", "evidence": "手帳"}
    )
    assert office.json("answer", "first.csv", "--who", "佐藤")["proposed"] == 0
    assert office.state("r2") == "conflict"
    assert "r2" not in office.merged()
    office.worklist("鈴木", "-n", "1")
    assert {row["record"] for row in office.rows("work.csv")} == {"r2"}
    office.answer("鈴木", {("r2", "8201-000001"): "yes"}, "在職証明書")
    assert office.decide("田中")["confirmed"] == 1
    assert office.merged()["r2"] == "8201-000001"


def test_a_split_needs_a_second_clerk_and_asks_again(office: Office) -> None:
    office.take()
    office.run("merges", "split", "r1", "--reason", "his brother's", "--who", "田中")
    assert office.json("status")["splits_proposed"] == 1
    assert office.merged()["r1"] == "8201-000001"
    assert office.decide("佐藤")["confirmed"] == 1
    assert "r1" not in office.merged()
    assert office.json("show", "r1")["candidates"][0]["probability"] == pytest.approx(0.2, abs=0.1)
    kinds = [one["kind"] for one in office.json("history", "r1")]
    assert kinds == ["said", "proposed", "confirmed"]
    office.run("merges", "split", "r1", "--reason", "x", "--who", "田中", code=3)


def test_a_refused_proposal_leaves_everything_as_it_was(office: Office) -> None:
    office.take()
    office.run("merges", "split", "r1", "--reason", "his brother's", "--who", "田中")
    assert office.decide("佐藤", "却下")["refused"] == 1
    assert office.merged()["r1"] == "8201-000001"
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "yes"})
    assert office.decide("佐藤", "refuse")["refused"] == 1
    assert office.state("r2") == "open"


def test_an_approval_of_what_changed_since_is_void(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "yes", ("r5", "8201-000004"): "yes"})
    office.json("proposals", "--who", "佐藤", "--to", "p.csv")
    office.register(HOLDERS.replace("架空 太郎", "架空 太朗"))
    office.fill("p.csv", lambda _: {"decision": "confirm"})
    found = office.json("confirm", "p.csv", "--who", "佐藤")
    assert (found["confirmed"], found["void"]) == (1, 1)
    assert office.state("r2") == "open"
    again = office.json("confirm", "p.csv", "--who", "佐藤")
    assert (again["confirmed"], again["known"], again["void"]) == (0, 1, 1)


def test_a_record_that_changed_since_it_was_proposed_makes_the_approval_void(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "yes"})
    office.json("proposals", "--who", "佐藤", "--to", "p.csv")
    office.take(MATCHES, RECORDS.replace("カクウ タロオ", "カクウ ジロオ"))
    office.fill("p.csv", lambda _: {"decision": "confirm"})
    assert office.json("confirm", "p.csv", "--who", "佐藤")["void"] == 1


def test_a_later_matching_leaves_what_people_decided(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "yes", ("r3", "8201-000002"): "no"})
    office.decide("佐藤")
    later = MATCHES.replace("r2,8201-000001,0.80,ask", "r2,8201-000004,0.99999,auto").replace(
        "r2,8201-000004,0.15,ask,2", "r2,8201-000001,0.000001,auto,2"
    )
    later = (
        later.replace("r3,8201-000002,0.70,ask", "r3,8201-000002,0.99999,auto")
        .replace("r1,8201-000001,0.99999,auto", "r1,8201-000001,0.5,ask")
        .replace("r1,8201-000003,0.000002,auto", "r1,8201-000003,0.000002,ask")
    )
    taken = office.take(later)
    assert (taken["differs"], taken["counts"]["unmerged"]) == (2, 1)
    assert office.merged() == {"r2": "8201-000001"}
    assert office.state("r3") == "no"
    assert office.state("r1") == "open"
    assert len(office.json("history", "r2")) == 6


def test_merges_follow_their_holder_to_a_new_number_and_when_two_turn_out_to_be_one(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r5", "8201-000004"): "yes"})
    office.decide("佐藤")
    head = HOLDERS.splitlines()[0]
    office.register(f"{head}\n8201-000009,8201-000001;8201-000004,架空 太郎,カクウ タロウ,1948-04-06,男,,,,,\n")
    assert office.merged() == {"r1": "8201-000009", "r5": "8201-000009"}
    assert office.json("show", "8201-000004") == {
        "holder": "8201-000009", "records": {"r1": "program", "r5": "clerks"}, "asked": ["r2", "r7"],
    }  # fmt: skip
    assert office.json("show", "r2")["candidates"] == [{"holder": "8201-000009", "probability": pytest.approx(0.95)}]


def test_when_the_register_takes_a_join_back_the_merges_are_each_ones_again(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r5", "8201-000004"): "yes"})
    office.decide("佐藤")
    head = HOLDERS.splitlines()[0]
    office.register(f"{head}\n8201-000001,8201-000004,架空 太郎,カクウ タロウ,1948-04-06,男,,,,,\n")
    assert office.merged() == {"r1": "8201-000001", "r5": "8201-000001"}
    office.run("register", "split", "8201-000004", "--reason", "another person")
    assert office.merged() == {"r1": "8201-000001", "r5": "8201-000004"}
    assert [one["holder"] for one in office.json("show", "r2")["candidates"]] == ["8201-000001", "8201-000004"]


def test_a_holder_whom_an_undone_import_brought_is_nobodys_answer(office: Office) -> None:
    head = HOLDERS.splitlines()[0]
    office.register(f"{head}\n8201-000008,,見本 四郎,ミホン シロウ,1951-07-07,男,900-0005,沖縄県那覇市天久5-5,,,\n")
    office.take(MATCHES.replace("8201-000005", "8201-000008"))
    office.run("register", "undo", "2", "--reason", "another office's file")
    assert office.letters()["held"]["unknown"] == 1
    office.worklist("田中")
    office.fill("work.csv", lambda row: {"answer": "yes", "evidence": "手帳"} if row["record"] == "r8" else {})
    office.run("merges", "answer", "work.csv", "--who", "田中", code=3)
    assert "knows no such holder" in office.said
    assert office.answer("田中", {("r8", "8201-000008"): "no"})["new"] == 1
    assert office.state("r8") == "no"


def test_the_same_answers_and_decisions_twice_count_once(office: Office) -> None:
    office.take()
    office.worklist("田中")
    answers = {("r2", "8201-000001"): "yes", ("r3", "8201-000002"): "no", ("r4", "8201-000003"): "cannot tell"}
    assert office.answer("田中", answers)["new"] == 3
    again = office.json("answer", "work.csv", "--who", "田中")
    assert (again["new"], again["known"], again["proposed"]) == (0, 3, 0)
    office.decide("佐藤")
    assert office.json("confirm", "p.csv", "--who", "佐藤")["known"] == 1
    assert office.json("answer", "work.csv", "--who", "田中")["known"] == 3
    assert office.states() == {
        "auto": 1, "merged": 1, "given": 3, "cannot_tell": 1, "no": 1, "unresolved": 1,
    }  # fmt: skip


def test_a_clerk_may_name_a_holder_who_is_no_candidate(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.fill(
        "work.csv",
        lambda row: {"other_holder": "9901-000001", "evidence": "証言"} if row["record"] == "r3" else {},
    )
    assert office.json("answer", "work.csv", "--who", "田中")["proposed"] == 1
    office.decide("佐藤")
    assert office.merged()["r3"] == "8201-000001"


@pytest.mark.parametrize(
    ("matches", "records", "said"),
    [
        (MATCHES, RECORDS.replace("record,", "番,"), "an id"),
        (MATCHES, RECORDS + "r8,ミホン シロウ,1951-07-07,M,,,,,\n", "share an id"),
        (MATCHES + "r99,8201-000001,0.5,ask,1,x\n", RECORDS, "not in the file of records"),
        (MATCHES.replace("8201-000004", "8201-000044"), RECORDS, "no holder of the vault's register"),
        (MATCHES.replace("0.80", "viel"), RECORDS, "no outcome of a matching"),
        ("a,b\n1,2\n", RECORDS, "no outcome of a matching"),
    ],
)
def test_what_does_not_belong_together_is_refused_and_leaves_nothing(
    office: Office, matches: str, records: str, said: str
) -> None:
    office.put("records.csv", records)
    office.put("matches.csv", matches)
    office.run("merges", "take", "matches.csv", "--records", "records.csv", code=3)
    assert said in office.said
    office.run("merges", "status", code=3)
    assert "merges take" in office.said


def test_ids_that_stand_for_other_records_now_are_refused(office: Office) -> None:
    office.take()
    other = re.sub(r"カクウ|カメイ|ミホン", "ベツノ", RECORDS)
    office.put("records.csv", other)
    office.run("merges", "take", "matches.csv", "--records", "records.csv", code=3)
    assert office.take(MATCHES, other, "--others")["counts"]["other"] == 7


def test_a_record_that_looks_like_a_formula_is_no_formula_in_a_list_and_is_known_again(office: Office) -> None:
    office.take(MATCHES.replace("r2,", "'=2+2,"), RECORDS.replace("r2,", "=2+2,"))
    rows = office.worklist("田中")
    assert rows[0]["record"] == "'=2+2"
    office.answer("田中", {("'=2+2", "8201-000001"): "yes"})
    assert office.decide("佐藤")["confirmed"] == 1
    assert office.json("show", "=2+2")["state"] == "merged"
    assert office.json("confirm", "p.csv", "--who", "佐藤")["known"] == 1


def test_a_workbook_filled_in_is_read_as_well(office: Office) -> None:
    office.take()
    office.json("worklist", "--clerk", "田中", "--to", "work.xlsx")
    rows = pl.read_excel(office.folder / "work.xlsx", infer_schema_length=0)
    first = pl.col("question") == "Q1-1-1"
    rows = rows.with_columns(
        answer=pl.when(first).then(pl.lit("はい")), evidence=pl.when(first).then(pl.lit("年金手帳"))
    )
    rows.write_excel(office.folder / "filled.xlsx")
    answered = office.json("answer", "filled.xlsx", "--who", "田中")
    assert (answered["new"], answered["proposed"]) == (1, 1)


def test_a_list_that_could_not_be_written_is_given_out_all_the_same_and_says_how_to_write_it(office: Office) -> None:
    office.take()
    office.run("merges", "worklist", "--clerk", "田中", "--to", "no/such/folder/w.csv", code=2)
    assert "--list 1" in office.said
    assert office.states()["given"] == 6
    office.run("merges", "worklist", "--list", "1", "--to", "w.csv")
    assert len({row["record"] for row in office.rows("w.csv")}) == 6


def test_nothing_of_the_merges_lies_in_clear(office: Office) -> None:
    office.take()
    office.worklist("田中")
    office.answer("田中", {("r2", "8201-000001"): "yes"})
    for path in (office.folder / "vault").rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            for canary in ("架空", "8201-000001", "8201000001", "カクウ", "昭和製作所", "田中"):
                assert not any(canary.encode(encoding) in raw for encoding in ("utf-8", "utf-16-le", "cp932")), path


def test_everything_is_said_in_japanese_too(office: Office) -> None:
    office.take()
    assert "自動統合" in office.run("merges", "status", "--lang", "ja")
    office.run("merges", "letters", "--to", "l.csv", "--lang", "ja")
    assert "沖縄県の事務所が扱った加入記録" in (office.folder / "l.csv").read_text("utf-8")
    office.run("merges", "worklist", "--clerk", " ", "--to", "x.csv", "--lang", "ja", code=2)
    assert "担当者" in office.said
    assert "統合" in office.run("merges", "history", "r1", "--lang", "ja") + "統合"
