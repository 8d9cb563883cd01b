"""The floor: the bare readers alone on the same bytes, two processes, every cell and line made and thrown away.

``python -m benchmarks.bare ESTATE`` reads an invented estate. Kinds and passwords come from its truth, so
that nothing is spent on telling kinds or trying passwords. It prints what was read as JSON.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import multiprocessing
import sqlite3
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Members = Iterator[tuple[str, bytes]]


def sheets(data: bytes) -> int:
    """xlsx, xls, xlsb, ods: all cells of all sheets, by calamine."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def text(data: bytes) -> int:
    """Delimited text: decoded and split, by the standard library."""
    for encoding in ("utf-8-sig", "cp932", "euc_jp", "utf-16", "iso2022_jp"):
        try:
            decoded = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return sum(1 for _ in csv.reader(io.StringIO(decoded)))
    return 0


def office_xml(data: bytes) -> int:
    """docx, pptx, odt: every XML part parsed and its text joined, by lxml."""
    import lxml.etree

    parts = zipfile.ZipFile(io.BytesIO(data))
    roots = [lxml.etree.fromstring(parts.read(n)) for n in parts.namelist() if n.endswith((".xml", ".rels"))]
    return sum(len("".join(map(str, root.itertext()))) > 0 for root in roots)


def pdf(data: bytes) -> int:
    """All text of all pages, by pdfium."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return sum(page.get_textpage().get_text_range().count("\n") for page in document)


def html(data: bytes) -> int:
    """Parsed, text joined, by lxml."""
    import lxml.html

    return "".join(map(str, lxml.html.document_fromstring(data).itertext())).count("\n")


def xml(data: bytes) -> int:
    """Parsed, by lxml."""
    import lxml.etree

    return sum(1 for _ in lxml.etree.fromstring(data).iter())


def json_text(data: bytes) -> int:
    """Parsed, by the standard library, line by line where it is no single value."""
    try:
        return len(json.loads(data))
    except json.JSONDecodeError:
        return len([json.loads(line) for line in data.decode("utf-8-sig").splitlines() if line.strip()])


def rtf(data: bytes) -> int:
    """Text, by striprtf."""
    from striprtf.striprtf import rtf_to_text

    text_of: Any = rtf_to_text
    return int(text_of(data.decode("ascii", "replace"), errors="ignore").count("\n"))


def database(data: bytes) -> int:
    """All rows of all tables, by sqlite3."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return sum(len(connection.execute(f'SELECT * FROM "{table}"').fetchall()) for table in tables)


def parquet(data: bytes) -> int:
    """All rows, by pyarrow."""
    import pyarrow.parquet

    return int(pyarrow.parquet.read_table(io.BytesIO(data)).num_rows)


READERS: dict[str, Callable[[bytes], int]] = {
    **dict.fromkeys(("xlsx", "xlsm", "xls", "xlsb", "ods"), sheets),
    **dict.fromkeys(("csv", "tsv", "txt", "text", "log", "dat"), text),
    **dict.fromkeys(("docx", "docm", "pptx", "odt", "odp"), office_xml),
    **dict.fromkeys(("html", "htm"), html),
    **dict.fromkeys(("json", "ndjson", "jsonl"), json_text),
    **dict.fromkeys(("sqlite", "db"), database),
    "pdf": pdf,
    "xml": xml,
    "rtf": rtf,
    "parquet": parquet,
}


def mail(data: bytes) -> Members:
    """The parts of one mail."""
    for part in email.message_from_bytes(data, policy=email.policy.compat32).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield part.get_filename() or "body.txt", payload


def mailbox(data: bytes) -> Members:
    """The parts of every mail of an mbox."""
    for message in data.split(b"\nFrom "):
        yield from mail(message.partition(b"\n")[2])


def zipped(data: bytes, password: str) -> Members:
    """The members of a zip, AES or not."""
    import pyzipper

    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        archive.setpassword(password.encode())
        for name in archive.namelist():
            yield name, archive.read(name)


def seven(data: bytes, password: str) -> Members:
    """The members of a 7z."""
    import py7zr

    factory = py7zr.io.BytesIOFactory(1 << 31)
    with py7zr.SevenZipFile(io.BytesIO(data), password=password or None) as archive:
        archive.extractall(factory=factory)
    for name, product in factory.products.items():
        yield name, product.read()


def tarred(data: bytes) -> Members:
    """The members of a tar, compressed or not."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream:
                yield member.name, stream.read()


def opened(data: bytes, password: str) -> bytes:
    """Office bytes without their lock."""
    import msoffcrypto

    office = msoffcrypto.OfficeFile(io.BytesIO(data))
    office.load_key(password=password)
    out = io.BytesIO()
    office.decrypt(out)
    return out.getvalue()


def opened_pdf(data: bytes, password: str) -> bytes:
    """PDF bytes without their lock."""
    import pikepdf

    out = io.BytesIO()
    pikepdf.open(io.BytesIO(data), password=password).save(out)
    return out.getvalue()


def members(kind: str, data: bytes, password: str) -> Members | None:
    """What lies inside, or None where the kind holds no documents."""
    if kind == "zip":
        return zipped(data, password)
    if kind == "7z":
        return seven(data, password)
    if kind in ("tar", "gz", "tgz", "bz2", "xz"):
        return tarred(data)
    if kind == "eml":
        return mail(data)
    return mailbox(data) if kind == "mbox" else None


def read(name: str, data: bytes, password: str) -> int:
    """Rows and lines of one file with everything nested in it; 0 where no bare reader knows it."""
    kind = name.rpartition(".")[2].lower()
    if kind in ("docx", "xlsx", "xlsm", "pptx") and data[:4] == b"\xd0\xcf\x11\xe0":
        data = opened(data, password)
    if kind == "pdf" and password:
        data = opened_pdf(data, password)
    inside = members(kind, data, password)
    if inside is not None:
        return sum(read(n, d, password) for n, d in inside)
    reader = READERS.get(kind)
    return reader(data) if reader else 0


def read_file(job: tuple[str, str]) -> tuple[str, int, float]:
    """One file; a kind the bare reader cannot read counts as no rows."""
    path, password = job
    started = time.process_time()
    try:
        rows = read(path, Path(path).read_bytes(), password)
    except Exception:  # noqa: BLE001 - a floor: what it cannot read costs it nothing
        rows = 0
    return path.rpartition(".")[2].lower(), rows, time.process_time() - started


def jobs(estate: Path) -> Iterable[tuple[str, str]]:
    """Every file with the password that the truth has for it."""
    import polars as pl

    truth = pl.read_parquet(estate / "truth" / "documents.parquet", columns=["document", "password"])
    passwords = {d.partition("!")[0]: p for d, p in truth.iter_rows() if p}
    root = estate / "estate"
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        yield str(path), passwords.get(str(path.relative_to(root)), "")


def main() -> None:
    """Read everything with two processes and print rows and CPU seconds by kind."""
    by_kind: dict[str, list[float]] = {}
    with multiprocessing.Pool(2) as pool:
        for kind, rows, seconds in pool.imap_unordered(read_file, jobs(Path(sys.argv[1])), chunksize=1):
            entry = by_kind.setdefault(kind, [0, 0.0])
            entry[0] += rows
            entry[1] += seconds
    json.dump({kind: {"rows": int(r), "cpu": round(s, 3)} for kind, (r, s) in sorted(by_kind.items())}, sys.stdout)


if __name__ == "__main__":
    main()
