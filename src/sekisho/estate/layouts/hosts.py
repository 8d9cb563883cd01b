"""Dumps of a host: fixed-width lines, half-width kana, dates as an era code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from sekisho.estate import writing as w
from sekisho.estate.columns import BIRTH, NUMBER
from sekisho.estate.content import Draft, Lines
from sekisho.estate.layouts.listing import Hand


def dump(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Number 10, kana 24, era code and date 7, a filler of 4: no header, no blank between."""
    line = pl.concat_str(_digits(), _kana(24), _padded(w.era_code(BIRTH), 7), pl.lit(" " * 4))
    return _draft(rows, hand, line, {"name_kana": _read(_kana(24))})


def kanji_dump(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Number 10, kana 24, name in ten wide characters, era code and date 7: fixed in bytes, not in characters."""
    name = w.wide_letters(pl.concat_str("last", "first", separator="　")).str.slice(0, 10).str.pad_end(10, "　")
    line = pl.concat_str(_digits(), _kana(24), name, _padded(w.era_code(BIRTH), 7))
    return _draft(rows, hand, line, {"name": _read(name), "name_kana": _read(_kana(24))})


def report(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A print file: a title, a header, a rule, and columns held apart by blanks."""
    sex = pl.when(pl.col("sex") == "M").then(pl.lit("1")).otherwise(pl.lit("2"))
    line = pl.concat_str(_padded(NUMBER, 14), _kana(26), _padded(w.era_short(BIRTH), 12), sex)
    heads = "".join(h.ljust(n) for h, n in (("ﾈﾝｷﾝﾊﾞﾝｺﾞｳ", 14), ("ｼﾒｲ", 26), ("ｾｲﾈﾝｶﾞｯﾋﾟ", 12), ("ｾｲﾍﾞﾂ", 5)))
    above = [f"*** {hand.title} ***", "", heads, "-" * 60]
    below = ["-" * 60, f"ｺﾞｳｹｲ {rows.height:>10} ｹﾝ"]
    return _draft(rows, hand, line, {"name_kana": _read(_kana(26)), "sex": pl.col("sex")}, above, below)


def _padded(text: pl.Expr, width: int) -> pl.Expr:
    return text.fill_null("").str.slice(0, width).str.pad_end(width)


def _digits() -> pl.Expr:
    return _padded(NUMBER.str.replace("-", ""), 10)


def _kana(width: int) -> pl.Expr:
    return _padded(w.half_kana(pl.concat_str("last_kana", "first_kana", separator=" ")), width)


def _read(field: pl.Expr) -> pl.Expr:
    """What a fixed field says, cut where the host has cut it."""
    return field.str.normalize("NFKC").str.replace_all(" ", "")


def _draft(
    rows: pl.DataFrame, hand: Hand, line: pl.Expr, truth: Mapping[str, pl.Expr],
    above: Sequence[str] = (), below: Sequence[str] = (),
) -> Draft:  # fmt: skip
    said = rows.select("person", "basic_pension_number", "birth_date", **truth)
    said = said.with_columns(row=pl.int_range(rows.height, dtype=pl.Int64) + len(above))
    written = rows.select(line.alias("line"))["line"].to_list()
    return Draft(Lines([*above, *written, *below], hand.title), said)
