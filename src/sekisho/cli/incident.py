"""`sekisho incident`: incidents, each under a key of its own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.cli._incident_bundle import add_bundle
from sekisho.cli._incident_clocks import add_clocks
from sekisho.cli._incident_facts import add_facts, number_of
from sekisho.cli._incident_master import add_master
from sekisho.cli._incident_review import add_review
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, listed, printable

if TYPE_CHECKING:
    from sekisho.vault.incidents import Incident

OPEN = Text(
    "Open an incident. It has a key of its own, which `sekisho vault forget` can destroy.",
    "事案を開始します。事案ごとに鍵があり、`sekisho vault forget` で破棄できます。",
)
CLOSE = Text(
    "Say that an incident is over, once a measure has an owner and a date; everything stays.",
    "事案を終了します。責任者と期日のある措置が必要です（内容は残ります）。",
)
NOT_MET = Text(
    "Of {n} legal {n|duty|duties} nobody said that {n|it was|they were} met: {names}",
    "履行の記録がない法令上の義務{n}件: {names}",
)
REOPEN = Text("Open a closed incident again: something came to light.", "終了した事案を再開します。")
LIST = Text("List all incidents.", "事案を一覧にします。")
STATES = {
    "open": Text("open", "対応中"),
    "closed": Text("closed", "終了"),
    "forgotten": Text("forgotten", "消去済み"),
}
HELD = Text("under legal hold", "保全中")
UNREADABLE = Text("(not readable)", "（読めません）")
NONE = Text("There is no incident.", "事案はありません。")


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    begin = add_action(room, "open", OPEN, 'sekisho incident open "a stolen laptop"', _open)
    begin.add_argument("title", metavar="TITLE", help=str(Text("what happened, in a few words", "内容（短く）")))
    begin.add_argument(
        "--kind", choices=("leak", "loss", "damage"), default="", help=str(Text("what it is", "漏えい・滅失・毀損の別"))
    )
    zone = Text("time zone of its times (default: Asia/Tokyo)", "日時の時間帯（既定: Asia/Tokyo）")
    begin.add_argument("--zone", default="", metavar="ZONE", help=str(zone))
    add_facts(room)
    add_clocks(room)
    add_review(room)
    add_bundle(room)
    add_master(room)
    end = add_action(room, "close", CLOSE, 'sekisho incident close 1 --what "all were told"', _close)
    number_of(end)
    end.add_argument("--what", default="", metavar="TEXT", help=str(Text("how it ended", "終結の内容")))
    number_of(add_action(room, "reopen", REOPEN, "sekisho incident reopen 1", _reopen))
    add_action(room, "list", LIST, "sekisho incident list", _list)


def _run(call: Namespace, out: Output) -> int:
    code: int | None = call.act(call, out)
    return code or 0


def _open(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.incident import begin

    with open_vault(call, write=True) as vault:
        found = begin(vault, call.title, call.kind, call.zone)
    out.result(_value(found), lambda: _line(found))
    out.next(f"sekisho incident add known {found.number} ...", f"sekisho incident clocks {found.number}")


def _close(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.incident import end, not_met

    with open_vault(call, write=True) as vault:
        left = [one.name for one in not_met(vault, call.number)]
        found = end(vault, call.number, call.what)
    if left:
        out.note(NOT_MET.fill(n=len(left), names=listed(left)))
    out.result(_value(found), lambda: _line(found))


def _reopen(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.incident import go_on

    with open_vault(call, write=True) as vault:
        found = go_on(vault, call.number)
    out.result(_value(found), lambda: _line(found))


def _list(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.incident import every

    with open_vault(call) as vault:
        found = every(vault)
    out.result([_value(one) for one in found], lambda: "\n".join(map(_line, found)) or str(NONE))


def _value(one: Incident) -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(one), "state": str(one.state)}


def _line(one: Incident) -> str:
    said = str(UNREADABLE) if one.title is None else printable(one.title)
    held = f"  [{HELD}]" if one.held else ""
    return f"{one.number:>4}  {one.opened[:10]}  {STATES[one.state]}  {said}{held}"


COMMAND = Command(
    name="incident",
    help=Text(
        "Incidents: what is known of each, what the law asks for, what happened and was done.",
        "事案の事実・法令上の義務・経過を記録し、表示します。",
    ),
    example='sekisho incident open "a stolen laptop"',
    add_arguments=_add_arguments,
    run=_run,
)
