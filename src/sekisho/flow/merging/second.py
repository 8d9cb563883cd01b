"""`sekisho merges split`, `proposals`, `confirm`: no merge or split counts before a second clerk has looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho.countries.evidence import kinds as evidence_kinds
from sekisho.errors import InputError, UsageError
from sekisho.flow.clerks import acting_clerk, signed, signing
from sekisho.flow.merging.answer import propose
from sekisho.flow.merging.asked import OVERLAP, SIDE, facts_of, look_at, overlaps, side_by_side
from sekisho.flow.merging.take_up import leads_of
from sekisho.persons.asking import words
from sekisho.persons.asking.desk import Desk
from sekisho.persons.asking.proposal import behind, proposed
from sekisho.persons.asking.questions import answers_said
from sekisho.persons.asking.standing import SPLIT, Kind, Proposal
from sekisho.persons.asking.words import CONFIRM, REFUSE
from sekisho.register.states import ITEMS
from sekisho.report import tabular
from sekisho.vault import Merges, Vault
from sekisho.wording import Text

_ABOUT = ("proposal", "record", "proposed", "holder", "proposed_by", "proposed_at", "evidence", "proposed_remark")
PROPOSALS = pa.schema([(name, pa.string()) for name in (*_ABOUT, *SIDE, "warning", "answered", "decision", "remark")])
_DONE = {CONFIRM: Kind.CONFIRMED, REFUSE: Kind.REFUSED}


@dataclass(frozen=True, slots=True)
class Listed:
    """Proposals that were written for a second clerk.

    ``own``: left out, as they are that clerk's own; ``void``: changed since they were proposed, and open again.
    """

    rows: int
    own: int
    void: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What a second clerk decided. ``void``: changed since; ``known``: decided so before; ``blank``: left open."""

    confirmed: int
    refused: int
    void: int
    known: int
    blank: int


def split(vault: Vault, record: str, who: str, reason: str) -> str:
    """Propose to undo a merge, the program's own too; gives the hash of the proposal. Raises UsageError, InputError."""
    vault.demand("merges.split")
    who = acting_clerk(vault, who)
    if not reason.strip():
        raise _no_reason()
    merges = vault.merges()
    desk = Desk.of(merges, [record], leads_of(vault))
    standing = desk.standings.get(record)
    if standing is None or standing.merged is None:
        raise _not_merged(record)
    if standing.proposal is None:
        facts = facts_of(vault, [standing.merged], ITEMS)
        propose(desk, record, Proposal(SPLIT, standing.merged, who, desk.now, (), reason.strip(), ""), facts)
        changes = desk.changes()
        merges.do("merges.split", changes, signing(vault, changes, {}))
    proposal = desk.standings[record].proposal
    assert proposal is not None
    return proposal.hash


def proposals(vault: Vault, to: Path, who: str, *, protected: bool = False, force: bool = False) -> Listed:
    """Write what waits for a second clerk other than those behind it; raises UsageError, InputError."""
    vault.demand("merges.proposals")
    who = acting_clerk(vault, who)
    tabular.look_at_target(to, force=force)
    merges = vault.merges()
    desk, facts = _waiting(vault, merges, [kept.record for kept in merges.proposals()])
    proposers = _proposers(desk)
    void = _voided(desk, facts, signed(vault, proposers))
    changes = desk.changes()
    merges.do("merges.void", changes, signing(vault, changes, proposers))
    left = [record for record, one in desk.standings.items() if one.proposal]
    others = [record for record in left if words.folded(who) not in behind(desk.standings[record])]
    rows = _rows(vault, desk, others, facts, protected)
    look_at(vault, "merges.proposals", others, (_proposal(desk, record).holder for record in others))
    tabular.write(to, PROPOSALS, [pa.Table.from_pylist(rows, PROPOSALS)], force=force)
    return Listed(len(rows), len(left) - len(others), void)


def confirm(vault: Vault, path: Path, who: str) -> Decided:
    """Keep what a second clerk decided in a file that `proposals` wrote: all of it or none.

    A proposal counts as it was shown: if the record, the holder or the answers changed since, it is void and the
    question open again. Raises UsageError, InputError naming the row.
    """
    vault.demand("merges.confirm")
    merges, who = vault.merges(), acting_clerk(vault, who)
    given, blank = _decisions(path)
    waiting = {kept.proposal: kept.record for kept in merges.proposals(given)}
    desk, facts = _waiting(vault, merges, waiting.values())
    proposers = _proposers(desk)
    sure = signed(vault, proposers)
    counts = {Kind.CONFIRMED: 0, Kind.REFUSED: 0, Kind.VOID: 0}
    known = 0
    for hash_, (number, record, decision, remark) in given.items():
        if hash_ not in waiting:
            was = _was_decided(merges, record, hash_, who, _DONE[decision])
            known += was
            counts[Kind.VOID] += not was
            continue
        record = waiting[hash_]
        if words.folded(who) in behind(desk.standings[record]):
            vault.refused("merges.confirm", why="self_given", refers=hash_)
            raise _own(path, number)
        kind = _DONE[decision] if hash_ in sure and _still_so(desk, record, facts) else Kind.VOID
        desk.do(record, kind, who, {"hash": hash_, "remark": remark})
        counts[kind] += 1
    changes = desk.changes()
    decided = counts[Kind.CONFIRMED] + counts[Kind.REFUSED]
    merges.do("merges.confirm" if decided else "merges.void", changes, signing(vault, changes, proposers))
    return Decided(counts[Kind.CONFIRMED], counts[Kind.REFUSED], counts[Kind.VOID], known, blank)


