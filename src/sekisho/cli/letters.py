"""`sekisho letters`: one letter to each exposed person, from the plan to the post and back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._letters_back import add_back
from sekisho.cli._letters_held import add_held
from sekisho.cli._letters_words import BATCH, LETTER_STATES, LETTERS, PERSONS, WAYS, day_of, incident_of, reason
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, listed

if TYPE_CHECKING:
    from sekisho.flow.telling.letters_look import Standing
    from sekisho.flow.telling.letters_plan import Planned
    from sekisho.flow.telling.letters_send import Release, Sent

PLAN = Text(
    "Say how each exposed person is told, and make the letters, as of the last version; again after each new one.",
    "対象者ごとの通知方法を決め、最新版に基づいて通知書を作成します（新しい版ができるたびに実行）。",
)
MAKE = Text("Write single letters to a PDF, to look at them.", "個々の通知書を確認用のPDFに書き出します。")
SEND = Text(
    "Send the letters that wait to the print shop, in days of its capacity, most items first; an officer approves it.",
    "未送付の通知書を、項目の多い方から印刷会社の日産能力ごとに送ります（責任者の承認が必要）。",
)
STATUS = Text("Show where the letters stand.", "通知書の状況を表示します。")
PLANNED = Text(
    "Version {version}: {persons:,} {persons|person|persons}. {new:,} {new|letter|letters}, {held:,} held, "
    "{superseded:,} superseded.",
    "第{version}版 対象者{persons:,}人。作成{new:,}通、保留{held:,}通、差替え{superseded:,}通。",
)
WHY = Text("Not by letter, because of:", "通知書によらない理由:")
DRY = Text("Nothing was kept.", "保存していません。")
RELEASE = Text(
    "{letters:,} {letters|letter|letters} of version {version} to {sink}: {days} {days|day|days}, until {done_by}.",
    "第{version}版の通知書{letters:,}通を {sink} へ。{days}日、最終印刷日 {done_by}。",
)
NOTHING = Text("No letter waits.", "送付待ちの通知書はありません。")
SENT = Text(
    "{released:,} {released|batch|batches} released, {queued:,} {queued|letter|letters} queued; the last is printed on "
    "{done_by}. Hand them over: sekisho sinks send.",
    "{released:,}バッチを確定し、{queued:,}通を送付待ちにしました（最終印刷日 {done_by}）。引渡し: sekisho sinks send",
)
UNPLACED = Text("{n:,} {n|letter|letters} created, in no batch yet", "作成済み（バッチ未定）: {n:,}通")
DEMANDED = Text(
    "The match {n|list is|lists are} due of {n|batch|batches} {which}: demand {n|it|them} from the print shop.",
    "照合リスト未着のバッチ: {which}。印刷会社に請求してください。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    plan = add_action(room, "plan", PLAN, "sekisho letters plan 1 --words letter.toml", _plan)
    incident_of(plan)
    words = Text(
        "what the house says in them (TOML; docs/letters.md)", "差出人・窓口・経緯（TOML。docs/letters.md 参照）"
    )
    plan.add_argument("--words", type=Path, metavar="FILE", help=str(words))
    as_of = Text(
        "the day on which the first file of the register stood as it is, where it came later",
        "台帳の最初のファイルの基準日（取込みがその日より後の場合）",
    )
    plan.add_argument("--as-of", type=day_of, metavar="DAY", help=str(as_of))
    plan.add_argument("--dry-run", action="store_true", help=str(Text("only say it", "表示のみ")))
    make = add_action(room, "make", MAKE, "sekisho letters make 1 0001-00000001-06 --to letter.pdf", _make)
    incident_of(make)
    make.add_argument(
        "letters",
        nargs="+",
        metavar="LETTER",
        help=str(Text("control numbers, as on the sheets", "通知番号（紙面のとおり）")),
    )
    make.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(Text("a new PDF", "新しいPDF")))
    send = add_action(room, "send", SEND, "sekisho letters send 1 --sink shop --capacity 50000", _send)
    incident_of(send)
    send.add_argument("--sink", required=True, metavar="NAME", help=str(Text("the print shop", "印刷会社の送付先名")))
    capacity = Text("letters that it prints on a day", "1日に印刷できる通数")
    send.add_argument("--capacity", type=at_least(1), required=True, metavar="N", help=str(capacity))
    start = Text("the first day (default: the next working day)", "最初の印刷日（既定: 翌営業日）")
    send.add_argument("--start", type=day_of, metavar="DAY", help=str(start))
    send.add_argument("--dry-run", action="store_true", help=str(Text("only say it", "表示のみ")))
    incident_of(add_action(room, "status", STATUS, "sekisho letters status 1", _status))
    add_back(room)
    add_held(room)


def _run(call: Namespace, out: Output) -> int:
    code: int | None = call.act(call, out)
    return code or 0


def _plan(call: Namespace, out: Output) -> None:
    from sekisho.actions.control import Face
    from sekisho.flow.telling import letter_words
    from sekisho.flow.telling.letters_plan import plan

    words = letter_words.read(call.words) if call.words else None
    with open_vault(call, write=True) as vault:
        found = plan(vault, call.incident, words, as_of=call.as_of, dry=call.dry_run, shown=not out.quiet)
    out.result(asdict(found), lambda: "\n".join(_planned(found)))
    if found.ways.get("letter") and not found.dry:
        one = Face(call.incident, 1).written
        out.next(
            f"sekisho letters make {call.incident} {one} --to letter.pdf --purpose incident",
            f"sekisho letters send {call.incident} --sink shop --capacity 50000",
        )


def _planned(found: Planned) -> Iterator[str]:
    counts = {name: getattr(found, name) for name in ("version", "persons", "new", "held", "superseded")}
    yield str(PLANNED.fill(**counts))
    yield from (f"  {PERSONS.fill(what=says, n=found.ways[way])}" for way, says in WAYS.items() if way in found.ways)
    if found.reasons:
        yield str(WHY)
    yield from (f"  {PERSONS.fill(what=reason(why), n=count)}" for why, count in found.reasons.items())
    if found.dry:
        yield str(DRY)


def _make(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_look import make

    with open_vault(call, write=True) as vault:
        count = make(vault, call.incident, call.letters, call.to)
    said = Text("{n} {n|letter|letters} in {file}.", "{file} に{n}通を書き出しました。").fill(n=count, file=call.to)
    out.result({"letters": count, "file": str(call.to)}, lambda: str(said))


def _send(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_send import release, send

    wanted = (call.incident, call.sink, call.capacity, call.start)
    if call.dry_run:
        with open_vault(call) as vault:
            would = release(vault, *wanted)
        out.result(_release_value(would), lambda: _release(would))
        return
    with open_vault(call, write=True) as vault:
        found = done(send(vault, *wanted, shown=not out.quiet), out)
    if found is not None:
        out.result(asdict(found), lambda: _sent(found))


def _release_value(found: Release) -> dict[str, Any]:
    days = [{"day": str(one.day), "letters": one.after - one.first} for one in found.days]
    return {
        "version": found.version,
        "letters": found.letters,
        "sink": found.sink,
        "days": days,
        "done_by": found.done_by,
    }


def _release(found: Release) -> str:
    if not found.letters:
        return str(NOTHING)
    counts = {"letters": found.letters, "version": found.version, "days": len(found.days)}
    return str(RELEASE.fill(**counts, sink=found.sink, done_by=found.done_by))


def _sent(found: Sent) -> str:
    if not (found.released or found.queued):
        return str(NOTHING)
    return str(SENT.fill(released=found.released, queued=found.queued, done_by=found.done_by or "-"))


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_look import status

    with open_vault(call) as vault:
        found = status(vault, call.incident)
    out.result(asdict(found), lambda: "\n".join(_standing(found)))


def _standing(found: Standing) -> Iterator[str]:
    for state, count in found.letters.items():
        yield str(LETTERS.fill(what=LETTER_STATES[state], n=count))
        if state == "held":
            yield from (f"  {LETTERS.fill(what=reason(why), n=held)}" for why, held in found.held.items())
    if found.unplaced:
        yield str(UNPLACED.fill(n=found.unplaced))
    for one in found.batches:
        counts = listed(LETTERS.fill(what=LETTER_STATES[state], n=count) for state, count in one.letters.items())
        yield str(BATCH.fill(n=one.number, day=one.day, sink=one.sink, counts=counts))
    if found.demanded:
        yield str(DEMANDED.fill(n=len(found.demanded), which=listed(found.demanded)))


COMMAND = Command(
    name="letters",
    help=Text(
        "Letters to exposed persons: planned, approved, printed, held against what was printed, sent, returned.",
        "対象者への通知書を計画・承認・印刷・照合・発送・返戻管理します。",
    ),
    example="sekisho letters plan 1 --words letter.toml",
    add_arguments=_add_arguments,
    run=_run,
)
