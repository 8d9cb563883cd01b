"""`sekisho announce`: what everybody is told of a leak."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._handed_out import add_folder, handed_out, note, said_of
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, language, listed, minute

if TYPE_CHECKING:
    from sekisho.flow.telling.announce import Issued

DRAFT = Text(
    "Make a draft from the last count, and show it; nobody outside is told anything.",
    "最新の集計から案を作成して表示します（公表はされません）。",
)
PUBLISH = Text(
    "Publish the last draft, once another actor approved it; write it, or send it to sinks.",
    "最新の案を公表します（別の利用者の承認が必要）。ファイルへの書き出し・送付先への送付もできます。",
)
LIST = Text("List what was published, and the draft that was not yet.", "公表済みの資料と未公表の案を一覧にします。")
SHOW = Text("Show an announcement, the last one unless a number is given.", "公表資料を表示します（既定は最新）。")
WRITE = Text(
    "Write an announcement into a folder: page, PDF and text in both languages, JSON, and their hashes.",
    "公表資料をフォルダーに書き出します（両言語のHTML・PDF・テキスト、JSON、ハッシュ値）。",
)
LINE = Text(
    "no. {number}  {day}  version {version}  {state}  {sha256}", "第{number}報  {day}  第{version}版  {state}  {sha256}"
)
STATES = {True: Text("published {at}", "公表済み {at}"), False: Text("draft", "案")}
NONE = Text("Nothing was announced.", "公表資料はありません。")
PUBLISHED = Text(
    "Published as no. {number}; tell nobody another number.",
    "第{number}報として公表しました。これ以外の数は伝えないでください。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    draft = add_action(room, "draft", DRAFT, "sekisho announce draft 1 --words words.toml", _draft)
    publish = add_action(room, "publish", PUBLISH, "sekisho announce publish 1 --to public", _publish)
    listed = add_action(room, "list", LIST, "sekisho announce list 1", _list)
    show = add_action(room, "show", SHOW, "sekisho announce show 1", _show)
    write = add_action(room, "write", WRITE, "sekisho announce write 1 --to public", _write)
    for one in (draft, publish, listed, show, write):
        one.add_argument("incident", type=int, metavar="N", help=str(Text("number of the incident", "事案の番号")))
    for one in (show, write):
        number = Text("number of the announcement", "何報か")
        one.add_argument("number", type=at_least(1), nargs="?", metavar="NUMBER", help=str(number))
    words = Text(
        "what only people can say, as TOML (default: as in the last draft)",
        "文言ファイル（TOML。既定: 前回の案と同じ）",
    )
    draft.add_argument("--words", type=Path, metavar="FILE", help=str(words))
    day = Text("the day on it (default: today)", "日付（既定: 今日）")
    draft.add_argument("--on", type=date.fromisoformat, metavar="DAY", help=str(day))
    below = Text("no number from 1 to below this is shown (default: 10)", "これ未満の数を示さない（既定: 10）")
    draft.add_argument("--below", type=at_least(2), default=10, metavar="N", help=str(below))
    sink = Text("send it there, too (repeat for several)", "送付先（複数指定可）")
    publish.add_argument("--sink", action="append", default=[], metavar="NAME", help=str(sink))
    for one in (draft, publish, write):
        add_folder(one, required=one is write)


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _draft(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.announce import draft, text, write_out

    with open_vault(call, write=True) as vault:
        found = draft(vault, call.incident, call.words, call.on, call.below)
        written = handed_out(call, write_out, found)
    out.result({**_value(found), **written}, lambda: text(found, language()))
    note(written, call, out)
    if missing := found.made.words.missing():
        lacking = Text("Before it can be published, say: {names}.", "公表までに必要な文言: {names}。")
        out.note(lacking.fill(names=listed(missing)))
    else:
        out.next(f"sekisho announce publish {call.incident} --to public")


def _publish(call: Namespace, out: Output) -> None:
    from sekisho.flow.handing_out import look_at
    from sekisho.flow.telling.announce import publish, write_out

    if call.to:
        look_at(call.to)
    with open_vault(call, write=True) as vault:
        found = done(publish(vault, call.incident, call.sink), out)
        written = handed_out(call, write_out, found) if found else {}
    if found:
        made = found.made
        out.result({**_value(found), **written}, lambda: str(PUBLISHED.fill(number=made.number)))
        note(written, call, out)


def _list(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.announce import issued

    with open_vault(call) as vault:
        found = issued(vault, call.incident)
    out.result([_value(one) for one in found], lambda: "\n".join(map(_line, found)) or str(NONE))


def _show(call: Namespace, out: Output) -> None:
    from sekisho.actions.public import public
    from sekisho.countries.announcements import wording
    from sekisho.flow.telling.announce import chosen, text

    with open_vault(call) as vault:
        found = chosen(vault, call.incident, call.number)
    out.result(public(found.made, wording(), found.published), lambda: text(found, language()))


def _write(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.announce import chosen, write_out

    with open_vault(call) as vault:
        found = chosen(vault, call.incident, call.number)
        written = handed_out(call, write_out, found)
    out.result({**_value(found), **written}, lambda: said_of(written, call.to))


def _value(one: Issued) -> dict[str, Any]:
    made = one.made
    told = {"incident": made.incident, "number": made.number, "day": made.day, "version": made.version}
    return {**told, "hash": one.sha256, "published": one.published, "missing": made.words.missing()}


def _line(one: Issued) -> str:
    state = STATES[one.published is not None].fill(at=one.published and minute(one.published))
    made = one.made
    return str(LINE.fill(number=made.number, day=made.day, version=made.version, state=state, sha256=one.sha256[:16]))


COMMAND = Command(
    name="announce",
    help=Text(
        "Tell everybody of a leak: draft, publish, list, show, write.",
        "漏えい等を公表します（案の作成・公表・一覧・表示・書き出し）。",
    ),
    example="sekisho announce draft 1 --words words.toml",
    add_arguments=_add_arguments,
    run=_run,
)
