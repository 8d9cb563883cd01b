"""`sekisho helpline`: callers are answered as of a version, verified by what did not leak."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault
from sekisho.errors import UsageError
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.flow.answering.turns import Turn
    from sekisho.vault.calls import Contact, Opening

OPEN = Text(
    "Open the helpline, also again for a later version: the leak master must reconcile, and a second actor approve.",
    "窓口を開設します（後の版での再開設も）。名簿の照合が一致し、別の利用者の承認が必要です。",
)
CLOSE = Text("Shut the helpline.", "窓口を閉じます。")
STATUS = Text("Say how it stands: version, calls, answers.", "窓口の状況（版・通話・回答の数）を表示します。")
CALL = Text("Begin a call.", "通話を開始します。")
FIND = Text(
    "Look for the caller. Number, name or kana, birth date and town stand on standard input, a line each, empty for "
    "what was not said.",
    "電話の主を探します。標準入力に、番号、氏名またはフリガナ、生年月日、市区町村を1行ずつ（ないものは空行）。",
)
VERIFY = Text(
    "Type what the caller answers, a line each: it is held against the register, and nobody sees which one is right.",
    "質問への回答を1行ずつ入力します。正誤は台帳と照合し、画面には表示しません。",
)
END = Text("End a call.", "通話を終了します。")
REPORT = Text(
    "Keep a report of a suspicious contact: what was said, and what was given away or paid, on standard input.",
    "不審な接触の届出を記録します。標準入力に、言われた内容と、渡した物・支払った額を1行ずつ。",
)
CONTACTS = Text("Count such reports by region and day.", "不審な接触を都道府県・日ごとに集計します。")
WRITTEN = Text(
    "Write whom an answer in writing was promised to a file, in clear, with what it is now.",
    "文書での回答を約束した人を、現時点の回答とともに書き出します（平文）。",
)
OPENED = Text("Open, by version {version}.", "開設中（第{version}版）。")
SHUT = Text("Shut.", "閉鎖中。")
NEVER = Text("It was never opened.", "まだ開設されていません。")
LATER = Text(
    'Version {version} is there: until it is opened again nobody is told "not affected".',
    "第{version}版があります。再開設するまで「対象外」とは回答しません。",
)
CALLED = Text("Call {n}.", "通話{n}。")
SAY = Text("SAY:", "案内:")
ASK = Text("ASK {n}:", "質問{n}:")
COUNTED = Text("{n:>9,}  {day}  version {version}  {answer}", "{n:>9,}件  {day}  第{version}版  {answer}")
CALLS = Text("{n:,} {n|call|calls}.", "通話{n:,}件。")
REGION = Text("{n:>9,}  {day}  {region}", "{n:>9,}件  {day}  {region}")
NOWHERE = Text("(not said)", "（不明）")
REPORTED = Text("Report {n}.", "届出{n}。")
WROTE = Text("{n:,} {n|person|persons} in {file}.", "{file} に{n:,}人を書き出しました。")
MOST_QUESTIONS = 9
LINES = {
    "number": Text("Number: ", "番号: "),
    "name": Text("Name or kana: ", "氏名またはフリガナ: "),
    "birth_date": Text("Birth date: ", "生年月日: "),
    "town": Text("Town: ", "市区町村: "),
}
SAID, LOST = Text("What was said: ", "言われた内容: "), Text("Given away or paid: ", "渡した物・支払った額: ")
ANSWERED, NOTE = Text("Answer {n}: ", "回答{n}: "), Text("Note: ", "備考: ")


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    begin = add_action(room, "open", OPEN, "sekisho helpline open", _open)
    cap = Text(
        "another cap against browsing: searches_a_call, searches_an_hour, searches_a_day, tries_a_call, tries_a_person",
        "閲覧の上限の変更（searches_a_call・searches_an_hour・searches_a_day・tries_a_call・tries_a_person）",
    )
    begin.add_argument("--cap", action="append", type=_cap, default=[], metavar="NAME=N", help=str(cap))
    shut = add_action(room, "close", CLOSE, "sekisho helpline close", _close)
    status = add_action(room, "status", STATUS, "sekisho helpline status", _status)
    call = add_action(room, "call", CALL, "sekisho helpline call --purpose inquiry", _call)
    who = Text(
        "who calls: self, guardian, family, facility, other",
        "申出者（self 本人, guardian 法定代理人, family 家族, facility 施設, other その他）",
    )
    callers = ("self", "guardian", "family", "facility", "other")
    call.add_argument("--caller", choices=callers, default="self", help=str(who))
    find = add_action(room, "find", FIND, "sekisho helpline find 17 --purpose inquiry", _find)
    verify = add_action(room, "verify", VERIFY, "sekisho helpline verify 17 --purpose inquiry", _verify)
    end = add_action(room, "end", END, "sekisho helpline end 17", _end)
    for one in (find, verify, end):
        one.add_argument("call", type=at_least(1), metavar="CALL", help=str(Text("number of the call", "通話の番号")))
    end.add_argument("--note", action="store_true", help=str(Text("read a note", "備考を標準入力から読む")))
    report = add_action(
        room, "report", REPORT, "sekisho helpline report --day 2015-06-05 --region Okinawa --way phone", _report
    )
    report.add_argument("--day", required=True, metavar="DAY", help=str(Text("on which day", "接触のあった日")))
    report.add_argument("--region", default="", metavar="REGION", help=str(Text("where", "都道府県")))
    ways = Text("phone, visit, letter, mail, message, other", "方法（phone・visit・letter・mail・message・other）")
    report.add_argument("--way", required=True, metavar="WAY", help=str(ways))
    contacts = add_action(room, "contacts", CONTACTS, "sekisho helpline contacts", _contacts)
    contacts.add_argument("--list", action="store_true", help=str(Text("with what was said", "内容も表示")))
    written = add_action(room, "written", WRITTEN, "sekisho helpline written --to answers.csv", _written)
    written.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(Text("the file", "出力先")))
    written.add_argument("--force", action="store_true", help=str(Text("overwrite FILE", "既存のファイルを上書き")))
    protected = Text("with the addresses of who must not be found", "住所秘匿の対象者の住所も含める")
    written.add_argument("--protected", action="store_true", help=str(protected))
    number = Text("number of the incident (default: the only open one)", "事案の番号（省略時は対応中の1件）")
    for one in (begin, shut, status, call, find, verify, end, report, contacts, written):
        one.add_argument("--incident", type=at_least(1), metavar="N", help=str(number))


def _cap(text: str) -> tuple[str, int]:
    from sekisho.countries.helpline import Caps

    name, _, number = text.partition("=")
    if name not in Caps.__slots__ or not number.isdecimal():
        raise ArgumentTypeError(str(Text("as searches_an_hour=60", "例: searches_an_hour=60")))
    return name, int(number)


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _open(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.helpline import open_line
    from sekisho.flow.assessing.meant import incident_meant

    with open_vault(call, write=True) as vault:
        incident = incident_meant(vault, call.incident)
        found = done(open_line(vault, incident, dict(call.cap), shown=not out.quiet), out)
    if found is not None:
        version = found.version
        out.result(_opening(found), lambda: str(OPENED.fill(version=version)))


def _close(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.helpline import close_line
    from sekisho.flow.assessing.meant import incident_meant

    with open_vault(call, write=True) as vault:
        found = close_line(vault, incident_meant(vault, call.incident))
    out.result(_opening(found), lambda: str(SHUT))


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.helpline import status
    from sekisho.flow.assessing.meant import incident_meant

    with open_vault(call) as vault:
        found = status(vault, incident_meant(vault, call.incident))
    counted = [{"day": d, "answer": a, "version": v, "answers": n} for (d, a, v), n in found.answers.items()]
    opening = _opening(found.opening) if found.opening else {"open": False, "version": None}
    value = {**opening, "last_version": found.last_version, "calls": found.calls, "answers": counted}
    out.result(value, lambda: "\n".join(map(str, _status_lines(found))))


def _status_lines(found: Any) -> Iterator[Text]:
    from sekisho.actions.helpline import ANSWERS, Answer

    last = found.opening
    yield NEVER if last is None else OPENED.fill(version=last.version) if last.is_open else SHUT
    if last and last.is_open and found.last_version > last.version:
        yield LATER.fill(version=found.last_version)
    for (day, answer, version), n in found.answers.items():
        yield COUNTED.fill(n=n, day=day, version=version, answer=ANSWERS[Answer(answer)])
    yield CALLS.fill(n=found.calls)


def _call(call: Namespace, out: Output) -> None:
    from sekisho.actions.helpline import Caller
    from sekisho.flow.answering.helpline import begin
    from sekisho.flow.assessing.meant import incident_meant

    with open_vault(call) as vault:
        turn = begin(vault, incident_meant(vault, call.incident), Caller(call.caller))
    _show(turn, out)
    _next(turn, "end" if call.caller == Caller.OTHER else "find", out)


def _find(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.helpline import search
    from sekisho.flow.answering.whom import Sought
    from sekisho.flow.assessing.meant import incident_meant

    said = dict(zip(LINES, _typed(list(LINES.values())), strict=True))
    with open_vault(call) as vault:
        turn = search(vault, incident_meant(vault, call.incident), call.call, Sought(**said))
    _show(turn, out)
    _next(turn, "verify" if turn.questions else "find" if turn.answer is None else "end", out)


def _verify(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.helpline import verify
    from sekisho.flow.assessing.meant import incident_meant

    answers = _typed([ANSWERED.fill(n=at) for at in range(1, MOST_QUESTIONS + 1)], until_empty=True)
    with open_vault(call) as vault:
        turn = verify(vault, incident_meant(vault, call.incident), call.call, answers)
    _show(turn, out)
    _next(turn, "verify" if turn.answer is None else "end", out)


def _end(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.helpline import end
    from sekisho.flow.assessing.meant import incident_meant

    [note] = _typed([NOTE]) if call.note else [""]
    with open_vault(call) as vault:
        turn = end(vault, incident_meant(vault, call.incident), call.call, note)
    _show(turn, out)


def _report(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.contacts_reported import report
    from sekisho.flow.assessing.meant import incident_meant

    said, lost = _typed([SAID, LOST])
    with open_vault(call) as vault:
        number = report(vault, incident_meant(vault, call.incident), call.day, call.region, call.way, said, lost)
    out.result({"report": number}, lambda: str(REPORTED.fill(n=number)))


def _contacts(call: Namespace, out: Output) -> None:
    from dataclasses import asdict

    from sekisho.flow.answering.contacts_reported import counts, reports
    from sekisho.flow.assessing.meant import incident_meant

    with open_vault(call) as vault:
        incident = incident_meant(vault, call.incident)
        found = counts(vault, incident)
        every = reports(vault, incident) if call.list else []
    if call.list:
        told = [asdict(one) for one in every]
        out.result(told, lambda: "\n".join(printable(_contact(one)) for one in every))
        return
    value = [{"region": region, "day": day, "reports": n} for (region, day), n in found.items()]
    lines = [REGION.fill(n=n, day=day, region=region or NOWHERE) for (region, day), n in found.items()]
    out.result(value, lambda: "\n".join(map(str, lines)))


def _contact(one: Contact) -> str:
    return f"{one.number:>6}  {one.day}  {one.region or NOWHERE}  {one.way}: {one.said['said']} / {one.said['lost']}"


def _written(call: Namespace, out: Output) -> None:
    from sekisho.flow.answering.written import written
    from sekisho.flow.assessing.meant import incident_meant

    with open_vault(call) as vault:
        incident = incident_meant(vault, call.incident)
        count = written(vault, incident, call.to, protected_too=call.protected, force=call.force)
    out.result({"file": str(call.to), "persons": count}, lambda: str(WROTE.fill(n=count, file=call.to)))


def _typed(asked: Sequence[Text], *, until_empty: bool = False) -> list[str]:
    """A line of standard input for each, its end an empty line: no personal data stands in the title of a process."""
    lines: list[str] = []
    for one in asked:
        if sys.stdin.isatty():
            print(one, end="", file=sys.stderr, flush=True)
        try:
            lines.append(sys.stdin.readline().strip())
        except UnicodeDecodeError as error:
            raise UsageError(
                Text("Standard input is in another charset.", "標準入力の文字コードが端末と異なります。"),
                Text("Type it there.", "端末の文字コードで入力してください。"),
            ) from error
        if until_empty and not lines[-1]:
            break
    return lines


def _show(turn: Turn, out: Output) -> None:
    from sekisho.flow.answering.turns import as_json

    out.result(as_json(turn), lambda: "\n".join(map(printable, _lines(turn))))


def _next(turn: Turn, action: str, out: Output) -> None:
    out.next(f"sekisho helpline {action} {turn.call}")


def _lines(turn: Turn) -> Iterator[str]:
    yield str(CALLED.fill(n=turn.call))
    yield from (f"{SAY} {one}" for one in turn.says)
    yield from (f"{ASK.fill(n=at)} {one.says}" for at, one in enumerate(turn.questions, 1))


def _opening(found: Opening) -> dict[str, Any]:
    return {"open": found.is_open, "version": found.version, "at": found.at, "caps": found.said.get("caps")}


COMMAND = Command(
    name="helpline",
    help=Text(
        "Answer callers: affected, not affected as of a version, or cannot tell; count suspicious contacts.",
        "問い合わせに、版ごとに「対象・対象外・判明していない」を回答し、記録します。不審な接触も集計します。",
    ),
    example="sekisho helpline call --purpose inquiry",
    add_arguments=_add_arguments,
    run=_run,
)
