"""A holder's state: what one import said of them. The tables of states, numbers and joined holders, and who is who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.model import Item
from sekisho.register.columns import MANY
from sekisho.register.rows import CLEAR, COLUMNS
from sekisho.vault import Register, Span

NUMBER = str(Item.BASIC_PENSION_NUMBER)
DIGITS = 10
"""Of a number, whose leading zeros an integer does not keep."""
ITEMS = tuple(name for name in COLUMNS if name not in ("record", "office", "period_from", "period_to"))
STATES = pa.schema([("holder", pa.int64()), ("place", pa.int32()), *((name, pa.string()) for name in ITEMS)])
"""One row of the file; a holder has several where rows share a number: ``place`` 0 is the one that counts."""
NUMBERS = pa.schema([("number", pa.int64()), ("holder", pa.int64())])
"""Every number that leads to a holder; a later import overrules."""
JOINED = pa.schema([("holder", pa.int64()), ("into", pa.int64())])
"""Holders who turned out to be another one: a temporary number found its person."""
_WHO = (Item.NAME, Item.NAME_KANA, Item.BIRTH_DATE, Item.SEX)
_SEED = 7


def frame(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as columns of polars."""
    return pl.DataFrame(pl.from_arrow(table))


def arrow(rows: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """Columns of polars as an Arrow table of ``schema``."""
    return rows.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def marks(rows: pl.DataFrame) -> np.ndarray:
    """UInt64, equal for equal `ITEMS`: good within one run of the program only."""
    return rows.select(pl.struct(ITEMS).hash(_SEED)).to_series().to_numpy()


def keys(rows: pl.DataFrame) -> np.ndarray:
    """Int64: a row's number; who has none goes by name, birth date and sex, as a number below zero."""
    nameless = pl.struct(_WHO).hash(_SEED) // 2
    return rows.select(pl.coalesce(as_number(pl.col(NUMBER)), -nameless.cast(pl.Int64) - 1)).to_series().to_numpy()


def as_number(column: pl.Expr) -> pl.Expr:
    """A basic pension number in its normal form as Int64."""
    return column.str.replace_all("-", "", literal=True).cast(pl.Int64, strict=False)


def old_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """``row`` and ``old`` (Int64): every former or temporary number of each row."""
    has = rows.select(MANY).with_row_index("row").drop_nulls()
    each = has.with_columns(pl.col(MANY).str.split(";")).explode(MANY, empty_as_null=True)
    return each.select(pl.col("row").cast(pl.Int64), old=as_number(pl.col(MANY)))


@dataclass(slots=True)
class Known:
    """The register as the last import left it, as far as a new one must know it.

    ``numbers``: Int64, in order, of whom ``holders`` (Int64) are; ``marks``: by holder, the sum of the `marks` of the
    rows of their state, and ``root``: by holder, who they are now.
    """

    numbers: np.ndarray
    holders: np.ndarray
    marks: np.ndarray
    root: np.ndarray = field(repr=False)

    @property
    def count(self) -> int:
        """Holders that ever were, joined ones too: the next new one gets this number."""
        return len(self.root)

    def find(self, numbers: np.ndarray) -> np.ndarray:
        """The holder of each number as `keys` make it, -1 where nobody has it."""
        if not len(self.numbers):
            return np.full(len(numbers), -1, np.int64)
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[at] == numbers, self.root[self.holders[at]], -1)


def known(register: Register) -> Known:
    """All that a new import must know, read part by part."""
    count = total(register)
    sums = np.zeros(count, np.uint64)
    extra: list[pl.DataFrame] = []
    for rows in current(register):
        np.add.at(sums, rows["holder"].to_numpy(), marks(rows))
        nameless = rows.filter(pl.col(NUMBER).is_null())
        extra.append(pl.DataFrame({"number": keys(nameless), "holder": nameless["holder"]}))
    listed = frame(register.read("numbers", NUMBERS))
    both = pl.concat([listed, *extra])
    if not (both["number"].diff() > 0).all():  # one import alone is in order already
        both = both.unique("number", keep="last").sort("number")
    return Known(both["number"].to_numpy(), both["holder"].to_numpy(), sums, roots(register, count))


