"""`sekisho link`: which rows of one table, or of two, are about the same person, by a design that a file declares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError
from sekisho.persons.linkage import declared
from sekisho.persons.linkage.dedupe import dedupe
from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.link import Linker
from sekisho.register.sheets import sheets
from sekisho.report import tabular
from sekisho.wording import Text

PERSONS = pa.schema([("row", pa.int64()), ("person", pa.int64())])
PAIRS = pa.schema([("row", pa.int64()), ("other", pa.int64()), ("probability", pa.float64()), ("reasons", pa.string())])


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


def duplicates(table: Path, design: Path, to: Path, threshold: float, force: bool = False) -> Persons:
    """Write `PERSONS`: rows and persons are numbered from 1; raises InputError, UsageError."""
    tabular.look_at_target(to, force=force)
    plan = declared.read(design)
    found = dedupe(plan, _rows(table, plan), threshold)
    rows = len(found.person)
    written = pa.table([pa.array(range(1, rows + 1)), pa.array(found.person + 1)], schema=PERSONS)
    tabular.write(to, PERSONS, [written], force=force)
    return Persons(rows, int(found.person.max(initial=-1)) + 1, found.passed_over)


def between(tables: tuple[Path, Path], design: Path, to: Path, threshold: float, force: bool = False) -> Linked:
    """Write `PAIRS`: a row of the first table is one person's with at most one of the other; raises as `duplicates`."""
    tabular.look_at_target(to, force=force)
    plan = declared.read(design)
    records, holders = (
        _rows(path, plan).with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias(name), alias=pl.lit(0, pl.Int8))
        for path, name in zip(tables, ("record", "holder"), strict=True)
    )
    with Linker(plan) as linker:
        linker.know([holders])
        found = pl.concat(linker.link(records, linker.train(records)))
    named = found.filter(pl.col("probability") >= threshold).sort("record", "probability", descending=[False, True])
    places = pl.col("record", "holder").cast(pl.Int64) + 1
    written = named.select(places, "probability", pl.col("reasons").cast(pl.String))
    columns = [column.to_arrow() for column in written]
    tabular.write(to, PAIRS, [pa.table(columns, names=PAIRS.names).cast(PAIRS)], force=force)
    return Linked(records.height, holders.height, named.height)


def _rows(path: Path, plan: Design) -> pl.DataFrame:
    """The columns of ``plan`` from every sheet that has them all; raises InputError where none has."""
    wanted = declared.headings(plan)
    found = [
        batch.select(pl.col(str(sheet.labels.index(heading))).alias(heading) for heading in wanted)
        for sheet in sheets(path, lambda labels: set(wanted) <= set(labels))
        if set(wanted) <= set(sheet.labels)
        for batch in sheet.batches(sorted(sheet.labels.index(heading) for heading in wanted))
    ]
    if not found:
        raise InputError(
            Text("{file} has no rows under {columns}.", "{file} に {columns} の列を持つ行がありません。").fill(
                file=path, columns=", ".join(wanted)
            ),
            Text("Name the table's own headings in the design.", "設計には表の見出しをそのまま書いてください。"),
        )
    return pl.concat(found)
