"""`sekisho merges status`, `show`, `history` and `export`: which record was merged with which holder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.errors import AccountError, InputError
from sekisho.flow.merging.asked import PLACES, look_at
from sekisho.flow.merging.take_up import leads_of
from sekisho.frames import to_arrow
from sekisho.persons.asking import standing as asking
from sekisho.persons.asking import states
from sekisho.persons.asking.desk import Desk
from sekisho.persons.asking.standing import (
    AUTO,
    CLERKS,
    MERGE,
    PROGRAM,
    UNTOUCHED,
    Answer,
    Candidate,
    Kind,
    Proposal,
    Standing,
    State,
    from_json,
    likely,
)
from sekisho.persons.asking.states import ITEMS, current
from sekisho.register.columns import MANY
from sekisho.register.current import led
from sekisho.register.lookup import by_number, lives
from sekisho.register.several import several
from sekisho.register.states import NUMBER, as_number
from sekisho.report import tabular
from sekisho.report.progress import Progress
from sekisho.vault import List, Merges, Take, Vault
from sekisho.wording import Text

WRITING, RECORDS = Text("Writing", "書き出し"), Text("records", "件")
EXPORTED = pa.schema([(name, pa.string()) for name in ("record", "holder", "by", "since", "evidence")])


@dataclass(frozen=True, slots=True)
class Status:
    """Where all records stand: ``states`` add up to ``records``.

    ``disputed``: of the merged, those that an answer speaks against; ``splits``: those that a split was proposed of.
    """

    takes: list[Take]
    records: int
    states: dict[State, int]
    disputed: int
    splits: int
    lists: list[List]


def status(vault: Vault) -> Status:
    """How many records stand where; raises InputError, and AccountError where the counts do not add up."""
    merges = vault.merges()
    with merges.snapshot():
        takes = _taken(merges)
        counts, proposals, lists = merges.counts(), merges.proposals(), merges.lists()
    said = Counter(takes[-1].account["standing"])
    records = said.total()
    states: Counter[State] = Counter()
    for outcome, state, _, count in counts:
        states[State(state)] += count
        said[outcome] -= count
    for outcome, state in UNTOUCHED.items():
        states[state] += said[outcome]
    if min(said.values()) < 0 or states.total() != records:
        raise _not_closed(records, states.total())
    disputed = sum(count for _, _, is_disputed, count in counts if is_disputed)
    splits = sum(one.state != State.PROPOSED for one in proposals)
    return Status(takes, records, {state: states[state] for state in State}, disputed, splits, lists)


def export(vault: Vault, to: Path, *, force: bool = False, shown: bool = True) -> int:
    """Write the merges that stand to a file, in clear; gives their number. Raises UsageError, VaultError."""
    merges, register = vault.merges(), vault.register()
    tabular.look_at_target(to, force=force)
    with merges.snapshot():
        takes = _taken(merges)
    merges.see_all("merges.export")
    with Progress(WRITING, RECORDS, shown=shown) as progress:
        return tabular.write(to, EXPORTED, _standing(merges, takes, led(register), progress), force=force)


def _standing(merges: Merges, takes: Sequence[Take], led: pl.DataFrame, progress: Progress) -> Iterator[pl.DataFrame]:
    times = pl.DataFrame([(one.number, one.when) for one in takes], {"since": pl.Int32, "at": pl.String}, orient="row")
    touched = pl.Series(merges.keys(), dtype=pl.Int64)
    acted = [(one.key, from_json(one.value)) for one in merges.touched(State.AUTO, State.MERGED)]
    stay = [(key, one.merged) for key, one in acted if one.by == PROGRAM]
    kept = pl.DataFrame(stay, {"key": pl.Int64, "kept": pl.String}, orient="row")
    for some in current(merges, ("record", "outcome", "best", "since")):
        sure = (pl.col("outcome") == AUTO) & ~pl.col("key").is_in(touched.implode())
        mine = some.join(kept, on="key", how="left").filter(sure | pl.col("kept").is_not_null())
        told = mine.join(times, on="since", how="left").select(
            "record",
            pl.coalesce("kept", "best").alias("best"),
            by=pl.lit(PROGRAM),
            since="at",
            evidence=pl.lit(None, pl.String),
        )
        yield _under_lead(told, led)
        progress.advance(some.height)
    clerks = [_by_clerks(merges, one) for _, one in acted if one.by == CLERKS]
    names = ("record", "best", "by", "since", "evidence")
    yield _under_lead(pl.DataFrame(clerks, dict.fromkeys(names, pl.String), orient="row"), led)


def _by_clerks(merges: Merges, one: Standing) -> tuple[str | None, ...]:
    acts = merges.acts(one.record)
    confirmed = [act.when for act in acts if act.kind == Kind.CONFIRMED][-1]
    evidence = [act.value["evidence"] for act in acts if act.kind == Kind.PROPOSED and act.value["kind"] == MERGE][-1]
    return one.record, one.merged, CLERKS, confirmed, ";".join(evidence)


def _under_lead(rows: pl.DataFrame, led: pl.DataFrame) -> pa.Table:
    """Rows of `EXPORTED`, each under the current number of its holder (``best``)."""
    digits = rows.with_columns(number=as_number(pl.col("best")))
    told = digits.join(led, on="number", how="left").with_columns(holder=pl.coalesce("lead", "best"))
    return to_arrow(told, EXPORTED)


@dataclass(frozen=True, slots=True)
class OfRecord:
    """One record: its items, where it stands, who it may be (number, probability) given the answers so far.

    ``holder``: whom it is merged with, under the current number.
    """

    record: str
    items: dict[str, str]
    outcome: str
    state: State
    disputed: bool
    holder: str | None
    by: str
    candidates: list[Candidate]
    answers: list[Answer]
    proposal: Proposal | None
    list: int | None


@dataclass(frozen=True, slots=True)
class OfHolder:
    """One holder, by the current number: the ``records`` merged with them and by whom, and those asked about."""

    holder: str
    records: dict[str, str]
    asked: list[str]


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a record, in the order of time: a `Kind` with its value."""

    record: str
    when: str
    who: str
    kind: str
    value: Mapping[str, Any]


