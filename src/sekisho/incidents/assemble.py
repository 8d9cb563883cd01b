"""A new version of the leak master from records that have a body each: who these are, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.continuity import continued
from sekisho.incidents.exposed import exposed, spelled
from sekisho.incidents.facts import NOTES, legal, mask
from sekisho.incidents.master import MASTER, NUMBERS, OPEN, PLACED, TABLES, UNLISTED
from sekisho.incidents.steps import ITEMS


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the documents of an incident.

    ``facts``: scan, record_id, mark, doc, body, state, ask, and the masks, a row a record. ``bodies``: body, holder
    (the current number) and ``key``, which names who is in a register. ``places``: documents, as `belongs` gives them.
    ``loose``: `OPEN` without person, with body. ``led``: number and lead, of all old numbers. ``forgotten``: bodies of
    persons who were forgotten since.
    """

    facts: pl.DataFrame
    bodies: pl.DataFrame
    places: pl.DataFrame
    loose: pl.DataFrame
    led: pl.DataFrame
    forgotten: pl.Series


@dataclass(frozen=True, slots=True)
class Before:
    """The version before: its `MASTER`, `NUMBERS`, and mark and person of `PLACED`; empty tables for none.

    With those who were exposed earlier and are in it no more, as they were last: whoever comes back is the same person.
    """

    version: int
    master: pl.DataFrame
    numbers: pl.DataFrame
    placed: pl.DataFrame
    lost: pl.Series = field(default_factory=partial(pl.Series, "person", [], pl.Int64))

    def there(self) -> pl.DataFrame:
        """`MASTER` of the version itself."""
        return self.master.filter(~pl.col("person").is_in(self.lost.implode()))


def nothing() -> Before:
    """Before the first version."""
    empty = {name: from_arrow(TABLES[name].empty_table()) for name in ("master", "numbers", "placed")}
    return Before(0, empty["master"], empty["numbers"], empty["placed"].select("mark", "person"))


@dataclass(frozen=True, slots=True)
class Assembled:
    """The tables of the new version, by name; ``persons``: body and person; ``split``: how many came out of others."""

    tables: dict[str, pa.Table]
    persons: pl.DataFrame
    split: int


def assemble(found: Found, before: Before, secret: bytes) -> Assembled:
    """The version after ``before``; ``secret``: what the numbers of new persons are made with."""
    lost = pl.col("person").is_in(before.lost.implode())
    then = before.master.select("person", "holder", "since", now=_current(pl.col("holder"), found.led), lost=lost)
    marks = found.facts.select("mark", "body").drop_nulls()
    called = marks.group_by("body").agg(pl.col("mark").min())
    bodies = found.bodies.join(called, on="body").select(
        "body",
        "holder",
        called=pl.when(pl.col("key").is_not_null())
        .then(pl.concat_str(pl.lit("holder "), "key"))
        .otherwise(pl.concat_str(pl.lit("cluster "), "mark")),
    )
    who = continued(bodies, marks, then, before.placed, secret)
    persons = who.bodies.join(found.bodies, on="body")
    master = _master(found, before, persons)
    numbers = _numbers(found, before, persons, master)
    of_body = persons.select("body", "person")
    open_records = found.loose.join(of_body, on="body", how="left", maintain_order="left")
    placed = found.facts.select("mark", "doc", "body", "items").join(of_body, on="body", how="left")
    tables = {"master": master, "numbers": numbers, "open": open_records, "placed": placed.sort("doc", "mark")}
    schemas = {"master": MASTER, "numbers": NUMBERS, "open": OPEN, "placed": PLACED}
    return Assembled({name: to_arrow(rows, schemas[name]) for name, rows in tables.items()}, of_body, who.split.height)


def _current(holder: pl.Expr, led: pl.DataFrame) -> pl.Expr:
    return holder.replace(led["number"], led["lead"]) if led.height else holder


