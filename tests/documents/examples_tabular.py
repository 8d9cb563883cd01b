"""Real bytes of the tabular and text formats, about invented persons."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import xlwt
from odfdo import Cell, Document, Table

HEADER = ("基礎年金番号", "氏名", "生年月日", "住所")
PERSONS = (
    ("0123-456789", "山田太郎", "1948-04-06", "東京都千代田区霞が関1-2-3"),
    ("0123-456790", "鈴木花子", "1951-12-24", "沖縄県那覇市泉崎1-1"),
    ("0999-000001", "髙橋一郎", "1939-01-30", "和歌山県和歌山市七番丁"),
)
ROWS = (HEADER, *PERSONS)


def sample(name: str) -> bytes:
    """A foreign sample, for kinds that nobody writes any more."""
    folder = os.environ.get("SEKISHO_SAMPLES")
    if not folder:
        pytest.skip("SEKISHO_SAMPLES is not set: no foreign sample of this kind")
    return Path(folder, "formats", name).read_bytes()


def xlsx() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("名簿")
        for at, row in enumerate(ROWS):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def xlsm() -> bytes:
    """What Excel calls a workbook with macros is told by its content types alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == "[Content_Types].xml":
                plain = b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                data = data.replace(plain, b"ms-excel.sheet.macroEnabled.main+xml")
            target.writestr(info.filename, data)
    return out.getvalue()


def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名簿")
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods() -> bytes:
    document = Document("spreadsheet")
    document.body.clear()
    table = Table("名簿")
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            table.set_cell((column, at), Cell(value))
    document.body.append(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def delimited(mark: str) -> bytes:
    return "\r\n".join(mark.join(row) for row in ROWS).encode("cp932") + b"\r\n"


def people() -> list[dict[str, str]]:
    return [dict(zip(HEADER, person, strict=True)) for person in PERSONS]


def xml() -> bytes:
    persons = "".join(f"<person><number>{n}</number><name>{name}</name></person>" for n, name, _, _ in PERSONS)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<persons>{persons}</persons>\n'.encode()


def html() -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    return (
        '<!DOCTYPE html><html><head><meta charset="Shift_JIS"></head>'
        f"<body><p>名簿</p><table>{rows}</table></body></html>"
    ).encode("cp932")


def spreadsheet_2003() -> bytes:
    rows = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in ROWS
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="名簿"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


def sqlite() -> bytes:
    database = sqlite3.connect(":memory:")
    database.execute('CREATE TABLE "名簿" (number TEXT, name TEXT, birth TEXT, address TEXT)')
    database.executemany('INSERT INTO "名簿" VALUES (?, ?, ?, ?)', PERSONS)
    database.commit()
    data = database.serialize()
    database.close()
    return data


def parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(PERSONS, schema=list(HEADER), orient="row").write_parquet(out)
    return out.getvalue()


def sql() -> bytes:
    values = ",".join("(" + ",".join(f"'{cell}'" for cell in person) + ")" for person in PERSONS)
    columns = ",".join(f"`{name}` text" for name in HEADER)
    return f"-- MySQL dump\nCREATE TABLE `名簿` ({columns});\nINSERT INTO `名簿` VALUES {values};\n".encode()


EXAMPLES = {
    "sql": sql,
    "xlsx": xlsx,
    "xlsm": xlsm,
    "xlsb": lambda: sample("test-columnar.xlsb"),
    "xls": xls,
    "ods": ods,
    "csv": lambda: delimited(","),
    "tsv": lambda: delimited("\t"),
    "text": lambda: "基礎年金番号　0123-456789\r\n氏名　山田太郎 様\r\n".encode("cp932"),
    "json": lambda: json.dumps({"people": people()}, ensure_ascii=False, indent=1).encode(),
    "ndjson": lambda: "\n".join(json.dumps(person, ensure_ascii=False) for person in people()).encode(),
    "xml": xml,
    "html": html,
    "xml-spreadsheet": spreadsheet_2003,
    "sqlite": sqlite,
    "parquet": parquet,
    "mdb": lambda: sample("testACCESS.mdb"),
    "accdb": lambda: sample("testAccess2.accdb"),
}
