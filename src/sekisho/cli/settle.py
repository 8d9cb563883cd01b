"""`sekisho settle`: hold the records of a scan against a register."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.cli._register import add_register, register_in
from sekisho.cli._vault import open_vault
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.register.read import Holders

SAID = Text(
    "{state}: {records:,} {records|record|records}, {persons:,} {persons|person|persons} "
    "(to be decided: {ask_records:,} {ask_records|record|records})",
    "{state}: 延べ記録{records:,}件、実人数{persons:,}人（要判断の延べ記録 {ask_records:,}件）",
)


def _add_arguments(parser: ArgumentParser) -> None:
    number = Text("which scan (default: the last)", "走査の番号（既定: 最新）")
    add_register(parser)
    parser.add_argument("--scan", type=int, metavar="N", help=str(number))


def note_holders(holders: Holders | None, out: Output) -> None:
    """Say what was read of the register."""
    for line in holders.said() if holders else ():
        out.note(line)


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.scanning.report import report
    from sekisho.flow.scanning.settle import settle
    from sekisho.protect.rules import Rules
    from sekisho.report.words import STATES

    with open_vault(call, write=True) as vault:
        scan = vault.scan(call.scan)
        note_holders(settle(vault, scan, register_in(call, vault), shown=not out.quiet), out)
        made = report(scan, Rules(), shown=not out.quiet).made
    out.result(
        {"standings": made.as_json()["standings"], "conflicts": made.as_json()["conflicts"]},
        lambda: "\n".join(str(SAID.fill(**{**asdict(one), "state": STATES[one.state]})) for one in made.standings),
    )
    return 0


COMMAND = Command(
    name="settle",
    help=Text(
        "Say whose the records of a scan are, held against a register.",
        "走査した記録が誰のものかを、台帳と照合して判定します。",
    ),
    example="sekisho settle --register holders.csv",
    add_arguments=_add_arguments,
    run=_run,
)
