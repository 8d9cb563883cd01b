"""Every distinct value once: matching works on whole numbers, and texts are folded and compared once each."""

from __future__ import annotations

import polars as pl

from sekisho.persons.linkage.design import Comparison, Design


class Values:
    """The distinct values of one comparison on both sides.

    ``table``: ``id`` (Int32, from 0), the comparison's columns, ``key`` (text), ``key_id`` (Int32).
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        texts = dict.fromkeys(comparison.columns, pl.String)
        self.table = pl.DataFrame(schema={"id": pl.Int32, **texts, "key": pl.String, "key_id": pl.Int32})
        self._keys = pl.DataFrame(schema={"key": pl.String, "key_id": pl.Int32})

    def ids(self, rows: pl.DataFrame) -> pl.DataFrame:
        """``id`` and ``key_id`` of each row's value, null where it has none; new values are taken in."""
        columns = list(self.comparison.columns)
        texts = rows.select(columns)
        self._learn(texts.unique().filter(~pl.all_horizontal(pl.all().is_null())))
        known = self.table.select("id", *columns, "key_id")
        return texts.join(known, on=columns, how="left", nulls_equal=True, maintain_order="left").select("id", "key_id")

    def _learn(self, distinct: pl.DataFrame) -> None:
        columns = list(self.comparison.columns)
        new = distinct.join(self.table, on=columns, how="anti", nulls_equal=True).sort(columns)
        if not new.height:
            return
        keyed = new.with_columns(self.comparison.key(new).alias("key")) if self.comparison.key else new
        if "key" not in keyed.columns:
            keyed = keyed.with_columns(key=pl.lit(None, pl.String))
        keys = keyed.select(pl.col("key").drop_nulls().unique()).join(self._keys, on="key", how="anti").sort("key")
        numbered = keys.with_row_index("key_id", self._keys.height).select("key", pl.col("key_id").cast(pl.Int32))
        self._keys = pl.concat([self._keys, numbered])
        rows = keyed.with_row_index("id", self.table.height).with_columns(pl.col("id").cast(pl.Int32))
        joined = rows.join(self._keys, on="key", how="left", maintain_order="left")
        self.table = pl.concat([self.table, joined.select(self.table.columns)])


class Dictionary:
    """The values of every comparison of a design."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.values = {one.name: Values(one) for one in design.comparisons}

    def prepare(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of the design's columns -> whole numbers: each comparison, its ``_key``, and the extras."""
        texts = self.design.prepare(rows)
        found: list[pl.Series] = []
        for name, values in self.values.items():
            ids = values.ids(texts)
            found += [ids["id"].alias(name)]
            if values.comparison.key:
                found += [ids["key_id"].alias(f"{name}_key")]
        extras = [make(texts).cast(pl.Int16).alias(name) for name, make in self.design.extras.items()]
        return pl.DataFrame([*found, *extras])
