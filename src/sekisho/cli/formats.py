"""`sekisho formats`: every file format, how it is told and what its reader needs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from sekisho.cli._command import Command, Output
from sekisho.wording import Text


def _add_arguments(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def _run(call: Namespace, out: Output) -> int:
    from sekisho import parts
    from sekisho.model import Format

    formats = [part for part in parts.find("sekisho.documents.formats", "FORMAT").values() if isinstance(part, Format)]
    rows = [
        {"kind": f.kind, "title": str(f.title), "suffixes": list(f.suffixes), "needs": f.needs}
        for f in sorted(formats, key=lambda f: f.kind)
    ]
    out.result(rows, lambda: "\n".join(_line(row) for row in rows))
    return 0


def _line(row: Mapping[str, object]) -> str:
    needs = Text(" (needs {part})", "（要 {part}）").fill(part=row["needs"]) if row["needs"] else ""
    return f"{row['kind']:<12} {row['title']}{needs}"


COMMAND = Command(
    name="formats",
    help=Text("List the file formats that can be read.", "読み取れるファイル形式の一覧を表示します。"),
    example="sekisho formats --json",
    add_arguments=_add_arguments,
    run=_run,
)
