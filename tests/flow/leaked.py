"""A vault with a register, scans of invented records, and an incident to which they belong."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from sekisho.flow.assessing import case
from sekisho.flow.assessing.incident import begin
from sekisho.flow.registering import register
from sekisho.flow.scanning.settle import settle
from sekisho.model import DOCUMENTS, RECORDS
from sekisho.vault import Scan, Vault

HEAD = "基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,住所"
TARO = {"basic_pension_number": "4701-000001", "name": "架空太郎", "birth_date": "1948-04-06"}
HANA = {"basic_pension_number": "4702-000005", "name": "仮名花子", "birth_date": "1950-01-02"}
JIRO = {"name": "見本次郎", "birth_date": "1960-03-04", "address": "沖縄県那覇市見本3-3"}
HOLDERS = (
    "4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1",
    "4702-000005,,仮名 花子,カメイ ハナコ,1950-01-02,沖縄県那覇市仮名2-2",
    "4703-000009,,台帳 三郎,ダイチョウ サブロウ,1970-05-06,沖縄県那覇市台帳4-4",
)
Records = Mapping[str, Sequence[Mapping[str, object]]]


def held(vault: Vault, folder: Path, *rows: str) -> None:
    """Bring in a register."""
    file = folder / f"h{len(list(folder.glob('h*.csv')))}.csv"
    file.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    register.import_file(vault, file, shown=False)


def scanned(vault: Vault, told: Records, *, root: str = "/mnt/share", **outcomes: Mapping[str, object]) -> Scan:
    """A settled scan of documents with such records; ``outcomes``: what else is said of a document, by its stem."""
    scan = vault.begin_scan(root, "0.1.0")
    documents, records = [], []
    for at, (name, some) in enumerate(told.items(), 1):
        row = {"document_id": at, "document": name, "file": name.split("!")[0], "outcome": "READ", "reason": ""}
        row |= {"protection": "NONE", "password_beside": False, "size": 9, "records": len(some)}
        row |= {"sha256": hashlib.sha256(repr((name, some)).encode()).hexdigest()}
        documents.append(row | dict(outcomes.get(Path(name).stem, {})))
        for line, record in enumerate(some, 1):
            number = len(records) + 1
            records.append({"record_id": number, "document_id": at, "locator": f"L{line}", "other": [], **record})
    parts = [
        scan.write(name, pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema))
        for name, schema, rows in (("documents", DOCUMENTS, documents), ("records", RECORDS, records))
    ]
    scan.commit(parts)
    vault.finish_scan(scan)
    settle(vault, vault.scan(scan.about.scan), vault.register() if vault.register().imports() else None, shown=False)
    return vault.scan(scan.about.scan)


def leaked(vault: Vault, *scans: Scan, title: str = "a leak") -> int:
    """An incident to which scans belong."""
    number = begin(vault, title).number
    for scan in scans:
        belongs(vault, number, scan)
    return number


def belongs(vault: Vault, incident: int, scan: Scan, **of: object) -> None:
    """Have documents of a scan belong to an incident."""
    case.say(vault, incident, "documents", scan=str(scan.about.scan), **of)
