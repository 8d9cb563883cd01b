"""Rows of a file whose number was replaced because it had leaked: they count under the new one, and raise an alert.

A system that did not hear of it, or whoever stole the number, must not make it anybody's current one again.
"""

from __future__ import annotations

import polars as pl

from sekisho.frames import from_arrow
from sekisho.register.columns import MANY
from sekisho.register.states import NUMBER, as_number, as_text
from sekisho.vault.reissues import Numbers

PLACE = "register"
_LONGEST_CHAIN = 16


class Replaced:
    """The numbers that were replaced, each with the one that stands in its place now."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._now = _last(from_arrow(numbers.replaced())) if numbers.has_replaced() else None

    def led_on(self, rows: pl.DataFrame, act: int) -> tuple[pl.DataFrame, int]:
        """The rows of an import (its ``act``) under the numbers that count, the old ones beside; how many were led."""
        if self._now is None:
            return rows, 0
        both = rows.with_columns(old=as_number(pl.col(NUMBER))).join(
            self._now, on="old", how="left", maintain_order="left"
        )
        met = both.filter(pl.col("now").is_not_null())["old"]
        if not met.len():
            return rows, 0
        self._numbers.alert(PLACE, dict(met.value_counts().iter_rows()), act)
        led = both.with_columns(
            pl.coalesce(as_text(pl.col("now")), NUMBER).alias(NUMBER),
            pl.when(pl.col("now").is_not_null())
            .then(pl.concat_str(MANY, NUMBER, separator=";", ignore_nulls=True))
            .otherwise(MANY)
            .alias(MANY),
        )
        return led.select(rows.columns), met.len()


def _last(replaced: pl.DataFrame) -> pl.DataFrame:
    """``old`` and ``now``: the end of each chain, where a new number was replaced in its turn."""
    step = replaced.select("old", now="number")
    for _ in range(_LONGEST_CHAIN):
        further = step.join(replaced.select(now="old", then="number"), on="now", how="left")
        if not further["then"].drop_nulls().len():
            break
        step = further.select("old", now=pl.coalesce("then", "now"))
    return step
