from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.register.resolve import Resolved, resolve
from sekisho.register.states import Known

Rows = list[tuple[int, list[int]]]  # a row's number, and the old ones that it names
numbers = st.integers(1, 15)
files = st.lists(st.lists(st.tuples(numbers, st.lists(numbers, max_size=3)), min_size=1, max_size=10), max_size=3)


def nobody() -> Known:
    none = np.zeros(0, np.int64)
    return Known(none, none, np.zeros(0, np.uint64), none)


def found_in(rows: Rows, known: Known) -> Resolved:
    olds = [(row, old) for row, (_, named) in enumerate(rows) for old in named]
    keys = np.array([number for number, _ in rows], np.int64)
    return resolve(keys, pl.DataFrame(olds, {"row": pl.Int64, "old": pl.Int64}, orient="row"), known)


def with_more(known: Known, found: Resolved) -> Known:
    led = dict(zip(known.numbers.tolist(), known.holders.tolist(), strict=True)) | dict(found.numbers.iter_rows())
    root = np.concatenate([known.root, np.arange(known.count, found.count)])
    root[found.joined["holder"].to_numpy()] = found.joined["into"].to_numpy()
    for _ in range(20):
        root = root[root]
    ordered = sorted(led)
    holders = np.array([led[number] for number in ordered], np.int64)
    return Known(np.array(ordered, np.int64), holders, np.zeros(len(root), np.uint64), root)


@settings(deadline=None)
@given(files)
def test_every_row_has_the_holder_whom_its_number_leads_to(some: list[Rows]) -> None:
    known = nobody()
    for rows in some:
        found = found_in(rows, known)
        known = with_more(known, found)
        assert (known.root[known.root] == known.root).all()
        assert (known.find(np.array([number for number, _ in rows])) == known.root[found.holder]).all()
        assert len(set(zip(found.holder.tolist(), found.place.tolist(), strict=True))) == len(rows)


@settings(deadline=None)
@given(files)
def test_a_number_never_loses_its_holder(some: list[Rows]) -> None:
    known = nobody()
    for rows in some:
        before, known = known, with_more(known, found_in(rows, known))
        assert (known.find(before.numbers) >= 0).all()


def test_old_numbers_of_old_numbers_lead_to_the_last() -> None:
    found = found_in([(1, []), (2, [1]), (3, [2])], nobody())
    assert found.holder.tolist() == [0, 0, 0]
    assert found.place.tolist() == [1, 2, 0]


def test_a_circle_leads_nowhere_and_is_counted() -> None:
    found = found_in([(1, [2]), (2, [1])], nobody())
    assert found.holder.tolist() == [0, 1]
    assert found.contested == 2
