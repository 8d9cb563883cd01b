"""Every distinct value once: matching works on whole numbers, and texts are folded and compared once each."""

from __future__ import annotations

import polars as pl

from sekisho.persons.linkage.design import Comparison, Design


class Values:
    """The distinct values of one comparison on both sides.

    ``table``: ``id`` (Int32, from 0), the comparison's columns, ``key`` (text), ``key_id`` (Int32). It only grows.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        texts = dict.fromkeys(comparison.columns, pl.String)
        self.table = pl.DataFrame(schema={"id": pl.Int32, **texts, "key": pl.String, "key_id": pl.Int32})
        self._keys = pl.DataFrame(schema={"key": pl.String, "key_id": pl.Int32})

    def know(self, table: pl.DataFrame) -> None:
        """Go on from the ``table`` of an earlier time."""
        self.table = table.select(self.table.columns)
        self._keys = table.select("key", "key_id").drop_nulls().unique("key_id").sort("key_id")

    def ids(self, texts: pl.DataFrame) -> pl.Series:
        """The ``id`` of each row's value, null where it has none; new values are taken in."""
        columns = list(self.comparison.columns)
        distinct = texts.select(columns).unique().filter(~pl.all_horizontal(pl.all().is_null()))
        self._learn(distinct)
        known = self.table.select("id", *columns)
        small = distinct.join(known, on=columns, how="left", nulls_equal=True)
        return texts.select(columns).join(small, on=columns, how="left", nulls_equal=True, maintain_order="left")["id"]

    def keys(self, ids: pl.Series) -> pl.Series:
        """The ``key_id`` of each value, null where it has none."""
        return self.table["key_id"].gather(ids)

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
        """Rows of the design's columns -> what is kept of them: a whole number for each comparison, and the extras.

        Of a comparison of which everybody has a value of their own (`Comparison.many`) the texts are kept instead.
        """
        texts = self.design.prepare(rows)
        found: list[pl.Series] = []
        for one in self.design.comparisons:
            if one.many:
                found += [texts[column].cast(pl.String) for column in one.columns]
            else:
                found.append(self.values[one.name].ids(texts).alias(one.name))
        extras = [make(texts).cast(pl.Int16).alias(name) for name, make in self.design.extras.items()]
        return pl.DataFrame([*found, *extras])

    def keyed(self, prepared: pl.DataFrame) -> pl.DataFrame:
        """`prepare`d rows, or some columns of them, with the ``_key`` of every value that has one."""
        keyed = (one for one in self.design.comparisons if one.key and not one.many and one.name in prepared.columns)
        return prepared.with_columns(
            self.values[one.name].keys(prepared[one.name]).alias(one.looked_up_by) for one in keyed
        )

    def numbered(self, keyed: pl.DataFrame) -> pl.DataFrame:
        """`keyed` rows with whole numbers alone, also for `Comparison.many`, as far as their texts are there."""
        many = [one for one in self.design.comparisons if one.many and set(one.columns) <= set(keyed.columns)]
        ids = [self.values[one.name].ids(keyed).alias(one.name) for one in many]
        return keyed.drop(column for one in many for column in one.columns).with_columns(ids)

    def forget(self) -> None:
        """Let go of the values of `Comparison.many`: the next rows are numbered anew."""
        for one in self.design.comparisons:
            if one.many:
                self.values[one.name] = Values(one)
