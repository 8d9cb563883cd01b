"""`sekisho link`: which rows of one table, or of two, are about the same person, by a design that a file declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError
from sekisho.flow.fingerprint import of_code
from sekisho.flow.matching.models import keep, learned, model_of, text_of
from sekisho.flow.parts import Parts, fingerprint
from sekisho.frames import to_arrow
from sekisho.persons.linkage import declared
from sekisho.persons.linkage.dedupe import dedupe
from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.link import CHUNK, Linker
from sekisho.persons.linkage.model import Model
from sekisho.register.sheets import Sheet, about, sheets
from sekisho.report import tabular
from sekisho.report.progress import Phases, Progress
from sekisho.wording import Text, language

READING = Text("Reading {file}", "{file} の読み込み")
LINKING = Text("Linking", "照合")
ONE_TABLE = Text("the rows of one table", "一つの表の中")
ROWS = Text("rows", "行")
_KINDS: dict[pl.DataType, pa.DataType] = {pl.String(): pa.string(), pl.Int64(): pa.int64(), pl.Float64(): pa.float64()}


@dataclass(frozen=True, slots=True)
class Persons:
    """How many ``rows`` are how many ``persons``; ``passed_over``: see `Duplicates`."""

    rows: int
    persons: int
    passed_over: int


@dataclass(frozen=True, slots=True)
class Linked:
    """How many ``pairs`` of ``rows`` of one table and ``others`` of the other."""

    rows: int
    others: int
    pairs: int


@dataclass(frozen=True, slots=True)
class How:
    """``design``: the file of it; ``threshold``: the least probability that counts; ``to``, ``force``: the result.

    ``id``: the heading under which rows have a name of their own, else they go by their number, from 1. ``model``: one
    that was learned before; ``keep``: where to write it. ``chunk``: rows that are linked at once, and kept when done.
    """

    design: Path
    to: Path
    threshold: float
    force: bool = False
    id: str = ""
    model: Path | None = None
    keep: Path | None = None
    shown: bool = True
    chunk: int = CHUNK


@dataclass(frozen=True, slots=True)
class _Table:
    """``rows`` under the headings of a design, and what each is called."""

    rows: pl.DataFrame
    names: pl.Series


def duplicates(table: Path, how: How) -> Persons:
    """Write ``row`` and ``person``, the persons numbered from 1; raises InputError, UsageError."""
    tabular.look_at_target(how.to, force=how.force, sources=(table,))
    plan = declared.read(how.design)
    given = _model(how, plan, tables=1)
    read = _read(table, plan, how)
    with Phases(LINKING, shown=how.shown) as tell:
        tell(ONE_TABLE)
        found = dedupe(plan, read.rows, how.threshold, given=given)
    keep(how.keep, found.model)
    person = pl.Series("person", found.person + 1, dtype=pl.Int64)
    _write(how, [read.names.alias("row"), person])
    return Persons(read.rows.height, int(found.person.max(initial=-1)) + 1, found.passed_over)


def between(tables: tuple[Path, Path], how: How) -> Linked:
    """Write ``row``, ``other``, ``probability``, ``reasons``: a row of one is of one person with at most one other.

    A call that was broken off goes on where it stopped. Raises as `duplicates`.
    """
    tabular.look_at_target(how.to, force=how.force, sources=tables)
    plan = declared.read(how.design)
    given = _model(how, plan, tables=2)
    one, other = (_read(path, plan, how) for path in tables)
    said = (text_of(how.model), language(), str(how.chunk))
    of = fingerprint([*tables, how.design], of_code("persons/linkage", "register"), *said)
    parts = Parts(how.to.with_name(f".{how.to.name}.parts"), of)
    records, holders = (
        read.rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias(name), alias=pl.lit(0, pl.Int8))
        for read, name in ((one, "record"), (other, "holder"))
    )
    with Linker(plan) as linker:
        linker.know([holders])
        model = given or learned(linker, records, None, parts, shown=how.shown)
        with Progress(LINKING, ROWS, records.height, shown=how.shown) as progress:
            linked = progress.through(linker.link(records, model, how.chunk, parts.kept), how.chunk)
            found = pl.concat(rows.filter(pl.col("probability") >= how.threshold) for rows in linked)
    keep(how.keep, model)
    named = found.sort("record", "probability", descending=[False, True])
    row, who = one.names.gather(named["record"]), other.names.gather(named["holder"])
    _write(how, [row.alias("row"), who.alias("other"), named["probability"], named["reasons"].cast(pl.String)])
    parts.drop()
    return Linked(records.height, holders.height, named.height)


def _batches(sheet: Sheet, wanted: set[str]) -> Iterator[pl.DataFrame]:
    """The rows of a sheet under the headings; none where it lacks one."""
    if wanted <= set(sheet.labels):
        place = {heading: sheet.labels.index(heading) for heading in wanted}
        for batch in sheet.batches(sorted(place.values())):
            yield batch.select(pl.col(str(at)).alias(heading) for heading, at in place.items())


def _model(how: How, plan: Design, tables: int) -> Model | None:
    """The model that was given; raises InputError where it was learned for another design, or from more tables."""
    if how.model is None:
        return None
    model = model_of(how.model)
    model.look_at(plan)
    if (model.origin.holders > 0) != (tables > 1):
        raise InputError(
            Text(
                "The model was learned from one table, or from two, and this is not so now.",
                "このモデルを学習したときと表の数（一つか二つか）が異なります。",
            ),
            Text("Leave --model out: a new one is learned.", "--model を省くと新しく学習します。"),
        )
    return model


def _write(how: How, columns: list[pl.Series]) -> None:
    table = to_arrow(pl.DataFrame(columns))
    schema = pa.schema({column.name: _KINDS[column.dtype] for column in columns})
    tabular.write(how.to, schema, [table.cast(schema)], force=how.force)


def _read(path: Path, plan: Design, how: How) -> _Table:
    """The columns of ``plan``, and the names of rows, from every sheet that has them all; raises InputError."""
    headings = declared.headings(plan)
    wanted = {*headings, how.id} if how.id else set(headings)
    found, names = [], []
    with Progress(READING.fill(file=path.name), ROWS, about(path), shown=how.shown) as progress:
        for sheet in sheets(path, lambda labels: wanted <= set(labels)):
            for batch in _batches(sheet, wanted):
                found.append(batch.select(headings))
                names.append(batch[how.id] if how.id else pl.Series(dtype=pl.String))
                progress.advance(batch.height)
    if not found:
        raise InputError(
            Text("{file} has no rows under {columns}.", "{file} に {columns} の列を持つ行がありません。").fill(
                file=path, columns=", ".join(dict.fromkeys([*headings, *([how.id] if how.id else [])]))
            ),
            Text("Name the table's own headings in the design.", "設計には表の見出しをそのまま書いてください。"),
        )
    rows = pl.concat(found)
    return _Table(rows, pl.concat(names) if how.id else pl.int_range(1, rows.height + 1, dtype=pl.Int64, eager=True))
