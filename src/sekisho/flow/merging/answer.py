"""`sekisho merges answer`: what clerks and persons said comes in; a yes with evidence becomes a proposal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sekisho.countries.evidence import kinds as evidence_kinds
from sekisho.errors import InputError
from sekisho.flow.clerks import acting_clerk, signing
from sekisho.flow.merging.ask import CLERK
from sekisho.flow.merging.asked import Facts, facts_of
from sekisho.flow.merging.take_up import leads_of
from sekisho.persons.asking import words
from sekisho.persons.asking.desk import Desk
from sekisho.persons.asking.proposal import evidence_of, proposed
from sekisho.persons.asking.standing import (
    MERGE,
    NO,
    SPLIT,
    YES,
    Answer,
    Kind,
    Proposal,
    State,
    clerk,
    is_clerk,
    person,
)
from sekisho.register.states import ITEMS
from sekisho.report import tabular
from sekisho.vault import Asked, Merges, Vault
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Answered:
    """What a file of answers held: records with a new answer, those answered so already, questions left blank.

    ``states``: where the records with new answers stand now; ``proposed``: how many wait for a second clerk by these.
    """

    new: int
    known: int
    blank: int
    proposed: int
    states: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class _Row:
    """One answer as it stands in a file."""

    number: int
    asked: Asked
    answer: Answer


def answer(vault: Vault, path: Path, who: str) -> Answered:
    """Keep the answers in a list that `worklist` or `letters` wrote, entered by ``who``: all of them or none.

    Raises UsageError, InputError naming the row.
    """
    vault.demand("merges.answer")
    merges, who = vault.merges(), acting_clerk(vault, who)
    rows, blank = _read(vault, path, who)
    desk = Desk.of(merges, (row.asked.record for row in rows), leads_of(vault))
    by_one: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        by_one.setdefault((row.asked.record, row.answer.by), []).append(row)
    new = [key for key, some in by_one.items() if not _is_known(merges, desk, path, some)]
    proposals = 0
    merged = (one.merged for one in desk.standings.values() if one.merged)
    facts = facts_of(vault, (*(row.answer.holder for row in rows), *merged), ITEMS)
    for row in rows:
        if row.answer.answer == YES and facts[row.answer.holder]["lead"] is None:
            raise _no_such_holder(path, row.number)
    for key in new:
        proposals += _take_in(desk, by_one[key], who, facts)
    changes = desk.changes()
    merges.do("merges.answer", changes, signing(vault, changes, {}))
    states = Counter(desk.state(record) for record in {record for record, _ in new})
    return Answered(len(new), len(by_one) - len(new), blank, proposals, states)


def _take_in(desk: Desk, rows: Sequence[_Row], who: str, facts: Facts) -> int:
    """One's answers to one question; gives how many proposals follow."""
    record, by = rows[0].asked.record, rows[0].answer.by
    answers = [_as_known(desk, record, row.answer) for row in rows]
    ruling = is_clerk(by) and desk.is_contradictory(record)
    value = {"by": by, "answers": [asdict(one) for one in answers], "ruling": ruling, "list": rows[0].asked.list}
    desk.do(record, Kind.ANSWERED, who, value)
    wanted = _to_split(desk, record, answers) if desk.standings[record].merged else _to_merge(desk, record, answers)
    if wanted and (ruling or wanted.kind == MERGE):
        propose(desk, record, replace(wanted, who=who, when=desk.now), facts)
        return 1
    return 0


def _to_merge(desk: Desk, record: str, answers: Sequence[Answer]) -> Proposal | None:
    """What a yes proposes that has evidence and that nobody contradicts."""
    yes = next((one for one in answers if one.answer == YES), None)
    evidence = evidence_of(desk.standings[record], yes.holder) if yes else ()
    if yes is None or not evidence or desk.is_contradictory(record):
        return None
    return Proposal(MERGE, yes.holder, "", "", evidence, yes.remark, "")


