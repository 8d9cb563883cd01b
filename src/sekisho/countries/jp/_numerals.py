"""Numbers in kanji, as letters and certificates write dates: 昭和二十三年四月六日."""

from __future__ import annotations

import polars as pl

_ONES = "一二三四五六七八九"
_DIGITS = {kanji: str(n) for n, kanji in enumerate("〇" + _ONES)}


def in_dates(text: pl.Expr) -> pl.Expr:
    """The text with its numbers in Arabic digits where a year, month or day is counted in kanji."""
    counted = text.str.contains(f"[{_ONES}十][年月日]") | text.str.contains(f"[{_ONES}十]〇[年月日]")
    arabic = (
        text.str.replace_all(f"([{_ONES}])十([{_ONES}])", "$1$2")
        .str.replace_all(f"([{_ONES}])十", "${1}〇")
        .str.replace_all(f"十([{_ONES}])", "一$1")
        .str.replace_all("十", "一〇", literal=True)
        .str.replace_many(_DIGITS)
    )
    return pl.when(counted).then(arabic).otherwise(text)
