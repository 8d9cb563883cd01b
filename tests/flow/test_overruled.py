"""What the program was sure of can be overruled: tables, columns, single records; here, in like documents, later."""

from __future__ import annotations

import csv
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from sekisho.errors import InputError, UsageError
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.flow.scanning.export import records_shown
from sekisho.flow.scanning.review import Asked, Imported, export_questions, import_decisions
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.model import Findings, SourceFile
from sekisho.report import tabular
from sekisho.vault import Vault
from sekisho.wording import speak

LIST = "氏名,生年月日,担当者,摘要\n架空 太郎,S23.4.6,佐藤,あ\n架空 花子,S25.12.1,鈴木,い\n見本 次郎,S30.1.2,佐藤,う\n"
MORE = "氏名,生年月日,担当者,摘要\n架空 三郎,S33.4.6,佐藤,え\n架空 花子,S25.12.1,鈴木,お\n架空 四郎,S31.1.2,佐藤,か\n"
THINGS = "商品名,区分,数量\n仮名太郎,S23.4.6,3\n仮名花子,S25.12.1,4\n仮名次郎,S30.1.2,5\n"
MEMO = "相談記録\n\n氏名：架空 五郎\n生年月日：昭和23年4月6日\n連絡事項：次回来所\n"
OBJECTS = '[{"name": "空太郎", "version": "1.2.3"}, {"name": "空次郎", "version": "1.2.4"}]'


