"""What each record of an incident holds, as masks: items, classes of other items, and what the law treats apart."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import pyarrow as pa

from sekisho.countries import classes
from sekisho.frames import from_arrow
from sekisho.incidents.breakdown import CLASSES
from sekisho.incidents.steps import ITEMS

COLUMNS = ("record_id", "document_id", "locator", *ITEMS, "other")
NOTES = (*CLASSES, "other")
"""Classes of other items, in the order of the bits of ``notes``."""
_ENTRIES = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


def legal() -> tuple[str, ...]:
    """What the law treats apart, in the order of the bits of ``classes``."""
    return tuple(one.name for one in classes.classes())


def facts(records: pa.Table) -> pl.DataFrame:
    """record_id, document_id, locator, and the masks items, notes and classes; ``records``: at least `COLUMNS`."""
    frame = from_arrow(records.select(COLUMNS))
    mask = pl.sum_horizontal(pl.col(item).is_not_null().cast(pl.Int32) * (1 << at) for at, item in enumerate(ITEMS))
    told = frame.select("record_id", "document_id", "locator", mask.cast(pl.Int32).alias("items"))
    more = _of_others(frame.select("record_id", "other"))
    joined = told.join(more, on="record_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("notes").fill_null(0), classes=pl.col("classes").fill_null(0) | _by_items(pl.col("items"))
    )


def names(names: Iterable[str], mask: pl.Expr) -> pl.Expr:
    """The names that a mask stands for, joined by +; empty for none."""
    some = [pl.when((mask // (1 << at)) % 2 == 1).then(pl.lit(name)) for at, name in enumerate(names)]
    return pl.concat_str(some, separator="+", ignore_nulls=True) if some else pl.lit("")


def mask(names: Iterable[str], joined: pl.Expr) -> pl.Expr:
    """The mask of names that are joined by +."""
    there = pl.concat_str(pl.lit("+"), joined.fill_null(""), pl.lit("+"))
    bits = [there.str.contains(f"+{name}+", literal=True).cast(pl.Int32) * (1 << at) for at, name in enumerate(names)]
    return pl.sum_horizontal(bits).cast(pl.Int32) if bits else pl.lit(0, pl.Int32)


def _by_items(items: pl.Expr) -> pl.Expr:
    found = pl.lit(0, pl.Int32)
    for at, item in enumerate(ITEMS):
        if bits := _bits(item, ""):
            found = found | pl.when((items // (1 << at)) % 2 == 1).then(pl.lit(bits, pl.Int32)).otherwise(0)
    return found


def _of_others(frame: pl.DataFrame) -> pl.DataFrame:
    """By record the masks of what stands under ``other``; each distinct entry is looked at once."""
    entries = frame.with_columns(pl.col("other").cast(_ENTRIES)).filter(pl.col("other").list.len() > 0)
    said = entries.explode("other", empty_as_null=True).unnest("other").drop_nulls("key")
    decides = pl.col("key").is_in(sorted(classes.valued()))
    said = said.select("record_id", "key", value=pl.when(decides).then(pl.col("value")))
    kinds = said.select("key", "value").unique()
    bits = [(_note(key), _bits(key, value or "")) for key, value in kinds.iter_rows()]
    known = kinds.with_columns(
        pl.Series("notes", [note for note, _ in bits], dtype=pl.Int32),
        pl.Series("classes", [some for _, some in bits], dtype=pl.Int32),
    )
    found = said.join(known, on=["key", "value"], nulls_equal=True)
    return found.group_by("record_id").agg(pl.col("notes").bitwise_or(), pl.col("classes").bitwise_or())


def _note(key: str) -> int:
    return 1 << (NOTES.index(key) if key in CLASSES else len(CLASSES))


def _bits(item: str, value: str) -> int:
    there = classes.of(item, value)
    return sum(1 << at for at, name in enumerate(legal()) if name in there)
