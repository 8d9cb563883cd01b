"""What changed in the register between its imports, held against the requests that should explain it.

A request is a row of a file: a number, and for each item that was asked to be changed its new value. A change is
explained by a request of the same holder, for the same item, with the very value that the register has since. What no
request asked for may be an error, or somebody's doing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sekisho.register.current import current
from sekisho.register.roots import Roots
from sekisho.register.rows import Rows
from sekisho.register.several import several
from sekisho.register.states import ITEMS, NUMBER, STATES, empty, widened
from sekisho.vault import Kind, Register

UNEXPLAINED = {"act": pl.Int64, "holder": pl.Int64, "number": pl.String, "item": pl.String}


@dataclass(frozen=True, slots=True)
class Compared:
    """``changes`` of items that requests could ask for = ``explained`` + rows of ``unexplained`` (`UNEXPLAINED`).

    ``unchecked``: by item, changes of items that the file of requests has no column for. ``entered``: holders who are
    new; ``unasked``: those of them of whom no request speaks. ``acts``: the imports that were looked at.
    """

    acts: tuple[int, ...]
    changes: int
    explained: int
    unexplained: pl.DataFrame
    unchecked: dict[str, int]
    entered: int
    unasked: int


def compare(register: Register, requests: Rows, since: int) -> Compared:
    """Hold what the imports after act ``since`` changed against requests."""
    items = [item for item in ITEMS if item in requests.mapping.values() and item != NUMBER]
    roots = Roots(register)
    asked = _asked(register, requests, items)
    undone = register.undone()
    acts = [a.number for a in register.acts() if a.kind is Kind.IMPORT and a.number > since and a.number not in undone]
    long = [pl.DataFrame(schema={**UNEXPLAINED, "value": pl.String})]
    entered = [pl.DataFrame(schema={"holder": pl.Int64})]
    for act in acts:
        now, before = _around(register, act)
        both = now.join(before, on="holder", how="left", suffix="_before").with_columns(pl.col("was").fill_null(False))
        entered.append(_root(both.filter(~pl.col("was")), roots).to_frame())
        long += [_changed(both.filter("was"), item, act, roots) for item in ITEMS if item != NUMBER]
    changed, new = pl.concat(long), pl.concat(entered)
    could = changed.filter(pl.col("item").is_in(items))
    wrong = could.join(asked, on=["holder", "item", "value"], how="anti", nulls_equal=True)
    others = changed.filter(~pl.col("item").is_in(items))["item"].value_counts().sort("item")
    unasked = new.join(asked.select("holder"), on="holder", how="anti")
    return Compared(
        tuple(acts),
        could.height,
        could.height - wrong.height,
        wrong.drop("value").sort("act", "holder", "item"),
        dict(others.iter_rows()),
        new.height,
        unasked.height,
    )


def _asked(register: Register, requests: Rows, items: list[str]) -> pl.DataFrame:
    """``holder``, ``item`` and ``value``; a row with a number alone speaks of its holder, of no item."""
    schema = {"holder": pl.Int64, "item": pl.String, "value": pl.String}
    found = [pl.DataFrame(schema=schema)]
    for rows in requests.batches([NUMBER, *items]):
        whose = several(register, rows[NUMBER].drop_nulls(), ()).select(pl.col("number").alias(NUMBER), holder="id")
        named = rows.join(whose, on=NUMBER)
        told = named.unpivot(items, index="holder", variable_name="item", value_name="value").drop_nulls("value")
        found += [told.select(*schema), named.select("holder", item=pl.lit(""), value=pl.lit(""))]
    return pl.concat(found).unique()


def _around(register: Register, act: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The main rows of the states that an import made, and of the same holders before it (with ``was``)."""
    spans = [span for span in register.spans("states", act) if span.number == act]
    made = [widened(register.rows_of(span.part), STATES.names).filter(place=0) for span in spans]
    now = pl.concat([empty(STATES), *made])
    mine = now["holder"].implode()
    is_mine = (pl.col("place") == 0) & pl.col("holder").is_in(mine)
    earlier = [rows.filter(is_mine) for rows in current(register, until=act - 1)]
    before = pl.concat([empty(STATES), *earlier]).with_columns(was=pl.lit(True))
    return now, before.drop("place")


def _changed(both: pl.DataFrame, item: str, act: int, roots: Roots) -> pl.DataFrame:
    other = both.filter(pl.col(item).ne_missing(pl.col(f"{item}_before")))
    return other.select(
        pl.lit(act, pl.Int64).alias("act"),
        _root(other, roots).alias("holder"),
        pl.col(NUMBER).alias("number"),
        pl.lit(item).alias("item"),
        pl.col(item).alias("value"),
    )


def _root(rows: pl.DataFrame, roots: Roots) -> pl.Series:
    """Who they are now."""
    return pl.Series("holder", roots.now(rows["holder"].to_numpy()), pl.Int64)
