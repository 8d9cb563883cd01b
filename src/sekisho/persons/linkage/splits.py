"""Whole names taken apart into surname and given name: at the blank, else where both parts are likeliest."""

from __future__ import annotations

from functools import cache
from math import log

import polars as pl

from sekisho.countries import fold

SPACE = "[\\s\u3000・･]+"
_ODD_BLANKS = ["  ", "・", "･", *(chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) != " ")]
"""What stands in a name whose parts are not parted by one plain blank."""
_MOST_SPLITS = 8
_UNKNOWN = {"family": 0.2, "given": 0.1}
"""Share of persons whose name the book does not know: its surnames are those of four in five."""
_SWAPPED = 0.01
"""Share of names that stand with the given name first."""
_WITHIN = 7.0
"""Other ways to take a name apart count where they are not e to this power less likely than the best."""
_MOST_WAYS = 3
_MOST_READINGS = 8
"""Readings of a name in kanji that are tried where it stands without its kana."""
_ALIKE = fold.KANA_SIZES | fold.UNVOICED


def _katakana(text: str) -> str:
    return "".join(fold.KATAKANA.get(letter, letter) for letter in text)


@cache
def book() -> pl.DataFrame:
    """Names as they are written and read: ``part`` (family, given), ``kanji``, ``kana``, ``bearers``."""
    from japanese_personal_name_dataset import load_dataset

    men, women, families = load_dataset("org", include_last_names=True)
    rows = [("family", kanji, _katakana(entry["reading"]), float(entry["count"])) for kanji, entry in families.items()]
    for names in (men, women):
        for reading, entry in names.items():
            rows += [("given", kanji, _katakana(reading), 1.0) for kanji in entry["kanji"] if kanji]
    return pl.DataFrame(rows, schema=["part", "kanji", "kana", "bearers"], orient="row")


def apart(column: pl.Series, script: str) -> pl.DataFrame:
    """``family`` and ``given`` of whole names in ``script`` (kana, kanji); a name of one letter stays whole."""
    found = _parts(column)
    joined = found["given"].is_null() & column.is_not_null()
    if not joined.any():
        return found
    best = _ways(column.filter(joined), script).sort("straight", "weight", descending=True, maintain_order=True)
    split = best.unique("whole", keep="first", maintain_order=True).select("whole", "family", "given")
    fitting = column.filter(joined).to_frame("whole").join(split, on="whole", how="left", maintain_order="left")
    places = joined.arg_true()
    return pl.DataFrame([found[part].scatter(places, fitting[part]) for part in ("family", "given")])


def _parts(names: pl.Series) -> pl.DataFrame:
    """``family`` and ``given`` of names with a blank; without one they are all family."""
    plain = names.str.strip_chars()
    odd = plain.str.contains_any(_ODD_BLANKS).fill_null(value=False)
    plain = plain.scatter(odd.arg_true(), plain.filter(odd).str.replace_all(SPACE, " "))
    parts = plain.str.splitn(" ", 2).struct.rename_fields(["family", "given"]).struct.unnest()
    return parts.with_columns(pl.col("given").str.replace_all(" ", "", literal=True))


def others(column: pl.Series, script: str) -> pl.DataFrame:
    """``whole``, ``family``, ``given``: other ways to take names apart that are likely too, also given name first."""
    ranked = _ways(column, script, swapped=True).sort("straight", "weight", descending=True, maintain_order=True)
    rest = ranked.filter(
        ~pl.col("whole").is_first_distinct(),
        pl.col("weight") > pl.col("weight").max().over("whole") - _WITHIN,
    )
    return (
        rest.sort("weight", "family", descending=True)
        .group_by("whole", maintain_order=True)
        .head(_MOST_WAYS)
        .select("whole", "family", "given")
    )


def readings(names: pl.Series) -> pl.DataFrame:
    """``name``, ``kana``: whole names in kanji, and how they are likely to be read; none where no part is in the book.

    A part that is not stands as it is.
    """
    distinct = names.drop_nulls().unique(maintain_order=True)
    found = apart(distinct, "kanji").with_columns(name=distinct, known=pl.lit(value=False))
    for part in ("family", "given"):
        folded = found.with_columns(kanji=fold.names(found[part]))
        read = folded.join(_readings(part), on="kanji", how="left", maintain_order="left")
        found = read.select(
            *(one for one in ("name", "family", "given") if one != part),
            pl.coalesce("kana", part).alias(part),
            known=pl.col("known") | pl.col("kana").is_not_null(),
        )
    whole = pl.concat_str("family", "given", separator=" ", ignore_nulls=True)
    return found.filter("known").select("name", kana=whole)


