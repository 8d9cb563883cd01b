"""Whose record is each? Settled on a holder, clustered on a person known only from records, or unmatched.

A number decides only if name, reading or birth date bears it out; docs/persons.md says when a human is asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.countries import fold
from sekisho.errors import AccountError
from sekisho.frames import from_arrow, to_arrow
from sekisho.model import HOLDERS, MATCHES, Item, State
from sekisho.persons import clusters, decide, dummies, meet, profiles, weigh
from sekisho.vault.analytics import Analytics, Step
from sekisho.wording import Tell, Text, unheard

COLUMNS = ("record_id", *map(str, Item))
SLICE = 100_000  # rows that are folded at once


AS_WRITTEN = Text("what is written alike", "記載どおりの一致")
FOLDING = Text("spellings", "表記ゆれ")
WEIGHING = Text("whom each may mean", "候補者の比較")
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
        places = pa.array(np.arange(records.num_rows))
        db.feed("records", records.select(COLUMNS).append_column("place", places))
        db.feed("register", register)
        db.run(profiles.settled_as_written())
        tell(FOLDING)
        db.feed("evidence", _evidence(_open(db, records)))
        rows = pa.array(np.arange(register.num_rows))
        db.feed("folded", _in_slices(register.append_column("holder_row", rows), _holder_evidence))
        tell(WEIGHING)
        db.run(profiles.profiles())
        db.forget("evidence")
        decided = _decided(db, register)
        db.feed("decided", to_arrow(decided.profiles))
        db.feed("sure", to_arrow(decided.sure))
        db.run(_settled())
        tell(CLUSTERS)
        db.feed("clustered", clusters.find(db))
        db.feed("secret", pa.table({"secret": [(secret or secrets.token_bytes(32)).hex()]}))
        tell(MATCHES_OF_RECORDS)
        matches = _matches(db)
    _hold_against(records.num_rows, matches.num_rows)
    return matches


def _open(db: Analytics, records: pa.Table) -> pa.Table:
    """The records that have to be folded and weighed."""
    is_open = np.ones(records.num_rows, dtype=bool)
    is_open[db.table("SELECT place FROM as_written").column("place").to_numpy()] = False
    return records.filter(pa.array(is_open))


def _evidence(records: pa.Table) -> pa.Table:
    """The items to compare by, folded."""
    return _in_slices(records, _record_evidence)


def _record_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    as_they_are = frame.select("record_id", "my_number", "sex", "phone", "email", fold.number().alias("number"))
    return as_they_are.with_columns(*_folded(frame), fold.addresses(frame["address"]).alias("address"))


def _holder_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    as_they_are = frame.select("holder_row", "sex", pl.col(Item.BASIC_PENSION_NUMBER).alias("number"))
    return as_they_are.with_columns(_folded(frame))


def _in_slices(table: pa.Table, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pa.Table:
    """``work`` on a slice at a time, so that what it needs on the way stays small."""
    slices = [table.slice(at, SLICE) for at in range(0, max(table.num_rows, 1), SLICE)]
    frames = (work(from_arrow(one)) for one in slices)
    return pa.concat_tables([to_arrow(frame) for frame in frames])


def _folded(frame: pl.DataFrame) -> list[pl.Series]:
    return [
        fold.names(frame["name"]).alias("name"),
        fold.readings(frame["name_kana"], frame["name"]).alias("kana"),
        frame["birth_date"].alias("birth"),
    ]


def _decided(db: Analytics, register: pa.Table) -> decide.Decided:
    """What is decided of the profiles that may mean some holder."""
    db.run(dummies.numbers())
    db.run(meet.hits())
    db.run(dummies.births())
    for steps in (meet.opened(), meet.named(), meet.alike(register.num_rows), meet.holders()):
        db.run(steps)
    pairs = from_arrow(db.table(meet.met()))
    at_home = pairs["address"].is_not_null().arg_true()
    homes = pl.Series(pl.from_arrow(register.column("address").take(pairs["holder_row"].gather(at_home).to_arrow())))
    unknown = pl.Series("address_right", [None], dtype=pl.String).new_from_index(0, pairs.height)
    pairs = pairs.with_columns(unknown.scatter(at_home, fold.addresses(homes)))
    agreeing = from_arrow(db.table("SELECT birth, sex, called, count(*) AS records FROM as_written GROUP BY ALL"))
    population = weigh.Population(register.num_rows, db.rows("SELECT count(*) FROM sampled")[0][0])
    return decide.decided(pairs, from_arrow(db.table(meet.whoever())), agreeing, population)


def _settled() -> list[Step]:
    return [
        Step("settled", "SELECT * FROM decided WHERE settled"),
        Step("rest", "SELECT * FROM profiles WHERE profile NOT IN (SELECT profile FROM settled)"),
    ]


def _matches(db: Analytics) -> pa.Table:
    """A person's number: 63 bits that only ``secret`` ties to the person."""
    number = Item.BASIC_PENSION_NUMBER
    db.run(
        [
            Step(
                "people",
                f"""SELECT profile, '{State.SETTLED}' AS state, 'holder ' || person AS person, holder, ask, conflict,
                           probability
                    FROM settled
                    UNION ALL
                    SELECT c.profile, '{State.CLUSTERED}', 'cluster ' || hex(first.mark), NULL,
                           c.ask OR coalesce(d.ask OR d.refused, false),
                           CASE WHEN d.refused AND NOT starts_with(c.conflict, '{number}')
                                THEN concat_ws(',', '{number}', nullif(c.conflict, '')) ELSE c.conflict END, NULL
                    FROM clustered c JOIN profiles first ON first.profile = c.cluster
                         LEFT JOIN decided d ON d.profile = c.profile""",
            ),
        ]
    )
    matched = f"""
        SELECT record_id, 'holder ' || number AS person, number AS holder, '{State.SETTLED}' AS state,
               false AS ask, '' AS conflict, probability
        FROM as_written JOIN sure USING (birth, sex, called)
        UNION ALL
        SELECT m.record_id, q.person, q.holder, coalesce(q.state, '{State.UNMATCHED}'),
               coalesce(q.ask, false), coalesce(q.conflict, ''), q.probability
        FROM marks m JOIN profiles p USING (mark) LEFT JOIN people q USING (profile)"""
    person = "(('0x' || substr(sha256(secret || person), 1, 16))::UBIGINT >> 1)::BIGINT"
    sql = f"SELECT record_id, {person} AS person, holder, state, ask, conflict, probability FROM ({matched}), secret"
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
