"""Changes since the first infection: each row of a file has one place in the account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.incidents.past import LISTED, Standing, Step, When, review

FIRST = datetime(2015, 5, 8, 1, 28, tzinfo=UTC)
DAY = timedelta(days=1)
SCHEMA = {
    **dict.fromkeys(("file", "row", "person"), pl.Int64),
    **dict.fromkeys(("begin", "end"), pl.Datetime("us", "UTC")),
    **dict.fromkeys(
        (
            *("number", "number_written", "name", "name_kana", "birth_date", "when_written", "kinds", "done"),
            *("reference", "new_address", "new_account", "standing", "who"),
        ),
        pl.String,
    ),
}


def changes(*some: dict[str, object]) -> pl.DataFrame:
    usual = {"file": 1, "kinds": "address", "done": "done", "standing": "exposed"}
    rows = []
    for at, one in enumerate(some, 1):
        row = {
            **dict.fromkeys(SCHEMA),
            **usual,
            "row": at,
            "number": f"4701-{at:06}",
            "who": str(at),
            "person": at,
            **one,
        }
        rows.append(row)
    return pl.DataFrame(rows, SCHEMA)


def at(begin: datetime | None, end: datetime | None = None) -> dict[str, object]:
    return {"begin": begin, "end": end}


def times(*some: dict[str, object]) -> list[str]:
    return review(changes(*some), FIRST, b"k").worklist.sort("row")["time"].to_list()


def test_a_change_on_the_day_itself_without_a_time_could_be_since() -> None:
    day = FIRST.replace(hour=0, minute=0)
    found = review(changes(at(day, day + DAY), at(FIRST, FIRST + DAY), at(day - DAY, day), at(None)), FIRST, b"k")
    assert found.worklist.sort("row").select("row", "time").rows() == [(1, "perhaps"), (2, "since"), (4, "perhaps")]
    assert found.account.cells[When.BEFORE, Standing.EXPOSED] == 1
    assert Step.FIND_OUT_WHEN in found.worklist.filter(row=4)["steps"][0]


def test_the_very_second_of_the_first_infection_counts() -> None:
    second = timedelta(seconds=1)
    assert times(at(FIRST, FIRST + second), at(FIRST - second, FIRST)) == ["since"]


def test_without_a_first_infection_every_change_could_be_since() -> None:
    found = review(changes(at(FIRST - 100 * DAY, FIRST - 99 * DAY)), None, b"k")
    assert found.worklist["time"].to_list() == ["perhaps"]


def test_the_same_change_twice_is_one_and_two_changes_are_two() -> None:
    same = {"number": "4701-000001", "who": "1", "person": 1, **at(FIRST + DAY, FIRST + 2 * DAY)}
    found = review(
        changes(
            *({**same, "new_address": "甲"}, {**same, "new_address": "甲"}, {**same, "new_address": "乙"}),
            *({**same, "reference": "A"}, {**same, "reference": "A", "file": 2}, {**same, "reference": "B"}),
        ),
        FIRST,
        b"k",
    )
    assert (found.account.duplicates, found.account.listed, found.account.persons) == (2, 4, 1)
    assert found.worklist["entry"].n_unique() == 4


def test_two_changes_under_one_reference_are_two_and_the_first_keeps_its_name() -> None:
    same = {"number": "4701-000001", "who": "1", "person": 1, "reference": "A", **at(FIRST + DAY, FIRST + 2 * DAY)}
    values: list[dict[str, object]] = [
        {"new_account": "1"},
        {"new_account": "2"},
        {},
        {"new_account": "1"},
        {"new_account": "2"},
    ]
    found = review(changes(*({**same, **value} for value in values)), FIRST, b"k")
    assert (found.account.duplicates, found.account.listed) == (3, 2)
    alone = review(changes({**same, **values[0]}), FIRST, b"k").worklist["entry"][0]
    assert found.worklist.filter(new_account="1")["entry"].to_list() == [alone]


@pytest.mark.parametrize("before", ["refused", "pending"])
def test_a_change_that_was_carried_out_is_not_taken_for_the_one_that_was_refused_or_waited(before: str) -> None:
    same = {"number": "4701-000001", "who": "1", "person": 1, "reference": "A", **at(FIRST + DAY, FIRST + 2 * DAY)}
    found = review(changes({**same, "done": before}, {**same, "done": "done"}), FIRST, b"k")
    assert (found.account.duplicates, found.account.refused, found.account.pending) == (1, 0, 0)
    (steps,) = found.worklist["steps"]
    assert Step.HOLD_PAYMENTS in steps.split("+")


def test_an_account_before_an_address_and_what_is_sure_before_what_may_be() -> None:
    later = at(FIRST + DAY, FIRST + 2 * DAY)
    found = review(
        changes(
            {**later, "standing": "possible"},
            later,
            {**later, "kinds": "address+account"},
            {**later, "standing": "unknown"},
        ),
        FIRST,
        b"k",
    )
    assert found.worklist["row"].to_list() == [3, 2, 1, 4]
    assert found.worklist["steps"][0] == "hold_payments+visit_or_letter_to_old_address"
    assert found.worklist["steps"][3] == "find_out_who"


def test_a_change_that_waits_is_not_granted() -> None:
    found = review(
        changes({**at(FIRST - DAY, FIRST), "done": "pending"}, {**at(FIRST + DAY), "done": "refused"}), FIRST, b"k"
    )
    assert found.worklist["steps"].to_list() == ["check_before_granting+visit_or_letter_to_old_address"]
    assert (found.account.pending, found.account.refused) == (1, 1)


def test_an_entry_goes_by_the_same_name_again_and_by_another_in_another_incident() -> None:
    some = changes(at(FIRST + DAY))
    assert review(some, FIRST, b"k").worklist["entry"].equals(review(some, FIRST - DAY, b"k").worklist["entry"])
    assert not review(some, FIRST, b"k").worklist["entry"].equals(review(some, FIRST, b"l").worklist["entry"])


hours = st.integers(-60, 60)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            hours | st.none(),
            hours | st.none(),
            st.sampled_from(list(Standing)),
            st.sampled_from(["done", "pending", "refused"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_account_closes_and_nothing_that_may_be_since_is_left_out(
    drawn: list[tuple[int | None, int | None, Standing, str]],
) -> None:
    def moment(hour: int | None) -> datetime | None:
        return None if hour is None else FIRST + timedelta(hours=hour)

    some = [{**at(moment(b), moment(e)), "standing": str(s), "done": d} for b, e, s, d in drawn]
    found = review(changes(*some), FIRST, b"k")
    listed = set(found.worklist["row"])
    for row, (begin, end, standing, done) in enumerate(drawn, 1):
        surely_before = done == "done" and not (begin is not None and begin >= 0) and end is not None and end <= 0
        assert (row in listed) == (standing in LISTED and done != "refused" and not surely_before)
    assert found.account.rows == len(drawn)


@pytest.mark.parametrize("standing", [Standing.UNREAD, Standing.NOT_EXPOSED])
def test_whom_nothing_names_is_counted_and_not_listed(standing: Standing) -> None:
    found = review(changes({**at(FIRST + DAY), "standing": str(standing)}), FIRST, b"k")
    assert found.account.listed == 0
    assert found.account.cells == {(When.SINCE, standing): 1}
