"""What a record is called in all versions: by its document's name and content, and its place there."""

from __future__ import annotations

import polars as pl

from sekisho.vault.analytics import Analytics


def marked(rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """``rows`` (doc, locator...) with ``mark``: 63 bits; ``places``: doc, document and sha256."""
    with Analytics() as db:
        db.feed("rows", rows.select("doc", "locator").with_row_index("place").to_arrow())
        db.feed("places", places.to_arrow())
        said = "concat_ws(chr(31), coalesce(sha256, ''), document, coalesce(locator, ''))"
        found = db.table(
            f"""SELECT (md5_number({said}) >> 65)::BIGINT AS mark
                FROM rows JOIN places USING (doc) ORDER BY place"""
        )
    return rows.with_columns(pl.Series("mark", pl.from_arrow(found["mark"])).cast(pl.Int64))
