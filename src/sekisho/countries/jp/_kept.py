"""Identifiers that are kept as written under ``other``: there is nothing to normalise but nothingness."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns


@columns.way
def kept() -> pl.Expr:
    """The text, where it holds a letter or a digit and does not say that there is nothing."""
    nothing = r"^(?:なし|無し|無|不明|不詳|未定|該当なし|該当無し|none|null|n/a|unknown)$"
    text = columns.text()
    return pl.when(text.str.contains(r"[\p{L}\p{N}]") & ~text.str.contains(nothing)).then(text)
