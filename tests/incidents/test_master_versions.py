"""Whatever a register joins or splits, and whatever is decided or added: versions add up, and nobody is lost."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.frames import from_arrow
from sekisho.incidents.assemble import Assembled, Before, Found, assemble, nothing
from sekisho.incidents.difference import difference

SECRET = b"s" * 32
NUMBERS = [f"4701-00000{n}" for n in range(5)]
Records = Mapping[int, tuple[str | None, str | None, int]]  # mark -> holder, cluster, items
PLACES = pl.DataFrame(
    {"doc": [0], "scan": [1], "file": ["a"], "shield": ["unprotected"], "modified": [None]},
    schema_overrides={"modified": pl.Datetime("us", "UTC")},
)


def found(records: Records, led: Mapping[str, str]) -> Found:
    """Records as they are gathered: each in a body by its holder's current number, else by its cluster."""
    current = {mark: led.get(holder or "", holder) for mark, (holder, _, _) in records.items()}
    keys = {mark: current[mark] or (f"~{cluster}" if cluster else None) for mark, (_, cluster, _) in records.items()}
    bodies = {key: at for at, key in enumerate(dict.fromkeys(key for key in keys.values() if key))}
    facts = pl.DataFrame(
        {
            "mark": list(records),
            "body": [bodies.get(keys[mark] or "") for mark in records],
            "state": ["settled" if current[mark] else "clustered" if keys[mark] else "unmatched" for mark in records],
            "items": [items for _, _, items in records.values()],
        },
        schema={"mark": pl.Int64, "body": pl.Int64, "state": pl.String, "items": pl.Int32},
    ).with_columns(
        doc=pl.lit(0, pl.Int64),
        ask=pl.lit(value=False),
        notes=pl.lit(0, pl.Int32),
        classes=pl.lit(0, pl.Int32),
        scan=pl.lit(1, pl.Int64),
        record_id=pl.col("mark"),
    )
    holders = [None if key.startswith("~") else key for key in bodies]
    known = pl.DataFrame(
        {"body": list(bodies.values()), "holder": holders}, schema={"body": pl.Int64, "holder": pl.String}
    )
    known = known.with_columns(key="holder")
    loose = facts.filter(pl.col("state") != "settled").select("scan", "record_id", "doc", "body", "state", "ask")
    loose = loose.with_columns(pl.lit(None, pl.String).alias(name) for name in ("number", "name", "kana", "birth"))
    old = pl.DataFrame(
        {"number": list(led), "lead": list(led.values())}, schema={"number": pl.String, "lead": pl.String}
    )
    return Found(facts, known, PLACES, loose, old, pl.Series("body", [], dtype=pl.Int64))


def after(made: Assembled, version: int, earlier: Before | None = None) -> Before:
    """What the next version follows, with those who were exposed earlier only."""
    tables = {name: from_arrow(table) for name, table in made.tables.items()}
    here = [tables["master"], tables["numbers"], tables["placed"].select("mark", "person")]
    past = earlier or nothing()
    gone = ~pl.col("person").is_in(here[0]["person"].implode())
    then = [some.filter(gone) for some in (past.master, past.numbers, past.placed)]
    both = [pl.concat(tables) for tables in zip(here, then, strict=True)]
    return Before(version, both[0], both[1], both[2], then[0]["person"])


a_record = st.tuples(st.sampled_from([None, *NUMBERS]), st.sampled_from([None, "a", "b"]), st.integers(1, 15))
some_records = st.dictionaries(st.integers(0, 11), a_record, max_size=12)
some_leads = st.dictionaries(st.sampled_from(NUMBERS[:3]), st.sampled_from(NUMBERS[3:]), max_size=3)


