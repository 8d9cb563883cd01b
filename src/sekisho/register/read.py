"""Reads the register of holders: csv, xlsx or parquet, whose columns are found by their labels and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError
from sekisho.frames import to_arrow
from sekisho.model import HOLDERS, Item
from sekisho.register import columns
from sekisho.register.columns import Column
from sekisho.register.sheets import Sheet, about, sheets
from sekisho.wording import Tell, Text, unheard


@dataclass(frozen=True, slots=True)
class Faults:
    """What is not as it should be, in rows; each row still counts, except the strays.

    ``shared_number``: rows whose number stands on another row too. ``no_number`` and ``no_name``: empty.
    ``bad_number`` and ``bad_date``: written, but not one that can be. ``strays``: of another width than the header.
    """

    shared_number: int = 0
    no_number: int = 0
    bad_number: int = 0
    no_name: int = 0
    bad_date: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Holders:
    """``table``: `HOLDERS`; ``mapping``: which column was taken for what; ``unused``: labels of the others."""

    table: pa.Table
    mapping: tuple[Column, ...]
    unused: tuple[str, ...]
    faults: Faults

    def account(self) -> dict[str, Any]:
        """What is to be kept beside the table, JSON-able."""
        return {
            "mapping": [asdict(column) for column in self.mapping],
            "unused": list(self.unused),
            "faults": asdict(self.faults),
        }

    @classmethod
    def recalled(cls, table: pa.Table, account: Mapping[str, Any]) -> Holders:
        """The holders again, from the table and the `account` that was kept beside it."""
        mapping = tuple(Column(**column) for column in account["mapping"])
        return cls(table, mapping, tuple(account["unused"]), Faults(**account["faults"]))

    def said(self) -> list[Text]:
        """What was read, for the user to check."""
        lines = [Text("{n:,} {n|holder|holders}", "台帳 {n:,}人").fill(n=self.table.num_rows)]
        lines += [
            Text("  {label} -> {item}", "  {label} → {item}").fill(
                label=column.label, item=f"{column.item} {column.part}".strip()
            )
            for column in self.mapping
        ]
        if self.unused:
            lines.append(Text("  not used: {labels}", "  使わない列: {labels}").fill(labels=", ".join(self.unused)))
        counts = ((getattr(self.faults, name), said) for name, said in _SAID.items())
        return lines + [said.fill(n=count) for count, said in counts if count]


_SAID = {
    "shared_number": Text(
        "  {n:,} {n|row shares its|rows share their} number with another row", "  番号が重複している行 {n:,}"
    ),
    "no_number": Text("  {n:,} {n|row|rows} without a number", "  番号のない行 {n:,}"),
    "bad_number": Text("  {n:,} {n|row|rows} whose number is none", "  番号として読めない行 {n:,}"),
    "no_name": Text("  {n:,} {n|row|rows} without a name", "  氏名・カナのない行 {n:,}"),
    "bad_date": Text("  {n:,} {n|row|rows} whose birth date cannot be", "  生年月日としてあり得ない行 {n:,}"),
    "strays": Text("  {n:,} {n|row|rows} left out: another number of columns", "  列数が合わず除外した行 {n:,}"),
}


ROWS = Text("rows", "行")


def read(path: Path, tell: Tell = unheard) -> Holders:
    """The holders in ``path``; raises InputError where it cannot be read or no column is a number, or name and date."""
    found: Holders | None = None
    tell(ROWS)
    total = about(path)
    for sheet in sheets(path, columns.is_header):
        more = _sheet(sheet, partial(tell, ROWS, total=total))
        found = more if found is None else _together(found, more)
    if found is None or not found.mapping or not columns.is_header([column.label for column in found.mapping]):
        raise no_columns(path)
    return replace(found, faults=replace(found.faults, shared_number=_shared_numbers(found.table)))


def look(path: Path) -> None:
    """Raises the InputError that `read` would, as far as the header shows it: before hours of scanning, not after."""
    if not any(columns.mapping(sheet.labels) for sheet in sheets(path, columns.is_header)):
        raise no_columns(path)


def _sheet(sheet: Sheet, tell: Callable[[int], None]) -> Holders:
    mapping = columns.mapping(sheet.labels)
    tables, faults = [HOLDERS.empty_table()], Faults()
    for rows in sheet.batches([column.place for column in mapping]):
        written = columns.as_written(rows, mapping).filter(~pl.all_horizontal(pl.all().is_null()))
        normal = columns.normal(written)
        faults = _added(faults, _faults(written, normal))
        tables.append(to_arrow(normal, HOLDERS))
        tell(sum(table.num_rows for table in tables))
    used = {column.place for column in mapping}
    unused = tuple(label for at, label in enumerate(sheet.labels) if at not in used and label)
    return Holders(pa.concat_tables(tables), mapping, unused, replace(faults, strays=len(sheet.strays)))


def _faults(written: pl.DataFrame, normal: pl.DataFrame) -> Faults:
    number, birth = Item.BASIC_PENSION_NUMBER, Item.BIRTH_DATE
    return Faults(
        no_number=written[number].null_count(),
        bad_number=normal[number].null_count() - written[number].null_count(),
        no_name=int((normal[Item.NAME].is_null() & normal[Item.NAME_KANA].is_null()).sum()),
        bad_date=normal[birth].null_count() - written[birth].null_count(),
    )


def _added(one: Faults, other: Faults) -> Faults:
    return Faults(*(getattr(one, name) + getattr(other, name) for name in Faults.__dataclass_fields__))


def _together(one: Holders, other: Holders) -> Holders:
    unused = tuple(dict.fromkeys(one.unused + other.unused))
    table = pa.concat_tables([one.table, other.table])
    return Holders(table, one.mapping, unused, _added(one.faults, other.faults))


def _shared_numbers(table: pa.Table) -> int:
    numbers = pl.Series(pl.from_arrow(table.column(Item.BASIC_PENSION_NUMBER))).drop_nulls()
    return 0 if numbers.n_unique() == len(numbers) else int(numbers.is_duplicated().sum())


def no_columns(path: Path) -> InputError:
    """The error for a file whose columns say nobody."""
    return InputError(
        Text(
            "No column of {file} is named as a number, or as name and birth date.",
            "{file} に、番号、または氏名と生年月日の列見出しが見つかりません。",
        ).fill(file=path),
        Text(
            "Name the columns in the first rows, as 基礎年金番号, 氏名, 氏名カナ, 生年月日, 性別, 郵便番号, 住所.",
            "先頭付近の行に、基礎年金番号・氏名・氏名カナ・生年月日・性別・郵便番号・住所のような見出しを置いてください。",
        ),
    )
