"""The contribution records that belong to nobody: what persons left behind, as it was punched."""

from __future__ import annotations

from functools import cache

import polars as pl

from benchmarks.linkage import shares, spoil
from benchmarks.linkage.homes import offices, prefectures
from benchmarks.linkage.periods import month, within
from benchmarks.linkage.persons import surname, tables
from benchmarks.linkage.readings import misreadings
from sekisho.estate.dice import Dice

COLUMNS = (
    "name", "name_kana", "birth_date", "sex", "office", "period_from", "period_to", "former_name_kana", "errors",
)  # fmt: skip


@cache
def _misread_last() -> pl.Series:
    return misreadings(tables().last, surname=True)


@cache
def _misread_first() -> pl.Series:
    return misreadings(tables().first, surname=False)


class _Punched:
    """The names of the records while they are spoilt, and what was done to them."""

    def __init__(self, last: pl.Series, first: pl.Series) -> None:
        self.last, self.first = last, first
        self.errors: dict[str, pl.Series] = {}

    def note(self, error: str, mask: pl.Series) -> None:
        """Remember that ``error`` happened where ``mask``."""
        mask = mask.fill_null(value=False)
        self.errors[error] = self.errors[error] | mask if error in self.errors else mask

    def become(self, error: str, last: pl.Series, first: pl.Series) -> None:
        """Take new texts; ``error`` is noted where they differ."""
        self.note(error, (last != self.last) | (first != self.first))
        self.last, self.first = last, first

    def replace(self, error: str, mask: pl.Series, mapping: dict[str, str]) -> None:
        """Replace characters of both names where ``mask``."""
        self.become(error, *(spoil.replaced(name, mask, mapping) for name in (self.last, self.first)))

    def happened(self) -> pl.Series:
        """A list of errors for each record."""
        marks = (mask.cast(pl.Int64) * (1 << i) for i, mask in enumerate(self.errors.values()))
        bits = pl.select(pl.sum_horizontal(marks)).to_series()
        found = bits.unique().sort()  # few of the many combinations
        lists = [[error for i, error in enumerate(self.errors) if mask >> i & 1] for mask in found]
        return pl.Series(lists, dtype=pl.List(pl.String)).gather(found.search_sorted(bits))


def _at_the_time(people: pl.DataFrame, dice: Dice) -> tuple[pl.Series, pl.DataFrame]:
    """Which records stand under the name before the change; and the period: begin, end (months, null: unknown)."""
    period = within(people.select("gap_from", "gap_to"), dice.stream("period"))
    unknown = pl.lit(dice.stream("unknown").chances(people.height, shares.NO_PERIOD))
    period = period.select(pl.when(~unknown).then(pl.all()))
    by_chance = pl.lit(dice.stream("former").chances(people.height, shares.FORMER_WITHOUT_PERIOD))
    begin = pl.lit(period["begin"])
    before = pl.when(begin.is_null()).then(by_chance).otherwise(begin < pl.col("changed"))
    return people.select(before & pl.col("changed").is_not_null()).to_series(), period


def _spoil(punched: _Punched, rows: pl.DataFrame, foreign: pl.Series, dice: Dice) -> None:
    """Readings, characters and keys; ``rows``: last and first as rows of their tables."""
    n = rows.height

    def some(share: float, what: str) -> pl.Series:
        return dice.stream(what).chances(n, share)

    last = spoil.misread(
        punched.last, rows["last"], _misread_last(), some(shares.MISREAD_LAST, "last"), dice.stream("last readings")
    )
    punched.become("surname_misread", last, punched.first)
    first = spoil.misread(
        punched.first, rows["first"], _misread_first(), some(shares.MISREAD_FIRST, "first"), dice.stream("readings")
    )
    punched.become("given_name_misread", punched.last, first)
    latin = foreign & some(shares.FOREIGN_LATIN, "latin")
    names = [tables().last["kanji"].gather(rows["last"]), tables().first["kanji"].gather(rows["first"])]
    written = [spoil.where(latin, a, b) for a, b in zip(names, (punched.last, punched.first), strict=True)]
    punched.become("latin", *written)
    in_last, typo = some(0.5, "typo in surname"), some(shares.TYPO, "typo") & ~latin
    last = spoil.mistyped(punched.last, typo & in_last, dice.stream("typo in last"))
    first = spoil.mistyped(punched.first, typo & ~in_last, dice.stream("typo in first"))
    punched.become("typo", last, first)
    punched.replace("small_kana_large", some(shares.SMALL_KANA, "small"), spoil.SMALL)
    punched.replace("soundalike", some(shares.SOUNDALIKE, "soundalike"), spoil.SOUNDALIKE)
    punched.replace("long_mark_dropped", some(shares.LONG_MARK, "long"), {"ー": ""})
    punched.replace("voicing_lost", some(shares.VOICING_LOST, "voicing"), spoil.PLAIN)
    swapped = pl.select(
        pl.when(foreign)
        .then(some(shares.FOREIGN_SWAPPED, "foreign swapped"))
        .otherwise(some(shares.SWAPPED, "swapped"))
    ).to_series()
    last, first = (
        spoil.where(swapped, a, b) for a, b in ((punched.first, punched.last), (punched.last, punched.first))
    )
    punched.become("swapped", last, first)


