from __future__ import annotations

from collections import Counter

import pytest

from sekisho.estate.catalogue import CENTRES, ENTRIES, OKINAWA, TOKYO, WAKAYAMA
from sekisho.estate.layouts.listing import NAMES_ONLY, WITH_ADDRESS, WITH_BIRTH
from sekisho.estate.make import planned
from sekisho.estate.plan import Task


def counted(scale: float, seed: int = 1) -> list[Task]:
    return [task for task in planned(scale, seed) if not task.entry.aside]


def test_scale_one_is_the_case_of_2015() -> None:
    tasks = counted(1)
    assert len(tasks) == 949
    records = Counter[str]()
    for task in tasks:
        records[task.centre] += task.records
        records[task.entry.items] += task.records
        records["locked" if task.entry.shut else "open"] += task.records
    assert (records[OKINAWA], records[TOKYO], records[WAKAYAMA]) == (740_000, 500_000, 10_000)
    assert (records[NAMES_ONLY], records[WITH_BIRTH], records[WITH_ADDRESS]) == (31_000, 1_167_000, 52_000)
    assert (records["locked"], records["open"]) == (700_000, 550_000)
    assert sum(not task.entry.shut for task in tasks) / len(tasks) == pytest.approx(0.99, abs=0.002)


@pytest.mark.parametrize("scale", [0.01, 0.02, 0.05, 0.3])
def test_smaller_scales_keep_the_shares_and_show_every_kind_of_file(scale: float) -> None:
    tasks = planned(scale, 5)
    assert {id(task.entry) for task in tasks} == {id(entry) for entry in ENTRIES}
    assert sum(task.counted_records for task in tasks) == round(1_250_000 * scale)
    for centre, share in zip(CENTRES, (0.592, 0.4, 0.008), strict=True):
        there = sum(t.counted_records for t in tasks if t.centre == centre)
        assert there / (1_250_000 * scale) == pytest.approx(share, abs=0.002)


def test_where_the_floors_are_above_the_shares_the_estate_is_larger() -> None:
    assert sum(task.counted_records for task in planned(0.001, 1)) > 1_250


def test_no_file_is_smaller_than_its_layout_needs() -> None:
    assert all(t.records >= t.entry.least for t in planned(0.01, 2))


def test_copies_are_of_earlier_files_and_lie_in_another_centre() -> None:
    tasks = planned(0.5, 3)
    copies = [task for task in tasks if task.copy_of is not None]
    assert len(copies) == 6
    for copy in copies:
        original = tasks[copy.copy_of or 0]
        assert original.index < copy.index
        assert original.centre != copy.centre
        assert original.records == copy.records
