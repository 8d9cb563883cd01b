"""Files of new numbers: what the issuer supplies, held against every number that anybody ever had; and what the core
system answers to an export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from sekisho.countries import headers, known, regions
from sekisho.countries import reissue as country
from sekisho.countries.headers import Whose
from sekisho.errors import InputError
from sekisho.frames import from_arrow
from sekisho.model import Item
from sekisho.register.sheets import ROW, Sheet, sheets, torn
from sekisho.register.states import DIGITS, as_number
from sekisho.vault import Register
from sekisho.wording import Text

NEW, OLD, RESULT = "new_number", "old_number", "result"
POOL = {ROW: pl.Int64, "written": pl.String, "number": pl.Int64}
"""``row``: of the file, as a spreadsheet counts them; ``number``: null where what is written is none."""
ANSWERS = {ROW: pl.Int64, "old": pl.Int64, "number": pl.Int64, "result": pl.String}
"""``result``: taken or refused; null where nothing is said that is known."""


class Fault(StrEnum):
    """Why a number of the issuer's file cannot be given to anybody."""

    UNREADABLE = "unreadable"
    NO_OFFICE = "no_office"  # nobody issues numbers that begin so
    NEVER = "never"  # temporary numbers
    TWICE = "twice"  # in this file
    SUPPLIED = "supplied"  # by an earlier file
    SOMEBODYS = "somebodys"  # a holder has it or ever had it, or one of theirs leads to it
    FOUND = "found"  # it stands in a record that was found, whosever that is


@dataclass(frozen=True, slots=True)
class Answers:
    """``table``: `ANSWERS`; ``strays``: rows of another width than the header, ``unreadable``: those that name not both
    numbers; each as a spreadsheet counts them.
    """

    table: pl.DataFrame
    strays: tuple[int, ...]
    unreadable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """Numbers (Int64) that nobody may get, beside those of the register: ``supplied`` by earlier pools, ``forgotten``
    with who had them, and ``found`` in records.
    """

    supplied: pl.Series
    forgotten: pl.Series
    found: Iterable[pl.Series]


def read_pool(path: Path) -> pl.DataFrame:
    """`POOL` of the issuer's file (csv, xlsx or parquet); raises InputError where it is none or a row is torn."""
    found = [pl.DataFrame(schema=POOL)]
    for sheet, places in _sheets(path, (NEW,)):
        for batch in sheet.numbered([places[NEW]]):
            written = batch[str(places[NEW])]
            number = pl.select(as_number(pl.lit(_normal(written)))).to_series()
            found.append(pl.DataFrame([batch[ROW], written.alias("written"), number.alias("number")]))
        if sheet.strays:
            hint = Text(
                "Nothing was taken. Have the issuer send it anew.", "取り込んでいません。発行元に再送を求めてください。"
            )
            raise torn(path, sheet.strays, hint)
    return pl.concat(found).filter(pl.col("written").is_not_null() & (pl.col("written").str.strip_chars() != ""))


