"""What is known of a person: the register's word for a holder, the records' most frequent one for anybody else."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sekisho.model import HOLDERS, MATCHES, RECORDS
from sekisho.persons.known import known


def table(schema: pa.Schema, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)


def match(record: int, person: int | None, state: str, holder: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "record_id": record,
        "person": person,
        "state": state,
        "holder": holder,
        "ask": False,
        "conflict": "",
        **more,
    }


MATCHED = table(
    MATCHES,
    match(1, 5, "clustered"),
    match(2, 5, "clustered", ask=True),
    match(3, 5, "clustered"),
    match(4, 3, "settled", "1234-567890", conflict="name"),
    match(5, None, "unmatched"),
)
PARTS = [
    table(RECORDS, {"record_id": 1, "name": "架空次郎", "sex": "M"}, {"record_id": 4, "name": "架空旧姓", "sex": "F"}),
    table(RECORDS, {"record_id": 2, "name": "架空太郎"}, {"record_id": 3, "name": "架空太郎"}, {"record_id": 5}),
]


def test_each_person_stands_once_with_what_most_records_say() -> None:
    settled, clustered = known(PARTS, MATCHED, None).to_pylist()
    assert (clustered["person"], clustered["name"], clustered["sex"]) == (5, "架空太郎", "M")
    assert (clustered["records"], clustered["ask"], clustered["conflict"]) == (3, True, False)
    assert (settled["person"], settled["name"], settled["conflict"]) == (3, "架空旧姓", True)


def test_a_holder_is_what_the_register_says_and_records_fill_its_gaps() -> None:
    holder = {"basic_pension_number": "1234-567890", "name": "架空花子", "birth_date": "1948-04-06"}
    settled = known(PARTS, MATCHED, table(HOLDERS, holder)).to_pylist()[0]
    assert (settled["name"], settled["birth_date"], settled["sex"]) == ("架空花子", "1948-04-06", "F")


def test_further_names_of_a_person_are_kept_beside_the_name() -> None:
    said = (
        [("other:通称", "架空ジョン"), ("other:備考", "あ")],
        [("other:旧姓", "仮名"), ("other:旧住所", "架空町")],
        None,
    )
    parts = [table(RECORDS, {"record_id": at, "name": "架空太郎", "other": other}) for at, other in enumerate(said, 1)]
    settled, clustered = known(parts, MATCHED, None).to_pylist()
    assert (clustered["name"], clustered["other_names"]) == ("架空太郎", "仮名 / 架空ジョン")
    assert settled["other_names"] is None


def test_without_records_there_is_nobody() -> None:
    assert known([], MATCHES.empty_table(), None).num_rows == 0
