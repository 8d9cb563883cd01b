"""Many holders at once, by any numbers they ever had: who they are now and the row that counts of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.register.current import led
from sekisho.register.current import numbers as every_number
from sekisho.register.roots import Roots
from sekisho.register.rows import CLEAR, FLAGS
from sekisho.register.states import ITEMS, NUMBER, as_number, widened
from sekisho.vault import Register


def all_numbers(register: Register) -> np.ndarray:
    """Int64, in order: every number that leads to a holder."""
    found = [some.filter(pl.col("number") >= 0)["number"].to_numpy() for some in every_number(register)]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *found]))


def several(register: Register, numbers: pl.Series, items: Sequence[str] = ITEMS) -> pl.DataFrame:
    """``number`` as asked, ``id`` of its holder, ``lead``: the current number, the `FLAGS` set on any row, ``items``.

    Numbers that lead to nobody are left out. Only parts that may hold one are opened.
    """
    wanted = pl.DataFrame({"number": numbers.unique()}).with_columns(digits=as_number(pl.col("number")))
    known = _holders(register, wanted.drop_nulls("digits"))
    rows = _last_rows(register, known["id"].unique().sort(), tuple(dict.fromkeys([NUMBER, *items, *FLAGS])))
    of_all = rows.group_by("holder").agg(
        pl.col(flag).filter(pl.col(flag).is_not_null() & (pl.col(flag) != CLEAR)).first() for flag in FLAGS
    )
    plain = [item for item in items if item not in FLAGS]
    main = rows.filter(place=0).select("holder", pl.col(NUMBER).alias("lead"), *plain)
    found = known.join(main, left_on="id", right_on="holder").join(of_all, left_on="id", right_on="holder")
    return found.select("number", "id", "lead", *FLAGS, *plain)


def leads(register: Register, numbers: pl.Series) -> dict[str, str]:
    """The current number of each of some numbers; of those that lead to somebody with one."""
    found = several(register, numbers, ()).filter(pl.col("lead").is_not_null())
    return dict(found.select("number", "lead").iter_rows())


def with_old_numbers(register: Register, holders: Sequence[str]) -> pl.DataFrame:
    """``digits`` (Int64), ``holder``: every number that leads to some holders, who are named by one of theirs."""
    found = several(register, pl.Series(list(holders), dtype=pl.String), ())
    named = found.filter(pl.col("lead").is_not_null()).select("lead", holder="number")
    old = led(register).join(named, on="lead").select("number", "holder")
    now = named.select(number=as_number(pl.col("lead")), holder="holder")
    return pl.concat([old, now]).unique().rename({"number": "digits"})


def _holders(register: Register, wanted: pl.DataFrame) -> pl.DataFrame:
    """``number``, ``id``: who it is now."""
    told = [pl.DataFrame(schema={"digits": pl.Int64, "holder": pl.Int64})]
    ordered = wanted["digits"].unique().sort()
    for span in register.spans("numbers"):
        if _between(ordered, span.first, span.last):
            rows = from_arrow(register.rows_of(span.part)).rename({"number": "digits"})
            told.append(rows.filter(pl.col("digits").is_in(ordered.implode())))
    led = pl.concat(told).unique("digits", keep="last", maintain_order=True)
    who = led.with_columns(id=pl.Series(Roots(register).now(led["holder"].to_numpy()), dtype=pl.Int64))
    return wanted.join(who, on="digits").select("number", "id")


def _last_rows(register: Register, holders: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """All rows of the last state of each holder."""
    found = [pl.DataFrame(schema={"holder": pl.Int64, "place": pl.Int32, **dict.fromkeys(columns, pl.String)})]
    found[0] = found[0].with_columns(pl.lit(0, pl.Int32).alias("import"))
    wanted = ["holder", "place", *columns]
    for span in register.spans("states"):
        if _between(holders, span.first, span.last):
            rows = widened(register.rows_of(span.part, wanted), wanted)
            mine = rows.filter(pl.col("holder").is_in(holders.implode()))
            found.append(mine.with_columns(pl.lit(span.number, pl.Int32).alias("import")))
    told = pl.concat(found)
    return told.filter(pl.col("import") == pl.col("import").max().over("holder"))


def _between(ordered: pl.Series, first: int, last: int) -> bool:
    """Whether one of some numbers in order lies there."""
    return ordered.search_sorted(first, side="left") < ordered.search_sorted(last, side="right")
