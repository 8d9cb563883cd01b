"""Files made to do harm, each with what may become of it. They are built here: none is copied from anywhere."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import re
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

HEADER = "基礎年金番号,氏名,生年月日\r\n"
LIST = f"{HEADER}9876-543210,架空羅太郎,昭和23年4月6日\r\n9876-543211,架空羅花子,昭和25年1月2日\r\n"
SECRET = "9876-543219,外部体参照郎,昭和30年1月1日"  # stands in a file outside the scanned folder
MARK = "executed"  # a file that appears where something that was read is run


@dataclass(frozen=True)
class Bad:
    """How it is made (given the folder outside the scanned one) and what may become of it: ``OUTCOME reason``."""

    make: Callable[[Path], bytes]
    ends: tuple[str, ...]
    records: int | None = None  # how many records it must give all the same


def zipped(*members: tuple[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def streams_of_zeros(pack: Callable[[bytes], bytes]) -> bytes:
    """Half a gigabyte in many streams one behind the other."""
    return pack(bytes(16 << 20)) * 32


def nested_bombs(depth: int) -> bytes:
    data = zipped(("zeros.txt", bytes(8 << 20)))
    for level in range(depth):
        data = zipped(*((f"{level}-{i}.zip", data + bytes(i)) for i in range(16)))
    return data


def doctype(entities: str) -> str:
    return f"<!DOCTYPE lolz [{entities}]>"


LAUGHS = doctype(
    '<!ENTITY l0 "架空羅太郎 架空羅太郎">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
)


def laughing(text: str) -> str:
    return f'<?xml version="1.0"?>{LAUGHS}{text.format(entity="&l11;")}'


def outside(folder: Path) -> str:
    return doctype(f'<!ENTITY secret SYSTEM "{(folder / "secret.csv").as_uri()}">')


def infected(package: bytes, declaration: str, entity: str) -> bytes:
    """An Office or OpenDocument package whose texts refer to ``entity``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith(".xml") and b"<?xml" in data[:100]:
                head, body = re.match(r"(<\?xml.*?\?>)(.*)", data.decode(), re.DOTALL).groups()  # type: ignore[union-attr]
                body = re.sub(r"(<(?:w:)?t(?: [^>]*)?>|<text:p[^>/]*>)", rf"\1{entity}", body)
                data = f"{head}{declaration}{body}".encode()
            new.writestr(info, data)
    return out.getvalue()


def strewn_workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(LIST.splitlines()):
            sheet.write_row(row, 0, line.split(","))
        sheet.write(1_048_575, 16_383, "the end")
    return out.getvalue()


def evil_database(folder: Path) -> bytes:
    """Views that never end, a trigger, a column that computes a gigabyte."""
    path = folder / "evil.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript(
            "create table p (基礎年金番号, 氏名, 生年月日);"
            "insert into p values ('9876-543210', '架空羅太郎', '1948-04-06');"
            "insert into p values ('9876-543211', '架空羅花子', '1950-01-02');"
            "create view v as with recursive c(x) as (select 1 union all select x + 1 from c) select x as 氏名 from c;"
            "create table g (a, b generated always as (zeroblob(900000000)) virtual); insert into g (a) values (1);"
            "create trigger t after insert on p begin delete from p; end;"
        )
    database.close()
    data = path.read_bytes()
    path.unlink()
    return data


class Runs:
    """Unpickled, it makes the mark."""

    def __init__(self, folder: Path) -> None:
        self.mark = folder / MARK

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.mark,)


def stray_quotes() -> bytes:
    """In every seventh row a quote that nothing closes."""
    rows = [f"98{i:02}-54{i:04},{chr(34) * (i % 7 == 0)}架空羅太郎,昭和23年4月6日" for i in range(10, 60)]
    return (HEADER + "\r\n".join(rows)).encode("cp932")