Facts = Mapping[str, Mapping[str, Any]]


def _waiting(vault: Vault, merges: Merges, records: Iterable[str]) -> tuple[Desk, Facts]:
    """Records with proposals, and what the register says now of the holders whom these name."""
    desk = Desk.of(merges, records, leads_of(vault))
    return desk, facts_of(vault, (_proposal(desk, record).holder for record in desk.standings), ITEMS)


def _proposal(desk: Desk, record: str) -> Proposal:
    found = desk.standings[record].proposal
    assert found is not None
    return found


def _still_so(desk: Desk, record: str, facts: Facts) -> bool:
    """Whether a proposal is still about exactly what it was about."""
    proposal = _proposal(desk, record)
    told = {name: value for name, value in facts[proposal.holder].items() if name != "number"}
    return proposed(proposal, desk.rows[record], told).hash == proposal.hash


def _proposers(desk: Desk) -> dict[str, str]:
    """Who made each proposal on a desk, by its hash."""
    found = (one.proposal for one in desk.standings.values())
    return {one.hash: one.who for one in found if one}


def _voided(desk: Desk, facts: Facts, sure: set[str]) -> int:
    """Void the proposals that changed since, or that nobody who is sure signed."""
    changed = [
        record
        for record in desk.standings
        if _proposal(desk, record).hash not in sure or not _still_so(desk, record, facts)
    ]
    for record in changed:
        desk.do(record, Kind.VOID, "", {"hash": _proposal(desk, record).hash, "remark": ""})
    return len(changed)


def _rows(vault: Vault, desk: Desk, records: Sequence[str], facts: Facts, protected: bool) -> list[dict[str, Any]]:
    kinds = evidence_kinds()
    pairs = [(record, _proposal(desk, record).holder) for record in records]
    warned = overlaps(vault, desk, pairs, facts)
    rows = []
    for record, holder in pairs:
        one, who = _proposal(desk, record), facts[holder]
        about = (one.hash, record, one.kind, who["lead"] or holder, one.who, one.when)
        shown = "; ".join(str(kinds[kind]) if kind in kinds else kind for kind in one.evidence)
        hide = bool(who["protected_address"]) and not protected
        rows.append(
            {
                **dict(zip(_ABOUT, (*about, shown, one.remark), strict=True)),
                **side_by_side(desk.rows[record], who, hide=hide),
                "warning": str(OVERLAP) if (record, holder) in warned else None,
                "answered": answers_said(desk.standings[record]) or None,
            }
        )
    return rows


def _decisions(path: Path) -> tuple[dict[str, tuple[int, str, str, str]], int]:
    """Hash -> row, record, decision, remark; and how many are left open. Raises InputError naming the row."""
    found: dict[str, tuple[int, str, str, str]] = {}
    blank = 0
    for number, row in tabular.read(path, ("proposal", "record", "decision")):
        if not row["decision"].strip():
            blank += 1
            continue
        decision = words.decision(row["decision"])
        if decision is None:
            raise _no_decision(path, number, row["decision"])
        one = (number, row["record"], decision, row.get("remark", "").strip())
        before = found.setdefault(row["proposal"].strip(), one)
        if before[2] != decision:
            raise _no_decision(path, number, row["decision"])
    return found, blank


def _was_decided(merges: Merges, record: str, hash_: str, who: str, kind: Kind) -> bool:
    """Whether the same clerk decided the same before: the file was read twice."""
    acts = merges.acts(tabular.as_it_was(record))
    return any((act.kind, act.who, act.value.get("hash")) == (kind, who, hash_) for act in acts)


def _not_merged(record: str) -> InputError:
    return InputError(
        Text("The record {record} is not merged.", "記録 {record} は統合されていません。").fill(record=record),
        Text(
            "`sekisho merges show {record}` says where it stands.",
            "`sekisho merges show {record}` で状態を確認できます。",
        ).fill(record=record),
    )


def _no_reason() -> UsageError:
    return UsageError(
        Text("--reason says nothing.", "--reason が空です。"),
        Text(
            "Say why the merge is wrong: it is kept for good.",
            "統合が誤りである理由を記入してください（記録に残ります）。",
        ),
    )


def _own(path: Path, number: int) -> InputError:
    return InputError(
        Text(
            "{path}, row {n}: whoever proposed something, or said so before, cannot confirm or refuse it.",
            "{path} {n}行目: 提案した担当者や同じ回答をした担当者は、承認・却下できません。",
        ).fill(path=path, n=number),
        Text("Another clerk must look at it.", "別の担当者が確認してください。"),
    )


def _no_decision(path: Path, number: int, written: str) -> InputError:
    return InputError(
        Text(
            "{path}, row {n}: no such decision, or another one than above: {written!r}.",
            "{path} {n}行目: {written!r} という判断は選べないか、上の行と矛盾します。",
        ).fill(path=path, n=number, written=written),
        Text("Possible: confirm, refuse, or nothing.", "選べる判断: 承認、却下、または空欄。"),
    )
