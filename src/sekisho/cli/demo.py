"""`sekisho demo`: invents an estate of files, a register and the truth about both, and, if asked, scans it, or plays
what follows from its leak.
"""

from __future__ import annotations

import shlex
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.estate.make import Estate

MADE = Text(
    "{files:,} {files|file|files} ({with_records:,} with personal data), {documents:,} {documents|document|documents}, "
    "{records:,} {records|record|records} of {persons:,} invented {persons|person|persons}.\n"
    "  estate     {folder}/estate\n  register   {folder}/register.csv ({holders:,} {holders|holder|holders})\n"
    "  passwords  {folder}/passwords.txt\n  truth      {folder}/truth",
    "ファイル{files:,}個（うち個人情報あり{with_records:,}個）、{documents:,}文書、延べ記録{records:,}件、実人数{persons:,}人（すべて架空）を作成しました。\n"
    "  ファイル群    {folder}/estate\n  台帳          {folder}/register.csv（{holders:,}人）\n"
    "  パスワード    {folder}/passwords.txt\n  正解          {folder}/truth",
)


SCALE, SCALE_OF_CASE = 0.02, 0.002


def _add_arguments(parser: ArgumentParser) -> None:
    scale = Text(
        "the size; 1 is that of the 2015 case: 949 files, 1,250,000 records (default: 0.02; with --incident 0.002)",
        "規模。1 は2015年の事案と同じ（ファイル949個・延べ記録125万件）（既定: 0.02、--incident では 0.002）",
    )
    incident = Text(
        "play the whole case: scan, leak master, announcement, letters, new numbers, checks, helpline, reports, ledger",
        "2015年の事案を最初から最後まで実行する（走査・該当者の確定・公表・お知らせ・番号変更・確認・相談窓口・報告・証跡）",
    )
    seed = Text("the same seed gives the same estate (default: %(default)s)", "同じ値なら同じ結果（既定: %(default)s）")
    run = Text("scan it, settle it and write the report", "作成後に走査・突合し、報告書を作成する")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=str(Text("a new folder", "新しいフォルダー")))
    parser.add_argument("--scale", type=float, help=str(scale))
    parser.add_argument("--seed", type=int, default=1, help=str(seed))
    parser.add_argument("--run", action="store_true", help=str(run))
    parser.add_argument("--incident", action="store_true", help=str(incident))


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.demo import demo

    if call.incident:
        return _play(call, out)
    made = demo(call.folder, SCALE if call.scale is None else call.scale, call.seed, shown=not out.quiet)
    if not call.run:
        out.result(_value(made, call.folder), lambda: str(_text(made, call.folder)))
        return 0
    out.note(_text(made, call.folder))
    return _scan(call.folder, out)


def _play(call: Namespace, out: Output) -> int:
    from sekisho.cli._demo_play import play
    from sekisho.cli._demo_stage import Stage
    from sekisho.cli._demo_told import told
    from sekisho.flow.demo import case

    made = case(call.folder, SCALE_OF_CASE if call.scale is None else call.scale, call.seed, shown=not out.quiet)
    out.note(_text(made.estate, call.folder))
    said = play(Stage(call.folder, out))
    out.result(said, lambda: told(said, call.folder))
    return 0


def _scan(folder: Path, out: Output) -> int:
    """Carry out the very call that a user would type, and show it; the vault gets a key file of its own."""
    from sekisho.cli._main import parse

    words = ["scan", f"{folder}/estate", "--register", f"{folder}/register.csv"]
    words += ["--passwords", f"{folder}/passwords.txt", "--report", f"{folder}/report.html"]
    words += ["--vault", f"{folder}/vault", "--key-file", f"{folder}/vault.key"]
    out.note(f"\nsekisho {shlex.join(words)}\n")
    call = parse(words)
    command: Command = call.command
    return command.run(call, out)


def _value(made: Estate, folder: Path) -> dict[str, object]:
    return {
        "folder": str(folder),
        "files": made.files,
        "with_records": made.with_records,
        "documents": made.documents,
        "records": made.records,
        "persons": made.persons,
        "holders": made.holders,
    }


def _text(made: Estate, folder: Path) -> Text:
    return MADE.fill(**(_value(made, folder) | {"folder": folder}))


COMMAND = Command(
    name="demo",
    help=Text(
        "Invent an estate of files with personal data, its register and the truth about it.",
        "架空の個人情報ファイル群と台帳、その正解データを作成します。",
    ),
    example="sekisho demo demo --scale 0.02 --run",
    add_arguments=_add_arguments,
    run=_run,
)
