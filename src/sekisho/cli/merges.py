"""`sekisho merges`: what matching found becomes merges and questions; questions are answered, merges undone."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli import _merges as said
from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault, stated_clerk
from sekisho.errors import UsageError
from sekisho.wording import Text, minute, printable

if TYPE_CHECKING:
    from sekisho.flow.merging.ask import Given
    from sekisho.flow.merging.merges import Happened, OfHolder, OfRecord, Status
    from sekisho.vault import List


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    _add_taking(room)
    _add_asking(room)
    _add_deciding(room)
    _add_showing(room)


def _add_taking(room: Any) -> None:
    take = add_action(room, "take", said.TAKE, "sekisho merges take matches.parquet --records records.csv", _take)
    take.add_argument("matches", type=Path, metavar="MATCHES", help=str(said.MATCHES))
    take.add_argument("--records", type=Path, required=True, metavar="RECORDS", help=str(said.RECORDS))
    take.add_argument("--model", type=Path, metavar="FILE", help=str(said.MODEL))
    take.add_argument("--ask-from", type=_share, default=0.05, metavar="P", help=str(said.ASK_FROM))
    take.add_argument("--others", action="store_true", help=str(said.OTHERS))
    add_action(room, "status", said.STATUS, "sekisho merges status", _status)


def _add_asking(room: Any) -> None:
    example = 'sekisho merges worklist --clerk "A. Tanaka" -n 50 --to tanaka.xlsx'
    work = add_action(room, "worklist", said.WORKLIST, example, _worklist)
    work.add_argument("--clerk", default="", metavar="NAME", help=str(said.CLERK))
    work.add_argument("-n", type=at_least(1), default=50, dest="most", metavar="N", help=str(said.MOST_QUESTIONS))
    _add_list(work)
    work.add_argument("--protected", action="store_true", help=str(said.PROTECTED))
    _add_to(work)
    write = add_action(room, "letters", said.LETTERS, "sekisho merges letters -n 1000 --to letters.csv", _letters)
    write.add_argument("-n", type=at_least(1), default=1000, dest="most", metavar="N", help=str(said.MOST_LETTERS))
    _add_list(write)
    _add_to(write)
    back = add_action(room, "back", said.BACK, "sekisho merges back 7", _back)
    back.add_argument("list", type=at_least(1), metavar="LIST", help=str(said.WHICH_LIST))
    back.add_argument("--record", action="append", default=[], metavar="RECORD", help=str(said.ONLY_RECORD))


def _add_deciding(room: Any) -> None:
    example = 'sekisho merges answer tanaka.xlsx --who "A. Tanaka"'
    answer = add_action(room, "answer", said.ANSWER, example, _answer)
    answer.add_argument("file", type=Path, metavar="FILE", help=str(said.ANSWERS))
    _add_who(answer)
    split = add_action(
        room, "split", said.SPLIT, 'sekisho merges split 27951 --reason "her sister" --who "A. Tanaka"', _split
    )
    split.add_argument("record", metavar="RECORD", help=str(said.RECORD))
    split.add_argument("--reason", required=True, metavar="TEXT", help=str(said.REASON))
    _add_who(split)
    example = 'sekisho merges proposals --who "B. Sato" --to proposals.xlsx'
    proposals = add_action(room, "proposals", said.PROPOSALS, example, _proposals)
    _add_who(proposals)
    proposals.add_argument("--protected", action="store_true", help=str(said.PROTECTED))
    _add_to(proposals)
    example = 'sekisho merges confirm proposals.xlsx --who "B. Sato"'
    confirm = add_action(room, "confirm", said.CONFIRM, example, _confirm)
    confirm.add_argument("file", type=Path, metavar="FILE", help=str(said.DECISIONS))
    _add_who(confirm)


def _add_showing(room: Any) -> None:
    show = add_action(room, "show", said.SHOW, "sekisho merges show 27951", _show)
    history = add_action(room, "history", said.HISTORY, "sekisho merges history 27951", _history)
    for one in (show, history):
        one.add_argument("what", metavar="RECORD|HOLDER", help=str(said.WHAT))
    show.add_argument("--protected", action="store_true", help=str(said.PROTECTED))
    export = add_action(room, "export", said.EXPORT, "sekisho merges export --to merges.parquet", _export)
    _add_to(export)


def _add_to(parser: ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(said.TO))
    parser.add_argument("--force", action="store_true", help=str(said.FORCE))


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--list", type=at_least(1), metavar="LIST", help=str(said.AGAIN))


def _add_who(parser: ArgumentParser) -> None:
    parser.add_argument("--who", default="", metavar="NAME", help=str(said.WHO))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 < share < 1.0:
        raise UsageError(said.NO_SHARE, Text("As in --ask-from 0.05.", "例: --ask-from 0.05"))
    return share


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _take(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.take_up import Matching, take_up

    given = Matching(call.records, call.matches, call.ask_from, call.model, call.others)
    with open_vault(call, write=True) as vault:
        found = take_up(vault, given, shown=not out.quiet)
    made, counts = found.made, found.made.account["counts"]
    if not found.again:
        for line in _taken(made.account):
            out.note(line)
    text = (said.TAKEN_AGAIN if found.again else said.TAKEN).fill(n=made.number, **counts)
    out.result({"take": made.number, "again": found.again, **made.account}, lambda: str(text))


def _taken(account: Mapping[str, Any]) -> Iterator[Text]:
    for column in account["columns"]:
        yield said.COLUMN.fill(label=column["label"], column=f"{column['item']} {column['part']}".strip())
    if account["unused"]:
        yield said.SHOWN_ONLY.fill(labels=", ".join(account["unused"]))
    counts = {**account["counts"], "differs": account["differs"]}
    for name, line in said.COUNTED.items():
        if counts[name]:
            yield line.fill(n=counts[name])


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.merges import status

    with open_vault(call) as vault:
        found = status(vault)
    out.result(_status_json(found), lambda: "\n".join(_status_lines(found)))


def _status_json(found: Status) -> dict[str, Any]:
    told = ("ask_from", "model", "counts", "differs")
    takes = [
        {"take": one.number, "when": one.when, "matches": one.matches_file, "records": one.records_file}
        | {name: one.account[name] for name in told}
        for one in found.takes
    ]
    return {
        "records": found.records,
        "states": {str(state): count for state, count in found.states.items()},
        "disputed": found.disputed,
        "splits_proposed": found.splits,
        "takes": takes,
        "lists": [{"list": one.number, **_but_number(one)} for one in found.lists],
    }


def _but_number(one: List) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "number"}


def _status_lines(found: Status) -> Iterator[str]:
    for take in found.takes:
        model = take.account["model"]["version"] if take.account["model"] else "-"
        line = said.ONE_TAKE.fill(n=take.number, when=take.when[:10], file=take.matches_file, model=model)
        yield printable(str(line))
    yield str(said.RECORDS_IN_ALL.fill(n=found.records))
    for state, count in found.states.items():
        yield f"  {count:>13,}  {said.STATES[state]}"
    if found.disputed:
        yield str(said.DISPUTED.fill(n=found.disputed))
    if found.splits:
        yield str(said.SPLITS.fill(n=found.splits))
    for one in found.lists:
        if one.out:
            to = printable(one.clerk) if one.clerk else str(said.TO_PERSONS)
            line = said.LIST.fill(n=one.number, to=to, when=one.when[:10], out=one.out, questions=one.questions)
            yield str(line)


def _worklist(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.ask import Wanted, again, worklist

    if call.list:
        with open_vault(call) as vault:
            rows = again(vault, call.list, call.to, protected=call.protected, force=call.force)
        _written_again(call, out, rows)
        return
    with open_vault(call, write=True) as vault:
        given = worklist(vault, Wanted(call.most, call.clerk, call.protected), call.to, force=call.force)
    text = said.GIVEN.fill(
        n=given.list, to=call.clerk.strip(), questions=given.questions, open=given.open, file=call.to
    )
    out.result({"file": str(call.to), **_given_json(given)}, lambda: printable(str(text)))


def _letters(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.ask import Wanted, again, letters
    from sekisho.persons.asking.letters import HELD

    if call.list:
        with open_vault(call) as vault:
            rows = again(vault, call.list, call.to, force=call.force)
        _written_again(call, out, rows)
        return
    with open_vault(call, write=True) as vault:
        given = letters(vault, Wanted(call.most), call.to, force=call.force)
    held = given.held or {}
    for name, count in held.items():
        if count:
            out.note(said.HELD.fill(n=count, why=HELD[name]))
    text = said.WRITTEN.fill(
        n=given.list, letters=given.letters, questions=given.questions, open=given.open, held=sum(held.values())
    )
    out.result({"file": str(call.to), **_given_json(given)}, lambda: str(text))


def _given_json(given: Given) -> dict[str, Any]:
    return {name: value for name, value in asdict(given).items() if value is not None}


def _written_again(call: Namespace, out: Output, rows: int) -> None:
    text = said.AGAIN_WRITTEN.fill(n=call.list, rows=rows, file=call.to)
    out.result({"file": str(call.to), "list": call.list, "rows": rows}, lambda: str(text))


def _back(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.ask import back

    with open_vault(call, write=True) as vault:
        count = back(vault, call.list, call.record)
    out.result({"list": call.list, "back": count}, lambda: str(said.IS_BACK.fill(n=count, list=call.list)))


def _answer(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.answer import answer

    who = stated_clerk(call)
    with open_vault(call, write=True) as vault:
        found = answer(vault, call.file, who)
    counts = {"new": found.new, "known": found.known, "blank": found.blank, "proposed": found.proposed}
    for state, count in found.states.items():
        out.note(f"  {count:>7,}  {said.STATES[state]}")
    states = {str(state): count for state, count in found.states.items()}
    out.result({**counts, "states": states}, lambda: str(said.ANSWERED.fill(**counts)))


def _split(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.second import split

    who = stated_clerk(call)
    with open_vault(call, write=True) as vault:
        proposal = split(vault, call.record, who, call.reason)
    text = said.SPLIT_PROPOSED.fill(record=call.record)
    out.result({"record": call.record, "proposal": proposal}, lambda: printable(str(text)))


def _proposals(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.second import proposals

    who = stated_clerk(call)
    with open_vault(call, write=True) as vault:
        found = proposals(vault, call.to, who, protected=call.protected, force=call.force)
    text = said.LISTED.fill(**asdict(found), file=call.to)
    out.result({"file": str(call.to), **asdict(found)}, lambda: str(text))


def _confirm(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.second import confirm

    who = stated_clerk(call)
    with open_vault(call, write=True) as vault:
        found = confirm(vault, call.file, who)
    out.result(asdict(found), lambda: str(said.DECIDED.fill(**asdict(found))))


def _show(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.merges import OfRecord, show

    with open_vault(call) as vault:
        found = show(vault, call.what, protected_too=call.protected)
    lines = _record_lines(found) if isinstance(found, OfRecord) else _holder_lines(found)
    out.result(asdict(found), lambda: "\n".join(map(printable, lines)))


def _record_lines(one: OfRecord) -> Iterator[str]:
    yield f"{one.record}  {said.STATES[one.state]}" + (f"  [{said.IS_DISPUTED}]" if one.disputed else "")
    for item, value in one.items.items():
        yield f"  {item}: {value}"
    if one.holder:
        yield str(said.MERGED_WITH.fill(holder=one.holder, by=said.BY[one.by]))
    for candidate in one.candidates:
        yield f"  {candidate.holder}  {candidate.probability:.4f}"
    for answer in one.answers:
        yield str(said.ONE_ANSWER.fill(by=answer.by, holder=answer.holder, answer=answer.answer))
    if one.proposal:
        kind, who = said.KINDS[one.proposal.kind], one.proposal.who
        yield str(said.ONE_PROPOSAL.fill(kind=kind, holder=one.proposal.holder, who=who, hash=one.proposal.hash))


def _holder_lines(one: OfHolder) -> Iterator[str]:
    yield str(said.HOLDER.fill(holder=one.holder, n=len(one.records), asked=len(one.asked)))
    for record, by in one.records.items():
        yield f"  {record}  {said.BY[by]}"
    for record in one.asked:
        yield f"  {record}  {said.IS_ASKED}"


def _history(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.merges import history

    with open_vault(call) as vault:
        found = history(vault, call.what)
    out.result([asdict(one) for one in found], lambda: "\n".join(printable(_happened(one)) for one in found))


def _happened(one: Happened) -> str:
    when = minute(one.when)
    text = said.HAPPENED[one.kind].fill(**said.told(one.kind, one.value))
    return f"{when}  {one.record}  {text}" + (f"  ({one.who})" if one.who else "")


def _export(call: Namespace, out: Output) -> None:
    from sekisho.flow.merging.merges import export

    with open_vault(call) as vault:
        rows = export(vault, call.to, force=call.force, shown=not out.quiet)
    out.result({"file": str(call.to), "merges": rows}, lambda: str(said.EXPORTED.fill(rows=rows, file=call.to)))


COMMAND = Command(
    name="merges",
    help=Text(
        "Take matches up, ask clerks and persons what is in doubt, and keep or undo merges, with their history.",
        "照合結果を取り込み、疑わしいものを担当者と本人に確認し、統合とその取消しを履歴つきで管理します。",
    ),
    example="sekisho merges take matches.parquet --records records.csv",
    add_arguments=_add_arguments,
    run=_run,
)
