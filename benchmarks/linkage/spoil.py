"""What happens to names and dates on their way into a record; each function takes whole columns."""

from __future__ import annotations

import unicodedata

import polars as pl

from benchmarks.linkage import shares
from sekisho.estate.dice import Dice

SMALL = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
SOUNDALIKE = {"ヅ": "ズ", "ヂ": "ジ", "ヲ": "オ"}
_VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ"
_MARK = {"\u3099": "゛", "\u309a": "゜"}
MARKED = {c: (d := unicodedata.normalize("NFD", c))[0] + _MARK[d[1]] for c in _VOICED}
PLAIN = {c: marked[0] for c, marked in MARKED.items()}

# neighbours on the JIS kana keyboard, and kana that look alike in handwriting
_ROWS = ("ヌフアウエオヤユヨワホヘ", "タテイスカンナニラセ", "チトシハキクマノリレケム", "ツサソヒコミモネルメロ")
_ALIKE = "シツソンノメクワウラチテナメスヌコユマアヲラフヤカヲルレ"
NEIGHBOUR = {a: b for row in _ROWS for a, b in zip(row, row[1:] + row[-2], strict=True)}
NEIGHBOUR |= {a: b for a, b in zip(_ALIKE[::2], _ALIKE[1::2], strict=True) if a != b}
NEIGHBOUR |= PLAIN


def where(mask: pl.Series, then: pl.Series | pl.Expr, otherwise: pl.Series) -> pl.Series:
    """``then`` where ``mask``, else ``otherwise``."""
    return pl.select(pl.when(mask).then(then).otherwise(otherwise)).to_series()


def replaced(text: pl.Series, mask: pl.Series, mapping: dict[str, str]) -> pl.Series:
    """``text`` with characters replaced where ``mask``."""
    return where(mask, text.str.replace_many(list(mapping), list(mapping.values())), text)


def misread(name: pl.Series, rows: pl.Series, readings: pl.Series, mask: pl.Series, dice: Dice) -> pl.Series:
    """Another reading of the name's kanji where ``mask`` and where there is one.

    ``readings``: a list for each row of the table that ``rows`` points at; the first is taken most often.
    """
    others = readings.gather(rows)
    turn = dice.weighted(len(name), (60, 25, 10, 5))
    other = pl.select(pl.lit(others).list.get(pl.lit(turn) % pl.lit(others).list.len().clip(1), null_on_oob=True))
    return where(mask & (others.list.len() > 0), other.to_series(), name)


def mistyped(name: pl.Series, mask: pl.Series, dice: Dice) -> pl.Series:
    """One kana dropped, doubled, changed to a neighbour, or two exchanged, where ``mask``."""
    n = len(name)
    text, length = pl.col("text"), pl.col("text").str.len_chars().cast(pl.Int64)
    at = pl.lit(dice.stream("at").column(n, 1 << 30)) % length.clip(1)
    frame = pl.DataFrame({"text": name}).select(
        text, head=text.str.slice(0, at), one=text.str.slice(at, 1), tail=text.str.slice(at + 1)
    )
    head, one, tail = pl.col("head"), pl.col("one"), pl.col("tail")
    changed = one.replace_strict(NEIGHBOUR, default=one, return_dtype=pl.String)
    kind = pl.lit(dice.stream("kind").weighted(n, (3, 2, 4, 1)))
    spoilt = (
        pl.when((kind == 0) & (text.str.len_chars() > 1))
        .then(head + tail)
        .when(kind == 1)
        .then(head + one + one + tail)
        .when(kind == 3)
        .then(head + tail.str.slice(0, 1) + one + tail.str.slice(1))
        .otherwise(head + changed + tail)
    )
    return where(mask, frame.select(spoilt).to_series(), name)


def cut(name: pl.Series, width: int) -> pl.Series:
    """What fits into ``width`` half-width characters: voicing marks take a place of their own and may be lost."""
    half = name.str.replace_many(list(MARKED), list(MARKED.values())).str.slice(0, width)
    return half.str.replace_many(list(MARKED.values()), list(MARKED)).str.strip_chars_end()


