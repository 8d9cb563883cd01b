"""What is known of each person: what the register says of a holder, what the records say of anybody else."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import pyarrow as pa

from sekisho.countries.headers import is_other_name
from sekisho.frames import from_arrow, to_arrow
from sekisho.model import HOLDERS, Item, State

ITEMS = tuple(str(item) for item in Item)
COLUMNS = ("record_id", *ITEMS, "other")
_OTHER = "other:"
_ENTRIES = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


def known(records: Iterable[pa.Table], matches: pa.Table, holders: pa.Table | None) -> pa.Table:
    """One row a person, in the order of their numbers: person, state, holder, the items, other_names, records...

    ``records``: batches with at least `COLUMNS`. An item that several records give is the one that most of them give.
    """
    matched = from_arrow(matches).filter(pl.col("person").is_not_null())
    told = _values(records, matched.select("record_id", "person"))
    persons = matched.group_by("person").agg(
        pl.col("state").cast(pl.String).sort().last(),
        pl.col("holder").drop_nulls().first(),
        pl.len().cast(pl.Int64).alias("records"),
        pl.col("ask").any(),
        (pl.col("conflict").fill_null("") != "").any().alias("conflict"),
    )
    persons = persons.join(told, on="person", how="left")
    if holders is not None:
        persons = _by_register(persons, from_arrow(holders))
    order = ("person", "state", "holder", *ITEMS, "other_names", "records", "ask", "conflict")
    return to_arrow(persons.select(order).sort("person"))


def _values(records: Iterable[pa.Table], matched: pl.DataFrame) -> pl.DataFrame:
    """By person, for each item the value that most of the records give, ties go to the smaller one; further names."""
    counts: dict[str, list[pl.DataFrame]] = {item: [] for item in ITEMS}
    others = [pl.DataFrame(schema={"person": pl.Int64, "other_names": pl.String})]
    for batch in records:
        joined = from_arrow(batch.select(COLUMNS)).join(matched, on="record_id")
        others.append(_other_names(joined))
        for item in ITEMS:
            given = joined.filter(pl.col(item).is_not_null())
            counts[item].append(given.group_by("person", item).len("times"))
    people = matched.select("person").unique()
    for item, parts in counts.items():
        if parts:
            summed = pl.concat(parts).group_by("person", item).agg(pl.col("times").sum())
            most_first = summed.sort("person", "times", item, descending=[False, True, False])
            best = most_first.group_by("person", maintain_order=True).first()
            people = people.join(best.select("person", item), on="person", how="left")
        else:
            people = people.with_columns(pl.lit(None, pl.String).alias(item))
    names = pl.concat(others).group_by("person").agg(pl.col("other_names").unique().sort().str.join(" / "))
    return people.join(names, on="person", how="left")


def _other_names(joined: pl.DataFrame) -> pl.DataFrame:
    """Persons and their further names in some records, each once, as they stand there."""
    others = (
        joined.select("person", pl.col("other").cast(_ENTRIES)).explode("other").drop_nulls("other").unnest("other")
    )
    labels = others["key"].unique().to_list()
    names = [key for key in labels if key.startswith(_OTHER) and is_other_name(key.removeprefix(_OTHER))]
    return others.filter(pl.col("key").is_in(names)).select("person", other_names="value").unique()


def _by_register(persons: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """What the register gives of its holders stands in place of what records say."""
    register = holders.with_columns(pl.col(Item.BASIC_PENSION_NUMBER).alias("holder")).unique("holder", keep="first")
    joined = persons.join(register, on="holder", how="left", suffix=" of the register")
    settled = pl.col("state") == State.SETTLED
    return joined.with_columns(
        pl.when(settled & pl.col(f"{name} of the register").is_not_null())
        .then(pl.col(f"{name} of the register"))
        .otherwise(pl.col(name))
        .alias(name)
        for name in HOLDERS.names
    )