def judged(pool: pl.DataFrame, register: Register, known: KnownNumbers, offices: Sequence[str] = ()) -> pl.DataFrame:
    """``row``, ``number``, ``fault`` of all numbers of a pool: the first reason why nobody may get it, null for none.

    ``offices``: what the issuer's numbers begin with, where that was said: nothing else is taken; else what the country
    or the register knows.
    """
    starts = (pl.col("number") // 10**6).cast(pl.String).str.zfill(4)
    ever = _Ever(register, pool["number"])
    issued = [*offices] or [*ever.regions, *(code for one in regions.regions() for code in one.issuers)]
    numbers = pl.col("number")
    checks = {
        Fault.UNREADABLE: numbers.is_null() | ~_is_plain(pl.col("written")),
        Fault.NEVER: pl.any_horizontal(starts.str.starts_with(start) for start in country.words().never),
        Fault.NO_OFFICE: ~pl.any_horizontal(starts.str.starts_with(code) for code in issued),
        Fault.TWICE: ~numbers.is_first_distinct(),
        Fault.SUPPLIED: numbers.is_in(known.supplied.implode()),
        Fault.SOMEBODYS: numbers.is_in(pl.concat([ever.met, known.forgotten]).implode()),
        Fault.FOUND: numbers.is_in(_among(known.found, pool["number"]).implode()),
    }
    first = pl.coalesce(pl.when(is_so).then(pl.lit(str(fault))) for fault, is_so in checks.items())
    return pool.select(ROW, "number", fault=first)


def read_answers(path: Path) -> Answers:
    """What the core system says of an export; raises InputError."""
    found = [pl.DataFrame(schema=ANSWERS)]
    strays: list[int] = []
    for sheet, places in _sheets(path, (NEW, OLD)):
        for batch in sheet.numbered(sorted(places.values())):
            said = batch.filter(pl.any_horizontal(pl.exclude(ROW).str.strip_chars() != ""))
            found.append(_answered(said, places, silent=_is_silent(sheet.labels, places)))
        strays += sheet.strays
    every = pl.concat(found)
    whole = every.drop_nulls(["old", "number"])
    unreadable = every.filter(pl.any_horizontal(pl.col("old", "number").is_null()))[ROW]
    return Answers(whole, tuple(strays), tuple(unreadable))


def _is_silent(labels: Sequence[str], places: dict[str, int]) -> bool:
    """Whether no column says what became of a row, and one that nobody knows may."""
    others = [headers.meaning(label) for at, label in enumerate(labels) if label and at not in places.values()]
    return RESULT not in places and any(not one.key and one.whose is Whose.SUBJECT for one in others)


def _answered(batch: pl.DataFrame, places: dict[str, int], *, silent: bool) -> pl.DataFrame:
    """``silent``: where nothing is said of what became of a row, that is not known; else it was taken."""
    old, new = (as_number(pl.lit(_normal(batch[str(places[name])]))) for name in (OLD, NEW))
    unsaid = pl.lit(None, pl.String) if silent else pl.lit(country.TAKEN)
    result = _result(batch[str(places[RESULT])]) if RESULT in places else unsaid
    return batch.select(ROW, pl.select(old=old).to_series(), pl.select(number=new).to_series(), result=result)


def _result(column: pl.Series) -> pl.Series:
    """By the words in a cell; an empty or unknown one says nothing."""
    said, words = pl.lit(column.str.strip_chars(" 　。.").str.to_lowercase()), country.words()
    unclear, refused = (_holds(said, some) for some in (words.unclear, words.refused))
    taken = said.is_in(list(words.taken))
    return pl.select(
        pl.when(refused & ~unclear)
        .then(pl.lit(country.REFUSED))
        .when(taken)
        .then(pl.lit(country.TAKEN))
        .alias("result")
    ).to_series()


def _holds(said: pl.Expr, words: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(said.str.contains(word, literal=True) for word in words)


def _sheets(path: Path, needed: Sequence[str]) -> Iterator[tuple[Sheet, dict[str, int]]]:
    """The sheets that have the columns needed, and where each column stands."""
    some = False
    for sheet in sheets(path, lambda labels: set(needed) <= _places(labels).keys()):
        places = _places(sheet.labels)
        if set(needed) <= places.keys():
            some = True
            yield sheet, places
    if not some:
        raise _no_header(path, needed)


def _places(labels: Sequence[str]) -> dict[str, int]:
    normal = [headers.normal(label) for label in labels]
    found: dict[str, int] = {}
    for name, words in country.words().headers.items():
        place = next((normal.index(word) for word in words if word in normal), None)
        if place is not None:
            found[name] = place
    if NEW not in found and (own := _own(labels)) is not None and own not in found.values():
        found[NEW] = own
    return found


def _own(labels: Sequence[str]) -> int | None:
    """The column that is called as a number is in any register."""
    found = (at for at, label in enumerate(labels) if headers.meaning(label).key == Item.BASIC_PENSION_NUMBER)
    return next(found, None)


def _normal(column: pl.Series) -> pl.Series:
    return known.normalise(Item.BASIC_PENSION_NUMBER, column)


def _is_plain(written: pl.Expr) -> pl.Expr:
    """Ten digits: what lost its leading zeros somewhere may be another number."""
    return written.str.replace_all(r"[^0-9０-９]", "").str.len_chars() == DIGITS


def taken(register: Register, known: KnownNumbers, numbers: pl.Series) -> pl.Series:
    """Those of some numbers (Int64) that are, or were, somebody's by now."""
    met = [_Ever(register, numbers).met, known.forgotten, _among(known.found, numbers)]
    return pl.concat(met).unique()


class _Ever:
    """Those of the ``wanted`` numbers that lead, or ever led, to a holder, by acts that were taken back too (``met``);
    and the ``regions`` of all that do: their first two digits.
    """

    def __init__(self, register: Register, wanted: pl.Series) -> None:
        self.regions: set[str] = set()
        self.met = _among(self._numbers(register), wanted)

    def _numbers(self, register: Register) -> Iterator[pl.Series]:
        for span in register.spans("numbers", undone_too=True):
            numbers = from_arrow(register.rows_of(span.part, ["number"]))["number"]
            codes = (numbers.filter(numbers > 0) // 10**8).unique()
            self.regions |= {f"{code:02}" for code in codes}
            yield numbers


def _among(some: Iterable[pl.Series], wanted: pl.Series) -> pl.Series:
    """Those of ``wanted`` that are among some numbers (Int64)."""
    met = [pl.Series("number", dtype=pl.Int64)]
    for numbers in some:
        met.append(numbers.filter(numbers.is_in(wanted.drop_nulls().implode())).cast(pl.Int64))
    return pl.concat(met).unique()


def _no_header(path: Path, needed: Sequence[str]) -> InputError:
    labels = "、".join(country.words().headers[name][0] for name in needed)
    return InputError(
        Text("No row of {file} names its columns.", "{file} に列見出しの行が見つかりません。").fill(file=path),
        Text("Needed are: {labels}.", "必要な見出し: {labels}").fill(labels=labels),
    )
