"""Whose record is each? Settled on a holder, clustered on a person known only from records, or unmatched.

A number decides only if name, reading or birth date bears it out; docs/persons.md says when a human is asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import polars as pl
import pyarrow as pa

from sekisho.errors import AccountError
from sekisho.model import HOLDERS, MATCHES, Item, State
from sekisho.persons import clusters, fold, judge, steps
from sekisho.vault.analytics import Analytics, Step
from sekisho.wording import Text

COLUMNS = ("record_id", *map(str, Item))
SLICE = 100_000  # rows that are folded at once
_NUMBER_LENGTH = len("NNNN-NNNNNN")


def settle(records: pa.Table, holders: pa.Table | None, secret: bytes = b"") -> pa.Table:
    """`MATCHES` for every record, in no order.

    ``records``: at least `COLUMNS` of `RECORDS`; ``holders``: `HOLDERS` or None. ``secret``: what the numbers given to
    persons are made with: the same secret gives the same persons the same numbers; random where it is empty.
    Raises AccountError where a record would be lost.
    """
    expected = records.num_rows
    with Analytics() as db:
        db.feed("register", _register(holders))
        db.run(steps.holders())
        db.forget("register")
        db.drop("known")
        db.feed("evidence", _evidence(records))
        del records  # memory: what is needed of them is folded now
        db.run(steps.profiles())
        db.forget("evidence")
        _settle_by_number(db)
        _settle_by_name(db)
        db.feed("clustered", clusters.find(db))
        db.feed("secret", pa.table({"secret": [(secret or secrets.token_bytes(32)).hex()]}))
        matches = _matches(db)
    _hold_against(expected, matches.num_rows)
    return matches


def _evidence(records: pa.Table) -> pa.Table:
    """The items to compare by, folded."""
    return _in_slices(records.select(COLUMNS), _record_evidence)


def _record_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    """A certificate number begins with the basic pension number."""
    number = pl.coalesce(Item.BASIC_PENSION_NUMBER, pl.col(Item.CERTIFICATE_NUMBER).str.slice(0, _NUMBER_LENGTH))
    as_they_are = frame.select("record_id", "my_number", "sex", "phone", "email", number.alias("number"))
    return as_they_are.with_columns(_folded(frame))


def _register(holders: pa.Table | None) -> pa.Table:
    table = HOLDERS.empty_table() if holders is None else holders
    rows = pa.array(range(table.num_rows), pa.int64())
    return _in_slices(table.append_column("holder_row", rows), _holder_evidence)


def _holder_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    as_they_are = frame.select("holder_row", "sex", pl.col(Item.BASIC_PENSION_NUMBER).alias("number"))
    return as_they_are.with_columns(_folded(frame))


def _in_slices(table: pa.Table, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pa.Table:
    """``work`` on a slice at a time, so that what it needs on the way stays small."""
    slices = [table.slice(at, SLICE) for at in range(0, max(table.num_rows, 1), SLICE)]
    frames = (work(pl.DataFrame(pl.from_arrow(one))) for one in slices)
    return pa.concat_tables([frame.to_arrow(compat_level=pl.CompatLevel.oldest()) for frame in frames])


def _folded(frame: pl.DataFrame) -> list[pl.Series]:
    return [
        fold.names(frame["name"]).alias("name"),
        fold.readings(frame["name_kana"], frame["name"]).alias("kana"),
        frame["birth_date"].alias("birth"),
        fold.addresses(frame["address"]).alias("address"),
    ]


def _settle_by_number(db: Analytics) -> None:
    db.run(steps.number_hits())
    db.feed("judged", judge.under_one_number(db.table("SELECT * FROM open_hits")))
    db.run(steps.settled_by_number())
    db.drop("hits", "open_hits", "verified")


def _settle_by_name(db: Analytics) -> None:
    for candidates, weak in ((steps.named_candidates(), False), (steps.weak_candidates(), True)):
        db.run(candidates)
        db.feed("named", judge.by_name(db.table(steps.open_choices())))
        db.run(steps.settled_by_name(weak))
    db.drop("learned", "met", "candidates", "chosen", "alone_by_name", "alone_by_kana")


def _matches(db: Analytics) -> pa.Table:
    """A person's number: 63 bits that only ``secret`` ties to the person."""
    refused = "p.profile IN (SELECT profile FROM refused)"
    number = Item.BASIC_PENSION_NUMBER
    db.run(
        [
            Step(
                "persons",
                f"""SELECT p.profile, '{State.SETTLED}' AS state, 'holder ' || s.person AS person, s.ask, s.conflict
                    FROM profiles p JOIN settled s USING (profile)
                    UNION ALL
                    SELECT p.profile, '{State.CLUSTERED}', 'cluster ' || hex(first.mark), c.ask OR {refused},
                           CASE WHEN {refused} AND NOT starts_with(c.conflict, '{number}')
                                THEN concat_ws(',', '{number}', nullif(c.conflict, '')) ELSE c.conflict END
                    FROM profiles p JOIN clustered c USING (profile)
                         JOIN profiles first ON first.profile = c.cluster""",
            ),
            Step(
                "numbered",
                """SELECT person, ('0x' || substr(sha256(secret || person), 1, 16))::UBIGINT >> 1 AS id
                   FROM (SELECT DISTINCT person FROM persons), secret""",
            ),
        ]
    )
    return db.table(
        f"""SELECT m.record_id, n.id::BIGINT AS person, h.number AS holder,
                   coalesce(q.state, '{State.UNMATCHED}') AS state, coalesce(q.ask, false) AS ask,
                   coalesce(q.conflict, '') AS conflict
            FROM marks m JOIN profiles p USING (mark) LEFT JOIN persons q USING (profile)
                 LEFT JOIN numbered n ON n.person = q.person
                 LEFT JOIN (SELECT DISTINCT 'holder ' || person AS person, number FROM holders) h
                           ON h.person = q.person"""
    ).cast(MATCHES)


def _hold_against(records: int, matches: int) -> None:
    if records == matches:
        return
    said = Text("{records} records gave {matches} matches.", "延べ記録{records}件に対し照合結果が{matches}件です。")
    raise AccountError(
        said.fill(records=records, matches=matches),
        Text("This is a fault of the program: report it.", "プログラムの不具合です。報告してください。"),
    )
