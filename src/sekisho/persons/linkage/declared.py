"""A design declared in a TOML file: which columns a table has, of what kind they are, and which pairs to look at."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import polars as pl

from sekisho.errors import InputError
from sekisho.persons.linkage.design import Block, Design
from sekisho.persons.linkage.kinds import KINDS, Kind, comparison
from sekisho.wording import Text

MOST = 1_000
"""A block of the values that more rows share is passed over, unless the design says otherwise."""
_PATTERNS = 1 << 60
"""Most ways in which the columns may agree: each is a whole number of 63 bits, with a few more bits beside."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_TAKEN = {"record", "holder", "alias", "person", "apart", "crowded"}


def read(path: Path) -> Design:
    """The design that a file declares; raises InputError."""
    try:
        return design(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(
            Text("{file} cannot be read as TOML.", "{file} をTOMLとして読めません。").fill(file=path)
        ) from error


def design(name: str, told: Mapping[str, Any]) -> Design:
    """The design of ``columns`` (name -> kind, or kind and heading) and ``blocks`` (of names, or parts: ``born.year``).

    Raises InputError.
    """
    named, blocks = told.get("columns"), told.get("blocks")
    if not (isinstance(named, dict) and named and isinstance(blocks, list) and blocks):
        raise _refused(Text("A design needs columns and blocks.", "設計には columns と blocks が必要です。"))
    columns = [_column(column, of) for column, of in named.items()]
    if prod(len(one.kind.levels) for one in columns) > _PATTERNS:
        raise _refused(Text("{n} columns are too many.", "{n}列は多すぎます。").fill(n=len(columns)))
    return Design(
        name=str(told.get("name", name)),
        comparisons=tuple(comparison(one.name, Text(one.heading, one.heading), one.kind) for one in columns),
        blocks=tuple(_block(block, {one.name: one.kind for one in columns}) for block in blocks),
        prepare=lambda rows: pl.DataFrame({one.name: one.of(rows) for one in columns}),
        extras={f"{one.name}_{part}": one.part(part) for one in columns for part in one.kind.parts},
    )


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    heading: str
    kind: Kind

    def of(self, rows: pl.DataFrame) -> pl.Series:
        """The column as it is compared; raises InputError where it is not there or of another kind altogether."""
        if self.heading not in rows.columns:
            raise _unfit(Text("There is no column {heading}.", "{heading} の列がありません。"), self.heading)
        column = rows[self.heading]
        if column.dtype.is_nested() or column.dtype == pl.Binary:
            raise _unfit(Text("{heading} does not hold texts.", "{heading} の値は文字列ではありません。"), self.heading)
        cleaned = self.kind.clean(column)
        if column.count() >= _ENOUGH and not cleaned.count():
            raise _unfit(
                Text("No value of {heading} is of its kind.", "{heading} に種類どおりの値がありません。"), self.heading
            )
        return cleaned

    def part(self, part: str) -> Any:
        """What makes a part of the column from prepared rows."""
        return lambda texts: self.kind.parts[part](texts[self.name])


_ENOUGH = 100
"""Values of which one at least should be as its kind says."""


def _column(name: str, of: object) -> _Column:
    """From ``name = "kind"`` or ``name = {kind = "...", heading = "..."}``."""
    told = of if isinstance(of, dict) else {"kind": of}
    kind = str(told.get("kind"))
    if kind not in KINDS or not _NAME.fullmatch(name) or name in _TAKEN:
        message = Text("{name} = {kind!r} is no column of a design.", "{name} = {kind!r} は列として使えません。")
        raise _refused(message.fill(name=name, kind=kind))
    return _Column(name, str(told.get("heading", name)), KINDS[kind])


def _block(told: object, kinds: Mapping[str, Kind]) -> Block:
    """From ``on = ["name", "name.part"]``, ``most = 1000``."""
    block = told if isinstance(told, dict) else {}
    on, most = block.get("on"), block.get("most", MOST)
    if not (isinstance(on, list) and on and isinstance(most, int) and most > 0):
        message = Text("{block!r} is no block of a design.", "{block!r} はブロックとして使えません。")
        raise _refused(message.fill(block=told))
    return Block(tuple(_key(str(one), kinds) for one in on), most)


def _key(on: str, kinds: Mapping[str, Kind]) -> str:
    """The whole numbers of a column's values (equal but for their spelling), or of a part of them."""
    column, _, part = on.partition(".")
    if column not in kinds or (part and part not in kinds[column].parts):
        raise _refused(
            Text("A block names {on}, which is no column.", "ブロックの {on} に当たる列がありません。").fill(on=on)
        )
    if part:
        return f"{column}_{part}"
    return f"{column}_key" if kinds[column].key else column


_HINT = Text(
    'As in: columns = {{ surname = "name", born = "date" }}, [[blocks]] on = ["surname", "born.year"]. Kinds: {kinds}',
    '例: columns = {{ surname = "name", born = "date" }}、[[blocks]] on = ["surname", "born.year"]。種類: {kinds}',
).fill(kinds=", ".join(KINDS))


def _refused(message: Text) -> InputError:
    return InputError(message, _HINT)


def _unfit(message: Text, heading: str) -> InputError:
    hint = Text("Change the design or the table.", "設計か表を直してください。")
    return InputError(message.fill(heading=heading), hint)


def headings(declared: Design) -> tuple[str, ...]:
    """The columns that a table must have for a declared design; their headings are what its comparisons are called."""
    return tuple(one.title.en for one in declared.comparisons)