@settings(max_examples=20)
@given(st.lists(st.tuples(some_records, some_leads), min_size=1, max_size=5))
def test_versions_add_up_and_nobody_is_lost(history: list[tuple[Records, Mapping[str, str]]]) -> None:
    before, masters = nothing(), []
    for version, (records, led) in enumerate(history, 1):
        gathered = found(records, led)
        made = assemble(gathered, before, SECRET)
        master = from_arrow(made.tables["master"])
        placed = from_arrow(made.tables["placed"])
        assert master["person"].is_unique().all()
        assert sorted(placed["mark"]) == sorted(records)
        assert (
            int(master["records"].sum())
            == placed["person"].drop_nulls().len()
            == gathered.facts["body"].drop_nulls().len()
        )
        assert set(placed["person"].drop_nulls()) == set(master["person"])
        assert master.height == gathered.facts["body"].drop_nulls().n_unique()
        assert (master["since"] <= version).all()
        assert (master["grown"] <= version).all()
        assert (master["since"] <= master["grown"]).all()
        was = master.filter(pl.col("was") != "")["was"].str.split("+").explode(empty_as_null=True).cast(pl.Int64)
        assert was.is_unique().all()
        assert set(was).isdisjoint(master["person"])
        for earlier in masters:
            difference(earlier, made.tables["master"])  # raises where it does not add up
        masters.append(made.tables["master"])
        before = after(made, version, before)


@settings(max_examples=10)
@given(some_records, some_leads)
def test_the_same_evidence_makes_the_same_persons(records: Records, led: Mapping[str, str]) -> None:
    one = assemble(found(records, led), nothing(), SECRET)
    other = assemble(found(records, led), after(one, 1), SECRET)
    made = difference(one.tables["master"], other.tables["master"])
    assert made.rows.num_rows == 0
    assert made.before == made.after


def persons(made: Assembled) -> dict[str | None, int]:
    return dict(from_arrow(made.tables["master"]).select("holder", "person").iter_rows())


def test_two_persons_who_turn_out_to_be_one_and_are_taken_apart_again_have_their_old_numbers_back() -> None:
    records: Records = {1: (NUMBERS[0], None, 3), 2: (NUMBERS[3], None, 1)}
    one = assemble(found(records, {}), nothing(), SECRET)
    joined = assemble(found(records, {NUMBERS[0]: NUMBERS[3]}), after(one, 1), SECRET)
    assert persons(joined) == {NUMBERS[3]: persons(one)[NUMBERS[3]]}
    (row,) = joined.tables["master"].to_pylist()
    assert row["was"] == str(persons(one)[NUMBERS[0]])
    assert (row["since"], row["grown"]) == (1, 2)
    split = assemble(found(records, {}), after(joined, 2), SECRET)
    assert persons(split) == persons(one)


def test_a_person_of_records_only_who_is_found_in_the_register_stays_the_same() -> None:
    one = assemble(found({1: (None, "a", 3)}, {}), nothing(), SECRET)
    other = assemble(found({1: (NUMBERS[1], None, 3)}, {}), after(one, 1), SECRET)
    assert list(persons(one).values()) == list(persons(other).values())
    assert difference(one.tables["master"], other.tables["master"]).counts()["identified"] == 1


def test_a_number_that_goes_to_another_person_takes_nobody_elses_place() -> None:
    one = assemble(found({1: (NUMBERS[0], None, 3)}, {}), nothing(), SECRET)
    moved = assemble(found({1: (NUMBERS[0], None, 3)}, {NUMBERS[0]: NUMBERS[3]}), after(one, 1), SECRET)
    both: Records = {1: (NUMBERS[3], None, 3), 2: (NUMBERS[0], None, 1)}
    apart = assemble(found(both, {}), after(moved, 2), SECRET)
    assert persons(apart)[NUMBERS[3]] == persons(one)[NUMBERS[0]]
    assert persons(apart)[NUMBERS[0]] != persons(one)[NUMBERS[0]]


def test_who_was_left_out_of_a_version_comes_back_as_they_were_whatever_number_they_have_now() -> None:
    one = assemble(found({1: (NUMBERS[0], None, 3), 2: (NUMBERS[1], None, 1)}, {}), nothing(), SECRET)
    two = assemble(found({2: (NUMBERS[1], None, 1)}, {}), after(one, 1), SECRET)
    then = after(two, 2, after(one, 1))
    three = assemble(
        found({3: (NUMBERS[3], None, 3), 2: (NUMBERS[1], None, 1)}, {NUMBERS[0]: NUMBERS[3]}), then, SECRET
    )
    assert persons(three)[NUMBERS[3]] == persons(one)[NUMBERS[0]]
    four = assemble(found({3: (NUMBERS[1], None, 3)}, {NUMBERS[0]: NUMBERS[1]}), after(three, 3, then), SECRET)
    (row,) = from_arrow(four.tables["master"]).to_dicts()
    assert (row["person"], row["was"]) == (persons(one)[NUMBERS[1]], str(persons(one)[NUMBERS[0]]))
