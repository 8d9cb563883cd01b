"""What became of the holders since an import: who is new, changed or gone, so that an index can keep in step."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sekisho.register.states import JOINED, NUMBER, current, frame, roots, total
from sekisho.vault import Register

NEW, CHANGED, GONE = "new", "changed", "gone"
CHANGES = {"holder": pl.Int64, "change": pl.String, "number": pl.String, "before": pl.String}
"""``holder`` is never given to anybody else; ``number``: the current one now, ``before``: the one after that import.

Null where there is none, or nobody. Who is gone turned out to be somebody else.
"""


def since(register: Register, number: int) -> Iterator[pl.DataFrame]:
    """Frames of `CHANGES`: each holder whom something after import ``number`` concerns, once, in order."""
    touched = _touched(register, number)
    before, now = (_numbers(register, touched, until) for until in (number, None))
    told = touched.to_frame().join(before, on="holder", how="left", maintain_order="left")
    told = told.join(now, on="holder", how="left", maintain_order="left")
    was, is_now = pl.col("was").is_not_null(), pl.col("is").is_not_null()
    change = pl.when(was & is_now).then(pl.lit(CHANGED)).when(is_now).then(pl.lit(NEW)).otherwise(pl.lit(GONE))
    seen = told.filter(was | is_now).select("holder", change=change, number="is_number", before="was_number")
    yield from seen.iter_slices(100_000)


def rows_since(register: Register, number: int) -> pl.Series:
    """The holders whose rows an index must read again: those who are new or changed."""
    found = [some.filter(pl.col("change") != GONE)["holder"] for some in since(register, number)]
    return pl.concat([pl.Series("holder", dtype=pl.Int64), *found])


def _touched(register: Register, number: int) -> pl.Series:
    """Holders, in order, of whom something was said, or who were joined, after import ``number``."""
    found = [pl.Series("holder", dtype=pl.Int64)]
    for span in register.spans("states"):
        if span.number > number:
            found.append(frame(register.rows_of(span.part, ["holder"]))["holder"].unique())
    for span in register.spans("joined"):
        if span.number > number:
            pairs = frame(register.rows_of(span.part, JOINED.names))
            found += [pairs["holder"], pairs["into"].alias("holder")]
    root = roots(register, total(register))
    whom = pl.concat(found)
    return pl.concat([whom, pl.Series("holder", root[whom.to_numpy()])]).unique().sort()


def _numbers(register: Register, wanted: pl.Series, until: int | None) -> pl.DataFrame:
    """``holder``, ``was`` and ``was_number`` (or ``is``, ``is_number``) of those who stood for themselves then."""
    name = "is" if until is None else "was"
    root = roots(register, total(register), until)
    themselves = wanted.filter(pl.Series(root[wanted.to_numpy()] == wanted.to_numpy()))
    found = [pl.DataFrame(schema={"holder": pl.Int64, name: pl.Boolean, f"{name}_number": pl.String})]
    for rows in current(register, ["holder", "place", NUMBER], until):
        main = rows.filter((pl.col("place") == 0) & pl.col("holder").is_in(themselves.implode()))
        found.append(main.select("holder", pl.lit(value=True).alias(name), pl.col(NUMBER).alias(f"{name}_number")))
    return pl.concat(found)
