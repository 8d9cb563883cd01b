"""The register of holders: more than are affected, and a few of the affected are not in it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sekisho.estate.columns import KANA, NAME
from sekisho.estate.dice import Dice
from sekisho.model import HOLDERS

SHARE_UNKNOWN = 0.001  # of the affected


def write_register(folder: Path, everybody: pl.DataFrame, affected: int, dice: Dice) -> pl.DataFrame:
    """Write register.csv (with a BOM) and register.parquet; gives the holders with their ``person``."""
    missing = dice.chances(everybody.height, SHARE_UNKNOWN) & (everybody["person"] < affected)
    lot = pl.format("{}-{}-{}", "chome", "banchi", "go")
    holders = everybody.filter(~missing).select(
        "person", "basic_pension_number", name=NAME, name_kana=KANA, birth_date="birth_date", sex="sex",
        postal_code="postal_code", address=pl.concat_str("prefecture", "city", "town", lot),
    )[dice.order(everybody.height - int(missing.sum()))]  # fmt: skip
    register = holders.select(HOLDERS.names)
    folder.mkdir(parents=True, exist_ok=True)
    register.write_csv(folder / "register.csv", include_bom=True)
    register.write_parquet(folder / "register.parquet")
    return holders
