"""`sekisho regulator`: the report to an authority."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._handed_out import add_folder, handed_out, note, said_of
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, language, listed, minute, printable

if TYPE_CHECKING:
    from sekisho.flow.telling.regulator import Reported

SHEET = Text(
    "Make the sheet to enter an authority's form from; what nobody knows is marked. Nothing is filed by it.",
    "報告フォームの入力票を作成します。不明な欄は明示されます（提出はされません）。",
)
RECEIPT = Text(
    "Keep the receipt that came back for a sheet; the duty counts as met.",
    "受付番号などの受領結果を記録します（報告義務は履行済みになります）。",
)
LIST = Text("List the sheets and their receipts.", "入力票と受領結果を一覧にします。")
SHOW = Text("Show a sheet, the last one unless a number is given.", "入力票を表示します（既定は最新）。")
WRITE = Text(
    "Write a sheet into a folder: PDF, page and text in both languages, JSON, files of its receipts, and all hashes.",
    "入力票をフォルダーに書き出します（両言語のPDF・HTML・テキスト、JSON、受領書、ハッシュ値）。",
)
LINE = Text(
    "{number:>3}  {at}  {duty}  version {version}  not known or to be entered: {unknown}  {receipts}",
    "{number:>3}  {at}  {duty}  第{version}版  不明・要入力{unknown}欄  {receipts}",
)
RECEIVED = Text("receipt {number}", "受付番号 {number}")
NOT_FILED = Text("not filed", "未提出")
NONE = Text("There is no sheet.", "入力票はありません。")
UNKNOWN = Text("Not known or to be entered: {n}.", "不明・要入力: {n}欄。")
KEPT = Text("Kept: receipt {number} for sheet {sheet}.", "記録しました: 入力票{sheet}の受付番号 {number}。")


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    sheet = add_action(room, "sheet", SHEET, "sekisho regulator sheet 1 jp_public.preliminary --to reports", _sheet)
    example = "sekisho regulator receipt 1 2 --number 0123 --at 2015-06-01T11:00"
    receipt = add_action(room, "receipt", RECEIPT, example, _receipt)
    listed = add_action(room, "list", LIST, "sekisho regulator list 1", _list)
    show = add_action(room, "show", SHOW, "sekisho regulator show 1", _show)
    write = add_action(room, "write", WRITE, "sekisho regulator write 1 --to reports", _write)
    for one in (sheet, receipt, listed, show, write):
        one.add_argument("incident", type=int, metavar="N", help=str(Text("number of the incident", "事案の番号")))
    duty = Text(
        "the law and the duty, as `sekisho incident clocks` calls them", "義務（`sekisho incident clocks` の名前）"
    )
    sheet.add_argument("duty", metavar="LAW.DUTY", help=str(duty))
    entries = Text(
        "what only an officer can say, by field, as TOML (default: as in the last sheet)",
        "責任者の記入内容（欄ごと、TOML。既定: 前回と同じ）",
    )
    sheet.add_argument("--entries", type=Path, metavar="FILE", help=str(entries))
    _add_receipt(receipt)
    for one in (show, write):
        one.add_argument(
            "sheet", type=at_least(1), nargs="?", metavar="SHEET", help=str(Text("its number", "入力票の番号"))
        )
    for one in (sheet, write):
        add_folder(one, required=one is write)


def _add_receipt(receipt: ArgumentParser) -> None:
    receipt.add_argument(
        "sheet", type=at_least(1), metavar="SHEET", help=str(Text("number of the sheet", "入力票の番号"))
    )
    number = Text("the authority's number for it", "受付番号")
    receipt.add_argument("--number", required=True, metavar="NUMBER", help=str(number))
    at = Text("when it was filed, as 2015-06-01T11:00", "提出日時（例: 2015-06-01T11:00）")
    receipt.add_argument("--at", required=True, metavar="TIME", help=str(at))
    file = Text("the receipt itself, which is kept sealed", "受領書のファイル（封をして保管）")
    receipt.add_argument("--file", type=Path, metavar="FILE", help=str(file))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _sheet(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.regulator import sheet, text, write_out

    with open_vault(call, write=True) as vault:
        found = sheet(vault, call.incident, call.duty, call.entries)
        written = handed_out(call, write_out, vault, found)
    out.result({**found.sheet.as_json(), **written}, lambda: text(found.sheet, language()))
    note(written, call, out)
    out.note(UNKNOWN.fill(n=len(found.sheet.unknown)))
    filed = f"{call.incident} {found.sheet.about.number} --number NUMBER --at TIME"
    out.next(f"sekisho regulator receipt {filed}")


def _receipt(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.regulator import receipt

    with open_vault(call, write=True) as vault:
        made = receipt(vault, call.incident, call.sheet, call.number, call.at, call.file)
    out.result(asdict(made), lambda: str(KEPT.fill(number=printable(made.number), sheet=made.sheet)))


def _list(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.regulator import every

    with open_vault(call) as vault:
        found = every(vault, call.incident)
    out.result([_value(one) for one in found], lambda: "\n".join(map(_line, found)) or str(NONE))


def _show(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.regulator import chosen, text

    with open_vault(call) as vault:
        found = chosen(vault, call.incident, call.sheet)
    out.result({**found.sheet.as_json(), **_receipts(found)}, lambda: text(found.sheet, language()))


def _write(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.regulator import chosen, write_out

    with open_vault(call) as vault:
        found = chosen(vault, call.incident, call.sheet)
        written = handed_out(call, write_out, vault, found)
    out.result({**_value(found), **written}, lambda: said_of(written, call.to))


def _receipts(one: Reported) -> dict[str, Any]:
    return {"receipts": [asdict(each) for each in one.receipts]}


def _value(one: Reported) -> dict[str, Any]:
    about = asdict(one.sheet.about)
    return {**about, "unknown": [each.key for each in one.sheet.unknown], **_receipts(one)}


def _line(one: Reported) -> str:
    about = one.sheet.about
    receipts = [str(RECEIVED.fill(number=printable(each.number))) for each in one.receipts]
    said = LINE.fill(
        number=about.number,
        at=minute(about.at),
        duty=f"{about.profile}.{about.report}",
        version=about.version or "–",
        unknown=len(one.sheet.unknown),
        receipts=listed(receipts) or NOT_FILED,
    )
    return str(said)


COMMAND = Command(
    name="regulator",
    help=Text(
        "Report a leak to an authority: sheet, receipt, list, show, write.",
        "監督機関への報告（入力票の作成・受領結果の記録・一覧・表示・書き出し）。",
    ),
    example="sekisho regulator sheet 1 jp_public.preliminary --to reports",
    add_arguments=_add_arguments,
    run=_run,
)
