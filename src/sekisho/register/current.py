"""The holders as they are: the rows of each one's last state, under the number that they have now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.register.roots import Roots
from sekisho.register.rows import CLEAR
from sekisho.register.states import ITEMS, NUMBER, NUMBERS, STATES, as_text, empty, widened
from sekisho.vault import Register

PARTS_AT_ONCE = 10


def total(register: Register) -> int:
    """Holders that ever were, of acts that were undone too: nobody gets the place of another."""
    return register.last("holders") + 1


def current(
    register: Register,
    columns: Sequence[str] = tuple(STATES.names),
    table: str = "states",
    until: int | None = None,
) -> Iterator[pl.DataFrame]:
    """The rows of every holder's last state, now or after act ``until``, part by part, the latest act first.

    ``columns`` hold ``holder``; of the table ``states``, or of ``holders``, which says less and is read faster.
    """
    spans = register.spans(table, until)
    seen = np.zeros(total(register), bool)
    for number in sorted({span.number for span in spans}, reverse=True):
        fresh = []
        for span in spans:
            if span.number == number:
                rows = widened(register.rows_of(span.part, columns), columns)
                holders = rows["holder"].to_numpy()
                here = seen[holders]
                yield rows.filter(~pl.Series(here)) if here.any() else rows
                fresh.append(holders)
        for holders in fresh:
            seen[holders] = True


def leads(register: Register, wanted: np.ndarray, until: int | None = None) -> pl.DataFrame:
    """``holder`` and ``lead``, the current number as text, of those who are ``wanted`` (Boolean by holder)."""
    found = [pl.DataFrame(schema={"holder": pl.Int64, "lead": pl.String})]
    for rows in current(register, ["holder", "place", "number"], "holders", until) if wanted.any() else ():
        main = rows.filter((pl.col("place") == 0) & pl.Series(wanted[rows["holder"].to_numpy()]))
        found.append(main.select("holder", lead=as_text(pl.col("number"))))
    return pl.concat(found)


def under_one_number(
    register: Register, columns: Sequence[str] = ITEMS, some: np.ndarray | None = None
) -> Iterator[pl.DataFrame]:
    """`current`, with ``root``, who each row's holder is now, and ``lead``, their current number.

    Some columns, with ``holder``, ``place`` and the number. Of ``some`` holders only (Boolean by holder), with the rows
    of those who turned out to be one of them.
    """
    roots = Roots(register)
    named = leads(register, _with_several_rows(register, roots)).rename({"holder": "root"})
    for rows in current(register, list(dict.fromkeys(("holder", "place", NUMBER, *columns)))):
        root = roots.now(rows["holder"].to_numpy())
        rooted = rows.with_columns(root=pl.Series(root, dtype=pl.Int64))
        if some is not None:
            rooted = rooted.filter(pl.Series(some[root]))
        found = rooted.join(named, on="root", how="left", maintain_order="left")
        yield found.with_columns(lead=pl.coalesce("lead", NUMBER))


def protected(register: Register) -> np.ndarray:
    """Boolean by holder: all who must not be found, by any row of their last state or of one who is joined to them."""
    found, roots = np.zeros(total(register), bool), Roots(register)
    for rows in current(register, ["holder", "protected_address"]):
        told = rows.filter(pl.col("protected_address").is_not_null(), pl.col("protected_address") != CLEAR)
        found[roots.now(told["holder"].to_numpy())] = True
    return found


def led(register: Register) -> pl.DataFrame:
    """``number`` (Int64) and ``lead``: every number that is nobody's current one, and the current one of its holder."""
    main = np.full(total(register), -1, np.int64)  # by holder: the current number
    for rows in current(register, ["holder", "place", "number"], "holders"):
        first = rows.filter(place=0)
        main[first["holder"].to_numpy()] = first["number"].fill_null(-1).to_numpy()
    roots = Roots(register)
    found = [pl.DataFrame(schema={"number": pl.Int64, "lead": pl.String})]
    for told in numbers(register):
        holder = roots.now(told["holder"].to_numpy())
        named = told.select("number", lead=pl.Series(main[holder], dtype=pl.Int64))
        old = named.filter(pl.col("number") != pl.col("lead"), pl.col("number") >= 0, pl.col("lead") >= 0)
        found.append(old.with_columns(lead=as_text(pl.col("lead"))))
    return pl.concat(found)


def numbers(register: Register) -> Iterator[pl.DataFrame]:
    """Rows of `NUMBERS` that count, in frames."""
    spans = register.spans("numbers")
    cuts = sorted({span.first for span in spans})[::PARTS_AT_ONCE]
    for first, after in zip(cuts, [*cuts[1:], 2**63], strict=True):
        told = (from_arrow(register.rows_of(span.part)) for span in spans if span.meets(first, after - 1))
        found = pl.concat([empty(NUMBERS), *told]).filter(pl.col("number").is_between(first, after - 1))
        yield found.unique("number", keep="last")


def _with_several_rows(register: Register, roots: Roots) -> np.ndarray:
    """Boolean by holder: who has several rows, of one number or as they were joined."""
    several = np.zeros(total(register), bool)
    several[roots.into] = True
    for rows in current(register, ["holder", "place"], "holders"):
        several[rows.filter(pl.col("place") > 0)["holder"].to_numpy()] = True
    return several
