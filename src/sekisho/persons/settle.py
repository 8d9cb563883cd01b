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
from sekisho.persons import by_name, by_number, clusters, dummies, fold, judge, likely, profiles
from sekisho.vault.analytics import Analytics, Step
from sekisho.wording import Tell, Text, unheard

COLUMNS = ("record_id", *map(str, Item))
SLICE = 100_000  # rows that are folded at once


AS_WRITTEN = Text("what is written alike", "記載どおりの一致")
FOLDING = Text("spellings in the register", "台帳の表記ゆれ")
BY_NUMBER = Text("by number", "番号による照合")
BY_NAME = Text("by name and birth date", "氏名・生年月日による照合")
CLUSTERS = Text("persons who are in no register", "台帳にない人の名寄せ")
MATCHES_OF_RECORDS = Text("a person for each record", "記録ごとの本人の割り当て")


def settle(records: pa.Table, holders: pa.Table | None, secret: bytes = b"", tell: Tell = unheard) -> pa.Table:
    """`MATCHES` for every record, in no order.

    ``records``: at least `COLUMNS` of `RECORDS`; ``holders``: `HOLDERS` or None. ``secret``: what the numbers given to
    persons are made with: the same secret gives the same persons the same numbers; random where it is empty.
    Raises AccountError where a record would be lost.
    """
    register = HOLDERS.empty_table() if holders is None else holders
    with Analytics() as db:
        tell(AS_WRITTEN)
        db.feed("records", records.select(COLUMNS))
        db.feed("register", register)
        db.run(profiles.settled_as_written())
        db.feed("evidence", _evidence(db.table(profiles.open_records())))
        db.run(profiles.profiles())
        db.forget("evidence")
        tell(FOLDING)
        _find_holders(db, register)
        tell(BY_NUMBER)
        _settle_by_number(db)
        tell(BY_NAME)
        _settle_by_name(db)
        tell(CLUSTERS)
        db.feed("clustered", clusters.find(db))
        db.feed("secret", pa.table({"secret": [(secret or secrets.token_bytes(32)).hex()]}))
        tell(MATCHES_OF_RECORDS)
        matches = _matches(db)
    _hold_against(records.num_rows, matches.num_rows)
    return matches


def _evidence(records: pa.Table) -> pa.Table:
    """The items to compare by, folded."""
    return _in_slices(records, _record_evidence)


def _record_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    number = pl.coalesce(
        Item.BASIC_PENSION_NUMBER, pl.col(Item.CERTIFICATE_NUMBER).str.slice(0, profiles.NUMBER_LENGTH)
    )
    as_they_are = frame.select("record_id", "my_number", "sex", "phone", "email", number.alias("number"))
    return as_they_are.with_columns(*_folded(frame), fold.addresses(frame["address"]).alias("address"))


def _find_holders(db: Analytics, register: pa.Table) -> None:
    """``holders`` from the register: addresses are folded only of those that a record may mean."""
    rows = pa.array(range(register.num_rows), pa.int64())
    db.feed("folded", _in_slices(register.append_column("holder_row", rows), _holder_evidence))
    meant = db.table(profiles.who_may_be_meant())
    addresses = pl.Series(pl.from_arrow(register.column("address").take(meant.column("holder_row"))))
    db.feed("meant", meant.append_column("address", fold.addresses(addresses).to_arrow()))
    db.run(profiles.holders())
    db.forget("meant")
    db.drop("known")


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
    ]


def _settle_by_number(db: Analytics) -> None:
    db.run(dummies.numbers())
    db.run(dummies.births())
    db.run(by_number.number_hits())
    db.feed("judged", judge.under_one_number(db.table("SELECT * FROM open_hits")))
    db.run(by_number.settled_by_number())
    db.drop("dummies", "hits", "open_hits", "contested", "verified")


def _settle_by_name(db: Analytics) -> None:
    for candidates, doubt in (
        (by_name.named_candidates(), "false"),
        (by_name.weak_candidates(), by_name.PARTLY_KNOWN),
        (likely.candidates(), likely.NUMBER_FAR),
    ):
        db.run(candidates)
        db.feed("named", judge.by_name(db.table(by_name.open_choices())))
        db.run(by_name.settled_by_name(doubt))
    db.forget("folded")
    db.drop("open", "outside", "lost", "learned", "met", "candidates", "chosen", "alone_by_name", "alone_by_kana")


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
        ]
    )
    matched = f"""
        SELECT record_id, 'holder ' || number AS person, number AS holder, '{State.SETTLED}' AS state,
               false AS ask, '' AS conflict
        FROM as_written
        UNION ALL
        SELECT m.record_id, q.person, h.number, coalesce(q.state, '{State.UNMATCHED}'),
               coalesce(q.ask, false), coalesce(q.conflict, '')
        FROM marks m JOIN profiles p USING (mark) LEFT JOIN persons q USING (profile)
             LEFT JOIN (SELECT DISTINCT 'holder ' || person AS person, number FROM holders) h
                       ON h.person = q.person"""
    person = "(('0x' || substr(sha256(secret || person), 1, 16))::UBIGINT >> 1)::BIGINT"
    sql = f"SELECT record_id, {person} AS person, holder, state, ask, conflict FROM ({matched}), secret"
    return db.table(sql).cast(MATCHES)


def _hold_against(records: int, matches: int) -> None:
    if records == matches:
        return
    said = Text(
        "{records} {records|record|records} gave {matches} {matches|match|matches}.",
        "延べ記録{records}件に対し照合結果が{matches}件です。",
    )
    raise AccountError(
        said.fill(records=records, matches=matches),
        Text("This is a fault of the program: report it.", "プログラムの不具合です。報告してください。"),
    )
