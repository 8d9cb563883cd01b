"""Tables as files for people: csv, Parquet and xlsx, written batch by batch, whole or not at all, for their owner only.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (csv); control and bidirectional
characters are spelled out (csv, xlsx). Parquet holds the values as they are.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError, UsageError, not_opened
from sekisho.vault.files import write_atomically
from sekisho.wording import Text, printable

ENDINGS = (".csv", ".parquet", ".xlsx")
SHEET_ROWS = 1_048_575  # below one row of headers
CELL_CHARACTERS = 32_767
COLUMN_WIDTH = 18  # of a sheet, in digits, where a column does not say its own
_EXACT = 10**15  # a spreadsheet shows no more digits of a number: longer ones are text
FORMULA_BEGINS = tuple("=+-@\t\r\n＝＋－＠")


class Writer(Protocol):
    """Takes batches of one schema."""

    def write(self, batch: pa.Table) -> None:
        """Add rows."""

    def close(self) -> None:
        """Nothing more comes."""


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.Table], *, force: bool = False) -> int:
    """Write ``batches`` to ``path`` by its ending and give the number of rows; raises UsageError."""
    look_at_target(path, force=force)
    make = _WRITERS[path.suffix.lower()]
    rows = 0

    def fill(file: BinaryIO) -> None:
        nonlocal rows
        writer = make(file, schema, path.parent)
        try:
            for batch in batches:
                writer.write(batch)
                rows += batch.num_rows
        finally:
            writer.close()

    try:
        write_atomically(path, fill)
    except OSError as error:
        raise _cannot_write(path, error) from error
    return rows


def look_at_target(path: Path, *, force: bool = False, sources: Iterable[Path] = ()) -> None:
    """Raises UsageError where `write` would, and for one of ``sources``: before the work that makes what is written."""
    spare(sources, path)
    if path.suffix.lower() not in _WRITERS:
        raise UsageError(
            Text("{path} ends in none of {endings}.", "{path} の拡張子が {endings} のいずれでもありません。").fill(
                path=path, endings=" ".join(ENDINGS)
            ),
            Text("Name a file with one of these endings.", "この拡張子のいずれかのファイル名を指定してください。"),
        )
    if path.exists() and not force:
        raise UsageError(
            Text("{path} is there already.", "{path} は既に存在します。").fill(path=path),
            Text("--force overwrites it.", "--force で上書きします。"),
        )


def spare(sources: Iterable[Path], *targets: Path) -> None:
    """Raises UsageError where one of ``targets`` is a file that is read."""
    for path in targets:
        if path.exists() and any(source.exists() and path.samefile(source) for source in sources):
            raise UsageError(
                Text("{path} is a file to read.", "{path} は読み込むファイルです。").fill(path=path),
                Text("Name another one for the result.", "結果には別のファイルを指定してください。"),
            )


def neutral(text: str) -> str:
    """``text`` as a cell of a csv: no formula, nothing invisible.

    >>> [neutral(t) for t in ("=1+1", "+81 3-1234", "架空 太郎", "a\u202eb")]
    ["'=1+1", "'+81 3-1234", '架空 太郎', 'a\\\\u202eb']
    """
    shown = printable(text)
    return f"'{shown}" if text.startswith(FORMULA_BEGINS) else shown


def as_it_was(text: str) -> str:
    """The text of a cell that `neutral` made safe.

    >>> [as_it_was(neutral(t)) for t in ("=1+1", "架空 太郎", "'")]
    ['=1+1', '架空 太郎', "'"]
    """
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_BEGINS) else text


def read(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file that was written here and filled in, with their numbers as a spreadsheet shows them.

    By content: xlsx, Parquet, or csv in UTF-8 or cp932. Raises InputError where it is none or lacks a needed column.
    """
    try:
        header, *rows = _rows(path)
    except OSError as error:
        raise not_opened(path, error) from error
    except (ValueError, pa.ArrowException) as error:
        raise _cannot_read(path, needed) from error
    if not set(needed) <= set(header):
        raise _cannot_read(path, needed)
    for number, row in enumerate(rows, 2):
        if any(row):
            yield number, dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False))


