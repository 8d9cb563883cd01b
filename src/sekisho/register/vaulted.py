"""The vault's register as matching and settling read a file of holders: the last state of each, part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.countries import known
from sekisho.errors import InputError
from sekisho.frames import to_arrow
from sekisho.model import HOLDERS
from sekisho.register.columns import Column
from sekisho.register.current import led, under_one_number
from sekisho.register.read import Faults, Holders
from sekisho.register.rows import COLUMNS, mapped
from sekisho.register.since import since, wanted_since
from sekisho.register.states import ITEMS, NUMBER, as_text
from sekisho.vault import Register
from sekisho.wording import Text


class Vaulted:
    """As `rows.Rows`: ``mapping`` is label -> column, of every import."""

    def __init__(self, register: Register) -> None:
        """Raises InputError where nothing was imported, VaultError."""
        self._register = register
        register.look()
        self._imports = register.imports()
        if not self._imports:
            raise no_register()
        told = [Column(**column) for made in self._imports for column in made.account["columns"]]
        self.columns = tuple({column.label: column for column in told}.values())
        self.mapping = {column.label: column.item for column in self.columns}

    @property
    def about(self) -> int:
        """How many rows `batches` gives at most."""
        return sum(part.rows for part in self._register.parts("states"))

    def account(self) -> dict[str, Any]:
        """What the columns of the imports were taken for, for programs."""
        return {"columns": self.mapping}

    def said(self) -> list[Text]:
        """The same for the user to check."""
        return mapped(self.columns)

    def mark(self) -> str:
        """Another one after everything that is done to the register."""
        return " ".join(f"{act.number} {act.when} {act.sha256}" for act in self._register.acts())

    @property
    def number(self) -> int:
        """The last act: what an index of all that is here now gives to `since` later."""
        return self._register.next_number() - 1

    def since(self, number: int) -> Iterator[pl.DataFrame]:
        """Frames of `since.CHANGES`: the holders who are new, changed or gone since act ``number``."""
        return since(self._register, number)

    def batches(self, wanted: Collection[str] = COLUMNS, since: int | None = None) -> Iterator[pl.DataFrame]:
        """Frames of all `COLUMNS`, those that are not ``wanted`` null; each row under its holder's current number.

        With ``holder`` (Int32), who it is now, and ``again``: whether it is not the row that counts of theirs.
        ``since``: only holders who are new or changed since that act, all rows of each.
        """
        some = None if since is None else wanted_since(self._register, since)
        named = [name for name in ITEMS if name in wanted]
        for rows in under_one_number(self._register, named, some):
            here = rows.with_columns(pl.col("lead").alias(NUMBER))
            told = [
                pl.col(name) if name in wanted and name in rows.columns else pl.lit(None, pl.String).alias(name)
                for name in COLUMNS
            ]
            again = (pl.col("root") != pl.col("holder")) | (pl.col("place") > 0)
            yield here.select(*told, holder=pl.col("root").cast(pl.Int32), again=again)

    def holders(self) -> Holders:
        """All of them as a file of holders would be read: in normal form, as `HOLDERS` has them."""
        tables = [HOLDERS.empty_table()]
        for rows in self.batches(HOLDERS.names):
            normal = [known.normalise(item, rows[item]).alias(item) for item in HOLDERS.names]
            tables.append(to_arrow(pl.DataFrame(normal), HOLDERS))
        taken = tuple(column for column in self.columns if column.item in HOLDERS.names)
        return Holders(pa.concat_tables(tables), taken, (), Faults())

    def led(self) -> pl.DataFrame:
        """``number``, ``lead``: every old or temporary number, and the current one that it leads to."""
        old = led(self._register)
        return old.with_columns(as_text(pl.col("number")))


def no_register() -> InputError:
    """The error for a vault into which no register was imported."""
    return InputError(
        Text("The vault holds no register.", "保管庫に台帳がありません。"),
        Text("`sekisho register import FILE` brings one in.", "`sekisho register import ファイル` で取り込みます。"),
    )
