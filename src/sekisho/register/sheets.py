"""The rows of a register file as text, batch by batch: delimited text in any usual charset, workbooks, parquet."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sekisho.errors import InputError, not_opened
from sekisho.frames import from_arrow
from sekisho.wording import Text, listed

CHARSETS = ("utf-8", "cp932", "euc_jp")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNMARKED = ("utf-16-le", "utf-16-be")
_LOOKED_AT = 4096
_OF_ASCII = 20
"""Of what is looked at, one byte in so many at least is the high one of an ASCII letter, and few low ones are zero."""
DELIMITERS = ",\t;|"
LINES_BEFORE_HEADER = 20
BLOCK_BYTES = 8 << 20
BATCH_ROWS = 50_000
MOST_NAMED = 20

IsHeader = Callable[[Sequence[str]], bool]


Batches = Callable[[Sequence[int]], Iterator[pl.DataFrame]]
"""Gives the rows of some columns by their places: String columns "0", "1", ..."""
ROW = "row"


@dataclass(slots=True)
class Sheet:
    """A header and what stands under it.

    ``numbered``: the batches with `ROW` (Int64) before them: which row of the sheet it is, as a spreadsheet counts
    them, the header and what stands above it too; blank rows come with them. ``strays``: the rows of another width,
    which are left out, by that number where the batches are numbered, else 0; complete once the batches are through.
    """

    labels: list[str]
    batches: Batches
    numbered: Batches
    strays: list[int] = field(default_factory=list)


def sheets(path: Path, is_header: IsHeader) -> Iterator[Sheet]:
    """The sheets of a file that have a header; raises InputError where the file cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if not start:
            raise _empty(path)
        for sheet in _of_kind(start, path, is_header):
            yield replace(
                sheet,
                batches=partial(_guarded, path, sheet.batches),
                numbered=partial(_guarded, path, sheet.numbered),
            )
    except OSError as error:
        raise not_opened(path, error) from error
    except (pa.ArrowException, UnicodeError) as error:
        raise unreadable(path) from error


def _of_kind(start: bytes, path: Path, is_header: IsHeader) -> Iterator[Sheet]:
    if start.startswith(b"PAR1"):
        yield _parquet(path)
    elif start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        yield from _workbook(path, is_header)
    else:
        yield from _delimited(path, is_header)


def _guarded(path: Path, batches: Batches, places: Sequence[int]) -> Iterator[pl.DataFrame]:
    """The batches; what goes wrong in the midst of them is an InputError, too."""
    try:
        yield from batches(places)
    except OSError as error:
        raise not_opened(path, error) from error
    except (pa.ArrowException, UnicodeError) as error:
        raise unreadable(path) from error


def counted(batches: Batches, first: int, places: Sequence[int]) -> Iterator[pl.DataFrame]:
    """The batches with `ROW` before them, from ``first`` on."""
    for batch in batches(places):
        yield batch.with_row_index(ROW, first).with_columns(pl.col(ROW).cast(pl.Int64))
        first += batch.height


def torn(path: Path, strays: Sequence[int], hint: Text) -> InputError:
    """The error for a file of which some rows have another width than the header; ``strays``: which."""
    said = Text(
        "{n:,} {n|row|rows} of {file} {n|has|have} another number of columns than the header: {n|row|rows} {rows}.",
        "{file} に列数の合わない行が{n:,}行あります（{rows}行目）。",
    )
    return InputError(said.fill(n=len(strays), file=path, rows=named(strays)), hint)


def named(rows: Sequence[int]) -> str:
    """Some rows by their numbers, the first of them where they are many."""
    return listed(f"{row}" for row in rows[:MOST_NAMED]) + (" …" if len(rows) > MOST_NAMED else "")


