"""What was made of a leak master is held against the version that it names, and against the last one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from sekisho.incidents.reconcile import Kind, Made, Reconciliation, Versions, reconcile
from sekisho.vault.calls import ANSWERS

ONE, TWO, THREE = 11, 12, 13
N1, N2, N3 = "4701-000001", "4701-000002", "4701-000003"
FIRST = [(ONE, N1, "name", ""), (TWO, N2, "name", "")]
SECOND = [(ONE, N1, "name+birth_date", ""), (THREE, N3, "name", str(TWO))]
_CALL = {"call": 1, "at": "2026-01-01", "name": None, "name_kana": None, "birth_date": None, "caller": "self"}


def master(rows: list[tuple[int, str, str, str]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["person", "holder", "items", "was"], orient="row")
    return frame.with_columns(other_items=pl.lit(""), grown=pl.lit(1, pl.Int64))


def held(grown: int = 1, **made: list[Mapping[str, Any]]) -> Reconciliation:
    numbers = pl.DataFrame({"number": [N1, N2, N3], "person": [ONE, THREE, THREE]})
    versions = {1: master(FIRST), 2: master(SECOND).with_columns(grown=pl.lit(grown, pl.Int64))}
    schemas = {"answers": ANSWERS}
    tables = {name: pa.Table.from_pylist([dict(row) for row in rows], schemas.get(name)) for name, rows in made.items()}
    nobody = pl.DataFrame(schema={"place": pl.UInt32, "records": pl.UInt32})
    return reconcile(Versions(2, versions.__getitem__, numbers, lambda _: nobody), Made(**tables))


def kinds(found: Reconciliation) -> dict[str, int]:
    return {str(one.kind): one.count for one in found.findings}


def letter(person: int, version: int, items: str, state: str = "sent") -> dict[str, Any]:
    return {"person": person, "version": version, "items": items, "other_items": "", "state": state}


def answer(person: int | None, holder: str | None, version: int, said: str, **more: Any) -> dict[str, Any]:
    return {**_CALL, "person": person, "holder": holder, "version": version, "answer": said, **more}


def told(*persons: int, way: str = "letter", version: int = 1) -> list[dict[str, Any]]:
    return [{"person": one, "way": way, "version": version, "reason": "", "at": ""} for one in persons]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (told(ONE, THREE), {}),
        (told(ONE), {"untold": 1}),
        (told(ONE, TWO, THREE), {}),  # who turned out to be another was told before that
        (told(ONE, THREE, 99), {"strangers": 1}),
        (told(ONE, THREE, version=3), {"ahead": 2}),
    ],
)
def test_each_exposed_person_is_told_in_one_way(rows: list[dict[str, Any]], expected: dict[str, int]) -> None:
    found = held(tellings=rows)
    assert kinds(found) == expected
    assert (sum(found.ways.values()) == found.persons) is ("untold" not in expected)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([letter(ONE, 1, "name"), letter(ONE, 2, "birth_date+name"), letter(THREE, 2, "name")], {}),
        ([letter(ONE, 1, "name+birth_date"), letter(THREE, 2, "name")], {"letter_items": 1}),
        ([letter(THREE, 1, "name"), letter(ONE, 1, "name")], {"letter_stranger": 1}),
        ([letter(ONE, 1, "name"), letter(ONE, 1, "name"), letter(THREE, 2, "name")], {"letter_twice": 1}),
        ([letter(ONE, 1, "name"), letter(ONE, 1, "", "superseded"), letter(THREE, 2, "name")], {}),
        ([letter(ONE, 1, "name")], {"letter_missing": 1}),
        ([letter(ONE, 9, "name"), letter(THREE, 2, "name")], {"letter_stranger": 1}),
    ],
)
def test_each_letter_says_what_its_version_says(rows: list[dict[str, Any]], expected: dict[str, int]) -> None:
    assert kinds(held(tellings=told(ONE, THREE), letters=rows)) == expected


@pytest.mark.parametrize(
    ("rows", "outgrown"),
    [
        ([letter(ONE, 1, "name"), letter(TWO, 1, "name")], {ONE, THREE}),
        ([letter(ONE, 1, "name"), letter(ONE, 2, "birth_date+name", "created"), letter(TWO, 1, "name")], {THREE}),
        ([letter(ONE, 1, "name"), letter(ONE, 2, "birth_date+name", "returned"), letter(THREE, 2, "name")], {ONE}),
        ([letter(ONE, 2, "birth_date+name", "held"), letter(THREE, 2, "name")], set()),
    ],
)
def test_whoever_had_more_leak_since_their_letter_is_not_told(rows: list[dict[str, Any]], outgrown: set[int]) -> None:
    found = {one.kind: set(one.rows["person"]) for one in held(2, tellings=told(ONE, THREE), letters=rows).blocking}
    assert found.get(Kind.OUTGROWN, set()) == outgrown


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (answer(ONE, N1, 1, "affected"), {}),
        (answer(ONE, N1, 1, "not_affected"), {"answer_differs": 1, "proven_wrong": 1}),
        (answer(77, "4701-000077", 2, "not_affected"), {}),
        (answer(77, "4701-000077", 2, "affected"), {"answer_differs": 1, "proven_wrong": 1}),
        (answer(77, N3, 1, "not_affected"), {"proven_wrong": 1}),  # they came with version 2
        (answer(None, None, 1, "cannot_tell"), {}),
        (answer(TWO, N2, 1, "affected"), {}),
        (answer(77, None, 1, "not_affected"), {}),
    ],
)
def test_what_a_later_version_proves_wrong_is_listed(row: dict[str, Any], expected: dict[str, int]) -> None:
    found = held(answers=[row])
    assert kinds(found) == expected
    assert {str(one.kind) for one in found.blocking} == {kind for kind in expected if kind == "answer_differs"}


def test_a_no_of_which_nobody_can_be_sure_any_more_is_listed() -> None:
    everybody = pl.DataFrame({"place": [0], "records": [1]}, schema={"place": pl.UInt32, "records": pl.UInt32})
    numbers = pl.DataFrame(schema={"number": pl.String, "person": pl.Int64})
    versions = Versions(2, {1: master(FIRST), 2: master(SECOND)}.__getitem__, numbers, lambda _: everybody)
    made = Made(answers=pa.Table.from_pylist([answer(77, "4701-000077", 1, "not_affected", name="見本次郎")], ANSWERS))
    assert kinds(reconcile(versions, made)) == {Kind.UNSURE_SINCE: 1}


def reissue(person: int, old: str, number: int, version: int = 1) -> dict[str, Any]:
    return {"person": person, "old": old, "number": number, "version": version}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([reissue(ONE, N1, 1), reissue(TWO, N2, 2)], {}),
        ([reissue(ONE, N1, 1), reissue(TWO, N2, 1)], {"number_twice": 2}),
        ([reissue(ONE, N1, 1), reissue(ONE, N1, 2)], {"reissue_twice": 1}),
        ([reissue(THREE, N3, 1)], {"reissue_stranger": 1}),
        ([reissue(ONE, N3, 1)], {"reissue_other": 1}),
    ],
)
def test_each_new_number_is_one_persons(rows: list[dict[str, Any]], expected: dict[str, int]) -> None:
    assert kinds(held(reissues=rows)) == expected
