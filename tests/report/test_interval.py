"""The interval of a sample: exact, and wider where less was seen."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.report.interval import clopper_pearson


@pytest.mark.parametrize(
    ("wrong", "checked", "low", "high"),
    [(0, 30, 0.0, 0.11570), (1, 10, 0.00253, 0.44502), (10, 10, 0.69150, 1.0), (5, 1000, 0.00163, 0.01163)],
)  # values of R's binom.test
def test_published_values(wrong: int, checked: int, low: float, high: float) -> None:
    assert clopper_pearson(wrong, checked) == pytest.approx((low, high), abs=6e-6)


@given(st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_are_where_so_few_or_so_many_become_rare(seen: tuple[int, int]) -> None:
    wrong, checked = seen
    low, high = clopper_pearson(wrong, checked)
    assert 0 <= low <= wrong / checked <= high <= 1

    def at_most(count: int, share: float) -> float:
        return sum(comb(checked, k) * share**k * (1 - share) ** (checked - k) for k in range(count + 1))

    if wrong:
        assert 1 - at_most(wrong - 1, low) == pytest.approx(0.025, abs=1e-6)
    if wrong < checked:
        assert at_most(wrong, high) == pytest.approx(0.025, abs=1e-6)


def test_an_interval_looks_the_same_from_either_side_and_takes_no_longer_for_a_million() -> None:
    low, high = clopper_pearson(3, 1_000_000)
    assert clopper_pearson(999_997, 1_000_000) == (1 - high, 1 - low)
    assert 0 < low < 3e-6 < high < 1e-5
    low, high = clopper_pearson(500_000, 1_000_000)
    assert (round(low, 5), round(high, 5)) == (0.49902, 0.50098)