def roots(register: Register, count: int, until: int | None = None) -> np.ndarray:
    """By holder: who they are, through all that were joined, now or after import ``until``."""
    root = np.arange(count)
    none = pl.DataFrame(schema=dict.fromkeys(JOINED.names, pl.Int64))
    told = (frame(register.rows_of(span.part)) for span in _until(register.spans("joined"), until))
    joined = pl.concat([none, *told]).unique("holder", keep="last")
    root[joined["holder"].to_numpy()] = joined["into"].to_numpy()
    while (root[root] != root).any():
        root = root[root]
    return root


def _until(spans: Sequence[Span], number: int | None) -> list[Span]:
    return [span for span in spans if number is None or span.number <= number]


def current(
    register: Register, columns: Sequence[str] = tuple(STATES.names), until: int | None = None
) -> Iterator[pl.DataFrame]:
    """The rows of every holder's last state, now or after import ``until``, part by part, the latest import first.

    ``columns`` hold ``holder``.
    """
    spans = _until(register.spans("states"), until)
    seen = np.zeros(total(register), bool)
    for number in sorted({span.number for span in spans}, reverse=True):
        fresh = []
        for span in spans:
            if span.number == number:
                rows = frame(register.rows_of(span.part, columns))
                yield rows.filter(~pl.Series(seen[rows["holder"].to_numpy()]))
                fresh.append(rows["holder"].to_numpy())
        for holders in fresh:
            seen[holders] = True


def under_one_number(register: Register, some: pl.Series | None = None) -> Iterator[pl.DataFrame]:
    """`current`, with ``lead``: the current number of each row's holder, also where the row has an older one.

    Of ``some`` holders only, with the rows of those who turned out to be one of them.
    """
    root = roots(register, total(register))
    leads = _leads(register, _with_several_rows(register, root))
    for rows in current(register):
        named = rows.with_columns(root=pl.Series(root[rows["holder"].to_numpy()], dtype=pl.Int64))
        if some is not None:
            named = named.filter(pl.col("root").is_in(some.implode()))
        found = named.join(leads, on="root", how="left", maintain_order="left").drop("root")
        yield found.with_columns(lead=pl.coalesce("lead", NUMBER))


def protected(register: Register) -> pl.Series:
    """The ``lead`` of all who must not be found, by any row of their last state."""
    found = [pl.Series("lead", dtype=pl.String)]
    for rows in under_one_number(register):
        found.append(
            rows.filter(pl.col("protected_address").is_not_null(), pl.col("protected_address") != CLEAR)["lead"]
        )
    return pl.concat(found).unique()


def led(register: Register) -> pl.DataFrame:
    """``number`` (Int64) and ``lead``: every number that is nobody's current one, and the current one of its holder."""
    root = roots(register, total(register))
    mains = [pl.Series("number", dtype=pl.Int64)]
    for rows in current(register, ["holder", "place", NUMBER]):
        stands = pl.Series(root[rows["holder"].to_numpy()] == rows["holder"].to_numpy())
        mains.append(rows.filter(stands, place=0).select(as_number(pl.col(NUMBER)).alias("number")).to_series())
    listed = frame(register.read("numbers", NUMBERS)).unique("number", keep="last")
    told = listed.with_columns(root=pl.Series(root[listed["holder"].to_numpy()], dtype=pl.Int64))
    old = told.join(pl.concat(mains).to_frame(), on="number", how="anti")
    return old.join(_leads(register, old["root"].unique()), on="root").select("number", "lead")


def total(register: Register) -> int:
    """Holders that ever were."""
    return max((span.last for span in register.spans("states")), default=-1) + 1


def _with_several_rows(register: Register, root: np.ndarray) -> pl.Series:
    """Who has several rows: of one number, or as they were joined."""
    several = [pl.Series("root", dtype=pl.Int64)]
    for rows in current(register, ["holder", "place"]):
        now = pl.Series("root", root[rows["holder"].to_numpy()], dtype=pl.Int64)
        several.append(now.filter((now != rows["holder"]) | (rows["place"] > 0)))
    return pl.concat(several).unique()


def _leads(register: Register, wanted: pl.Series) -> pl.DataFrame:
    """``root`` and ``lead``, the current number, of some holders."""
    found = [pl.DataFrame(schema={"root": pl.Int64, "lead": pl.String})]
    for rows in current(register, ["holder", "place", NUMBER]) if len(wanted) else ():
        main = rows.filter((pl.col("place") == 0) & pl.col("holder").is_in(wanted.implode()))
        found.append(main.select(root="holder", lead=NUMBER))
    return pl.concat(found)
