"""Kinds of columns that any table may have, in any script: each makes a comparison and the keys to look it up by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist

from sekisho.persons.linkage.design import Comparison, Level
from sekisho.wording import Text

_CLOSE, _ALIKE = 0.92, 0.8
_LONG = 5
"""Letters of both sides together from which one edit is a slip and not another word."""
_START = 4
"""Letters that begin a text: a block by them forgives slips further on."""
_AREA = 3
"""Letters of a code that say the area, where no blank or hyphen says it."""
_BUCKETS = 32_749
_KNOWN_PARTS = 3

Make = Callable[[pl.Series], pl.Series]


@dataclass(frozen=True, slots=True)
class Sides:
    """The values of both sides, pair by pair, and their keys (`Kind.key`)."""

    one: pl.Series
    other: pl.Series
    one_key: pl.Series
    other_key: pl.Series


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column may hold, and in which ``levels`` two of its values may agree.

    ``compare``: pairs -> places in ``levels``, as UInt8. ``clean``: texts as they come -> as they are compared, null
    where unknown. ``key``: values with one key are equal but for their spelling. ``parts``: further keys for blocks,
    each a whole number below 2**15.
    """

    levels: tuple[Level, ...]
    compare: Callable[[Sides], pl.Series]
    clean: Make
    key: Make | None = None
    parts: Mapping[str, Make] = field(default_factory=dict)


def comparison(name: str, title: Text, kind: Kind) -> Comparison:
    """The comparison of the column ``name``, which is of ``kind``."""

    def compare(pairs: pl.DataFrame) -> pl.Series:
        return kind.compare(Sides(pairs[name], pairs[f"{name}_right"], pairs["key"], pairs["key_right"]))

    make = kind.key
    key = None if make is None else lambda values: make(values[name])
    return Comparison(name, title, (name,), kind.levels, compare, key)


def text(column: pl.Series) -> pl.Series:
    """As written, but for widths, case and blanks; an empty text is unknown."""
    plain = column.cast(pl.String).str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", " ")
    return plain.str.strip_chars().replace("", None)


def folded(column: pl.Series) -> pl.Series:
    """Letters and digits alone, without the accents of Latin, Greek and Cyrillic letters."""
    bare = column.str.normalize("NFKD").str.replace_all("[\u0300-\u036f]", "").str.normalize("NFC")
    return bare.str.replace_all(r"[^\p{L}\p{M}\p{N}]", "").replace("", None)


def area(code: pl.Series) -> pl.Series:
    """What of a code stands before a blank or hyphen, else its first letters."""
    return code.str.extract(r"^([^\s-]+)[\s-]").fill_null(code.str.slice(0, _AREA))


def dates(column: pl.Series) -> pl.Series:
    """``1948-04-06``, ``1948/4/6``, ``1948.4.6`` or ``19480406`` -> ISO; else unknown. A month may be impossible."""
    parts = text(column).str.extract_groups(r"^(\d{4}|\?{4})[-/.]?(\d{1,2}|\?\?)[-/.]?(\d{1,2}|\?\?)$")
    frame = parts.struct.rename_fields(["year", "month", "day"]).struct.unnest()
    iso = pl.concat_str("year", pl.col("month", "day").str.zfill(2), separator="-")
    return frame.select(iso.alias("date")).to_series()


def _bucket(column: pl.Series) -> pl.Series:
    """A whole number below 2**15 for each text."""
    return (column.hash() % _BUCKETS).cast(pl.Int32).set(column.is_null(), None)


def _number(column: pl.Series, at: int, length: int) -> pl.Series:
    return column.str.slice(at, length).cast(pl.Int32, strict=False)


def _first(ways: Mapping[str, pl.Series], levels: tuple[Level, ...]) -> pl.Series:
    """The place of the first level whose way holds; the last level where none does."""
    found = [pl.when(ways[level.name].fill_null(value=False)).then(pl.lit(at)) for at, level in enumerate(levels[:-1])]
    return pl.select(pl.coalesce(*found, pl.lit(len(levels) - 1)).cast(pl.UInt8)).to_series()


