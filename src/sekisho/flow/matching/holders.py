"""The holders of a register as matching needs them: known to a linker under all their names, and to be named again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from sekisho.countries import known as known_values
from sekisho.flow.fingerprint import of_code
from sekisho.model import Item
from sekisho.persons.linkage import groups, people
from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.index import Index
from sekisho.persons.linkage.link import Linker
from sekisho.register.numbering import Numbering
from sekisho.register.rows import COLUMNS, Rows, read
from sekisho.register.since import CHANGES
from sekisho.register.vaulted import Vaulted
from sekisho.report.progress import Progress
from sekisho.vault import Register
from sekisho.wording import Text

ALIAS, NAME = ("alias", "alias_kana"), (Item.NAME, Item.NAME_KANA)
READING_HOLDERS = Text("Reading holders", "台帳の読み込み")
ROWS = Text("rows", "行")
OFFICE_DIGITS = 4
"""The first digits of a pension number: who issued it."""
KIND = "people"
STALE = 0.01
"""The share of the rows that may come or go before it is counted anew what too many share."""
_HOLDER = "holder "
_CARRIED = ("number", "foreign")


class Holders(Protocol):
    """Names the holders whom the linker knows by whole numbers."""

    def named(self, holders: pl.Series) -> pl.Series:
        """What each is called: the basic pension number, as a rule."""

    def places(self, names: pl.Series) -> pl.Series:
        """The holder whom each name is of; null where nobody is."""

    def foreign(self) -> pl.Series:
        """The holders with a name in Latin letters or in katakana where kanji stand."""


def holders_in(register: Path | Register) -> Rows | Vaulted:
    """The rows of a register that is a file or the vault's own; raises InputError where there are none."""
    return Vaulted(register) if isinstance(register, Register) else read(register)


@contextmanager
def known_to(
    design: Design, register: Path | Register, known: Rows | Vaulted, *, shown: bool
) -> Iterator[tuple[Linker, Holders]]:
    """A linker that knows the holders: those of the vault from the index that is kept there and brought up to date."""
    if isinstance(register, Register) and isinstance(known, Vaulted):
        with indexed(register, known, shown=shown) as holders, Linker(design, index=holders.index) as linker:
            yield linker, holders
        return
    with Linker(design) as linker:
        numbered = Numbered()
        with Progress(READING_HOLDERS, ROWS, known.about, shown=shown) as progress:
            rows = _told(known.batches({*people.columns(design), *ALIAS}), progress)
            linker.know(numbered.under_all_names(rows))
        yield linker, numbered