def _to_split(desk: Desk, record: str, answers: Sequence[Answer]) -> Proposal | None:
    """What a no to a merge proposes, or a yes to somebody else."""
    merged = str(desk.standings[record].merged)
    against = (one for one in answers if (one.answer, one.holder == merged) in ((NO, True), (YES, False)))
    one = None if desk.standings[record].proposal else next(against, None)
    return Proposal(SPLIT, merged, "", "", one.evidence, one.remark, "") if one else None


def propose(desk: Desk, record: str, proposal: Proposal, facts: Facts) -> None:
    """Put something before a second clerk; ``facts``: what the register says, by number."""
    alike = next(row for number, row in facts.items() if desk.lead(number) == desk.lead(proposal.holder))
    told = {name: value for name, value in alike.items() if name != "number"}
    desk.do(record, Kind.PROPOSED, proposal.who, asdict(proposed(proposal, desk.rows[record], told)))


def _as_known(desk: Desk, record: str, one: Answer) -> Answer:
    """The answer about the holder under the number by which the question names them."""
    return Answer(desk.known_as(record, one.holder), one.by, one.answer, one.evidence, one.remark)


def _is_known(merges: Merges, desk: Desk, path: Path, rows: Sequence[_Row]) -> bool:
    """Whether the very same was answered before; raises InputError where a clerk's question is not out any more."""
    asked, by = rows[0].asked, rows[0].answer.by
    out = desk.standings[asked.record].list == asked.list
    if out:
        return False
    told = [asdict(_as_known(desk, asked.record, row.answer)) for row in rows]
    for act in merges.acts(asked.record):
        same = act.kind == Kind.ANSWERED and (act.value["by"], act.value["list"]) == (by, asked.list)
        if same and _plain(act.value["answers"]) == _plain(told):
            return True
    if is_clerk(by):
        raise _not_out(path, rows[0].number, asked.list)
    return False


def _plain(answers: Iterable[Mapping[str, object]]) -> list[tuple[object, ...]]:
    """Answers as they are held against each other."""
    return sorted((a["holder"], a["answer"], tuple(a["evidence"]), a["remark"]) for a in answers)  # type: ignore[arg-type]


def _read(vault: Vault, path: Path, who: str) -> tuple[list[_Row], int]:
    """The rows that answer something, and how many do not."""
    written = [(n, row) for n, row in tabular.read(path, ("question", "answer"))]
    codes = vault.merges().codes(words.code(row["question"]) for _, row in written)
    others = {row["other_holder"].strip() for _, row in written if row.get("other_holder", "").strip()}
    known = facts_of(vault, others, ())
    rows: dict[str, _Row] = {}
    blank = 0
    for number, row in written:
        asked = codes.get(words.code(row["question"]))
        if asked is None:
            raise _unknown(path, number)
        if not row["answer"].strip() and not row.get("other_holder", "").strip():
            blank += 1
            continue
        one = _Row(number, asked, _answer(path, number, row, asked, who, known))
        if asked.code in rows and rows[asked.code].answer != one.answer:
            raise _twice(path, rows[asked.code].number, number)
        rows[asked.code] = one
    _look_at(path, rows.values(), who)
    return list(rows.values()), blank


def _answer(path: Path, number: int, row: Mapping[str, str], asked: Asked, who: str, known: Facts) -> Answer:
    other = row.get("other_holder", "").strip()
    lead = known[other]["lead"] if other else None
    if other and (asked.kind != CLERK or lead is None):
        raise _no_such_holder(path, number)
    said = words.answer(row["answer"]) if row["answer"].strip() else YES
    if said is None or (other and said != YES):
        raise _no_answer(path, number, row["answer"])
    evidence = words.kinds(row.get("evidence", ""))
    if evidence is None:
        raise _no_evidence(path, number)
    holder = str(lead) if other else asked.holder
    by = clerk(who) if asked.kind == CLERK else person(asked.holder)
    return Answer(holder, by, said, evidence, row.get("remark", "").strip())


