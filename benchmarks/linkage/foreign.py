"""Names of foreign residents: Latin letters as on the residence card, and the katakana that a clerk made of them."""

from __future__ import annotations

from functools import cache

import polars as pl

from benchmarks.linkage.data import lines
from benchmarks.linkage.draw import Groups

WITH_ALIAS = ("China", "Korea")  # whose people have a Japanese name in daily use most of all
_SLOPE = 0.7  # the share of a name falls with this power of its rank; assumed


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    """Nation -> what (``percent``, ``surname``, ``F``, ``M``) -> words."""
    lists: dict[str, dict[str, list[str]]] = {}
    for line in lines("foreign.txt"):
        nation, what, *words = line.split()
        lists.setdefault(nation, {})[what] = words
    return lists


@cache
def nations() -> pl.DataFrame:
    """The nations: nation, percent of the foreign residents."""
    rows = [(nation, int(lists["percent"][0])) for nation, lists in _lists().items()]
    return pl.DataFrame(rows, schema=["nation", "percent"], orient="row")


@cache
def draw_nation() -> Groups:
    """The draw of a row of `nations`."""
    return Groups([(pl.int_range(nations().height, eager=True), nations()["percent"])])


def _table(lists: list[list[str]], start: int) -> tuple[pl.DataFrame, Groups]:
    """Names (kanji, kana) and their draw by the place in ``lists``; rows are numbered from ``start``."""
    rows: list[tuple[str, str]] = []
    groups = []
    for names in lists:
        numbers = pl.Series(range(start + len(rows), start + len(rows) + len(names)))
        groups.append((numbers, pl.Series([rank**-_SLOPE for rank in range(1, len(names) + 1)])))
        rows += [(latin.replace("_", " "), kana) for latin, kana in (name.split(":") for name in names)]
    return pl.DataFrame(rows, schema=["kanji", "kana"], orient="row"), Groups(groups)


@cache
def surnames(start: int) -> tuple[pl.DataFrame, Groups]:
    """Surnames (in ``kanji``: Latin) and their draw by nation."""
    return _table([lists["surname"] for lists in _lists().values()], start)


@cache
def given(start: int) -> tuple[pl.DataFrame, Groups]:
    """Given names and their draw by 2 * nation + (1 for men)."""
    return _table([lists[sex] for lists in _lists().values() for sex in ("F", "M")], start)