def _master(found: Found, before: Before, persons: pl.DataFrame) -> pl.DataFrame:
    version = before.version + 1
    masks = {"items": ITEMS, "notes": NOTES, "classes": legal()}
    written = {"items": "items", "notes": "other_items", "classes": "classes"}
    then = before.master.select(
        "person",
        pl.col("since").alias("since_then"),
        pl.col("grown").alias("grown_then"),
        *(mask(bits, pl.col(written[name])).alias(f"{name}_then") for name, bits in masks.items()),
    )
    rows = exposed(found.facts, found.places).join(persons, on="body").join(then, on="person", how="left")
    more = [pl.col(name) & ~pl.col(f"{name}_then").fill_null(0) != 0 for name in masks]
    gone = pl.col("body").is_in(found.forgotten.implode())
    state = pl.when(gone).then(pl.lit("forgotten")).when(pl.col("holder").is_null()).then(pl.lit("clustered"))
    told = rows.with_columns(
        state=state.otherwise(pl.lit("settled")),
        holder=pl.when(~gone).then("holder"),
        since=_earliest(before, persons, version),
        grown=pl.when(pl.any_horizontal(more) | pl.col("since_then").is_null()).then(version).otherwise("grown_then"),
        was=pl.lit(""),
    ).drop("was")
    return (
        spelled(told)
        .join(_was(before, persons), on="person", how="left")
        .with_columns(pl.col("was").fill_null(""))
        .sort("person")
    )


def _earliest(before: Before, persons: pl.DataFrame, version: int) -> pl.Expr:
    """The version in which anybody came who turned out to be them."""
    since = dict(before.master.select("person", "since").iter_rows()) if _merged(persons).height else {}
    led = (
        _merged(persons)
        .group_by("person")
        .agg(pl.col("was").replace_strict(since, default=version, return_dtype=pl.Int64).min().alias("early"))
    )
    early = pl.col("person").replace_strict(led["person"], led["early"], default=version, return_dtype=pl.Int64)
    return pl.min_horizontal(pl.col("since_then").fill_null(version), early)


def _merged(persons: pl.DataFrame) -> pl.DataFrame:
    return persons.select("person", "was").explode("was", empty_as_null=True).drop_nulls()


def _was(before: Before, persons: pl.DataFrame) -> pl.DataFrame:
    """Everybody who ever turned out to be somebody, but for those who are there again."""
    earlier = before.master.filter(pl.col("was") != "").select("person", pl.col("was").str.split("+")).explode("was")
    earlier = earlier.with_columns(pl.col("was").cast(pl.Int64))
    now = _merged(persons)
    chained = earlier.join(now.rename({"person": "into"}), left_on="person", right_on="was", how="left")
    every = pl.concat([now, chained.select(person=pl.coalesce("into", "person"), was="was")])
    every = every.unique("was", keep="first", maintain_order=True)
    left = every.filter(
        ~pl.col("was").is_in(persons["person"].implode()), pl.col("person").is_in(persons["person"].implode())
    )
    return left.sort("was").group_by("person").agg(pl.col("was").cast(pl.String).str.join("+"))


def _numbers(found: Found, before: Before, persons: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    """Every number that leads, or ever led, to a person, and those written of who is in no register."""
    holders = master.filter(pl.col("holder").is_not_null()).select("person", number="holder", kind=pl.lit("holder"))
    old = found.led.join(holders, left_on="lead", right_on="number").select("person", "number", kind=pl.lit("old"))
    listed = persons.filter(pl.col("holder").is_null()).select("body", "person")
    written = (
        found.loose.drop_nulls("number").join(listed, on="body").select("person", "number", kind=pl.lit("written"))
    )
    into = _merged(persons).select(into="person", person="was")
    led = before.numbers.join(into, on="person", how="left").with_columns(person=pl.coalesce("into", "person"))
    nameable = master.filter(pl.col("state") != "forgotten").select("person")
    once = led.join(nameable, on="person", how="semi").filter(pl.col("kind") != "written")
    taken = pl.concat([holders, old]).select("number")  # a number that leads to another one now is theirs
    once = once.join(taken, on="number", how="anti").select("person", "number", kind=pl.lit("old"))
    every = pl.concat([holders, old, once, written]).unique(["person", "number"], keep="first", maintain_order=True)
    return every.sort("number", "person")


def unlisted(known: pa.Table, persons: pl.DataFrame) -> pa.Table:
    """`UNLISTED` from what is known of bodies (`persons.known`, by ``person``: the body)."""
    rows = from_arrow(known).rename({"person": "body"}).join(persons, on="body")
    return to_arrow(rows.sort("person"), UNLISTED)
