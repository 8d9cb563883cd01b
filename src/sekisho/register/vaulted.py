"""The vault's register as matching reads a file of holders: the last state of each, streamed part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from sekisho.register.rows import COLUMNS
from sekisho.register.states import NUMBER, under_one_number
from sekisho.vault import Register


class Vaulted:
    """As `rows.Rows`: ``mapping`` is label -> column, of every import."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self.imports = register.imports()
        told = (column for made in self.imports for column in made.account["columns"])
        self.mapping: dict[str, str] = {column["label"]: column["item"] for column in told}

    def batches(self, wanted: Collection[str] = COLUMNS) -> Iterator[pl.DataFrame]:
        """Frames of all `COLUMNS`, those that are not ``wanted`` null; each row under its holder's current number."""
        for rows in under_one_number(self._register):
            here = rows.with_columns(pl.col("lead").alias(NUMBER))
            yield here.select(
                pl.col(name) if name in wanted and name in rows.columns else pl.lit(None, pl.String).alias(name)
                for name in COLUMNS
            )