def _distances(left: pl.Series, right: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Edits (two neighbours swapped are one; 2 stands for more) and Jaro-Winkler likeness (0 below ``_ALIKE``)."""
    texts = left.fill_null("").to_list(), right.fill_null("").to_list()
    edits = cpdist(*texts, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
    likeness = cpdist(*texts, scorer=JaroWinkler.similarity, score_cutoff=_ALIKE, dtype=np.float32)
    return pl.Series(edits), pl.Series(likeness)


_INITIAL = r"^[\p{Latin}\p{Greek}\p{Cyrillic}]$"
"""Where names are spelt with letters, one alone is no name: two equal ones are as little as an initial and a name."""
_MISSING = Level("missing", Text("not known on one side", "一方が不明"), 0.0)
_EDIT = Text("one letter apart", "1文字違い")
_SAME, _DIFFERENT = Text("the same", "一致"), Text("different", "不一致")

_NAME_LEVELS = (
    _MISSING,
    Level("same", _SAME, 0.75, rare=True),
    Level("spelling", Text("the same but for accents, blanks and marks", "記号・空白等を除き一致"), 0.03, rare=True),
    Level("edit", _EDIT, 0.06),
    Level("initial", Text("an initial of the other", "頭文字が一致"), 0.02),
    Level("begins", Text("the beginning of the other", "前方が一致"), 0.02),
    Level("word", Text("a word in common", "語の一部が一致"), 0.02),
    Level("close", Text("very alike", "よく類似"), 0.03),
    Level("alike", Text("alike", "類似"), 0.02),
    Level("differ", _DIFFERENT, 0.05, differs=True),
)


_START_OF: Mapping[str, Make] = {"start": lambda column: _bucket(folded(column).str.slice(0, _START))}


def _named(without: tuple[str, ...] = ()) -> Kind:
    """Texts in any script; ``without``: levels that make no sense of them."""
    levels = tuple(level for level in _NAME_LEVELS if level.name not in without)
    return Kind(levels, lambda sides: _texts(sides, levels), text, folded, _START_OF)


def _texts(sides: Sides, levels: tuple[Level, ...]) -> pl.Series:
    left, right = sides.one_key, sides.other_key
    edits, likeness = _distances(left, right)
    table = pl.DataFrame(
        {"left": left, "right": right, "one": sides.one.str.split(" "), "other": sides.other.str.split(" ")}
    )
    lengths = pl.col("left", "right").str.len_chars()
    may_be_initials = any(level.name == "initial" for level in levels)
    long_words = pl.col("one", "other").list.eval(pl.element().filter(pl.element().str.len_chars() > 1))
    told = table.with_columns(long_words).select(
        begins=pl.col("left").str.starts_with(pl.col("right")) | pl.col("right").str.starts_with(pl.col("left")),
        shorter=pl.min_horizontal(lengths),
        letters=pl.sum_horizontal(lengths),
        word=pl.col("one").list.set_intersection("other").list.len() > 0,
        whole=~(pl.col("left").str.contains(_INITIAL) & may_be_initials),
    )
    ways = {
        "missing": left.is_null() | right.is_null(),
        "same": (sides.one == sides.other) & told["whole"],
        "spelling": (left == right) & told["whole"],
        "edit": (edits == 1) & (told["letters"] >= _LONG),
        "initial": told["begins"] & (told["shorter"] == 1),
        "begins": told["begins"],
        "word": told["word"],
        "close": likeness >= _CLOSE,
        "alike": likeness >= _ALIKE,
    }
    return _first(ways, levels)


_CODE_LEVELS = (
    _MISSING,
    Level("same", _SAME, 0.75, rare=True),
    Level("edit", _EDIT, 0.1),
    Level("area", Text("the same area", "同じ地域"), 0.05),
    Level("differ", _DIFFERENT, 0.1, differs=True),
)


def _codes(sides: Sides) -> pl.Series:
    left, right = sides.one_key, sides.other_key
    ways = {
        "missing": left.is_null() | right.is_null(),
        "same": left == right,
        "edit": _distances(left, right)[0] == 1,
        "area": area(sides.one) == area(sides.other),
    }
    return _first(ways, _CODE_LEVELS)


_IDENTIFIER_LEVELS = (
    _MISSING,
    Level("same", _SAME, 0.85, rare=True),
    Level("edit", _EDIT, 0.05),
    Level("close", Text("very alike", "よく類似"), 0.02),
    Level("differ", _DIFFERENT, 0.08, differs=True),
)


def _identifiers(sides: Sides) -> pl.Series:
    left, right = sides.one_key, sides.other_key
    edits, likeness = _distances(left, right)
    ways = {
        "missing": left.is_null() | right.is_null(),
        "same": left == right,
        "edit": edits == 1,
        "close": likeness >= _CLOSE,
    }
    return _first(ways, _IDENTIFIER_LEVELS)


_CATEGORY_LEVELS = (_MISSING, Level("same", _SAME, 0.97), Level("differ", _DIFFERENT, 0.03))


def _categories(sides: Sides) -> pl.Series:
    one, other = sides.one, sides.other
    return _first({"missing": one.is_null() | other.is_null(), "same": one == other}, _CATEGORY_LEVELS)


_DATE_LEVELS = (
    _MISSING,
    Level("same", Text("the same day", "一致"), 0.93, rare=True),
    Level("partly", Text("agrees as far as it is known", "判明部分が一致"), 0.01),
    Level("swapped", Text("month and day swapped", "月日が入れ替わり"), 0.005),
    Level("digit", Text("one digit off", "1桁違い"), 0.02),
    Level("near", Text("a day, ten days, a year or ten years off", "1日・10日・1年・10年違い"), 0.01),
    Level("era", Text("the wrong era", "元号違い"), 0.005),
    Level("two", Text("two of year, month and day agree", "年月日のうち2つが一致"), 0.01),
    Level("differ", _DIFFERENT, 0.01),
)


def date(era_slips: tuple[int, ...] = ()) -> Kind:
    """Dates as ISO with ``??`` for unknown parts; ``era_slips``: how many years a wrong era is off."""
    levels = tuple(level for level in _DATE_LEVELS if era_slips or level.name != "era")
    parts: Mapping[str, Make] = {
        "year": lambda column: _number(column, 0, 4),
        "month_day": lambda column: _number(column, 5, 2) * 100 + _number(column, 8, 2),
    }
    return Kind(levels, lambda sides: _dates(sides, levels, era_slips), dates, None, parts)


def _dates(sides: Sides, levels: tuple[Level, ...], era_slips: tuple[int, ...]) -> pl.Series:
    one, other = sides.one, sides.other
    (y, m, d), (y2, m2, d2) = ([_number(side, *at) for at in ((0, 4), (5, 2), (8, 2))] for side in (one, other))
    parts = [y == y2, m == m2, d == d2]
    known = pl.select(pl.sum_horizontal(part.is_not_null() for part in parts)).to_series()
    agree = pl.select(pl.sum_horizontal(*parts)).to_series()
    edits = cpdist(one.fill_null("").to_list(), other.fill_null("").to_list(), scorer=Levenshtein.distance)
    same_year, same_month, same_day = parts
    years = (y - y2).abs()
    ways = {
        "missing": known == 0,
        "same": agree == _KNOWN_PARTS,
        "partly": agree == known,
        "swapped": same_year & (m == d2) & (d == m2),
        "digit": pl.Series(edits == 1) & (known == _KNOWN_PARTS),
        "near": (same_year & same_month & (d - d2).abs().is_in([1, 10]))
        | (same_month & same_day & years.is_in([1, 10])),
        "era": same_month & same_day & years.is_in(list(era_slips)),
        "two": agree == _KNOWN_PARTS - 1,
    }
    return _first(ways, levels)


CATEGORY = Kind(_CATEGORY_LEVELS, _categories, text)

KINDS: Mapping[str, Kind] = {
    "name": _named(),
    "text": _named(without=("initial",)),
    "code": Kind(_CODE_LEVELS, _codes, text, folded, {"area": lambda column: _bucket(area(column))}),
    "identifier": Kind(_IDENTIFIER_LEVELS, _identifiers, text, folded),
    "category": CATEGORY,
    "date": date(),
}
