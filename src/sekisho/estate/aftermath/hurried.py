"""A list of exposed persons as the helpline of 2015 had it, copied in a hurry: some missing, some wrong."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sekisho.estate.dice import Dice

MISSING, WRONG, OF = 54_000, 46_000, 1_014_653
"""How many were, of how many persons."""
HEADS = {
    "basic_pension_number": "基礎年金番号", "name": "氏名", "name_kana": "フリガナ", "birth_date": "生年月日",
}  # fmt: skip


def hurried(holders: pl.DataFrame, exposed: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """The columns of `HEADS` of the holders whom the first version must know, with ``fault``: missing, wrong or null.

    Of who is wrong the name and its reading, or the birth date, is another holder's.
    """
    known = exposed.filter("plain", since=1)["person"]
    mine = holders.filter(pl.col("person").is_in(known.implode()))
    mine = mine[dice.order(mine.height)]
    missing, wrong = (max(1, round(mine.height * share / OF)) for share in (MISSING, WRONG))
    at = pl.int_range(pl.len())
    named = (at >= missing) & (at < missing + wrong // 2)
    dated = (at >= missing + wrong // 2) & (at < missing + wrong)
    other = {name: pl.col(name).shift(-1, fill_value=pl.col(name).first()) for name in HEADS}
    mixed = mine.with_columns(
        pl.when(named).then(other["name"]).otherwise("name").alias("name"),
        pl.when(named).then(other["name_kana"]).otherwise("name_kana").alias("name_kana"),
        pl.when(dated).then(other["birth_date"]).otherwise("birth_date").alias("birth_date"),
        fault=pl.when(at < missing)
        .then(pl.lit("missing"))
        .when(named & (other["name_kana"] != pl.col("name_kana")))
        .then(pl.lit("wrong"))
        .when(dated & (other["birth_date"] != pl.col("birth_date")))
        .then(pl.lit("wrong")),
    )
    return mixed.select(*HEADS, "fault")[dice.order(mine.height)]


def write(path: Path, rows: pl.DataFrame) -> None:
    """Write who is on the list, with a BOM."""
    there = rows.filter(pl.col("fault").ne_missing("missing"))
    there.select(pl.col(column).alias(head) for column, head in HEADS.items()).write_csv(path, include_bom=True)
