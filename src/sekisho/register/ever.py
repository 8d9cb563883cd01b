"""Everything that was ever said of holders, in files that count: what they may still be called elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.model import Item
from sekisho.register.current import numbers
from sekisho.register.lookup import Life
from sekisho.register.profile import counted
from sekisho.register.roots import Roots
from sekisho.register.states import NUMBER, SPLITS, as_number, as_text, empty, widened
from sekisho.vault import Register

CALLED = (
    (Item.NAME, Item.NAME_KANA),
    ("former_name", "former_name_kana"),
    ("alias", "alias_kana"),
    ("name_latin", None),
)
"""Under which names, and readings of them, somebody may stand in a record."""
BIRTH = Item.BIRTH_DATE
_SAID = [str(name) for pair in CALLED for name in pair if name]
PEOPLE = {"place": pl.Int64, "number": pl.String, "name": pl.String, "kana": pl.String, "birth": pl.String}
"""A row for each number, name and birth date that somebody ever had, all of them beside one another."""


def ever(register: Register, columns: Sequence[str]) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of all states that count, by act, with ``root``, who each row's holder is now.

    Rows under a number that turned out to be another holder's are that one's.
    """
    roots, splits = Roots(register), _splits(register)
    wanted = list(dict.fromkeys(("holder", "place", NUMBER, *columns)))
    for span in register.spans("states"):
        rows = widened(register.rows_of(span.part, wanted), wanted)
        rows = _parted(rows, splits.filter(pl.col("act") > span.number))
        yield span.number, rows.with_columns(root=pl.Series(roots.now(rows["holder"].to_numpy()), dtype=pl.Int64))


def people(register: Register, some: np.ndarray | None = None) -> pl.DataFrame:
    """`PEOPLE` by who they are now: everybody, or ``some`` (Boolean by holder); raises VaultError."""
    columns = ["root", *_SAID, BIRTH]
    told = (rows.select(columns) for _, rows in ever(register, columns[1:]))
    kept = [rows if some is None else rows.filter(pl.Series(some[rows["root"].to_numpy()])) for rows in told]
    roots = Roots(register)
    led = [
        one.filter(pl.col("number") >= 0).select(
            "number", root=pl.Series(roots.now(one.filter(pl.col("number") >= 0)["holder"].to_numpy()), dtype=pl.Int64)
        )
        for one in numbers(register)
    ]
    schema = {"root": pl.Int64, **dict.fromkeys((*_SAID, str(BIRTH)), pl.String)}
    said = pl.concat([pl.DataFrame(schema=schema), *kept]).unique()
    owned = pl.concat([pl.DataFrame(schema={"number": pl.Int64, "root": pl.Int64}), *led])
    return _beside(said, owned.with_columns(as_text(pl.col("number")).alias("number")))


def of_life(life: Life) -> pl.DataFrame:
    """`PEOPLE` of one holder, without their numbers."""
    rows = [{name: row[name] for name in (*_SAID, BIRTH)} for row in counted(life)]
    schema = dict.fromkeys((*_SAID, str(BIRTH)), pl.String)
    said = pl.DataFrame(rows, schema=schema).with_columns(root=pl.lit(life.holder, pl.Int64))
    return _beside(said.unique(), pl.DataFrame(schema={"number": pl.String, "root": pl.Int64}))


def _beside(said: pl.DataFrame, owned: pl.DataFrame) -> pl.DataFrame:
    """Each name beside each number and each birth date of the same person."""
    births = said.select("root", birth=str(BIRTH)).drop_nulls().unique()
    everybody = said.select("root").unique()
    return (
        everybody.join(_names(said), on="root", how="left")
        .join(births, on="root", how="left")
        .join(owned.unique(), on="root", how="left")
        .select("number", "name", "kana", "birth", place="root")
        .select(list(PEOPLE))
    )


def _names(said: pl.DataFrame) -> pl.DataFrame:
    """``root``, ``name`` and ``kana``: whatever they were called; a former surname also before the given name."""
    told = [said.select("root", name=name, kana=kana) for name, kana in _ways()]
    return pl.concat(told).filter(pl.any_horizontal(pl.col("name", "kana").is_not_null())).unique()


def _ways() -> Iterator[tuple[pl.Expr, pl.Expr]]:
    for name, kana in CALLED:
        yield pl.col(name), pl.col(kana) if kana else pl.lit(None, pl.String)
    yield _before("former_name", Item.NAME), _before("former_name_kana", Item.NAME_KANA)


def _before(surname: str, whole: str) -> pl.Expr:
    given = pl.col(whole).str.splitn(" ", 2).struct.field("field_1")
    return pl.concat_str(pl.col(surname), given, separator=" ")


def _splits(register: Register) -> pl.DataFrame:
    """`SPLITS` that count, with ``act``."""
    told = [
        from_arrow(register.rows_of(span.part)).with_columns(act=pl.lit(span.number, pl.Int64))
        for span in register.spans("splits")
    ]
    return pl.concat([empty(SPLITS).with_columns(act=pl.lit(0, pl.Int64)), *told])


def _parted(rows: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """The rows, those under a number that turned out to be another holder's under that one."""
    if not splits.height:
        return rows
    off = splits.select(split="number", holder="source", whose="holder").unique(["split", "holder"], keep="last")
    found = rows.with_columns(split=as_number(pl.col(NUMBER))).join(
        off, on=["split", "holder"], how="left", maintain_order="left"
    )
    return found.with_columns(holder=pl.coalesce("whose", "holder")).select(rows.columns)
