"""Holds found records against true ones: whole rows first, then by what identifies a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.frames import from_arrow

ITEMS = (
    "basic_pension_number", "certificate_number", "my_number", "name", "name_kana", "birth_date", "sex",
    "postal_code", "address", "phone", "email",
)  # fmt: skip
KEYS: Sequence[tuple[str, ...]] = (
    ("basic_pension_number", "name"), ("certificate_number",), ("my_number",), ("basic_pension_number",),
    ("name", "birth_date"), ("name_kana", "birth_date"), ("email",), ("name", "locator"), ("name_kana", "locator"),
    ("name",), ("name_kana",), ("phone",),
)  # fmt: skip


def read_records(path: Path) -> pl.DataFrame:
    """The records of an export or of a truth; ``others`` is the map in one text, ``whole`` all items in one.

    Blanks within an address or another item do not count; an empty text is an absent one.
    """
    table = pq.read_table(path)
    columns = [c for c in ("document", "locator", "person", *ITEMS) if c in table.column_names]
    frame = from_arrow(table.select(columns))
    absent = [pl.lit(None, pl.String).alias(c) for c in ("locator", *ITEMS) if c not in columns]
    frame = frame.with_columns(*absent, others=_others(table))
    texts = [c for c in frame.columns if frame.schema[c] != pl.Int64 and c != "document"]
    frame = frame.with_columns(pl.col(texts).cast(pl.String).replace("", None))
    whole = [pl.col(c).fill_null("") for c in (*ITEMS[:8], *ITEMS[9:], "others")]
    address = pl.col("address").fill_null("").str.replace_all(r"\s", "")
    return frame.with_columns(whole=pl.concat_str(*whole, address, separator="\x1f")).with_row_index("row")


def _others(table: pa.Table) -> pl.Series:
    """``key=value`` of the map, sorted, one text a record."""
    if "other" not in table.column_names:
        return pl.Series([None] * table.num_rows, dtype=pl.String)
    column = table["other"].combine_chunks()
    column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):  # JSON, as csv and xlsx hold it
        maps = [list(json.loads(text).items()) if text else [] for text in column.to_pylist()]
        column = pa.array(maps, pa.map_(pa.string(), pa.string()))
    lengths = pl.Series(pl.from_arrow(pa.compute.list_value_length(column.cast(_PAIRS)))).fill_null(0)
    flat = column.cast(_PAIRS).flatten()
    long = pl.DataFrame(
        {
            "row": pl.select(
                pl.int_range(table.num_rows).repeat_by(pl.lit(lengths)).explode(empty_as_null=False)
            ).to_series(),
            "key": pl.from_arrow(flat.field(0)),
            "value": pl.from_arrow(flat.field(1)),
        }
    ).filter(pl.col("value").fill_null("").str.strip_chars() != "")
    joined = (
        long.select("row", text=pl.format("{}={}", "key", pl.col("value").str.replace_all(r"\s", "")))
        .sort("row", "text")
        .group_by("row")
        .agg(pl.col("text").str.join("\x1e"))
    )
    rows = pl.DataFrame({"row": range(table.num_rows)}, schema={"row": joined.schema["row"]})
    return rows.join(joined, on="row", how="left", maintain_order="left")["text"]


_PAIRS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))


def renamed(true: pl.DataFrame, got: pl.DataFrame) -> dict[str, str]:
    """Found documents that go by another name than in the truth: found name -> true name.

    The members of a container are called as their reader likes; where a file has as many unknown members on both
    sides, they are taken to be the same in their order.
    """
    file = pl.col("document").str.split("!").list.first()
    odd, even = (
        a.join(b, on="document", how="anti")
        .filter(pl.col("document").str.contains("!", literal=True))
        .sort(pl.col("document").str.count_matches("!", literal=True), maintain_order=True)
        .select("document", file=file, turn=pl.int_range(pl.len()).over(file), of=pl.len().over(file))
        for a, b in ((got, true), (true, got))
    )
    pairs = odd.join(even, on=["file", "turn", "of"], suffix="_true")
    return dict(zip(pairs["document"], pairs["document_true"], strict=True))


def places(records: pl.DataFrame, known: pl.Series) -> pl.Series:
    """Where a record is looked for: its document where both sides know it, else its file."""
    document = pl.col("document")
    file = document.str.split("!").list.first()
    return records.select(pl.when(document.is_in(known.implode())).then(document).otherwise(file)).to_series()


def match(truth: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rows: ``row`` of the truth, ``found`` and ``complete``; each row at most once.

    Both sides carry ``place``.
    """
    pairs = [_pairs(truth, found, ("whole",)).with_columns(complete=True)]
    for keys in KEYS:
        taken = pl.concat(pairs)
        truth = truth.join(taken, on="row", how="anti")
        found = found.join(taken.select(row="found"), on="row", how="anti")
        pairs.append(_pairs(truth, found, keys).with_columns(complete=False))
    return pl.concat(pairs)


def _pairs(truth: pl.DataFrame, found: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    on = ["place", *keys]
    left, right = (f.drop_nulls(keys).select("row", *on, turn=pl.int_range(pl.len()).over(on)) for f in (truth, found))
    return left.join(right, on=[*on, "turn"], how="inner").select("row", found="row_right")


def differences(truth: pl.DataFrame, found: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """One row for each item that is not as it should be: row, item, how (missing, extra, wrong), true, got."""
    wrong = pairs.filter(~pl.col("complete"))
    both = wrong.join(truth, on="row").join(found, left_on="found", right_on="row", suffix="_got")
    parts = []
    for item in (*ITEMS, "others"):
        true, got = (_plain(pl.col(c), item) for c in (item, f"{item}_got"))
        how = (
            pl.when(got.is_null())
            .then(pl.lit("missing"))
            .when(true.is_null())
            .then(pl.lit("extra"))
            .otherwise(pl.lit("wrong"))
        )
        parts.append(
            both.filter(true.ne_missing(got)).select("row", pl.lit(item).alias("item"), how=how, true=true, got=got)
        )
    return pl.concat(parts)


def _plain(text: pl.Expr, item: str) -> pl.Expr:
    return text.str.replace_all(r"\s", "") if item == "address" else text
