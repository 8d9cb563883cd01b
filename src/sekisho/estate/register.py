"""The register of holders: more than are affected, and a few of the affected are not in it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sekisho.estate.columns import KANA, NAME
from sekisho.estate.dice import Dice
from sekisho.model import HOLDERS

SHARE_UNKNOWN = 0.001  # of the affected


def holders_of(everybody: pl.DataFrame, affected: int, dice: Dice, strangers: int = 0) -> pl.DataFrame:
    """``person`` and the columns of `HOLDERS`, of everybody who is in the register; the first ``strangers`` are not."""
    person = everybody["person"]
    missing = dice.chances(everybody.height, SHARE_UNKNOWN) & (person < affected) | (person < strangers)
    return everybody.filter(~missing).select(
        "person", "basic_pension_number", name=NAME, name_kana=KANA, birth_date="birth_date", sex="sex",
        postal_code="postal_code", address=line(),
    )[dice.order(everybody.height - int(missing.sum()))]  # fmt: skip


def line() -> pl.Expr:
    """An address of `places.addresses` in one line, without its building."""
    return pl.concat_str("prefecture", "city", "town", pl.format("{}-{}-{}", "chome", "banchi", "go"))


def write_register(folder: Path, holders: pl.DataFrame) -> None:
    """Write register.csv (with a BOM) and register.parquet."""
    register = holders.select(HOLDERS.names)
    folder.mkdir(parents=True, exist_ok=True)
    register.write_csv(folder / "register.csv", include_bom=True)
    register.write_parquet(folder / "register.parquet")