def reader(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
    for file in files:
        for findings in examine(file, wants):
            yield file, findings


class Desk:
    """Where a responder sits: files, a vault, a sheet of questions."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.vault = vault
        self.folder = folder / "share"
        self.sheet = folder / "questions.csv"
        self.filled = folder / "answers.csv"
        self.folder.mkdir()

    def put(self, **texts: str) -> None:
        for name, text in texts.items():
            path = self.folder / name.replace("_", ".")
            path.write_text(text, "utf-8")

    def found(self) -> list[dict[str, object]]:
        """The records after another scan."""
        made = scan(self.vault, Wishes(self.folder, shown=False), reader)
        rows = [row for part in records_shown(made) for row in part.to_pylist()]
        return sorted(rows, key=lambda row: (row["document"], row["locator"]))

    def names(self) -> list[object]:
        return [row["name"] for row in self.found()]

    def questions(self, asked: Asked) -> list[dict[str, str]]:
        export_questions(self.vault, self.vault.scan(), self.sheet, asked, force=True)
        return [row for _, row in tabular.read(self.sheet, ["question", "answer"])]

    def answer(self, asked: Asked, answers: dict[tuple[str, str], str]) -> Imported:
        """Answer questions by their example and subject, which is empty for a table as a whole."""
        rows = self.questions(asked)
        for row in rows:
            row["answer"] = answers.get((row["example"], row["subject"]), row["answer"])
        assert sum(row["answer"] != "" for row in rows) >= len(answers)
        return self.bring(rows)

    def bring(self, rows: Sequence[dict[str, str]]) -> Imported:
        with self.filled.open("w", encoding="cp932", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        return import_decisions(self.vault, self.vault.scan(), self.filled, "係長 田中")


@pytest.fixture
def desk(vault: Vault, tmp_path: Path) -> Desk:
    return Desk(vault, tmp_path)


ALL = Asked(sure=True)


def test_without_being_asked_nothing_sure_goes_out(desk: Desk) -> None:
    desk.put(a_csv=LIST, b_csv=THINGS)
    desk.found()
    assert {row["doubt"] for row in desk.questions(Asked())} <= {"unnamed_column", "no_person_table", "low_confidence"}
    sure = {(row["doubt"], row["subject"], row["guess"]) for row in desk.questions(ALL)}
    assert ("sure_column", "担当者", "not_personal") in sure
    assert ("sure_column", "氏名", "name") in sure
    assert ("sure_persons", "", "person") in sure
    assert ("sure_no_persons", "", "no_person") in sure


def test_a_column_that_was_surely_named_is_another_in_all_like_documents(desk: Desk) -> None:
    desk.put(a_csv=LIST, b_csv=MORE)
    assert {row["other"][0][0] for row in desk.found()} == {"other:摘要"}
    answers = {("a.csv", "担当者"): "work_history", ("a.csv", "摘要"): "not_personal"}
    assert desk.answer(ALL, answers) == Imported(2, 0, 3)
    assert desk.found()[0]["other"] == [("work_history", "佐藤")]
    desk.put(c_csv=LIST.replace("架空", "仮空"))
    assert [row["other"][0][0] for row in desk.found()] == ["work_history"] * 9
    decided = [(row["subject"], row["answer"], row["who"]) for row in desk.questions(Asked()) if row["answer"]]
    assert ("担当者", "work_history", "係長 田中") in decided


def test_a_table_that_was_surely_of_persons_is_none_until_that_is_taken_back(desk: Desk) -> None:
    desk.put(a_csv=LIST, b_txt=MEMO)
    assert len(desk.found()) == 4
    desk.answer(ALL, {("a.csv", ""): "no_person"})
    assert desk.names() == ["架空五郎"]
    desk.answer(Asked(), {("a.csv", ""): "undecided"})
    assert len(desk.found()) == 4


def test_a_table_that_was_surely_of_none_becomes_one_of_persons(desk: Desk) -> None:
    desk.put(a_csv=THINGS, b_json=OBJECTS)
    assert desk.found() == []
    persons = {("a.csv", ""): "person", ("a.csv", "商品名"): "name", ("a.csv", "区分"): "birth_date"}
    desk.answer(ALL, persons | {("b.json", ""): "person"})
    assert desk.names() == ["仮名太郎", "仮名花子", "仮名次郎", "空太郎", "空次郎"]


def test_columns_that_are_called_the_same_item_are_its_parts(desk: Desk) -> None:
    rows = ("0209793741,架空 太郎,昭和,23,4,6", "3538762392,仮名 花子,平成,1,12,30", "7324898733,架空 次郎,昭和,59,9,9")
    desk.put(a_csv="".join(f"{row}\n" for row in rows))
    assert [row["birth_date"] for row in desk.found()] in ([], [None] * 3)
    number = {("a.csv", ""): "person", ("a.csv", "A"): "基礎年金番号"}
    desk.answer(ALL, number | {("a.csv", column): "生年月日" for column in "CDEF"})
    found = [(row["basic_pension_number"], row["birth_date"]) for row in desk.found()]
    assert found == [("0209-793741", "1948-04-06"), ("3538-762392", "1989-12-30"), ("7324-898733", "1984-09-09")]


def test_one_record_is_taken_out_wherever_the_like_of_it_lies_and_the_others_stay(desk: Desk) -> None:
    desk.put(a_csv=LIST, b_csv=MORE)
    rows = desk.found()
    sheet = desk.questions(Asked(document="a.csv"))
    (hanako,) = [row for row in sheet if row["doubt"] == "record" and "架空花子" in row["asks"]]
    assert (hanako["locator"], hanako["answer"]) == (rows[1]["locator"], "")
    assert desk.bring([hanako | {"answer": "no_person"}]) == Imported(1, 0, 0)
    assert "架空花子" not in desk.names()
    desk.put(a_csv=LIST.replace("う", "え"))
    assert len(desk.names()) == 4
    (taken_out,) = {row["question"]: row for row in desk.questions(Asked()) if row["answer"]}.values()
    assert (taken_out["example"], taken_out["locator"], taken_out["who"]) == ("a.csv", "L3", "係長 田中")
    desk.bring([taken_out | {"answer": "undecided"}])
    assert len(desk.names()) == 6


def test_a_record_stays_out_when_its_columns_are_named_otherwise(desk: Desk) -> None:
    desk.put(a_csv=LIST)
    desk.found()
    sheet = desk.questions(Asked(document="a.csv"))
    first = next(row for row in sheet if row["doubt"] == "record")
    column = next(row for row in sheet if row["subject"] == "担当者")
    desk.bring([first | {"answer": "no_person"}, column | {"answer": "other"}])
    assert desk.names() == ["架空花子", "見本次郎"]


def test_an_item_of_a_letter_is_another(desk: Desk) -> None:
    desk.put(b_txt=MEMO)
    desk.found()
    desk.answer(Asked(document="b.txt"), {("b.txt", "連絡事項"): "health", ("b.txt", "birth_date"): "not_personal"})
    (record,) = desk.found()
    assert (record["name"], record["birth_date"], record["other"]) == ("架空五郎", None, [("health", "次回来所")])
    assert "decided by a human" in str(record["why"])


def test_answers_are_understood_as_people_write_them(desk: Desk) -> None:
    desk.put(a_csv=LIST)
    desk.found()
    speak("ja")
    try:
        possible = {word for row in desk.questions(ALL) for word in row["possible"].split("、")}
        desk.answer(ALL, {("a.csv", "担当者"): "職歴・加入歴", ("a.csv", "摘要"): "Not personal "})
    finally:
        speak("en")
    assert {"氏名", "個人情報でない", "本人の記録でない"} < possible
    assert [decision.answer for decision in desk.vault.decisions()] == ["work_history", "not_personal"]


@pytest.mark.parametrize(
    ("typo", "said"),
    [
        ({"answer": "nmae"}, "row 3: no such answer: 'nmae'"),
        ({"answer": "person"}, "row 3: no such answer: 'person'"),
        ({"question": "Q-1"}, "row 3: no such question"),
    ],
)
def test_a_typo_is_named_with_its_row_and_nothing_is_half_imported(desk: Desk, typo: dict[str, str], said: str) -> None:
    desk.put(a_csv=LIST)
    desk.found()
    table, column, *rest = desk.questions(ALL)
    with pytest.raises(InputError, match=said):
        desk.bring([table | {"answer": "no_person"}, column | typo, *rest])
    assert desk.vault.decisions() == []


def test_one_question_has_one_answer(desk: Desk) -> None:
    desk.put(a_csv=LIST)
    desk.found()
    table, *_ = desk.questions(ALL)
    with pytest.raises(InputError, match="rows 2 and 4: the same question"):
        desk.bring([table | {"answer": "no_person"}, table, table | {"answer": "person"}])
    assert desk.bring([table | {"answer": "no_person"}, table]) == Imported(1, 0, 0)


def test_a_document_that_is_not_there_and_a_person_without_a_name_are_refused(desk: Desk) -> None:
    desk.put(a_csv=LIST)
    desk.found()
    with pytest.raises(InputError, match=r"no document b\.csv"):
        desk.questions(Asked(document="b.csv"))
    desk.questions(ALL)
    with pytest.raises(UsageError, match="No clerk is named"):
        import_decisions(desk.vault, desk.vault.scan(), desk.sheet, " ")
