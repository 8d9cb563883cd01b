"""Japanese names: taken apart into surname and given name, folded, and held against each other."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sekisho.persons import fold

SPACE = "[\\s\u3000・･]+"
_UNKNOWN = 1e-3
"""How much an unknown surname or given name counts against a known one of one bearer."""
_MOST_SPLITS = 8


def _katakana(text: str) -> str:
    return "".join(fold.KATAKANA.get(letter, letter) for letter in text)


@cache
def _book() -> pl.DataFrame:
    """Names as they are written and read: ``part`` (family, given), ``kanji``, ``kana``, ``bearers``."""
    from japanese_personal_name_dataset import load_dataset

    men, women, families = load_dataset("org", include_last_names=True)
    rows = [("family", kanji, _katakana(entry["reading"]), float(entry["count"])) for kanji, entry in families.items()]
    for book in (men, women):
        for reading, entry in book.items():
            rows += [("given", kanji, _katakana(reading), 1.0) for kanji in entry["kanji"] if kanji]
    return pl.DataFrame(rows, schema=["part", "kanji", "kana", "bearers"], orient="row")


@cache
def plausible_readings() -> pl.DataFrame:
    """``kanji`` (folded) and ``key``: how a name in kanji may be read, as the book of names knows it."""
    book = _book()
    return pl.DataFrame({"kanji": fold.names(book["kanji"]), "key": key(book["kana"])}).unique()


@cache
def _weights(part: str, script: str) -> pl.DataFrame:
    """``text`` and ``weight`` (log share) of the names of one part."""
    book = _book().filter(part=part).group_by(pl.col(script).alias("text")).agg(pl.col("bearers").sum())
    return book.select("text", weight=(pl.col("bearers") / pl.col("bearers").sum()).log().cast(pl.Float64))


def apart(column: pl.Series, script: str) -> pl.DataFrame:
    """``family`` and ``given`` of whole names in ``script`` (kana, kanji): at the space, else where it fits best."""
    distinct = column.drop_nulls().unique()
    spaced = distinct.filter(distinct.str.contains(SPACE))
    blank = pl.col("whole").str.strip_chars().str.replace_all(SPACE, " ")
    pieces = pl.DataFrame({"whole": spaced}).with_columns(
        blank.str.splitn(" ", 2).struct.rename_fields(["family", "given"]).alias("p")
    )
    known = pl.concat([pieces.unnest("p"), _fitting(distinct.filter(~distinct.str.contains(SPACE)), script)])
    known = known.with_columns(pl.col("given").str.replace_all(" ", ""))
    return column.to_frame("whole").join(known, on="whole", how="left", maintain_order="left").drop("whole")


def _fitting(whole: pl.Series, script: str) -> pl.DataFrame:
    """Names written together, split where surname and given name are likeliest; a name of one letter stays whole."""
    base = pl.DataFrame({"whole": whole}).with_columns(length=pl.col("whole").str.len_chars().cast(pl.Int64))
    tried = (
        base.with_columns(at=pl.int_ranges(1, pl.min_horizontal("length", _MOST_SPLITS + 1)))
        .explode("at", empty_as_null=True)
        .with_columns(
            family=pl.when(pl.col("at").is_not_null())
            .then(pl.col("whole").str.slice(0, pl.col("at")))
            .otherwise("whole"),
            given=pl.col("whole").str.slice(pl.col("at")),
        )
    )
    for part in ("family", "given"):
        unknown = float(np.log(_UNKNOWN)) + _weights(part, script)["weight"].min()  # type: ignore[operator]
        guess = unknown - (pl.col(part).str.len_chars().cast(pl.Int64) - 3).abs()
        weights = _weights(part, script).rename({"text": part, "weight": f"{part}_weight"})
        tried = tried.join(weights, on=part, how="left").with_columns(pl.col(f"{part}_weight").fill_null(guess))
    best = tried.sort(pl.col("family_weight") + pl.col("given_weight"), "at", descending=[True, False])
    return best.unique("whole", keep="first", maintain_order=True).select("whole", "family", "given")


def plain(kana: pl.Series) -> pl.Series:
    """`fold.plain` of kana in any width."""
    return fold.plain(kana.str.normalize("NFKC"))


def key(kana: pl.Series) -> pl.Series:
    """`plain` without voicing marks."""
    return plain(kana).str.replace_many(fold.UNVOICED)