def page(folder: Path) -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in line.split(",")) + "</tr>" for line in LIST.splitlines()
    )
    script = f"<script>location='{(folder / 'secret.csv').as_uri()}'</script><iframe src='/etc/passwd'></iframe>"
    return f"<html><body>{script}<table>{rows}</table></body></html>".encode()


READ = ("READ ", "PARTLY_READ unread_part")
OVER = ("OVER_LIMIT ratio", "OVER_LIMIT too_much_output", "PARTLY_READ ratio")
REFUSED = (*READ, "UNREADABLE damaged", "PARTLY_READ damaged_part", "OVER_LIMIT ratio", "OVER_LIMIT too_much_output")
DEEP = ("OVER_LIMIT too_deep", "PARTLY_READ too_deep", "UNREADABLE damaged")

FILES: dict[str, Bad] = {
    "empty.xlsx": Bad(lambda _: b"", ("READ empty",)),
    "noise.bin": Bad(lambda _: bytes(range(256)) * 64, ("UNSUPPORTED unknown_kind",)),
    "zeros.gz": Bad(lambda _: streams_of_zeros(gzip.compress), READ),
    "zeros.bz2": Bad(lambda _: streams_of_zeros(bz2.compress), READ),
    "zeros.xz": Bad(lambda _: streams_of_zeros(lzma.compress), READ),
    "nested.zip": Bad(lambda _: nested_bombs(3), (*OVER, *READ, *DEEP)),
    "names.zip": Bad(
        lambda _: zipped(("/etc/evil.csv", LIST), ("../../../tmp/evil.csv", LIST), ("C:\\evil\0.csv", LIST)), READ
    ),
    "laughs.xml": Bad(lambda _: laughing("<a><氏名>{entity}</氏名></a>").encode(), REFUSED),
    "laughs.svg": Bad(lambda _: laughing("<svg><text>{entity}</text></svg>").encode(), REFUSED),
    "laughs.html": Bad(lambda _: laughing("<html><body>{entity}</body></html>").encode(), REFUSED),
    "outside.xml": Bad(
        lambda at: f'<?xml version="1.0"?>{outside(at)}<a><氏名>&secret;</氏名></a>'.encode(), REFUSED, 0
    ),
    "outside.svg": Bad(
        lambda at: f'<?xml version="1.0"?>{outside(at)}<svg><text>&secret;</text></svg>'.encode(), REFUSED, 0
    ),
    "quotes.csv": Bad(lambda _: stray_quotes(), READ, 50),
    "formulas.csv": Bad(
        lambda _: (LIST + '9876-543212,"=HYPERLINK(""http://x"",""a"")",=1+1\r\n@SUM(1),+1,-1\r\n').encode(), READ
    ),
    "line.txt": Bad(lambda _: b"x" * (2 << 20), READ),
    "line.csv": Bad(lambda _: b"1234567890," * (1 << 18), READ),
    "deep.json": Bad(lambda _: b"[" * 200_000 + b"]" * 200_000, DEEP),
    "deep.xml": Bad(lambda _: b"<a>" * 200_000 + b"</a>" * 200_000, (*DEEP, *READ, "PARTLY_READ truncated")),
    "deep.html": Bad(lambda _: b"<html>" + b"<div>" * 100_000 + LIST.encode(), (*DEEP, *READ)),
    "number.json": Bad(lambda _: b'{"a": 1, "n": ' + b"9" * 100_000 + b"}", REFUSED),
    "strewn.xlsx": Bad(lambda _: strewn_workbook(), READ, 2),
    "evil.sqlite": Bad(evil_database, (*READ, "PARTLY_READ damaged_part", "OVER_LIMIT memory"), 2),
    "run.pkl": Bad(lambda at: pickle.dumps(Runs(at)), ("UNSUPPORTED unknown_kind", "UNSUPPORTED no_reader", *READ)),
    "run.py": Bad(lambda at: f"open({str(at / MARK)!r}, 'w')\n".encode(), READ),
    "page.html": Bad(page, READ, 2),
}