def _kana(punched: _Punched, space: pl.Series, dice: Dice) -> pl.Series:
    """Both names in one field, cut where it is short."""
    n = len(space)
    spaced, plain = punched.last + " " + punched.first, punched.last + punched.first
    text = spoil.where(space, spaced, plain)
    luck = dice.column(n, 1_000_000)
    low = 0
    for width, share in shares.FIELDS:
        high = low + round(share * 1_000_000)
        shorter = spoil.where((luck >= low) & (luck < high), spoil.cut(text, width), text)
        punched.note("cut", shorter != text)
        text, low = shorter, high
    return text


def _sex(woman: pl.Series, punched: _Punched, dice: Dice) -> pl.Series:
    n = len(woman)
    wrong, missing = dice.stream("wrong").chances(n, shares.SEX_WRONG), dice.stream("no").chances(n, shares.SEX_MISSING)
    punched.note("sex_missing", missing)
    punched.note("sex_wrong", wrong & ~missing)
    return pl.select(
        pl.when(~pl.lit(missing)).then(pl.when(woman != wrong).then(pl.lit("F")).otherwise(pl.lit("M")))
    ).to_series()


def _office(people: pl.DataFrame, dice: Dice) -> pl.Series:
    luck = dice.stream("where").column(people.height, 1_000_000) / 1_000_000
    anywhere = prefectures(people.height, dice.stream("anywhere"))
    chosen = people.select(
        pl.when(luck < shares.OFFICE_OF_ORIGIN)
        .then("origin")
        .when(luck < shares.OFFICE_OF_ORIGIN + shares.OFFICE_OF_HOME)
        .then("prefecture")
        .otherwise(anywhere)
    ).to_series()
    return offices(chosen, dice.stream("office"))


def records(people: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """One record of each of ``people`` (columns of `persons`): the columns `COLUMNS`."""
    n = people.height
    former, period = _at_the_time(people, dice.stream("time"))
    has_alias = people["alias_last"].is_not_null()
    alias = has_alias & dice.stream("alias").chances(n, shares.UNDER_ALIAS)
    rows = people.select(
        last=pl.when(alias).then("alias_last").when(former).then("born_last").otherwise("last"),
        first=pl.when(alias).then("alias_first").otherwise("first"),
    )
    punched = _Punched(tables().last["kana"].gather(rows["last"]), tables().first["kana"].gather(rows["first"]))
    punched.note("former_surname", former)
    punched.note("alias", alias)
    _spoil(punched, rows, people["foreign"] & ~alias, dice.stream("spoil"))
    space = dice.stream("space").chances(n, shares.SPACE)
    kana = _kana(punched, space, dice.stream("field"))
    no_name = dice.stream("no name").chances(n, shares.NO_NAME)
    for error in punched.errors:
        punched.errors[error] = punched.errors[error] & ~no_name
    punched.note("no_name", no_name)
    kanji = _kanji(people, rows, space, dice.stream("kanji"))
    date, date_error = spoil.misdated(people["birth"], dice.stream("date"))
    for error in spoil.DATE_ERRORS:
        punched.note(error, date_error == error)
    sex = _sex(people["woman"], punched, dice.stream("sex"))
    noted = people["changed"].is_not_null() & ~former & dice.stream("noted").chances(n, shares.FORMER_NOTED)
    born = tables().last["kana"].gather(people["born_last"])
    return pl.select(
        name=pl.when(~no_name).then(kanji),
        name_kana=pl.when(~no_name).then(kana),
        birth_date=date,
        sex=sex,
        office=_office(people, dice.stream("office")),
        period_from=month(period["begin"]),
        period_to=month(period["end"]),
        former_name_kana=pl.when(noted & ~no_name).then(born),
        errors=punched.happened(),
    )


def _kanji(people: pl.DataFrame, rows: pl.DataFrame, space: pl.Series, dice: Dice) -> pl.Series:
    """The name in kanji for a few; null for the others."""
    n = people.height
    variant = people["variant"] & ~dice.stream("plain").chances(n, shares.PLAIN_KANJI)
    last, first = surname(rows["last"], variant), tables().first["kanji"].gather(rows["first"])
    text = spoil.where(space, last + " " + first, last + first)
    return spoil.where(dice.stream("has kanji").chances(n, shares.KANJI), text, pl.Series([None], dtype=pl.String))