def show(vault: Vault, what: str, *, protected_too: bool = False) -> OfRecord | OfHolder:
    """A record by its id, or a holder by any number they ever had; raises InputError.

    Of a record that may be of somebody who must not be found the places are left out, but where ``protected_too``.
    """
    merges = vault.merges()
    found: OfRecord | OfHolder
    with merges.snapshot():
        _taken(merges)
        desk = Desk.of(merges, [what], leads_of(vault))
        if what in desk.standings:
            found = _of_record(desk, what, hide=not protected_too and _protected(vault, desk.standings[what]))
            records, numbers = [what], asking.numbers(desk.standings[what])
        else:
            found, numbers = _of_holder(merges, vault, what), _numbers(vault, what)
            records = [*found.records, *found.asked]
    look_at(vault, "merges.show", records, numbers)
    return found


def history(vault: Vault, what: str) -> list[Happened]:
    """Everything that happened to a record, or to all that were ever on a holder; raises InputError."""
    merges = vault.merges()
    with merges.snapshot():
        takes = _taken(merges)
        if told := states.told(merges, what):
            records = [what]
            numbers = {one["holder"] for _, row in told for one in row["candidates"]}
        else:
            numbers = _numbers(vault, what)
            acted = [one.record for one in merges.touched() if numbers & asking.numbers(from_json(one.value))]
            records = sorted({*_merged_by_program(merges, numbers), *acted})
        found = [one for record in records for one in _history(merges, takes, record)]
    look_at(vault, "merges.history", records, numbers)
    return found


def astray(vault: Vault) -> list[str]:
    """Records that do not stand where their acts lead."""
    merges = vault.merges()
    with merges.snapshot():
        return [
            kept.record
            for kept in merges.touched()
            if asking.replayed(kept.record, ((one.kind, one.value) for one in merges.acts(kept.record)))
            != from_json(kept.value)
        ]


def _protected(vault: Vault, one: Standing) -> bool:
    """Whether one of the holders whom it may be of must not be found."""
    found = several(vault.register(), pl.Series(sorted(asking.numbers(one)), dtype=pl.String), ())
    return bool(found["protected_address"].is_not_null().any())


def _of_record(desk: Desk, record: str, *, hide: bool) -> OfRecord:
    one, row = desk.standings[record], desk.rows[record]
    items = {item: row[item] for item in ITEMS if row[item] and not (hide and item in PLACES)}
    items |= {pair["label"]: pair["text"] for pair in row["more"] or () if not hide}
    return OfRecord(
        *(record, items, one.said.outcome, desk.state(record)),
        one.merged is not None and desk.is_contradictory(record),
        desk.lead(one.merged) if one.merged else None,
        one.by,
        likely(one, desk.leads),
        list(one.answers),
        one.proposal,
        one.list,
    )


