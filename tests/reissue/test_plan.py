"""Where everybody stands whose number leaked, without a vault."""

from __future__ import annotations

import polars as pl

from sekisho.actions.reissue import Former, Plan, Why, plan

NONE = pl.Series("n", dtype=pl.Int64)


def planned(*rows: tuple[int, str | None, str, str], free: int = 9) -> Plan:
    """``rows``: person, holder, items and how they are told."""
    columns = ["person", "holder", "items", "way"]
    told = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String) | {"person": pl.Int64}, orient="row")
    master = told.with_columns(number_of_items=pl.lit(2, pl.Int64), was=pl.lit(""))
    given = pl.DataFrame(schema=dict.fromkeys(("person", "old", "number"), pl.Int64))
    return plan(master, told.select("person", "way"), given, Former(NONE, NONE), free, 1)


def test_persons_who_share_a_number_wait_until_somebody_says_whose_it_is() -> None:
    made = planned(
        (1, "4701-000001", "basic_pension_number+name", "letter"),
        (2, "4701-000001", "basic_pension_number+name", "letter"),
        (3, "4701-000003", "certificate_number", "letter"),
    )
    assert made.counts == {Why.READY: 1, Why.SHARED: 2}
    assert made.ready == [(3, 4701000003)]
    assert made.waiting["person"].to_list() == [1, 2]


def test_whose_number_did_not_leak_and_who_has_none_get_none() -> None:
    made = planned((1, "4701-000001", "name+birth_date", "letter"), (2, None, "basic_pension_number", "publication"))
    assert made.counts == {Why.NOT_IN_REGISTER: 1}
    assert (made.persons, made.waiting.height) == (2, 0)


def test_an_empty_pool_leaves_everybody_on_the_worklist() -> None:
    made = planned((1, "4701-000001", "basic_pension_number", "letter"), free=0)
    assert (made.counts, made.lacking, made.ready) == ({Why.POOL_USED_UP: 1}, 1, [])
