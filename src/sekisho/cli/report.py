"""`sekisho report`: the table of a scan, as a page, on the terminal or as JSON."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from sekisho.cli._command import Command, Output
from sekisho.cli._options import at_least
from sekisho.cli._vault import open_vault
from sekisho.wording import Text


def _add_arguments(parser: ArgumentParser) -> None:
    def add(*names: str, help: Text, **how: object) -> None:
        parser.add_argument(*names, help=str(help), **how)  # type: ignore[arg-type]

    add("--to", type=Path, metavar="FILE", help=Text("write an HTML page to FILE", "HTMLの報告書を FILE に書き出す"))
    add("--scan", type=int, metavar="N", help=Text("which scan (default: the last)", "走査の番号（既定: 最新）"))
    add("--rules", type=Path, metavar="FILE", help=Text("your rules (docs/rules.md)", "規程（docs/rules.md）"))
    add("--with-paths", action="store_true", help=Text("show the names of files", "ファイル名を表示する"))
    add(
        "--public",
        action="store_true",
        help=Text("for publication: small numbers are left out", "公表用（少数の区分を表示しない）"),
    )
    add(
        "--below",
        type=at_least(2),
        default=10,
        metavar="N",
        help=Text("what is small (default: %(default)s)", "少数とみなす境（既定: %(default)s未満）"),
    )


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.scanning.report import for_the_public, look_at_target, report, write
    from sekisho.protect.rules import read_rules

    rules = read_rules(call.rules)
    if call.to:
        look_at_target(call.to)
    with open_vault(call) as vault:
        made = report(vault.scan(call.scan), rules, with_paths=call.with_paths, shown=not out.quiet)
    if call.public:
        public = for_the_public(made, call.below)
        if call.to:
            write(call.to, public.as_page())
        out.result(public.as_json(), lambda: public.as_text(colour=wants_colour()))
    else:
        if call.to:
            write(call.to, made.as_page())
        out.result(made.as_json(), lambda: made.as_text(colour=wants_colour()))
    if call.to:
        out.note(Text("The report lies in {file}", "報告書: {file}").fill(file=call.to))
    return 0


def wants_colour() -> bool:
    """Whether standard output is a terminal that has not asked for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


COMMAND = Command(
    name="report",
    help=Text(
        "Show the table of a scan: which items of whom lie where, and how protected.",
        "走査結果の集計表（誰の・どの項目が・どこに・どう保護されているか）を表示します。",
    ),
    example="sekisho report --to report.html --rules rules.toml",
    add_arguments=_add_arguments,
    run=_run,
)