def about(path: Path) -> int:
    """How many rows a file has, nearly, by its lines or what it says itself; 0 where that would take its reading."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
                return 0
            if start != b"PAR1":
                return sum(block.count(b"\n") for block in iter(partial(file.read, BLOCK_BYTES), b""))
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return 0


def unreadable(path: Path) -> InputError:
    """The error for a file that holds no table."""
    return InputError(
        Text("{file} cannot be read as a table.", "{file} を表として読み取れません。").fill(file=path),
        Text(
            "Give a csv, xlsx or parquet file that you may read.",
            "読み取り可能な csv・xlsx・parquet を指定してください。",
        ),
    )


def _empty(path: Path) -> InputError:
    return InputError(
        Text("{file} is empty.", "{file} は空です。").fill(file=path),
        Text("Check that it is the right file.", "ファイルを確かめてください。"),
    )


def _nested(path: Path, label: str) -> InputError:
    return InputError(
        Text("The column {label} of {file} holds lists or structs.", "{file} の列 {label} はリストか構造体です。").fill(
            file=path, label=label
        ),
        Text("Give it one value in each row, or another name.", "1行に1値とするか、列名を変えてください。"),
    )


def _parquet(path: Path) -> Sheet:
    file = pq.ParquetFile(path)
    labels = file.schema_arrow.names

    def batches(places: Sequence[int]) -> Iterator[pl.DataFrame]:
        for at in places:
            if pa.types.is_nested(file.schema_arrow.types[at]):
                raise _nested(path, labels[at])
        for batch in file.iter_batches(BATCH_ROWS, columns=[labels[at] for at in places]):
            yield _as_text(batch, [labels[at] for at in places], places)

    return Sheet(labels, batches, partial(counted, batches, 1))


def _as_text(batch: pa.RecordBatch, names: Sequence[str], places: Sequence[int]) -> pl.DataFrame:
    frame = from_arrow(batch)
    return frame.select(
        _written(name, frame.schema[name]).alias(str(at)) for name, at in zip(names, places, strict=True)
    )


def _written(name: str, kind: pl.DataType) -> pl.Expr:
    """A column as text; amounts that are whole numbers without a point."""
    column = pl.col(name)
    text = column.cast(pl.String, strict=False)
    if not kind.is_float():
        return text
    return pl.when(column == column.floor()).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(text)


def _workbook(path: Path, is_header: IsHeader) -> Iterator[Sheet]:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        for index in range(len(book.sheet_names)):
            cells = pl.DataFrame(book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string"))
            start = [[text or "" for text in row] for row in cells.head(LINES_BEFORE_HEADER).rows()]
            at = next((at for at, row in enumerate(start) if is_header(row)), None)
            if at is not None:
                below = partial(_below, cells.slice(at + 1))
                yield Sheet(start[at], below, partial(counted, below, at + 2))
    except fastexcel.FastExcelError as error:
        raise unreadable(path) from error


def _below(cells: pl.DataFrame, places: Sequence[int]) -> Iterator[pl.DataFrame]:
    """The rows under the header; a day stands without the midnight that the reader adds, nothing as empty text."""
    cells.columns = [str(at) for at in range(cells.width)]
    for rows in cells.select(map(str, places)).iter_slices(BATCH_ROWS):
        yield rows.select(pl.all().str.strip_suffix(" 00:00:00").fill_null(""))


def _delimited(path: Path, is_header: IsHeader) -> Iterator[Sheet]:
    charset = _charset(path)
    with path.open(encoding=charset, newline="") as file:
        start = list(islice(file, LINES_BEFORE_HEADER))
    for delimiter in DELIMITERS:
        lines = [next(csv.reader([line], delimiter=delimiter), []) for line in start]
        at = next((at for at, row in enumerate(lines) if is_header(row)), None)
        if at is not None:
            yield _under_header(path, charset, delimiter, lines[at], at + 1)
            return


def _charset(path: Path) -> str:
    """The charset that a file says or that fits the whole of it; raises UnicodeError."""
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    zeros = [start[place::2].count(0) for place in (1, 0)]  # the high bytes of digits and delimiters
    for name, high, low in zip(_UNMARKED, zeros, reversed(zeros), strict=True):
        if high * _OF_ASCII > len(start) and high > _OF_ASCII * low:
            return name
    for name in CHARSETS:
        if _fits(path, name):
            return name
    raise UnicodeError("no charset fits")


def _fits(path: Path, charset: str) -> bool:
    decoder = codecs.getincrementaldecoder(charset)()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK_BYTES):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _under_header(path: Path, charset: str, delimiter: str, labels: list[str], skipped: int) -> Sheet:
    """A stray quote makes readers swallow lines in silence: where lines are missing, quotes are read as text."""
    names = [str(at) for at in range(len(labels))]
    ways = [_Reading(path, charset, delimiter, names, skipped, quoted) for quoted in (True, False)]
    reading = _best(ways, _lines(path, charset) - skipped) if _has_quotes(path) else ways[0]
    strays: list[int] = []
    return Sheet(labels, partial(reading.batches, strays), partial(reading.numbered, strays), strays)


def _best(ways: Sequence[_Reading], lines: int) -> _Reading:
    """The way that gives a row for each line, else the one that gives the most."""
    found = []
    for reading in ways:
        rows, strays = reading.count()
        if rows == lines:
            return reading
        found.append((rows, -strays, reading.quoted, reading))
    return max(found, key=lambda one: one[:3])[3]


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b'"' in block for block in iter(partial(file.read, BLOCK_BYTES), b""))


def _lines(path: Path, charset: str) -> int:
    with path.open(encoding=charset, newline="") as file:
        return sum(1 for line in file if line.strip())


@dataclass(slots=True)
class _Reading:
    """One way to read delimited text."""

    path: Path
    charset: str
    delimiter: str
    names: list[str]
    skipped: int
    quoted: bool

    def count(self) -> tuple[int, int]:
        """Rows, and rows of another width."""
        strays: list[int] = []
        try:
            with self._open(strays, self.names[:1]) as batches:
                return sum(batch.num_rows for batch in batches), len(strays)
        except pa.ArrowInvalid:  # a quote that never closes
            return 0, _lines(self.path, self.charset)

    def batches(self, strays: list[int], places: Sequence[int]) -> Iterator[pl.DataFrame]:
        """The rows; without quotes read as quotes, those around a whole cell are taken off."""
        return self._read(strays, places, numbered=False)

    def numbered(self, strays: list[int], places: Sequence[int]) -> Iterator[pl.DataFrame]:
        """The same with `ROW` before them. A row of another width is left out and counted all the same."""
        first = self.skipped + 1
        for rows in self._read(strays, places, numbered=True):
            left = [at for at in strays if at >= first]
            every = pl.int_range(first, first + rows.height + len(left), eager=True)
            here = every.filter(~every.is_in(left)).head(rows.height).alias(ROW)
            yield rows.select(here, pl.all())
            first = int(here[-1]) + 1 if rows.height else first

    def _read(self, strays: list[int], places: Sequence[int], *, numbered: bool) -> Iterator[pl.DataFrame]:
        with self._open(strays, [self.names[at] for at in places], numbered=numbered) as batches:
            for batch in batches:
                frame = from_arrow(batch)
                yield frame if self.quoted else frame.select(pl.all().str.replace(r'^"(.*)"$', "$1"))

    def _open(self, strays: list[int], wanted: Sequence[str], *, numbered: bool = False) -> pacsv.CSVStreamingReader:
        def stray(row: pacsv.InvalidRow) -> str:
            strays.append(row.number or 0)
            return "skip"

        return pacsv.open_csv(
            self.path,
            read_options=pacsv.ReadOptions(
                encoding="utf8"
                if self.charset.startswith("utf-8")
                else self.charset,  # by this name Arrow reads itself
                column_names=self.names,
                skip_rows=self.skipped,
                block_size=BLOCK_BYTES,
                use_threads=not numbered,  # only one thread knows which row it is at
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if self.quoted else False,
                newlines_in_values=self.quoted,
                ignore_empty_lines=not numbered,
                invalid_row_handler=stray,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, strings_can_be_null=False
            ),
        )