def _look_at(path: Path, rows: Iterable[_Row], who: str) -> None:
    """Raises InputError where a row may not stand as it does beside the others."""
    yes: dict[tuple[str, str], _Row] = {}
    for row in rows:
        asked, one = row.asked, row.answer
        if asked.kind == CLERK and words.folded(asked.clerk) != words.folded(who):
            raise _not_theirs(path, row.number, asked)
        if one.answer == YES and asked.kind == CLERK and not one.evidence:
            raise _no_evidence(path, row.number)
        if one.answer == YES:
            before = yes.setdefault((asked.record, one.by), row)
            if before.answer.holder != one.holder:
                raise _twice(path, before.number, row.number)


def _at(path: Path, number: int, what: Text, hint: Text) -> InputError:
    said = Text("{path}, row {n}: {what}", "{path} {n}行目: {what}")
    return InputError(said.fill(path=path, n=number, what=what), hint)


def _unknown(path: Path, number: int) -> InputError:
    return _at(
        path,
        number,
        Text("no such question.", "該当する確認事項がありません。"),
        Text(
            "Fill in what `sekisho merges worklist` or `letters` wrote; the code stands in the column `question`.",
            "`sekisho merges worklist`・`letters` の出力に記入してください（question 列が確認番号）。",
        ),
    )


def _no_answer(path: Path, number: int, written: str) -> InputError:
    return _at(
        path,
        number,
        Text("no such answer: {written!r}.", "{written!r} という回答は選べません。").fill(written=written),
        Text("Possible: yes, no, cannot tell, or nothing.", "選べる回答: はい、いいえ、不明、または空欄。"),
    )


def _no_evidence(path: Path, number: int) -> InputError:
    kinds = evidence_kinds()
    return _at(
        path,
        number,
        Text("a yes needs evidence of a known kind.", "「はい」には定められた種類の証拠が必要です。"),
        Text("Kinds: {kinds}", "種類: {kinds}").fill(
            kinds=Text("; ".join(one.en for one in kinds.values()), "、".join(one.ja for one in kinds.values()))
        ),
    )


def _no_such_holder(path: Path, number: int) -> InputError:
    return _at(
        path,
        number,
        Text("the register knows no such holder.", "該当する人が台帳にいません。"),
        Text(
            "Say yes to a number that `sekisho register show` finds; `other_holder` takes one.",
            "`sekisho register show` で見つかる番号に「はい」と回答してください（other_holder に記入可）。",
        ),
    )


def _twice(path: Path, first: int, second: int) -> InputError:
    return InputError(
        Text(
            "{path}, rows {first} and {second}: the same record, two answers that contradict.",
            "{path} {first}行目と{second}行目: 同じ記録に矛盾する回答があります。",
        ).fill(path=path, first=first, second=second),
        Text("A record has one holder at most: say yes once.", "一つの記録の本人は一人だけです。"),
    )


def _not_theirs(path: Path, number: int, asked: Asked) -> InputError:
    return _at(
        path,
        number,
        Text("list {n} was given to {clerk}.", "一覧{n}は{clerk}に割り当てられています。").fill(
            n=asked.list, clerk=asked.clerk
        ),
        Text(
            "`sekisho merges back {n}` takes it back, to be given to somebody else.",
            "`sekisho merges back {n}` で戻してから、別の担当者に割り当ててください。",
        ).fill(n=asked.list),
    )


def _not_out(path: Path, number: int, given: int) -> InputError:
    return _at(
        path,
        number,
        Text(
            "the question is not out in list {n} any more: answered otherwise, or taken back.",
            "この確認事項は一覧{n}では終了しています（別の回答済み、または戻し済み）。",
        ).fill(n=given),
        Text(
            "Leave the row out; `sekisho merges history RECORD` says what happened.",
            "この行を除いてください。経緯は `sekisho merges history 記録` で確認できます。",
        ),
    )
