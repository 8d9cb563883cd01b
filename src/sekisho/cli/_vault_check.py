"""What `sekisho vault check` says."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_doubtful_vault
from sekisho.errors import VaultError
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.flow.keeping.check import Checked
    from sekisho.vault.check import Fault

CHECK = Text(
    "Look at every file of the vault and every entry of its ledger, and say what is damaged, missing, left behind or "
    "readable by others. Nothing is changed. Exit code 4 where something is damaged or missing.",
    "保管庫のすべてのファイルと証跡のすべての記載を調べ、破損・欠落・残骸・他人が読めるものを示します。何も変更しません。"
    "破損か欠落があれば終了コードは4です。",
)
KINDS = {
    "damaged": Text("damaged", "破損"),
    "missing": Text("missing", "欠落"),
    "remade": Text("damaged, is made anew when needed", "破損（必要時に作り直し）"),
    "no key": Text("not readable, the key is not here", "鍵がないため読めない"),
    "left behind": Text("left behind by a killed run, or being written", "中断の残骸、または書き込み中"),
    "strange": Text("not of the vault", "保管庫のものでない"),
    "readable": Text("may be read or changed by others", "他人が読み書きできる"),
}


def add_check(room: Any) -> None:
    """The action."""
    add_action(room, "check", CHECK, "sekisho vault check --json", _check)


def _check(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.check import check

    with open_doubtful_vault(call) as vault:
        found = check(vault, shown=not out.quiet)
    out.result(_value(found), lambda: _text(found))
    if not found.sound:
        raise VaultError(
            Text("The vault is damaged.", "保管庫が破損しています。"),
            Text(
                "Keep a copy of everything as it is, then restore a backup: `sekisho vault restore`.",
                "現状の写しを取ってから、控えから戻してください: `sekisho vault restore`。",
            ),
        )


def _value(found: Checked) -> dict[str, object]:
    from dataclasses import asdict

    return {"sound": found.sound, **asdict(found)}


def _text(found: Checked) -> str:
    from sekisho.report.view import size

    said = Text(
        "{files:,} {files|file|files}, {size}; {entries:,} {entries|entry|entries} of the ledger",
        "ファイル{files:,}個、{size}。証跡の記載{entries:,}件",
    ).fill(files=found.files, size=size(found.size), entries=found.entries)
    well = Text("Nothing is damaged or missing.", "破損も欠落もありません。")
    return "\n".join(str(line) for line in [said, *map(_line, found.faults), *([well] if found.sound else [])])


def _line(fault: Fault) -> str:
    why = f" ({printable(fault.why)})" if fault.why else ""
    return f"  {KINDS[fault.kind]}: {printable(fault.file)}{why}"