class Numbered:
    """The holders of a file, by their rows; use `under_all_names` once."""

    def __init__(self) -> None:
        self._numbering = Numbering()
        self._foreign = [pl.Series("holder", dtype=pl.Int32)]
        self.named, self.places = self._numbering.named, self._numbering.places

    def under_all_names(self, batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The rows of a file as `Linker.know` takes them."""
        for rows in under_all_names(self._numbering.numbered(batches)):
            self._foreign.append(rows.filter("foreign")["holder"])
            yield rows

    def foreign(self) -> pl.Series:
        """See `Holders`."""
        return pl.concat(self._foreign).unique()


@dataclass(frozen=True, slots=True)
class Indexed:
    """The holders of the vault, in the index that is kept there.

    ``made``: another one whenever it was made from nothing; ``number``: the import as of which it is.
    """

    index: Index
    made: str
    number: int

    def named(self, holders: pl.Series) -> pl.Series:
        """See `Holders`; without a number the vault's own: ``holder 17``."""
        wanted = holders.cast(pl.Int32)
        rows = self.index.carried((pl.col("alias") == 0) & pl.col("holder").is_in(wanted.unique().implode()))
        told = wanted.to_frame("holder").join(rows, on="holder", how="left", maintain_order="left")
        return told.select(pl.coalesce("number", pl.format(_HOLDER + "{}", "holder"))).to_series()

    def places(self, names: pl.Series) -> pl.Series:
        """See `Holders`."""
        number = known_values.normalise(Item.BASIC_PENSION_NUMBER, names)
        own = names.str.strip_prefix(_HOLDER).set(~names.str.starts_with(_HOLDER), None).cast(pl.Int32, strict=False)
        is_asked = pl.col("number").is_in(number.drop_nulls().implode())
        is_own = pl.col("number").is_null() & pl.col("holder").is_in(own.drop_nulls().implode())
        rows = self.index.carried((pl.col("alias") == 0) & (is_asked | is_own))
        asked = pl.DataFrame({"number": number, "own": own})
        by_number = rows.drop_nulls("number").unique("number").select("number", "holder")
        found = asked.join(by_number, on="number", how="left", maintain_order="left")
        nameless = rows.filter(pl.col("number").is_null())["holder"].implode()
        return found.select(pl.coalesce("holder", pl.when(pl.col("own").is_in(nameless)).then("own"))).to_series()

    def foreign(self) -> pl.Series:
        """See `Holders`."""
        return self.index.carried(pl.col("foreign"))["holder"].unique()


@contextmanager
def indexed(register: Register, known: Vaulted, *, shown: bool) -> Iterator[Indexed]:
    """The index of the vault's holders, made or brought up to date if need be, and kept."""
    design = people.design(known.mapping.values(), COLUMNS)
    code = of_code("persons", "register", "countries")
    with register.index(KIND) as storage, storage.alone():
        index = Index.load(design, storage, _CARRIED) if storage.intact() else None
        if index is None or index.told.get("code") != code:
            storage.clear()
            index = Index(design, storage, _CARRIED)
            _add(index, known, None, shown=shown)
            index.count()
            index.save({"code": code, "made": secrets.token_hex(8), "import": known.number})
        elif index.told["import"] != known.number:
            _bring_up_to_date(index, known, int(str(index.told["import"])), shown=shown)
            index.save({**index.told, "import": known.number})
        yield Indexed(index, str(index.told["made"]), known.number)


def changes_since(known: Vaulted, number: int) -> pl.DataFrame:
    """`since.CHANGES` after act ``number``."""
    return pl.concat([pl.DataFrame(schema=CHANGES), *known.since(number)])


def _bring_up_to_date(index: Index, known: Vaulted, since: int, *, shown: bool) -> None:
    changes = changes_since(known, since)
    index.retire(changes.filter(pl.col("change") != "new")["holder"])
    _add(index, known, since, shown=shown)
    if index.stale > STALE:
        index.count()


def _add(index: Index, known: Vaulted, since: int | None, *, shown: bool) -> None:
    wanted = {*people.columns(index.design), *ALIAS}
    with Progress(READING_HOLDERS, ROWS, 0 if since else known.about, shown=shown) as progress:
        rows = under_all_names(_told(known.batches(wanted, since), progress))
        index.add(some.with_columns(number=pl.col(Item.BASIC_PENSION_NUMBER)) for some in rows)


def under_all_names(numbered: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Rows with ``holder`` and ``again`` as `Linker.know` takes them, once more under each former name and 通称,
    and those without kana under the readings of their kanji.

    ``foreign``: whether the name is in Latin letters, or in katakana where kanji stand.
    """
    for rows in numbered:
        issued = rows.with_columns(
            office=pl.coalesce("office", pl.col(Item.BASIC_PENSION_NUMBER).str.slice(0, OFFICE_DIGITS))
        )
        others = pl.concat([_under_alias(issued), people.other_names(issued)])
        read = [people.in_readings(some) for some in (issued, others)]
        others = pl.concat([others, *read]).with_columns(again=pl.lit(value=True))
        for some in (issued, others):
            yield some.with_columns(alias=pl.col("again").cast(pl.Int8), foreign=groups.foreign())


def _told(batches: Iterable[pl.DataFrame], progress: Progress) -> Iterator[pl.DataFrame]:
    """The batches as they come; their rows are told."""
    for batch in batches:
        yield batch
        progress.advance(batch.height)


def _under_alias(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of holders with a 通称, once more under it."""
    named = rows.filter(pl.any_horizontal(pl.col(ALIAS).is_not_null()))
    return named.with_columns(pl.col(alias).alias(name) for alias, name in zip(ALIAS, NAME, strict=True))
