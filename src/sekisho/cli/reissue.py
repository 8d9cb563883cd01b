"""`sekisho reissue`: new numbers in place of those that leaked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault
from sekisho.errors import AccountError
from sekisho.wording import Text, minute, printable

if TYPE_CHECKING:
    from sekisho.actions.reissue import Plan
    from sekisho.flow.renewing.reissue import Acknowledged
    from sekisho.vault.reissues import Alert

POOL = Text(
    "Take in the numbers that the issuer supplies: all, or none where one is, or ever was, anybody's.",
    "発行元が払い出した番号を取り込みます（使用済みの番号が1件でもあれば取り込みません）。",
)
PLAN = Text("Say who would get a new number now, and who not and why; nothing is given.", "対象者の内訳を表示します。")
GIVE = Text(
    "Give a number to everybody who can be told of it, once another officer approved it.",
    "通知可能な対象者に新番号を付番します（別の責任者の承認が必要です）。",
)
EXPORT = Text(
    "Make the file for the core system of all that were given since the last one; `sekisho sinks send` hands it over.",
    "前回以降の付番を基幹システム向けに出力します（引渡しは `sekisho sinks send`）。",
)
ACKNOWLEDGE = Text(
    "Hold the core system's answers against what it was told: what it took is in force from then on.",
    "基幹システムの回答を突き合わせ、反映済みの番号を有効にします。",
)
NOTICES = Text(
    "Make the notices of the numbers in force, for recorded mail that is not forwarded; another officer approves.",
    "有効になった新番号の通知（書留・転送不要）を作成します（別の責任者の承認が必要です）。",
)
WORKLIST = Text("Write who waits for a number, and why, to a file, in clear.", "未付番者と理由を書き出します（平文）。")
STATUS = Text("How many numbers stand where.", "番号の状況を表示します。")
ALERTS = Text(
    "Every time that a replaced number turned up: in a scan, a matching, an import, or as somebody was looked up.",
    "変更済みの旧番号が使われた記録（走査・照合・台帳取込み・照会）を表示します。",
)
TAKEN = Text("{n:,} {n|number|numbers} taken into pool {pool}.", "{n:,}件の番号を払出し{pool}として取り込みました。")
AGAIN = Text("The file was taken before; nothing was changed.", "取り込み済みのファイルです（変更なし）。")
LEFT_OUT = Text("  left out: {what}: {n:,}", "  除外: {what} {n:,}件")
HEAD = Text(
    "Incident {i}, version {v}: {persons:,} {persons|person|persons}, of {n:,} of whom the number leaked; {free:,} new "
    "{free|number is|numbers are} free.",
    "事案{i}第{v}版: 対象者{persons:,}人のうち番号流出{n:,}人。払出し可能な番号{free:,}件。",
)
PERSONS = Text("{n:>12,} {n|person|persons}  {why}", "{n:>12,}人  {why}")
NUMBERS = Text("{n:>12,} {n|number|numbers}  {state}", "{n:>12,}件  {state}")
GIVEN = Text("{n:,} {n|number was|numbers were} given.", "{n:,}人に新番号を付番しました。")
LACKING = Text("{n:,} more {n|number is|numbers are} needed.", "番号があと{n:,}件必要です。")
EXPORTED = Text(
    "Export {export}: {numbers:,} {numbers|number|numbers}, as parcel {parcel}.",
    "出力{export}: {numbers:,}件（送付物{parcel}）。",
)
NOTICED = Text(
    "{notices:,} {notices|notice|notices}, {bundles} {bundles|bundle|bundles} for the print shop; "
    "{waiting:,} {waiting|waits|wait} for a letter that reaches them.",
    "通知{notices:,}通、印刷会社への束{bundles}個。通知書が届いていない人{waiting:,}人。",
)
ROWS = Text("Rows to look into: {rows}", "確認が必要な行: {rows}")
WAITING = Text("{n:,} of which nothing was said yet.", "未回答{n:,}件。")
IN_FORCE = Text("{n:,} {n|is|are} in force now.", "{n:,}件が有効になりました。")
UNREADABLE = Text("Rows without both numbers: {rows}", "新旧の番号がそろわない行: {rows}")
STRAYS = Text("Rows of another width than the header: {rows}", "列数の合わない行: {rows}")
NOT_TAKEN = Text(
    "{n:,} {n|row of the answers was|rows of the answers were} not taken.", "回答のうち{n:,}行を反映していません。"
)
ALERT = Text(
    "{at}  {place}{thing}  {old}  {times} {times|time|times}  (incident {incident})",
    "{at}  {place}{thing}  {old}  {times}回（事案{incident}）",
)
PLACES = {
    "scan": Text("scan", "走査"),
    "match": Text("matching", "照合"),
    "register": Text("register", "台帳取込み"),
    "person": Text("looked up", "照会"),
}
NOTHING = Text("There is none.", "ありません。")
STATES = {
    "free": Text("free", "未使用"),
    "given": Text("given", "付番済み"),
    "exported": Text("told to the core system", "連携済み"),
    "taken": Text("taken by the core system", "反映済み"),
    "in_force": Text("in force", "有効"),
    "refused": Text("refused, nobody's for ever", "拒否（欠番）"),
    "forgotten": Text("forgotten with its holder", "消去済み"),
}


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    pool = add_action(room, "pool", POOL, "sekisho reissue pool numbers.csv --office 4709", _pool)
    _add_file(pool, Text("the issuer's file", "発行元のファイル"))
    office = Text("what its numbers begin with, where the issuer said so", "番号の先頭（発行元の指定がある場合）")
    pool.add_argument("--office", action="append", default=[], metavar="DIGITS", help=str(office))
    leave = Text("leave out what nobody may get, and take the rest", "付番できない番号を除いて取り込む")
    pool.add_argument("--leave-out", action="store_true", help=str(leave))
    _add_incident(add_action(room, "plan", PLAN, "sekisho reissue plan", _plan))
    _add_incident(add_action(room, "give", GIVE, "sekisho reissue give --as alice", _give))
    export = add_action(room, "export", EXPORT, "sekisho reissue export --sink core", _export)
    _add_incident(export)
    export.add_argument("--sink", required=True, metavar="NAME", help=str(Text("by which it goes", "送付先")))
    answers = add_action(room, "acknowledge", ACKNOWLEDGE, "sekisho reissue acknowledge answers.csv", _acknowledge)
    _add_file(answers, Text("the core system's file", "基幹システムのファイル"))
    _add_incident(answers)
    example = "sekisho reissue notices --sink shop --as olga"
    notices = add_action(room, "notices", NOTICES, example, _notices)
    _add_incident(notices)
    notices.add_argument("--sink", required=True, metavar="NAME", help=str(Text("by which they go", "送付先")))
    work = add_action(room, "worklist", WORKLIST, "sekisho reissue worklist --to work.csv", _worklist)
    _add_incident(work)
    work.add_argument("--to", type=Path, required=True, metavar="FILE", help="csv, xlsx, parquet")
    work.add_argument("--force", action="store_true", help=str(Text("overwrite", "上書きする")))
    _add_incident(add_action(room, "status", STATUS, "sekisho reissue status", _status))
    add_action(room, "alerts", ALERTS, "sekisho reissue alerts", _alerts)


def _add_file(parser: ArgumentParser, what: Text) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help=str(what))


def _add_incident(parser: ArgumentParser) -> None:
    which = Text("the incident (default: the only open one)", "事案（既定: 対応中の1件）")
    parser.add_argument("--incident", type=at_least(1), metavar="N", help=str(which))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _pool(call: Namespace, out: Output) -> None:
    from sekisho.flow.renewing.number_pool import FAULTS, supply

    with open_vault(call, write=True) as vault:
        found = supply(vault, call.file, call.office, leave_out=call.leave_out)
    lines = [LEFT_OUT.fill(what=FAULTS[fault], n=n) for fault, n in found.left_out.items()]
    said = AGAIN if found.pool is None else TAKEN.fill(n=found.taken, pool=found.pool)
    out.result(asdict(found), lambda: "\n".join(map(str, [*lines, said])))


def _plan(call: Namespace, out: Output) -> None:
    from sekisho.actions.reissue import Why
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.flow.renewing.reissue import plan

    with open_vault(call) as vault:
        incident = incident_meant(vault, call.incident)
        found = plan(vault, incident)
    out.result(_plan_value(incident, found), lambda: "\n".join(_plan_lines(incident, found)))
    if found.counts.get(Why.READY):
        out.next("sekisho reissue give")


def _give(call: Namespace, out: Output) -> None:
    from sekisho.actions.reissue import Why
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.flow.renewing.reissue import give

    with open_vault(call, write=True) as vault:
        incident = incident_meant(vault, call.incident)
        found = done(give(vault, incident), out)
    if found is not None:
        given = str(GIVEN.fill(n=found.counts.get(Why.READY, 0)))
        out.result(_plan_value(incident, found), lambda: "\n".join([*_plan_lines(incident, found), given]))
        out.next("sekisho reissue export --sink core --purpose incident")


def _plan_value(incident: int, found: Plan) -> dict[str, Any]:
    counts = {str(why): n for why, n in found.counts.items()}
    numbers = {"persons": found.persons, "free": found.free, "lacking": found.lacking}
    return {"incident": incident, "version": found.version, **numbers, "counts": counts}


def _plan_lines(incident: int, found: Plan) -> Iterator[str]:
    from sekisho.actions.reissue import SAYS

    about = {"i": incident, "v": found.version, "persons": found.persons, "free": found.free}
    yield str(HEAD.fill(n=found.table.height, **about))
    for why, n in found.counts.items():
        yield str(PERSONS.fill(n=n, why=SAYS[why]))
    if found.lacking:
        yield str(LACKING.fill(n=found.lacking))


def _export(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.flow.renewing.reissue import export

    with open_vault(call, write=True) as vault:
        found = export(vault, incident_meant(vault, call.incident), call.sink)
    out.result(asdict(found), lambda: str(EXPORTED.fill(**asdict(found))))
    out.next("sekisho sinks send", "sekisho reissue acknowledge answers.csv")


def _acknowledge(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.flow.renewing.reissue import IMPORTING, acknowledge
    from sekisho.report.progress import Phases

    with open_vault(call, write=True) as vault, Phases(IMPORTING, shown=not out.quiet) as tell:
        found = acknowledge(vault, incident_meant(vault, call.incident), call.file, tell)
    out.result(asdict(found), lambda: "\n".join(map(str, _acknowledged(found))))
    if not_taken := len(found.rows) + len(found.strays) + len(found.unreadable):
        raise AccountError(
            NOT_TAKEN.fill(n=not_taken),
            Text("What agrees was taken. Ask the core system.", "一致分は反映しました。残りを照会してください。"),
        )


def _acknowledged(found: Acknowledged) -> Iterator[Text | str]:
    from sekisho.flow.renewing.reissue import ANSWERS
    from sekisho.register.sheets import named

    for answer, n in found.answers.items():
        yield NUMBERS.fill(n=n, state=ANSWERS[answer])
    for says, rows in ((ROWS, found.rows), (UNREADABLE, found.unreadable), (STRAYS, found.strays)):
        if rows:
            yield says.fill(rows=named(rows))
    yield WAITING.fill(n=found.waiting)
    yield IN_FORCE.fill(n=found.in_force)


def _notices(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.flow.renewing.notices import make

    with open_vault(call, write=True) as vault:
        incident = incident_meant(vault, call.incident)
        found = done(make(vault, incident, call.sink, shown=not out.quiet), out)
    if found is not None:
        out.result(asdict(found), lambda: str(NOTICED.fill(**asdict(found))))


def _worklist(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.flow.renewing.reissue import worklist

    with open_vault(call) as vault:
        rows = worklist(vault, incident_meant(vault, call.incident), call.to, force=call.force)
    said = Text("{rows:,} {rows|person|persons} in {file}.", "{file} に{rows:,}人を書き出しました。")
    out.result({"file": str(call.to), "rows": rows}, lambda: str(said.fill(rows=rows, file=call.to)))


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.meant import incident_meant
    from sekisho.vault.reissues import Standing

    with open_vault(call) as vault:
        incident = incident_meant(vault, call.incident)
        mine, every = vault.reissues(incident).counts(), vault.numbers().counts()
    counts = {str(state): n for state, n in mine.items()} | {"free": every.get(Standing.FREE, 0)}
    lines = [str(NUMBERS.fill(n=counts[state], state=said)) for state, said in STATES.items() if state in counts]
    out.result({"incident": incident, "counts": counts}, lambda: "\n".join(lines))


def _alerts(call: Namespace, out: Output) -> None:
    from sekisho.flow.renewing.reissue import alerts

    with open_vault(call) as vault:
        found = alerts(vault)
    out.result([asdict(one) for one in found], lambda: "\n".join(map(_alert, found)) or str(NOTHING))


def _alert(one: Alert) -> str:
    written = "-" if one.old is None else f"{one.old:010}"
    old = written if one.old is None else f"{written[:4]}-{written[4:]}"
    thing = f" {one.thing}" if one.thing else ""
    about = {"at": minute(one.at), "old": old, "times": one.times, "incident": one.incident or "-"}
    return printable(str(ALERT.fill(place=PLACES[one.place], thing=thing, **about)))


COMMAND = Command(
    name="reissue",
    help=Text(
        "Replace numbers that leaked: pool, give, export, acknowledge, worklist, alerts.",
        "流出した番号を変更します（払出し・付番・連携・回答・作業リスト・検知）。",
    ),
    example="sekisho reissue plan",
    add_arguments=_add_arguments,
    run=_run,
)