DATE_ERRORS = {
    "day_by_one": shares.DAY_BY_ONE,
    "day_by_ten": shares.DAY_BY_TEN,
    "month_by_one": shares.MONTH_BY_ONE,
    "year_by_one": shares.YEAR_BY_ONE,
    "year_by_ten": shares.YEAR_BY_TEN,
    "wrong_era": shares.WRONG_ERA,
    "month_day_swapped": shares.MONTH_DAY_SWAPPED,
    "day_unknown": shares.DAY_UNKNOWN,
    "month_unknown": shares.MONTH_UNKNOWN,
    "year_unknown": shares.YEAR_UNKNOWN,
}
_FIRST_YEAR, _LAST_YEAR = 1912, 2010  # a wrong year lies between them


def misdated(birth: pl.Series, dice: Dice) -> tuple[pl.Series, pl.Series]:
    """Birth dates as the records have them (``1948-04-06``, ``1948-04-??``), and the name of the error (null: none)."""
    n = len(birth)
    part = round((1 - sum(DATE_ERRORS.values())) * 1_000_000)
    weights = [part, *(round(share * 1_000_000) for share in DATE_ERRORS.values())]
    kind = pl.Series([None, *DATE_ERRORS]).gather(dice.stream("kind").weighted(n, weights))
    sign = pl.Series([-1, 1]).gather(dice.stream("sign").column(n, 2))
    era = pl.Series([12, 14]).gather(dice.stream("era").column(n, 2))
    dates = pl.DataFrame({"kind": kind, "sign": sign, "era": era, "birth": birth}).with_columns(
        y=pl.col("birth").dt.year().cast(pl.Int64),
        m=pl.col("birth").dt.month().cast(pl.Int64),
        d=pl.col("birth").dt.day().cast(pl.Int64),
    )
    written = dates.with_columns(_wrong_year(), _wrong_month(), _wrong_day()).select("kind", text=_text())
    changed = written["text"] != birth.dt.to_string("%Y-%m-%d")
    return written["text"], where(changed, kind, pl.Series([None], dtype=pl.String))


def _is(kind: str) -> pl.Expr:
    return pl.col("kind").eq_missing(pl.lit(kind))


def _inside(value: pl.Expr, step: pl.Expr, low: int, high: int) -> pl.Expr:
    """``value + step``, or ``value - step`` where that leaves low..high."""
    return pl.when((value + step).is_between(low, high)).then(value + step).otherwise(value - step)


def _wrong_year() -> pl.Expr:
    y, sign = pl.col("y"), pl.col("sign")
    step = pl.when(_is("year_by_one")).then(sign).when(_is("year_by_ten")).then(sign * 10)
    return _inside(y, step.when(_is("wrong_era")).then(sign * pl.col("era")).otherwise(0), _FIRST_YEAR, _LAST_YEAR)


def _swappable() -> pl.Expr:
    return _is("month_day_swapped") & (pl.col("d") <= 12)


def _wrong_month() -> pl.Expr:
    step = pl.when(_is("month_by_one")).then(pl.col("sign")).otherwise(0)
    return pl.when(_swappable()).then(pl.col("d")).otherwise(_inside(pl.col("m"), step, 1, 12)).alias("m")


def _wrong_day() -> pl.Expr:
    step = pl.when(_is("day_by_one")).then(pl.col("sign")).when(_is("day_by_ten")).then(pl.col("sign") * 10)
    return pl.when(_swappable()).then(pl.col("m")).otherwise(_inside(pl.col("d"), step.otherwise(0), 1, 31)).alias("d")


def _text() -> pl.Expr:
    """The date as text; a day that the month does not have becomes its last."""
    last = pl.date(pl.col("y"), pl.col("m"), 1).dt.month_end().dt.day().cast(pl.Int64)
    year, month = pl.col("y").cast(pl.String), pl.col("m").cast(pl.String).str.zfill(2)
    day = pl.min_horizontal(pl.col("d"), last).cast(pl.String).str.zfill(2)
    return pl.concat_str(
        pl.when(_is("year_unknown")).then(pl.lit("????")).otherwise(year),
        pl.when(_is("month_unknown")).then(pl.lit("??")).otherwise(month),
        pl.when(_is("month_unknown") | _is("day_unknown")).then(pl.lit("??")).otherwise(day),
        separator="-",
    )