def _rows(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    if raw.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        table = pq.read_table(pa.BufferReader(raw))
        return [table.column_names, *([str(v or "") for v in row.values()] for row in table.to_pylist())]
    if raw.startswith(b"PK"):
        return _sheet(raw)
    return list(csv.reader(io.StringIO(_decoded(raw), newline="")))


def _sheet(raw: bytes) -> list[list[str]]:
    """The rows of all sheets of a workbook, of the further ones without the header that they repeat."""
    import fastexcel

    try:
        book = fastexcel.read_excel(raw)
        sheets = [book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string") for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        raise ValueError from error
    first, *further = [[[text or "" for text in row] for row in pl.DataFrame(sheet).rows()] for sheet in sheets]
    return first + [row for rows in further if rows and rows[0] == first[0] for row in rows[1:]]


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932")


def _cannot_read(path: Path, needed: Sequence[str]) -> InputError:
    without = Text("{path} is no table.", "{path} は表ではありません。")
    lacking = Text("{path} is no table with the columns {needed}.", "{path} は {needed} 列のある表ではありません。")
    return InputError(
        (lacking if needed else without).fill(path=path, needed=" ".join(needed)),
        Text(
            "Give the csv, xlsx or parquet file that was written to be filled in.",
            "記入用に書き出した csv・xlsx・parquet を指定してください。",
        ),
    )


class _Csv:
    """UTF-8 with a byte order mark, as Excel wants it; RFC 4180."""

    def __init__(self, file: BinaryIO, schema: pa.Schema, _: Path) -> None:
        self._file = file
        file.write(b"\xef\xbb\xbf" + ",".join(schema.names).encode() + b"\r\n")

    def write(self, batch: pa.Table) -> None:
        shown = pl.DataFrame({name: _csv_column(batch[name]) for name in batch.column_names})
        self._file.write(shown.write_csv(include_header=False, line_terminator="\r\n").encode())

    def close(self) -> None:
        """Nothing is kept back."""


def _csv_column(column: pa.ChunkedArray) -> pl.Series:
    if pa.types.is_map(column.type):
        return pl.Series([_json(value) for value in column.to_pylist()], dtype=pl.String)
    values = pl.Series(pl.from_arrow(column))
    if values.dtype != pl.String:
        return values
    values = values.set(values == "", None)
    odd = values.str.contains(_MAY_NEED_CARE).fill_null(False)
    return values.scatter(odd.arg_true(), [neutral(value) for value in values.filter(odd)]) if odd.any() else values


_MAY_NEED_CARE = rf"[\p{{Cc}}\p{{Cf}}\p{{Zl}}\p{{Zp}}]|^[{re.escape(''.join(FORMULA_BEGINS))}]"


def _json(pairs: list[tuple[str, str]] | None) -> str | None:
    """A map as JSON: an object, or pairs where a key comes twice; nothing for none."""
    if not pairs:
        return None
    by_key = dict(pairs)
    value = by_key if len(by_key) == len(pairs) else pairs
    text = json.dumps(value, ensure_ascii=False)
    return text if printable(text) == text else json.dumps(value)


class _Parquet:
    """Parquet, readable by everyone."""

    def __init__(self, file: BinaryIO, schema: pa.Schema, _: Path) -> None:
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(file, schema, compression="zstd")

    def write(self, batch: pa.Table) -> None:
        self._writer.write_table(batch)

    def close(self) -> None:
        self._writer.close()


class _Scraps:
    """A folder for what xlsxwriter puts by, in clear. What a killed export left there goes when the next one begins."""

    def __init__(self, beside: Path) -> None:
        for left in beside.glob(".export.*.new"):
            with suppress(OSError), _held(left):
                shutil.rmtree(left, ignore_errors=True)
        self.folder = tempfile.mkdtemp(prefix=".export.", suffix=".new", dir=beside)
        self._hold = ExitStack()
        self._hold.enter_context(_held(Path(self.folder)))

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._hold.close()


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Nobody else holds ``folder`` meanwhile; raises BlockingIOError where somebody does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


class _Shuttable:
    """A file that takes what is written until it is shut.

    xlsxwriter leaves its zip open where a write failed; it would go on writing, and complain, when it is collected.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file: BinaryIO | None = file
        self._at = 0

    def shut(self) -> None:
        """What is written from now on goes nowhere."""
        self._file = None

    def write(self, data: bytes) -> int:
        if self._file:
            self._file.write(data)
        self._at += len(data)
        return len(data)

    def seek(self, offset: int) -> int:
        if self._file:
            self._file.seek(offset)
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        if self._file:
            self._file.flush()


class _Xlsx:
    """One workbook; what one sheet cannot hold goes on in the next. Text is never a formula, a link or a number."""

    def __init__(self, file: BinaryIO, schema: pa.Schema, beside: Path) -> None:
        import xlsxwriter

        self._scraps = _Scraps(beside)
        self._file = _Shuttable(file)
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True, "tmpdir": self._scraps.folder})
        self._bold = self._book.add_format({"bold": True})
        self._names = schema.names
        self._widths = [int((field.metadata or {}).get(b"width", COLUMN_WIDTH)) for field in schema]
        self._next_sheet()

    def write(self, batch: pa.Table) -> None:
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if self._row > SHEET_ROWS:
                self._next_sheet()
            for at, value in enumerate(row):
                self._put(at, value)
            self._row += 1

    def close(self) -> None:
        from xlsxwriter.exceptions import FileCreateError

        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None
        finally:
            self._file.shut()
            self._scraps.remove()

    def _put(self, at: int, value: Any) -> None:
        shown = _json(value) if isinstance(value, list) else value
        if shown is None:
            return
        if isinstance(shown, bool):
            self._sheet.write_boolean(self._row, at, shown)
        elif isinstance(shown, int) and abs(shown) <= _EXACT:
            self._sheet.write_number(self._row, at, shown)
        else:
            self._sheet.write_string(self._row, at, _xlsx_text(str(shown)))

    def _next_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for at, width in enumerate(self._widths):
            self._sheet.set_column(at, at, width)
        for at, name in enumerate(self._names):
            self._sheet.write_string(0, at, name, self._bold)
        self._row = 1


def _xlsx_text(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= CELL_CHARACTERS else shown[: CELL_CHARACTERS - 3] + "..."


_WRITERS: dict[str, Callable[[BinaryIO, pa.Schema, Path], Writer]] = {
    ".csv": _Csv,
    ".parquet": _Parquet,
    ".xlsx": _Xlsx,
}


def _cannot_write(path: Path, error: OSError) -> UsageError:
    return UsageError(
        Text("{path} cannot be written: {why}.", "{path} に書き込めません: {why}。").fill(
            path=path, why=error.strerror or error
        ),
        Text("Name a file in a folder that you may write to.", "書き込めるフォルダーのファイルを指定してください。"),
    )
