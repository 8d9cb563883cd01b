"""Holds a list of exposed persons that somebody made (a helpline's, a print shop's) against the leak master."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import polars as pl

from sekisho.countries import fold
from sekisho.wording import Text


class Fault(StrEnum):
    """What is wrong with a list."""

    MISSING = "missing"
    STRANGER = "stranger"
    WRONG = "wrong"
    TWICE = "twice"
    NO_NUMBER = "no_number"


SAYS: Mapping[Fault, Text] = {
    Fault.MISSING: Text("exposed, and not on the list", "対象者だが一覧にない"),
    Fault.STRANGER: Text("on the list, and not exposed", "一覧にあるが対象者ではない"),
    Fault.WRONG: Text("on the list with something wrong", "一覧の内容が誤り"),
    Fault.TWICE: Text("on the list more than once", "一覧に重複"),
    Fault.NO_NUMBER: Text("on the list without a number that can be", "一覧に番号がない、または読めない"),
}
FAULTS = {"row": pl.Int64, "person": pl.Int64, "number": pl.String, "fault": pl.String, "differs": pl.String}
"""``row`` of the list, as a spreadsheet counts them, null for who is missing; ``number``: theirs; ``differs``: which
columns, joined by +.
"""
_HELD = ("name", "name_kana", "birth_date", "sex")


def held_against(
    listed: pl.DataFrame, master: pl.DataFrame, numbers: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Every fault of a list, as `FAULTS`, in the order of its rows, then who is missing.

    ``listed``: row, basic_pension_number, what else the list says, items, person (null where it does not). ``master``:
    person, holder, items; ``numbers``: number and person of all that lead to somebody; ``known``: person and what the
    register, or the records, say of them.
    """
    number = pl.col("basic_pension_number")
    led = _led(listed, master, numbers, known)
    without = led.filter(number.is_null() & pl.col("person").is_null())
    stranger = led.filter(number.is_not_null() & pl.col("person").is_null())
    there = led.drop_nulls("person")
    twice = there.filter(pl.col("person").is_duplicated())
    missing = master.join(there, on="person", how="anti").select("person", number="holder")
    found = [
        _rows(without, Fault.NO_NUMBER),
        _rows(stranger, Fault.STRANGER),
        _rows(twice, Fault.TWICE),
        _wrong(there, master, known),
        _shaped(missing.with_columns(row=pl.lit(None, pl.Int64), differs=pl.lit("")), Fault.MISSING),
    ]
    return pl.concat(found).sort("row", "fault", "person", nulls_last=True)


def _led(listed: pl.DataFrame, master: pl.DataFrame, numbers: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The rows with the ``person`` whom each means: as it says itself, else by number, else by name and birth date."""
    said = listed.with_columns(pl.when(pl.col("person").is_in(master["person"].implode())).then(pl.col("person")))
    one = numbers.unique("number").rename({"person": "numbered"})
    by_number = said.join(one, left_on="basic_pension_number", right_on="number", how="left", maintain_order="left")
    return _by_name(by_number.with_columns(pl.coalesce("person", "numbered").alias("person")).drop("numbered"), known)


def _by_name(led: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Rows without a number lead to the only exposed person who is called so and born then."""
    placed = led.with_row_index("place")
    nameless = placed.filter(pl.col("basic_pension_number").is_null() & pl.col("person").is_null())
    key = [fold.names(nameless["name"]).alias("called"), nameless["birth_date"].alias("born")]
    wanted = nameless.select("place").with_columns(key)
    there = known.select("person", fold.names(known["name"]).alias("called"), born="birth_date")
    found = wanted.join(there, on=["called", "born"]).filter(pl.col("place").is_unique())
    both = placed.join(found.select("place", named="person"), on="place", how="left", maintain_order="left")
    return both.with_columns(pl.coalesce("person", "named").alias("person")).drop("place", "named")


def _wrong(there: pl.DataFrame, master: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Rows that say something else than what is so: an old number, a name, a date, items."""
    both = there.join(master, on="person", suffix="_so").join(known, on="person", how="left", suffix="_known")
    compared = both.with_columns(
        fold.names(both["name"]).alias("name"),
        fold.names(both["name_known"]).alias("name_known"),
        fold.readings(both["name_kana"], both["name"]).alias("name_kana"),
        fold.readings(both["name_kana_known"], both["name_known"]).alias("name_kana_known"),
    )
    differ = {name: pl.col(name) != pl.col(f"{name}_known") for name in _HELD}
    number = pl.col("basic_pension_number")
    differ["basic_pension_number"] = (number != pl.col("holder")) | (number.is_null() & pl.col("holder").is_not_null())
    differ["items"] = pl.col("items") != pl.col("items_so")
    said = [pl.when(other.fill_null(value=False)).then(pl.lit(name)) for name, other in differ.items()]
    told = compared.with_columns(differs=pl.concat_str(said, separator="+", ignore_nulls=True))
    return _shaped(told.rename({"basic_pension_number": "number"}).filter(pl.col("differs") != ""), Fault.WRONG)


def _rows(rows: pl.DataFrame, fault: Fault) -> pl.DataFrame:
    return _shaped(rows.rename({"basic_pension_number": "number"}).with_columns(differs=pl.lit("")), fault)


def _shaped(rows: pl.DataFrame, fault: Fault) -> pl.DataFrame:
    told = rows.with_columns(fault=pl.lit(str(fault)))
    return told.select(pl.col(name).cast(kind) for name, kind in FAULTS.items())
