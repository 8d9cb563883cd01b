"""The yardstick itself: what it calls found, complete and false."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.tables import by_sekisho, differing
from benchmarks.truth import hold, holds, report, table

from sekisho.estate import truth

NOBODY = dict.fromkeys(truth.RECORDS.names)


def record(document: str, number: str | None, name: str | None, person: int, **items: object) -> dict[str, object]:
    return NOBODY | {"document": document, "basic_pension_number": number, "name": name, "person": person} | items


def document(name: str, records: int, **more: object) -> dict[str, object]:
    plain = {
        "document": name, "kind": "csv", "layout": "plain", "outcome": "READ", "reason": "", "protection": "NONE",
        "algorithm": "", "password_beside": False, "password": "", "records": records,
    }  # fmt: skip
    return plain | more


TRUE_DOCUMENTS = [
    document("a.csv", 3),
    document("b.zip", 0, kind="zip", layout="archive", protection="STRONG"),
    document("b.zip!x", 1, protection="STRONG"),
    document("c.csv", 0, layout="products"),
]
TRUE_RECORDS = [
    record("a.csv", "0101-000001", "架空太郎", 1, other=[("other:備考", "要 確認")]),
    record("a.csv", "0101-000002", "架空花子", 2, address="東京都 千代田区1-1"),
    record("a.csv", "0101-000003", "架空次郎", 3),
    record("b.zip!x", "0101-000001", "架空太郎", 1),
]


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    folder = tmp_path / "truth"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(TRUE_RECORDS, schema=truth.RECORDS), folder / "records.parquet")
    pq.write_table(pa.Table.from_pylist(TRUE_DOCUMENTS, schema=truth.DOCUMENTS), folder / "documents.parquet")
    return tmp_path


def held(estate: Path, records: list[dict[str, object]], documents: list[dict[str, object]] | None = None) -> dict:
    pq.write_table(pa.Table.from_pylist(records, schema=truth.RECORDS), estate / "r.parquet")
    pq.write_table(pa.Table.from_pylist(documents or TRUE_DOCUMENTS, schema=truth.DOCUMENTS), estate / "d.parquet")
    return hold(estate, estate / "r.parquet", estate / "d.parquet")


def test_the_truth_holds_against_itself(estate: Path) -> None:
    said = held(estate, TRUE_RECORDS)
    assert holds(said)
    assert said["records"] | {"true": 4, "exported": 4, "found": 4, "complete": 4, "false": 0} == said["records"]
    assert said["table"] == {"cells": said["table"]["cells"], "within": 100, "worst": []}


def test_blanks_in_an_address_and_in_another_item_do_not_count(estate: Path) -> None:
    first, second, *rest = TRUE_RECORDS
    same = [first | {"other": [("other:備考", "要確認")]}, second | {"address": "東京都千代田区1-1"}, *rest]
    assert held(estate, same)["records"]["complete_percent"] == 100


def test_a_record_with_an_item_too_many_or_too_few_is_found_but_not_complete(estate: Path) -> None:
    first, second, third, last = TRUE_RECORDS
    said = held(estate, [first | {"other": []}, second | {"sex": "F"}, third | {"name": "架空三郎"}, last])
    assert (said["records"]["found"], said["records"]["complete"]) == (4, 1)
    assert {(f["item"], f["how"]) for f in said["failures"]} == {
        ("others", "missing"), ("sex", "extra"), ("name", "wrong"),
    }  # fmt: skip


def test_a_record_in_the_wrong_document_is_false_and_the_right_one_is_lost(estate: Path) -> None:
    moved = [*TRUE_RECORDS[:3], TRUE_RECORDS[3] | {"document": "c.csv"}]
    said = held(estate, moved)
    assert (said["records"]["found_percent"], said["records"]["false"]) == (75, 1)
    assert said["decoys"]["records"] == 1
    assert not holds(said)


def test_the_same_record_found_twice_is_false_once(estate: Path) -> None:
    assert held(estate, [*TRUE_RECORDS, TRUE_RECORDS[0]])["records"]["false"] == 1


def test_a_member_by_another_name_is_the_same_member(estate: Path) -> None:
    renamed = [d | {"document": "b.zip!y"} if d["document"] == "b.zip!x" else d for d in TRUE_DOCUMENTS]
    said = held(estate, [*TRUE_RECORDS[:3], TRUE_RECORDS[3] | {"document": "b.zip!y"}], renamed)
    assert said["records"]["complete_percent"] == 100
    assert said["documents"]["protection"] == 100


def test_a_missing_document_and_a_wrong_lock_are_told(estate: Path) -> None:
    said = held(
        estate, TRUE_RECORDS, [TRUE_DOCUMENTS[0], TRUE_DOCUMENTS[1] | {"protection": "WEAK"}, TRUE_DOCUMENTS[2]]
    )
    assert said["documents"]["protection"] == 50
    assert [d["document"] for d in said["documents"]["missing"]] == ["c.csv"]
    assert "protection_wrong" in report(said, 5)


def test_a_truth_made_elsewhere_may_tell_less(estate: Path) -> None:
    folder = estate / "truth"
    for name, columns in (("records", ["locator", "certificate_number"]), ("documents", ["layout", "algorithm"])):
        table = pq.read_table(folder / f"{name}.parquet")
        pq.write_table(table.drop_columns(columns), folder / f"{name}.parquet")
    assert holds(held(estate, TRUE_RECORDS))


def test_the_table_of_the_truth_counts_files_records_and_persons(estate: Path) -> None:
    rows = {
        (r["table"], r["items"], r["side"]): (r["files"], r["records"], r["persons"]) for r in table(estate).to_dicts()
    }
    name_only = "basic_pension_number+name"
    assert rows["table", name_only, "all"] == (2, 3, 2)
    assert rows["table", name_only, "unprotected"] == (1, 2, 2)
    assert rows["table", name_only, "protected"] == (1, 1, 1)
    assert rows["table", f"{name_only}+address", "all"] == (1, 1, 1)
    assert rows["announced", "number+name", "all"] == (2, 3, 2)


def test_a_cell_of_the_table_that_is_off_is_told(estate: Path) -> None:
    first, second, third, last = TRUE_RECORDS
    worst = held(estate, [first, second, third | {"person": 1}, last])["table"]["worst"]
    assert {"items": "basic_pension_number+name", "measure": "persons", "true": 2, "got": 1}.items() <= worst[0].items()


def test_sekisho_counts_the_truth_as_it_is_counted_here(folder: Path) -> None:
    assert differing(table(folder), by_sekisho(folder / "truth")) == []
