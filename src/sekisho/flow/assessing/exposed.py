"""How a version of the leak master stands to many persons at once, whom a file names by any number they ever had."""

from __future__ import annotations

import polars as pl

from sekisho.flow.assessing.doubts import doubted, exposed_of
from sekisho.incidents.master import Master
from sekisho.incidents.past import Standing
from sekisho.model import Item
from sekisho.register import lookup
from sekisho.register.ever import people
from sekisho.register.several import several, with_old_numbers
from sekisho.register.states import as_text
from sekisho.vault import Vault

_NAMES = (str(Item.NAME), str(Item.NAME_KANA))
_BORN = str(Item.BIRTH_DATE)


def standings(vault: Vault, master: Master, rows: pl.DataFrame, *, counted: bool) -> pl.DataFrame:
    """``rows`` (number, name, name_kana, birth_date) with ``standing``, ``person``, ``holder_id`` and ``who``.

    ``number`` becomes the current one of whom it leads to. Who is named without a number that leads anywhere is looked
    for by name and birth date. ``person``: as in the master, where they are exposed; ``who``: another text a person.
    """
    named = rows.with_row_index("_row").with_columns(asked=_asked(vault, rows))
    held = _holders(vault, named["asked"])
    numbers = _numbers(vault, held)
    exposed = _exposed(master, named["asked"], numbers)
    told = (
        named.join(held.select(asked="number", holder_id="id", lead="lead"), on="asked", how="left")
        .join(exposed, on="asked", how="left")
        .sort("_row")
    )
    unsure = _doubted(vault, master, told.filter(pl.col("person").is_null())["holder_id"])
    unread = Standing.UNREAD if master.unread.num_rows or not counted else Standing.NOT_EXPOSED
    standing = (
        pl.when(pl.col("person").is_not_null()).then(pl.lit(str(Standing.EXPOSED)))
        .when(pl.col("holder_id").is_null()).then(pl.lit(str(Standing.UNKNOWN)))
        .when(pl.col("holder_id").is_in(unsure.implode())).then(pl.lit(str(Standing.POSSIBLE)))
        .otherwise(pl.lit(str(unread)))
    )  # fmt: skip
    return told.with_columns(
        standing=standing,
        number=pl.coalesce("lead", "asked"),
        who=pl.coalesce(pl.lit("holder ") + pl.col("holder_id").cast(pl.String), pl.lit("number ") + pl.col("asked")),
    ).drop("_row", "asked", "lead")


def _asked(vault: Vault, rows: pl.DataFrame) -> pl.Series:
    """The number that each row goes by: its own, else that of the only holder who is called so and born then."""
    register = vault.register()
    led = several(register, rows["number"].drop_nulls(), ())["number"] if register.imports() else rows["number"].clear()
    lost = pl.col("number").is_null() | ~pl.col("number").is_in(led.implode())
    named = pl.col(_BORN).is_not_null() & pl.any_horizontal(pl.col(*_NAMES).is_not_null())
    wanted = rows.filter(lost & named).select("number", *_NAMES, _BORN).unique()
    found = {key: _called(vault, key[1:3], key[3]) for key in wanted.iter_rows()} if register.imports() else {}
    return pl.Series(
        [found.get(key) or key[0] for key in rows.select("number", *_NAMES, _BORN).iter_rows()], dtype=pl.String
    )


def _called(vault: Vault, names: tuple[str | None, ...], born: str) -> str | None:
    register = vault.register()
    found = lookup.called(register, [name for name in names if name], born)
    if len(found) != 1:
        return None
    own = lookup.lives(register, found)[0].states[str(Item.BASIC_PENSION_NUMBER)].drop_nulls()
    return own[-1] if len(own) else None


def _holders(vault: Vault, numbers: pl.Series) -> pl.DataFrame:
    """``number`` as asked, ``id`` and ``lead`` of those whom it leads to."""
    register = vault.register()
    if not register.imports():
        return pl.DataFrame(schema={"number": pl.String, "id": pl.Int64, "lead": pl.String})
    return several(register, numbers.drop_nulls(), ())


def _numbers(vault: Vault, held: pl.DataFrame) -> pl.DataFrame:
    """``id``, ``number``: every number that leads to the holders, in its normal form."""
    known = held.select("id", number="number")
    leads = held.select("id", "lead").drop_nulls().unique()
    if leads.height:
        old = with_old_numbers(vault.register(), leads["lead"].to_list())
        every = old.select(as_text(pl.col("digits")).alias("number"), lead="holder").join(leads, on="lead")
        known = pl.concat([known, every.select("id", "number"), leads.select("id", number="lead")])
    return known.unique()


def _exposed(master: Master, asked: pl.Series, numbers: pl.DataFrame) -> pl.DataFrame:
    """``asked`` and ``person``, of the numbers that were asked for and lead to an exposed person."""
    own = pl.DataFrame({"asked": asked.drop_nulls().unique()})
    mine = own.with_columns(number="asked").join(numbers, on="number", how="left")
    others = mine.drop("number").join(numbers, on="id").select("asked", "number")
    every = pl.concat([mine.select("asked", "number"), others]).unique()
    hits = every.join(master.by_numbers(every["number"]), on="number")
    return hits.sort("kind", "person").unique("asked", keep="first").select("asked", "person")


def _doubted(vault: Vault, master: Master, whom: pl.Series) -> pl.Series:
    """Those of some holders who may be exposed all the same."""
    if not whom.drop_nulls().len():
        return whom.clear()
    every = people(vault.register())
    return doubted(master, every.filter(pl.col("place").is_in(whom.implode())), exposed_of(master, every))
