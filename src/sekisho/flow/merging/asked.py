"""What clerks and persons are shown of the questions that they are asked: the rows of their lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.persons.asking.desk import Desk
from sekisho.persons.asking.letters import question
from sekisho.persons.asking.questions import (
    answers_said,
    merged_with,
    overlapping,
)
from sekisho.persons.asking.standing import Leads, Standing, likely, state
from sekisho.register.lookup import numbers_in
from sekisho.register.several import several, with_old_numbers
from sekisho.vault import Asked, Vault, looks
from sekisho.wording import Text

OVERLAP = Text("periods overlap with what this holder already has", "この人の既存の加入期間と重複")
SHOWN = (
    *("name", "name_kana", "former_name", "former_name_kana", "birth_date", "sex", "postal_code", "address"),
    "periods",
)
"""Items that record and candidate have side by side: ``name``, ``holder_name``, ..."""
PLACES = ("postal_code", "address")
_OF_RECORD = (*SHOWN, "office", "basic_pension_number")
_OF_HOLDER = (*SHOWN, "alias", "alias_kana", "deceased")
SIDE = tuple(
    name
    for item in dict.fromkeys((*_OF_RECORD, *_OF_HOLDER))
    for name in (*([item] if item in _OF_RECORD else []), *([f"holder_{item}"] if item in _OF_HOLDER else []))
)
_TOLD = ("reasons", "warning", "answered", "more")
_TO_FILL = ("answer", "evidence", "remark", "other_holder")
WORKLIST = pa.schema(
    [
        *((name, pa.string()) for name in ("question", "record", "state")),
        ("rank", pa.int32()),
        ("probability", pa.float64()),
        *((name, pa.string()) for name in ("candidate", *SIDE, *_TOLD, *_TO_FILL)),
    ]
)
LETTER = pa.schema(
    [
        *((name, pa.string()) for name in ("letter", "name", "postal_code", "address")),
        ("place", pa.int32()),
        ("questions", pa.int32()),
        *((name, pa.string()) for name in ("question", "text", "answer", "evidence", "remark")),
    ]
)
Facts = Mapping[str, Mapping[str, Any]]
"""What the register says of holders, by the numbers asked for."""


def look_at(vault: Vault, action: str, records: Collection[str], numbers: Iterable[str]) -> None:
    """Say durably that somebody looks at some records and at the holders of some numbers, before they are shown.

    Raises RightsError, VaultError.
    """
    seen = [*map(looks.record, records), *map(looks.number, numbers_in(numbers))]
    vault.looks().see(action, seen, {"records": len(records)})


def facts_of(vault: Vault, holders: Iterable[str], items: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the register says of some holders now, by the numbers that name them; see `several`.

    Of a number that leads to nobody any more, as an import was undone, it says nothing: all null.
    """
    wanted = list(dict.fromkeys(holders))
    found = several(vault.register(), pl.Series(wanted, dtype=pl.String), items)
    known = {row["number"]: row for row in found.to_dicts()}
    return {number: known.get(number) or {**dict.fromkeys(found.columns), "number": number} for number in wanted}


def clerk_rows(vault: Vault, asked: Sequence[Asked], desk: Desk, protected: bool) -> pa.Table:
    """Rows of `WORKLIST`: record and candidate side by side.

    Of a record with a candidate who must not be found no address is shown, not even its own, but where ``protected``.
    """
    facts = facts_of(vault, (one.holder for one in asked), _OF_HOLDER)
    hidden = set() if protected else {one.record for one in asked if facts[one.holder]["protected_address"]}
    warned = overlaps(vault, desk, [(one.record, one.holder) for one in asked], facts)
    rows = [
        {
            "question": one.code,
            "record": one.record,
            "state": _shown(desk.standings[one.record], desk.leads),
            **_probable(desk, one),
            "candidate": facts[one.holder]["lead"] or one.holder,
            **side_by_side(desk.rows[one.record], facts[one.holder], hide=one.record in hidden),
            "warning": str(OVERLAP) if (one.record, one.holder) in warned else None,
            "answered": answers_said(desk.standings[one.record]) or None,
            "more": None if one.record in hidden else _more(desk.rows[one.record]),
        }
        for one in asked
    ]
    return pa.Table.from_pylist(rows, WORKLIST)


def _more(record: Mapping[str, Any]) -> str | None:
    return "; ".join(f"{one['label']}: {one['text']}" for one in record["more"] or ()) or None


def _shown(standing: Standing, leads: Leads) -> str:
    """Why it is asked."""
    return "disputed" if standing.merged else str(state(replace(standing, list=None), leads))


def letter_rows(vault: Vault, asked: Sequence[Asked], desk: Desk) -> pa.Table:
    """Rows of `LETTER`: what stands in the window of the envelope, and each question of the person."""
    facts = facts_of(vault, (one.holder for one in asked), ("name", "name_kana", "postal_code", "address"))
    of_letter = Counter(one.place for one in asked)
    seen: Counter[int] = Counter()
    rows = []
    for one in asked:
        seen[one.place] += 1
        who = facts[one.holder]
        rows.append(
            {
                "letter": f"L{one.list}-{one.place}",
                "name": who["name"] or who["name_kana"],
                "postal_code": who["postal_code"],
                "address": who["address"],
                "place": seen[one.place],
                "questions": of_letter[one.place],
                "question": one.code,
                "text": str(question(desk.rows[one.record])),
            }
        )
    return pa.Table.from_pylist(rows, LETTER)


def side_by_side(record: Mapping[str, Any], holder: Mapping[str, Any], *, hide: bool) -> dict[str, Any]:
    """The columns `SIDE`; without any address where ``hide``."""
    told = {item: record[item] for item in _OF_RECORD} | {f"holder_{item}": holder[item] for item in _OF_HOLDER}
    return told | (dict.fromkeys((*PLACES, *(f"holder_{place}" for place in PLACES))) if hide else {})


def _probable(desk: Desk, one: Asked) -> dict[str, Any]:
    """Rank and probability as they are now, and the reasons that matching gave."""
    ranked = enumerate(likely(desk.standings[one.record], desk.leads), 1)
    place, now = next(((rank, c.probability) for rank, c in ranked if c.holder == desk.lead(one.holder)), (None, None))
    mine = (c for c in desk.rows[one.record]["candidates"] if desk.lead(c["holder"]) == desk.lead(one.holder))
    return {"rank": place, "probability": now, "reasons": next((c["reasons"] for c in mine), None)}


def overlaps(vault: Vault, desk: Desk, pairs: Iterable[tuple[str, str]], facts: Facts) -> set[tuple[str, str]]:
    """The pairs of record and holder whose periods overlap with what the holder has, in the register or merged."""
    has = {number: row["periods"] for number, row in facts.items()}
    periods = [(record, holder, desk.rows[record]["periods"]) for record, holder in pairs]
    told = pl.DataFrame(periods, dict.fromkeys(("record", "holder", "periods"), pl.String), orient="row")
    numbers = with_old_numbers(vault.register(), list(facts))
    merged = merged_with(vault.merges(), numbers)
    own = pl.DataFrame([(number, None, periods) for number, periods in has.items()], merged.schema, orient="row")
    held = pl.concat([own, merged]).drop_nulls("periods_right")
    both = told.drop_nulls("periods").join(held, on="holder").filter(pl.col("other").ne_missing(pl.col("record")))
    return set(both.filter(overlapping(both)).select("record", "holder").iter_rows())
