"""`sekisho incident count | versions | diff | who | reconcile`: what they take and what they say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._incident_facts import number_of
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault
from sekisho.cli._whom import words
from sekisho.wording import Text, listed, minute, printable

if TYPE_CHECKING:
    from sekisho.flow.assessing.exposure import Told
    from sekisho.incidents.difference import Difference
    from sekisho.incidents.reconcile import Reconciliation
    from sekisho.vault.leak import Version

COUNT = Text(
    "Count who is exposed: the next version of the leak master.", "対象者を集計し、対象者名簿の次の版を作ります。"
)
VERSIONS = Text("Show all versions of the leak master with their counts.", "対象者名簿の全ての版と件数を表示します。")
DIFF = Text("Show what differs between two versions.", "2つの版の差を表示します。")
WHO = Text("Show what leaked of one person.", "一人の漏えい内容を表示します。")
RECONCILE = Text(
    "Hold what was made of the leak master against it, or a list that somebody made elsewhere.",
    "作成済みの通知・回答等、または別に作られた一覧を、対象者名簿と突き合わせます。",
)
PERSONS = Text(
    "Write every exposed person of a version to a file, in clear.", "対象者名簿の全員をファイルに平文で書き出します。"
)
WRITTEN = Text("{n:,} {n|person|persons} in {file}", "{n:,}人を {file} に書き出しました")
WRITTEN_TO = Text("Who they are stands in {file}.", "該当する人を {file} に書き出しました。")
TO = Text(
    "write the persons to FILE, in clear (.csv, .xlsx or .parquet)",
    "該当者を FILE に平文で書き出す（.csv .xlsx .parquet）",
)
FORCE = Text("overwrite FILE", "FILE を上書きする")
LIST = Text("a list of exposed persons that was made elsewhere", "別に作られた対象者の一覧")
PERSON = Text(
    "any number they ever had, or words of their name and birth date; - reads a line of standard input",
    "現在または過去の番号、または氏名・生年月日の語（- なら標準入力から1行読む）",
)
BEFORE = Text("from that version (default: the one before)", "前の版の番号（既定: 1つ前の版）")
VERSION = Text("that version (default: the last)", "版の番号（既定: 最新版）")
LINE = Text(
    "version {number} of {at}: {persons:,} {persons|person|persons}, {records:,} {records|record|records} in "
    "{files:,} {files|file|files}",
    "第{number}版（{at}）: 対象者{persons:,}人、延べ記録{records:,}件、記録のあるファイル{files:,}個",
)
COMING = Text(
    "  may still come: {documents:,} unread documents, {records:,} undecided records",
    "  今後増える可能性: 未読の{documents:,}文書、未確定の記録{records:,}件",
)
SAME = Text("Nothing changed since.", "前回から変更はありません。")
BETWEEN = Text(
    "{before:,} {before|person|persons} before, {after:,} after:", "対象者 変更前{before:,}人、変更後{after:,}人:"
)
PERSONS_COUNTED = Text("{n:,} {n|person|persons}", "{n:,}人")
AGAIN = Text("settled again, as the register changed: scan {scans}", "台帳の変更により再照合した走査: {scans}")
EXPOSED = Text("EXPOSED as of version {v}: {items}", "第{v}版で対象: {items}")
NOT_FOUND = Text("{number}: not in version {v}.", "{number}: 第{v}版にはいません。")
CANNOT_TELL = Text("{number}: not in version {v}, but nobody can tell:", "{number}: 第{v}版にはいないが判断不可:")
ALIKE = Text(
    "{n:,} exposed {n|person has|persons have} the same name and birth date: perhaps the same under two numbers",
    "氏名・生年月日が同じ対象者{n:,}人（別番号の同一人の可能性）",
)
UNKNOWN = Text("the register has nobody by that number", "台帳にこの番号の人はいません")
UNSURE = {
    "unread": Text("{n:,} unread documents could hold something of theirs", "未読の{n:,}文書に含まれる可能性"),
    "undecided": Text("{n:,} undecided records could be theirs", "未確定の記録{n:,}件が本人の可能性"),
    "unmatched": Text("{n:,} {n|record|records} of nobody could be theirs", "照合不能の記録{n:,}件が本人の可能性"),
    "unlisted": Text(
        "{n:,} {n|record|records} of persons in no register could be theirs", "台帳にない人の記録{n:,}件が本人の可能性"
    ),
}
UNCOUNTED = Text(
    "other documents belong to the incident since that version was counted: count again",
    "この版の集計後に対象文書が変更されています。再集計してください",
)
NOBODY_ELSE = Text(
    "Nothing undecided or unread could be theirs.", "未確定・未読のもので本人に当たり得るものはありません。"
)
CLOSES = Text(
    "The account closes: {persons:,} {persons|person|persons} = {ways}.", "一致: 対象者{persons:,}人＝{ways}。"
)
UNPLANNED = Text(
    "Nobody said yet how the {persons:,} {persons|person|persons} are told.",
    "対象者{persons:,}人の通知方法はまだ決まっていません。",
)
BLOCKS, LISTS = Text("BLOCKS", "要是正"), Text("to be dealt with", "要対応")
DEALT = Text("dealt with: {n:,}", "対応済み: {n:,}件")
DEALT_WITH = Text(
    "say that the differences in FILE were dealt with, FILE as --to wrote it; another officer approves it",
    "FILE（--to で書き出したもの）の差異に対応済みと記録する。別の責任者が承認",
)
WHY = Text("how they were dealt with", "対応の内容")
FAULTLESS = Text("The list is the leak master's.", "一覧は対象者名簿と一致しています。")
WAY, PLUS = Text("{n:,} {way}", "{way}{n:,}人"), Text(" + ", "＋")
COUNTED = Text("{n:,} {what}", "{what}: {n:,}人")
ROWS = Text("{n:,} {what}", "{what}: {n:,}行")
WAYS = {
    "letter": Text("by letter", "通知書"),
    "held": Text("held back", "保留"),
    "unreachable": Text("unreachable", "連絡不能"),
    "deceased": Text("deceased", "死亡"),
    "publication": Text("by publication", "公表"),
}


def add_master(room: _SubParsersAction[ArgumentParser]) -> None:
    """The actions on the leak master."""
    number_of(add_action(room, "count", COUNT, "sekisho incident count 1", _count))
    number_of(add_action(room, "versions", VERSIONS, "sekisho incident versions 1", _versions))
    diff = add_action(room, "diff", DIFF, "sekisho incident diff 1 --from 1 --until 2", _diff)
    number_of(diff)
    diff.add_argument("--from", dest="one", type=at_least(1), metavar="V", help=str(BEFORE))
    diff.add_argument("--until", dest="other", type=at_least(1), metavar="V", help=str(VERSION))
    _to(diff)
    who = add_action(room, "who", WHO, "sekisho incident who 1 -", _who)
    number_of(who)
    who.add_argument("what", nargs="+", metavar="PERSON", help=str(PERSON))
    who.add_argument("--version", type=at_least(1), metavar="V", help=str(VERSION))
    persons = add_action(room, "persons", PERSONS, "sekisho incident persons 1 --to persons.xlsx", _persons)
    number_of(persons)
    persons.add_argument("--version", type=at_least(1), metavar="V", help=str(VERSION))
    _to(persons, needed=True)
    hold = add_action(room, "reconcile", RECONCILE, "sekisho incident reconcile 1 --list helpline.xlsx", _reconcile)
    number_of(hold)
    hold.add_argument("--list", type=Path, metavar="FILE", help=str(LIST))
    hold.add_argument("--dealt-with", type=Path, metavar="FILE", help=str(DEALT_WITH))
    hold.add_argument("--why", default="", metavar="TEXT", help=str(WHY))
    _to(hold)


def _to(parser: ArgumentParser, *, needed: bool = False) -> None:
    parser.add_argument("--to", type=Path, metavar="FILE", help=str(TO), required=needed)
    parser.add_argument("--force", action="store_true", help=str(FORCE))


def _count(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.count import count

    with open_vault(call, write=True) as vault:
        made = count(vault, call.number, shown=not out.quiet)
    if not made.fresh:
        out.note(SAME)
    again = made.version.account["settled_again"] if made.fresh else []
    if again:
        out.note(AGAIN.fill(scans=listed(again)))
    difference = made.difference.counts() if made.difference else {}
    value = {**_version(made.version), "fresh": made.fresh, "since_last": difference}
    out.result(value, lambda: "\n".join([*_lines(made.version), *_changes(difference)]))
    out.next(f"sekisho letters plan {call.number} --words letter.toml")


def _versions(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.exposure import versions

    with open_vault(call) as vault:
        found = versions(vault, call.number)
    out.result([_version(one) for one in found], lambda: "\n".join(line for one in found for line in _history(one)))


def _diff(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.exposure import diff

    with open_vault(call) as vault:
        found = diff(vault, call.number, (call.one, call.other), call.to, force=call.force)
    out.result(_difference(found), lambda: "\n".join(_between(found)))


def _who(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.exposure import who

    asked = words(call.what)
    with open_vault(call) as vault:
        found = who(vault, call.number, asked, call.version)
    out.result(_told(found), lambda: printable("\n".join(_person(found))))


def _persons(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.exposure import write_persons

    with open_vault(call) as vault:
        count = write_persons(vault, call.number, call.to, call.version, force=call.force)
    out.result({"persons": count, "file": str(call.to)}, lambda: str(WRITTEN.fill(n=count, file=call.to)))


def _reconcile(call: Namespace, out: Output) -> int | None:
    from sekisho.flow.assessing.exposure import hold_list, reconcile

    if call.dealt_with:
        _deal(call, out)
        return None
    with open_vault(call) as vault:
        if call.list:
            faults = hold_list(vault, call.number, call.list, call.to, force=call.force)
            counts = dict(faults.group_by("fault").len().sort("fault").iter_rows())
            out.result(counts, lambda: "\n".join(_faults(counts)))
            if call.to:
                out.note(WRITTEN_TO.fill(file=call.to))
            return 5 if counts else 0
        found = reconcile(vault, call.number, call.to, force=call.force)
    out.result(_reconciliation(found), lambda: "\n".join(_reconciled(found, call.number)))
    if call.to:
        out.note(WRITTEN_TO.fill(file=call.to))
    if not found.planned:
        out.next(f"sekisho letters plan {call.number} --words letter.toml")
    return 5 if found.blocking else 0


def _deal(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.dealt import deal_with

    with open_vault(call, write=True) as vault:
        count = done(deal_with(vault, call.number, call.dealt_with, call.why), out)
    if count is not None:
        out.result({"dealt_with": count}, lambda: str(DEALT.fill(n=count)))


def _version(one: Version) -> dict[str, Any]:
    account = {name: said for name, said in one.account.items() if name not in ("made_of", "scopes")}
    return {"version": one.number, "at": one.at, "program": one.program, **account}


def _lines(one: Version) -> Iterator[str]:
    yield str(
        LINE.fill(number=one.number, at=minute(one.at), **{n: one.account[n] for n in ("persons", "records", "files")})
    )
    coming = one.account["may_still_come"]
    yield str(COMING.fill(documents=coming["documents"], records=coming["records"]))


def _history(one: Version) -> Iterator[str]:
    from sekisho.incidents.difference import KINDS

    yield from _lines(one)
    yield from _changes({kind: one.account["difference"][kind] for kind in KINDS})


def _changes(counts: Mapping[str, int]) -> Iterator[str]:
    from sekisho.incidents.difference import KINDS

    yield from (f"  {KINDS[kind]}: {PERSONS_COUNTED.fill(n=count)}" for kind, count in counts.items() if count)


def _between(found: Difference) -> Iterator[str]:
    yield str(BETWEEN.fill(before=found.before, after=found.after))
    yield from list(_changes(found.counts())) or [str(SAME)]


def _difference(found: Difference) -> dict[str, Any]:
    return {"before": found.before, "after": found.after, **found.counts()}


def _told(found: Told) -> dict[str, Any]:
    from dataclasses import asdict

    exposure = found.exposure
    return {
        "version": found.version,
        "answer": str(found.answer),
        "number": found.number,
        "exposed": exposure is not None,
        "exposure": {**asdict(exposure), "person": str(exposure.person)} if exposure else None,
        "documents": [{"document": document, "records": count} for document, count in found.places],
        "counted": found.counted,
        "could_be": [{"kind": str(why.kind), "count": why.count} for why in found.doubts.could_be],
        "alike": len(found.doubts.alike),
        "in_register": not found.doubts.unknown,
    }


def _person(found: Told) -> Iterator[str]:
    from sekisho.actions.helpline import Answer
    from sekisho.model import ITEM_TITLES, Item

    if found.exposure is None:
        is_sure = found.answer is Answer.NOT_AFFECTED
        yield str((NOT_FOUND if is_sure else CANNOT_TELL).fill(number=found.number or "-", v=found.version))
        if is_sure:
            yield f"  {NOBODY_ELSE}"
    else:
        items = (*(str(ITEM_TITLES[Item(item)]) for item in found.exposure.items), *found.exposure.other_items)
        yield str(EXPOSED.fill(v=found.version, items=listed(items)))
        yield from (f"  {document}: {count:,}" for document, count in found.places)
    yield from (f"  {line}" for line in _unsure(found))


def _unsure(found: Told) -> Iterator[str]:
    yield from (str(UNSURE[why.kind].fill(n=why.count)) for why in found.doubts.could_be)
    if found.doubts.alike:
        yield str(ALIKE.fill(n=len(found.doubts.alike)))
    if found.doubts.unknown:
        yield str(UNKNOWN)
    if not found.counted:
        yield str(UNCOUNTED)


def _reconciliation(found: Reconciliation) -> dict[str, Any]:
    differs = [{"kind": str(one.kind), "count": one.count, "blocks": one.blocks} for one in found.findings]
    told = {"version": found.version, "persons": found.persons, "planned": found.planned, "ways": dict(found.ways)}
    return {**told, "closes": not found.blocking, "differences": differs, "dealt_with": found.dealt}


def _reconciled(found: Reconciliation, incident: int) -> Iterator[str]:
    from sekisho.incidents.dealt import way_out
    from sekisho.incidents.reconcile import SAYS

    if not found.planned:
        yield str(UNPLANNED.fill(persons=found.persons))
    elif not found.blocking:
        ways = [WAY.fill(n=count, way=WAYS[way]) for way, count in found.ways.items() if count]
        yield str(CLOSES.fill(persons=found.persons, ways=str(PLUS).join(map(str, ways)) or "0"))
    for one in found.findings:
        yield f"{BLOCKS if one.blocks else LISTS}: {COUNTED.fill(n=one.count, what=SAYS[one.kind])}"
        yield f"  {way_out(one.kind, incident)}"
    if found.dealt:
        yield str(DEALT.fill(n=found.dealt))


def _faults(counts: Mapping[str, int]) -> Iterator[str]:
    from sekisho.incidents.copied import SAYS, Fault

    if not counts:
        yield str(FAULTLESS)
    for fault, count in counts.items():
        said = COUNTED if fault == Fault.MISSING else ROWS
        yield str(said.fill(n=count, what=SAYS[Fault(fault)]))
