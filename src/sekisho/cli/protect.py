"""`sekisho protect`: put right what breaks the rules, by a plan that is approved, done, proven and can be undone."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, minute, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sekisho.figures import Check
    from sekisho.flow.protecting.mending import Done
    from sekisho.flow.protecting.protect import Standing
    from sekisho.vault.plans import Plan, PlanItem

PLAN = Text(
    "Plan what to do about every file that breaks the rules, and propose it for approval. Nothing is changed yet.",
    "規則に反するファイルごとの是正計画を作成し、承認に付します。まだ何も変更しません。",
)
SHOW = Text("Show every file of a plan and what is, or was, done with it.", "計画の全ファイルとその処理を表示します。")
DO = Text(
    "Carry an approved plan out, or go on where a run was stopped. A file that changed since the scan is not touched.",
    "承認された計画を実行します（中断後は続きから）。走査後に変更されたファイルには触れません。",
)
UNDO = Text(
    "Put back what a plan changed: every byte, right and time.",
    "変更を取り消し、内容・権限・日時を元に戻します。",
)
RELEASE = Text(
    "Show the password of a document that was encrypted; who gets it, and what for, stands in the ledger.",
    "暗号化した文書のパスワードを表示します。誰に何の目的で開示したかは証跡に残ります。",
)
STATUS = Text(
    "List the plans; of one plan say what came of it, and hold the scan before against the newest one since.",
    "計画を一覧にします。計画を指定すると、結果と、前後の走査の比較を表示します。",
)
PLAN_LINE = Text(
    "{plan:>4}  {at}  scan {scan}  {states}  {until}  {root}", "{plan:>4}  {at}  走査{scan}  {states}  {until}  {root}"
)
UNTIL = Text("can be undone until {day}", "取り消し期限 {day}")
STATES = {
    "planned": Text("planned", "未実行"),
    "done": Text("done", "実行済み"),
    "left": Text("left as it is", "そのまま"),
    "undone": Text("undone", "取り消し済み"),
}
PROPOSED = Text(
    "Plan {n} waits for another actor: `sekisho proposal approve {hash}`, then `sekisho protect do {n}`.",
    "計画{n}は承認待ちです: `sekisho proposal approve {hash}` の後に `sekisho protect do {n}`。",
)
READY = Text("Carry it out with `sekisho protect do {n}`.", "`sekisho protect do {n}` で実行します。")
BEFORE_AFTER = Text(
    "{rule}: {a_files} {a_files|file|files}, {a_records} {a_records|record|records} "
    "-> {b_files} {b_files|file|files}, {b_records} {b_records|record|records}",
    "{rule}: {a_files}個・延べ{a_records}件 → {b_files}個・延べ{b_records}件",
)
NO_SCAN_YET = Text(
    "No scan of this folder has ended since: `sekisho scan {root}` shows the effect.",
    "以後の走査がありません。`sekisho scan {root}` で効果を確かめられます。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    plan = add_action(room, "plan", PLAN, "sekisho protect plan --rules rules.toml --as alice", _plan)
    plan.add_argument(
        "--scan",
        type=at_least(1),
        metavar="N",
        help=str(Text("which scan (default: the last)", "走査の番号（既定: 最新）")),
    )
    _add_rules(plan)
    _add_number(add_action(room, "show", SHOW, "sekisho protect show 3", _show))
    _add_number(add_action(room, "do", DO, "sekisho protect do 3 --as alice", _do))
    undo = add_action(room, "undo", UNDO, "sekisho protect undo 3 --as alice", _undo)
    _add_number(undo)
    only = Text("only this document, as `show` names it", "この文書だけ（`show` の表記で）")
    undo.add_argument("--document", metavar="PATH", help=str(only))
    example = "sekisho protect release tokyo/list.xlsx --to bob --as alice --purpose inspection"
    release = add_action(room, "release", RELEASE, example, _release)
    named = Text("the document, as `show` names it", "文書（`show` の表記で）")
    release.add_argument("document", metavar="PATH", help=str(named))
    to = Text("who gets it (default: who is signed in)", "開示を受ける利用者（既定: サインイン中の利用者）")
    release.add_argument("--to", metavar="NAME", help=str(to))
    status = add_action(room, "status", STATUS, "sekisho protect status 3 --rules rules.toml", _status)
    which = Text("number of the plan", "計画の番号")
    status.add_argument("plan", nargs="?", type=at_least(1), metavar="PLAN", help=str(which))
    _add_rules(status)


def _add_number(parser: ArgumentParser) -> None:
    parser.add_argument("plan", type=at_least(1), metavar="PLAN", help=str(Text("number of the plan", "計画の番号")))


def _add_rules(parser: ArgumentParser) -> None:
    rules = Text("the protection that you demand", "求める保護の規則")
    parser.add_argument("--rules", type=Path, metavar="FILE", help=str(rules))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _plan(call: Namespace, out: Output) -> None:
    from sekisho.flow.protecting.protect import make_plan
    from sekisho.protect.rules import read_rules

    rules = read_rules(call.rules)
    with open_vault(call, write=True) as vault:
        made, proposal = make_plan(vault, vault.scan(call.scan), rules)
        counts, measures = vault.plans().counts(made.number), _measures(vault.plans().items(made.number))
    value = {**_value(made), "files": counts, "measures": measures, "proposal": proposal.hash if proposal else None}
    out.result(value, lambda: _planned_text(made, measures))
    said = PROPOSED.fill(n=made.number, hash=proposal.hash[:16]) if proposal else READY.fill(n=made.number)
    out.note(said)


def _show(call: Namespace, out: Output) -> None:
    from sekisho.flow.protecting.protect import files_of

    with open_vault(call, write=True) as vault:
        items = files_of(vault, call.plan)
    out.result([_item_value(item) for item in items], lambda: "\n".join(_item_line(item) for item in items))


def _do(call: Namespace, out: Output) -> None:
    from sekisho.documents import jail
    from sekisho.flow.protecting.mending import WORKING, carry_out
    from sekisho.report.progress import Phases

    for part in jail.lacking():
        out.note(jail.LEFT_OPEN[part])
    with open_vault(call, write=True) as vault, Phases(WORKING, shown=not out.quiet) as tell:
        done = carry_out(vault, call.plan, tell)
    _tell(done, out)


def _undo(call: Namespace, out: Output) -> None:
    from sekisho.flow.protecting.mending import WORKING, undo
    from sekisho.report.progress import Phases

    with open_vault(call, write=True) as vault, Phases(WORKING, shown=not out.quiet) as tell:
        done = undo(vault, call.plan, call.document, tell)
    _tell(done, out)


def _tell(done: Done, out: Output) -> None:
    value = {**_value(done.plan), "worked": done.worked, "files": dict(done.states), "left": dict(done.left)}
    out.result(value, lambda: _summed(done.states, done.left))


def _release(call: Namespace, out: Output) -> None:
    from sekisho.flow.protecting.protect import release

    with open_vault(call, write=True) as vault:
        password = release(vault, call.document, call.to)
    out.result({"document": call.document, "password": password}, lambda: password)


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.protecting.protect import standing
    from sekisho.protect.rules import read_rules

    with open_vault(call) as vault:
        if call.plan:
            found = standing(vault, call.plan, read_rules(call.rules))
            out.result(_standing_value(found), lambda: _standing_text(found))
            return
        all_of_them = [standing(vault, one.number) for one in vault.plans().all()]
    out.result([_standing_value(one) for one in all_of_them], lambda: "\n".join(_plan_line(one) for one in all_of_them))


def _value(made: Plan) -> dict[str, Any]:
    return {
        "plan": made.number,
        "scan": made.scan,
        "root": made.root,
        "at": made.at,
        "begun": made.begun,
        "undo_until": made.lapses,
        "lapsed": made.lapsed,
    }


def _item_value(item: PlanItem) -> dict[str, Any]:
    return {
        **item.planned,
        "item": item.item,
        "state": item.state,
        "reason": item.reason,
        "at": item.at,
        "password": item.has_password,
    }


def _standing_value(found: Standing) -> dict[str, Any]:
    return {
        **_value(found.plan),
        "files": dict(found.states),
        "left": dict(found.left),
        "before": found.before.as_json() if found.before else None,
        "after": found.after.as_json() if found.after else None,
        "after_scan": found.after_scan,
    }


def _measures(items: list[PlanItem]) -> dict[str, int]:
    from collections import Counter

    return dict(Counter(item.planned["measure"] for item in items))


def _planned_text(made: Plan, measures: Mapping[str, int]) -> str:
    from sekisho.protect.plan import MEASURES, Measure

    head = Text("Plan {n} for scan {scan}", "計画{n}（走査{scan}）").fill(n=made.number, scan=made.scan)
    return "\n".join([str(head), *(f"  {MEASURES[Measure(name)]}: {n:,}" for name, n in measures.items())])


def _item_line(item: PlanItem) -> str:
    from sekisho.protect.plan import MEASURES, Measure

    why = f" ({_reason(item.reason)})" if item.reason else ""
    measure = MEASURES[Measure(item.planned["measure"])]
    return f"{item.item:>6}  {measure}  {STATES[item.state]}{why}  {printable(item.document)}"


def _reason(reason: str) -> Text:
    from sekisho.protect.reasons import LEFT, Left

    return LEFT[Left(reason)]


def _summed(states: Mapping[str, int], left: Mapping[str, int]) -> str:
    lines = [f"{STATES[state]}: {n:,}" for state, n in states.items()]
    return "\n".join([*lines, *(f"  {_reason(reason)}: {n:,}" for reason, n in sorted(left.items()))])


def _plan_line(found: Standing) -> str:
    made = found.plan
    until = UNTIL.fill(day=made.lapses[:10]) if made.lapses and not made.lapsed else ""
    return str(
        PLAN_LINE.fill(
            plan=made.number,
            at=minute(made.at),
            scan=made.scan,
            states=", ".join(f"{STATES[state]} {n:,}" for state, n in found.states.items()),
            until=until,
            root=printable(made.root),
        )
    )


def _standing_text(found: Standing) -> str:
    lines = [_plan_line(found), _summed({}, found.left)]
    if found.before and found.after:
        lines += list(_compared(found.before, found.after))
    elif found.after is None:
        lines.append(str(NO_SCAN_YET.fill(root=printable(found.plan.root))))
    return "\n".join(line for line in lines if line)


def _compared(before: Check, after: Check) -> list[str]:
    from sekisho.figures import Sum
    from sekisho.report.words import BREACHES

    rules = sorted({*before.sums, *after.sums})
    pairs = [(rule, before.sums.get(rule, Sum(0, 0, 0)), after.sums.get(rule, Sum(0, 0, 0))) for rule in rules]
    return [
        str(
            BEFORE_AFTER.fill(
                rule=BREACHES.get(rule, rule),
                a_files=a.files,
                a_records=a.records,
                b_files=b.files,
                b_records=b.records,
            )
        )
        for rule, a, b in pairs
    ]


COMMAND = Command(
    name="protect",
    help=Text(
        "Put right what breaks the rules: encrypt, move or delete, after another actor's approval, and undo.",
        "規則違反を是正します（承認のうえ暗号化・移動・削除し、取り消しもできます）。",
    ),
    example="sekisho protect plan --rules rules.toml",
    add_arguments=_add_arguments,
    run=_run,
)
