"""An export holds exactly the documented columns, and as many rows as the scan."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.flow.scanning.export import How, export
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.flow.scanning.settle import settle
from sekisho.report import columns
from sekisho.vault import Scan, Vault

QUIET = How(shown=False)
DOCUMENTS = "document,kind,outcome,reason,protection,algorithm,password_beside,size,sha256,records"
RECORDS = (
    "document,locator,basic_pension_number,certificate_number,my_number,name,name_kana,birth_date,sex,postal_code,"
    "address,phone,email,other,person,state,ask,conflict,probability"
)


@pytest.fixture
def made(vault: Vault, share: Any, reader: Any) -> Scan:
    share.put("a/list.txt", "record 架空太郎", "record =1+1", "record 架空花子")
    share.put("b.txt", "record 架空太郎")
    (share.root / "link").symlink_to("a")
    found = scan(vault, Wishes(share.root, shown=False), reader)
    settle(vault, found, None)
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_documents_and_records_have_exactly_the_documented_columns(made: Scan, tmp_path: Path) -> None:
    for table, expected in (("documents", DOCUMENTS), ("records", RECORDS)):
        export(made, table, tmp_path / f"{table}.csv", QUIET)
        assert (tmp_path / f"{table}.csv").read_text("utf-8-sig").splitlines()[0] == expected
    export(made, "records", tmp_path / "written.csv", How(as_written=True, shown=False))
    head = (tmp_path / "written.csv").read_text("utf-8-sig").splitlines()[0]
    assert head.startswith(RECORDS + ",basic_pension_number_as_written,")
    assert head.endswith(",email_as_written")


def test_every_document_and_record_is_there_once(made: Scan, tmp_path: Path) -> None:
    assert export(made, "documents", tmp_path / "d.csv", QUIET) == 3
    assert export(made, "records", tmp_path / "r.csv", QUIET) == 4
    documents = rows(tmp_path / "d.csv")
    assert [(row["document"], row["outcome"], row["records"]) for row in documents] == [
        ("a/list.txt", "READ", "3"),
        ("b.txt", "READ", "1"),
        ("link", "LEFT_OUT", "0"),
    ]
    records = rows(tmp_path / "r.csv")
    assert sorted((row["document"], row["name"]) for row in records) == [
        ("a/list.txt", "'=1+1"),
        ("a/list.txt", "架空太郎"),
        ("a/list.txt", "架空花子"),
        ("b.txt", "架空太郎"),
    ]
    assert {row["state"] for row in records} <= {"settled", "clustered", "unmatched"}


@pytest.mark.parametrize("table", columns.TABLES)
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_every_table_can_be_written_in_every_format(made: Scan, tmp_path: Path, table: str, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    count = export(made, table, path, QUIET)
    if ending == ".parquet":
        written = pq.read_table(path)
        assert written.schema == columns.schema(columns.TABLES[table])
        assert written.num_rows == count


def test_the_other_items_are_a_map_in_parquet_and_json_in_csv(vault: Vault, share: Any, tmp_path: Path) -> None:
    made = vault.begin_scan("/share", "1.0")
    from sekisho.model import MATCHES, RECORDS

    row = {"record_id": 1, "document_id": 1, "other": [("other:備考", "あ")]}
    made.commit([made.write("records", pa.Table.from_pylist([{n: row.get(n) for n in RECORDS.names}], RECORDS))])
    made.commit([made.write("matches", MATCHES.empty_table())])
    export(made, "records", tmp_path / "r.csv", QUIET)
    export(made, "records", tmp_path / "r.parquet", QUIET)
    assert json.loads(rows(tmp_path / "r.csv")[0]["other"]) == {"other:備考": "あ"}
    assert pq.read_table(tmp_path / "r.parquet")["other"].to_pylist() == [[("other:備考", "あ")]]