def _of_holder(merges: Merges, vault: Vault, what: str) -> OfHolder:
    numbers = _numbers(vault, what)
    records = dict.fromkeys(_merged_by_program(merges, numbers), PROGRAM)
    asked = []
    for kept in merges.touched():
        one = from_json(kept.value)
        if one.merged in numbers:
            records[one.record] = one.by
        elif numbers & asking.numbers(one):
            asked.append(one.record)
            records.pop(one.record, None)
        else:
            records.pop(one.record, None)
    lead = leads_of(vault)(numbers)
    return OfHolder(next(iter(lead.values()), what), dict(sorted(records.items())), asked)


def _merged_by_program(merges: Merges, numbers: set[str]) -> list[str]:
    """The records that the program merged with a holder of some numbers when they were last taken up."""
    found = []
    for some in current(merges, ("record", "outcome", "best")):
        found += some.filter(pl.col("outcome") == AUTO, pl.col("best").is_in(list(numbers)))["record"].to_list()
    return found


def _numbers(vault: Vault, what: str) -> set[str]:
    """Every number of the holder whom a number leads to; raises InputError."""
    register = vault.register()
    holder = by_number(register, what)
    if holder is None:
        raise _nothing(what)
    rows = lives(register, [holder])[0].states
    old = rows[MANY].drop_nulls().str.split(";").explode()
    return set(pl.concat([rows[NUMBER].drop_nulls(), old]))


def _history(merges: Merges, takes: Sequence[Take], record: str) -> list[Happened]:
    said = {
        number: Happened(record, takes[number - 1].when, "", "said", {"take": number, **_brief(row)})
        for number, row in states.told(merges, record)
    }
    acts = [Happened(one.record, one.when, one.who, one.kind, one.value) for one in merges.acts(record)]
    kept = merges.kept([record]).get(record)
    if kept and asking.replayed(record, ((one.kind, one.value) for one in acts)) != from_json(kept.value):
        raise _not_replayed(record)
    return list(_in_order(said, acts))


def _in_order(said: dict[int, Happened], acts: Sequence[Happened]) -> Iterator[Happened]:
    """As it happened, whatever clocks showed: what matching said of a record that had acts stands where it was taken.

    ``said``: by the number of the taking up.
    """
    later = {one.value["take"] for one in acts if one.kind == Kind.TAKEN}
    yield from (one for number, one in said.items() if number not in later)
    for one in acts:
        if one.kind != Kind.TAKEN:
            yield one
        elif one.value["take"] in said:
            yield said[one.value["take"]]


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("holder", "probability", "reasons")
    return {"outcome": row["outcome"], "candidates": [{n: one[n] for n in names} for one in row["candidates"]]}


def _taken(merges: Merges) -> list[Take]:
    takes = merges.takes()
    if not takes:
        raise InputError(
            Text("No matching was taken up yet.", "照合結果がまだ取り込まれていません。"),
            Text(
                "`sekisho merges take MATCHES --records RECORDS` takes one up.",
                "`sekisho merges take 照合結果 --records 記録` で取り込みます。",
            ),
        )
    return takes


def _nothing(what: str) -> InputError:
    return InputError(
        Text("No record or holder has that id or number.", "該当する記録・台帳の人がありません。"),
        Text("Give the id of a record, or any number of a holder.", "記録番号または年金番号を指定してください。"),
    )


def _not_replayed(record: str) -> AccountError:
    return AccountError(
        Text(
            "What happened to record {record} does not lead to where it stands.",
            "記録 {record} の経緯と現在の状態が一致しません。",
        ).fill(record=record),
        Text("Restore the vault from a copy, and please report it.", "保管庫を控えから戻し、ご報告ください。"),
    )


def _not_closed(records: int, states: int) -> AccountError:
    return AccountError(
        Text(
            "{records:,} {records|record was|records were} taken up, {states:,} {states|stands|stand} somewhere: the "
            "account does not close.",
            "取り込んだ記録{records:,}件に対し、状態の合計が{states:,}件で一致しません。",
        ).fill(records=records, states=states),
        Text("Please report it: this is a fault of the program.", "プログラムの不具合です。ご報告ください。"),
    )
