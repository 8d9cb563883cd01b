"""Who is meant where a number alone does not say it: holders without one, and several who share one."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.model import Item
from sekisho.persons.profiles import MOST_OF_A_KIND
from sekisho.vault.analytics import Analytics

NUMBER, BIRTH = str(Item.BASIC_PENSION_NUMBER), str(Item.BIRTH_DATE)
_WHO = (str(Item.NAME), str(Item.NAME_KANA), BIRTH, str(Item.SEX))


def apart(holders: pa.Table, secret: bytes) -> pl.DataFrame:
    """``person``, as `settle` numbers them with ``secret``, and ``key``, which is the same in every register.

    Of holders (`HOLDERS`, as they were settled with) whose number is none, too many's, or several persons': those are
    told apart as `meet.holders` does.
    """
    rows = from_arrow(holders).with_row_index("row")
    births = pl.col(BIRTH).drop_nulls().n_unique().over(NUMBER)
    many = pl.col(NUMBER).is_null() | (pl.len().over(NUMBER) > MOST_OF_A_KIND)
    who = pl.concat_str([pl.col(name).fill_null("") for name in _WHO], separator="\x1f")
    dated = pl.concat_str(pl.col(NUMBER), pl.lit(" "), pl.col(BIRTH).fill_null(""))
    told = rows.with_columns(many=many, births=births).filter(pl.col("many") | (pl.col("births") > 1))
    named = told.select(
        text=pl.when("many").then(pl.concat_str(pl.lit("row"), pl.col("row").cast(pl.String))).otherwise(dated),
        key=pl.when("many").then(who).otherwise(dated),
    ).unique("text")
    return _numbered(named, secret)


def _numbered(named: pl.DataFrame, secret: bytes) -> pl.DataFrame:
    with Analytics() as db:
        db.feed("named", to_arrow(named))
        db.feed("secret", pa.table({"secret": [secret.hex()]}))
        number = "(('0x' || substr(sha256(secret || 'holder ' || text), 1, 16))::UBIGINT >> 1)::BIGINT"
        return from_arrow(db.table(f"SELECT {number} AS person, key FROM named, secret"))