@cache
def _readings(part: str) -> pl.DataFrame:
    """``kanji`` (folded), ``kana``: the likeliest readings of the names of one part."""
    names = book().filter(part=part)
    read = names.with_columns(kanji=fold.names(names["kanji"])).group_by("kanji", "kana").agg(pl.col("bearers").sum())
    ordered = read.sort("kanji", "bearers", "kana", descending=[False, True, False])
    return ordered.group_by("kanji", maintain_order=True).head(_MOST_READINGS).select("kanji", "kana")


def _ways(column: pl.Series, script: str, *, swapped: bool = False) -> pl.DataFrame:
    """``whole``, ``family``, ``given``, ``weight`` (log), ``straight`` (surname first) of each distinct name."""
    distinct = column.drop_nulls().unique(maintain_order=True)
    has_blank = distinct.str.contains(SPACE)
    pieces = pl.concat([_at_the_blank(distinct.filter(has_blank)), _anywhere(distinct.filter(~has_blank))])
    straight = _weighed(pieces.rename({"head": "family", "tail": "given"}), script).with_columns(straight=True)
    if not swapped:
        return straight
    two = pieces.drop_nulls("tail").rename({"head": "given", "tail": "family"})
    turned = _weighed(two, script).with_columns(pl.col("weight") + log(_SWAPPED), straight=False)
    return pl.concat([straight, turned.select(straight.columns)])


def _at_the_blank(names: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"whole": names}).hstack(_parts(names).rename({"family": "head", "given": "tail"}))


def _anywhere(names: pl.Series) -> pl.DataFrame:
    length = pl.col("whole").str.len_chars().cast(pl.Int64)
    at = pl.int_ranges(1, pl.min_horizontal(length, _MOST_SPLITS + 1))
    split = (
        pl.DataFrame({"whole": names}, schema={"whole": pl.String})
        .with_columns(at=at)
        .explode("at", empty_as_null=True)
    )
    return split.select(
        "whole",
        head=pl.when(pl.col("at").is_null()).then("whole").otherwise(pl.col("whole").str.slice(0, pl.col("at"))),
        tail=pl.col("whole").str.slice(pl.col("at")),
    )


def _weighed(pieces: pl.DataFrame, script: str) -> pl.DataFrame:
    """``pieces`` (whole, family, given) with ``weight``: the log probability of both parts."""
    weights = [_weight(pieces[part], part, script) for part in ("family", "given")]
    return pieces.select("whole", "family", "given", weight=weights[0] + weights[1].fill_null(0.0))


def _weight(pieces: pl.Series, part: str, script: str) -> pl.Series:
    """The log probability of each text as a name of ``part``."""
    text = pieces.str.replace_many(_ALIKE).alias("text")
    known = text.to_frame().join(_known(part, script), on="text", how="left", maintain_order="left")["weight"]
    new = text.filter(known.is_null() & text.is_not_null()).unique()
    guess = new.to_frame().with_columns(guess=_unknown(new, part, script))
    found = text.to_frame().join(guess, on="text", how="left", maintain_order="left")["guess"]
    return pl.select(pl.coalesce(known, found)).to_series()


@cache
def _known(part: str, script: str) -> pl.DataFrame:
    """``text`` and ``weight`` (log share of persons) of the names of one part."""
    names = book().filter(part=part).with_columns(text=pl.col(script).str.replace_many(_ALIKE))
    share = pl.col("bearers") / pl.col("bearers").sum() * (1 - _UNKNOWN[part])
    return names.group_by("text").agg(pl.col("bearers").sum()).select("text", weight=share.log())


def _unknown(text: pl.Series, part: str, script: str) -> pl.Series:
    """The log probability of names that the book does not know: by their length, first and last letter."""
    weight = pl.lit(log(_UNKNOWN[part]))
    for of, values in _traits(text).items():
        weight = weight + values.replace_strict(*_shares(part, script, of), default=_FLOOR, return_dtype=pl.Float64)
    inner = (text.str.len_chars().cast(pl.Int64) - 2).clip(0)
    return pl.select(weight + inner * _letter(script)).to_series()


_FLOOR = log(1e-4)


def _traits(text: pl.Series) -> dict[str, pl.Series]:
    return {"length": text.str.len_chars(), "first": text.str.slice(0, 1), "last": text.str.slice(-1)}


@cache
def _shares(part: str, script: str, of: str) -> tuple[pl.Series, pl.Series]:
    """Values of a trait, and their log shares among the book's names."""
    counts = _traits(_known(part, script)["text"])[of].rename("value").value_counts()
    return counts["value"], (counts["count"] / counts["count"].sum()).log()


@cache
def _letter(script: str) -> float:
    """The log probability of any letter."""
    letters = book()[script].str.split("").explode()
    return -log(letters.n_unique())
