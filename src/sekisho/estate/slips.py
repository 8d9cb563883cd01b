"""The slips of real files: numbers mistyped or missing, wrong days, days unknown, names only in kana."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sekisho.estate.dice import Dice


@dataclass(frozen=True, slots=True)
class Slips:
    """The share of records with each slip. The truth says what stands in the file; the person stays who it is."""

    number_wrong: float = 0.008
    number_missing: float = 0.004
    day_wrong: float = 0.005
    variant_plain: float = 0.3  # of the names with a variant character, written with the common one
    day_unknown: float = 0.0
    kana_only: float = 0.0


def with_slips(rows: pl.DataFrame, slips: Slips, dice: Dice) -> pl.DataFrame:
    """The rows as a clerk has typed them."""
    from sekisho.estate.people import VARIANTS

    n = rows.height
    number, birth = pl.col("basic_pension_number"), pl.col("birth_date")
    other_digit = (number.str.slice(-1).cast(pl.Int64) + 1 + dice.column(n, 9)) % 10
    other_day = (dice.column(n, 28) + 1).cast(pl.String).str.zfill(2)
    unknown = pl.when(dice.chances(n, 0.3)).then(pl.lit("-??-??")).otherwise(birth.str.slice(4, 3) + "-??")
    plain = pl.col("last").str.replace_many({v: k for k, v in VARIANTS.items()})
    lost = dice.chances(n, slips.kana_only)
    return rows.with_columns(
        basic_pension_number=pl.when(dice.chances(n, slips.number_missing)).then(None)
        .when(dice.chances(n, slips.number_wrong)).then(number.str.slice(0, 10) + other_digit.cast(pl.String))
        .otherwise(number),
        birth_date=pl.when(dice.chances(n, slips.day_unknown)).then(birth.str.slice(0, 4) + unknown)
        .when(dice.chances(n, slips.day_wrong)).then(birth.str.slice(0, 8) + other_day)
        .otherwise(birth),
        last=pl.when(lost).then(None).when(dice.chances(n, slips.variant_plain)).then(plain).otherwise("last"),
        first=pl.when(lost).then(None).otherwise("first"),
    )  # fmt: skip
