"""The holders of a register, file or vault's, numbered and under all their names, as the linker takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import polars as pl

from sekisho.model import Item
from sekisho.persons.linkage import groups, people
from sekisho.persons.linkage.link import Linker
from sekisho.register.numbering import Numbering
from sekisho.register.rows import Rows, read
from sekisho.register.vaulted import Vaulted
from sekisho.report.progress import Progress
from sekisho.vault import Register
from sekisho.wording import Text

ALIAS, NAME = ("alias", "alias_kana"), (Item.NAME, Item.NAME_KANA)
READING_HOLDERS = Text("Reading holders", "台帳の読み込み")
ROWS = Text("rows", "行")
OFFICE_DIGITS = 4
"""The first digits of a pension number: who issued it."""


def holders_in(register: Path | Register) -> Rows | Vaulted:
    """The rows of a register that is a file or the vault's own; raises InputError where there are none."""
    return Vaulted(register) if isinstance(register, Register) else read(register)


def take_in(linker: Linker, known: Rows | Vaulted, wanted: Collection[str], *, shown: bool) -> Holders:
    """Have the linker know the holders, told of in the columns ``wanted``."""
    holders = Holders()
    with Progress(READING_HOLDERS, ROWS, known.about, shown=shown) as progress:
        linker.know(holders.known(_told(known.batches({*wanted, *ALIAS}), progress)))
    return holders


class Holders:
    """Use `known` once; then the holders can be named."""

    def __init__(self) -> None:
        self._numbering = Numbering()
        self._foreign = [pl.Series("holder", dtype=pl.Int32)]
        self.named, self.places = self._numbering.named, self._numbering.places

    def known(self, batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The rows as `Linker.know` takes them, and once more under each former name and 通称."""
        for rows in self._numbering.numbered(batches):
            issued = rows.with_columns(
                office=pl.coalesce("office", pl.col(Item.BASIC_PENSION_NUMBER).str.slice(0, OFFICE_DIGITS))
            )
            others = [
                one.with_columns(again=pl.lit(value=True)) for one in (_under_alias(issued), people.other_names(issued))
            ]
            for some in (issued, *others):
                yield some.with_columns(alias=pl.col("again").cast(pl.Int8))
                self._foreign.append(some.filter(groups.foreign())["holder"])

    def foreign(self) -> pl.Series:
        """The holders with a name in Latin letters or in katakana where kanji stand."""
        return pl.concat(self._foreign).unique()


def _told(batches: Iterable[pl.DataFrame], progress: Progress) -> Iterator[pl.DataFrame]:
    """The batches as they come; their rows are told."""
    for batch in batches:
        yield batch
        progress.advance(batch.height)


def _under_alias(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of holders with a 通称, once more under it."""
    named = rows.filter(pl.any_horizontal(pl.col(ALIAS).is_not_null()))
    return named.with_columns(pl.col(alias).alias(name) for alias, name in zip(ALIAS, NAME, strict=True))
