"""Files that a command writes into a folder where it is told to (``--to``), and what it says of them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sekisho.cli._command import Output
from sekisho.wording import Text

WRITTEN = Text("{n} {n|file|files} in {folder}.", "{folder} に{n}ファイルを書き出しました。")


def add_folder(parser: ArgumentParser, *, required: bool = False) -> None:
    """``--to`` and ``--force``."""
    to = Text("the folder to write it into", "書き出し先のフォルダー")
    parser.add_argument("--to", type=Path, required=required, metavar="FOLDER", help=str(to))
    parser.add_argument("--force", action="store_true", help=str(Text("overwrite other files", "別のファイルを上書き")))


def handed_out(call: Namespace, write_out: Callable[..., list[Path]], *what: object) -> dict[str, Any]:
    """``files`` that ``write_out`` wrote of something; nothing where the call names no folder."""
    if call.to is None:
        return {}
    return {"files": [str(path) for path in write_out(*what, call.to, force=call.force)]}


def said_of(written: Mapping[str, Any], folder: Path) -> str:
    """How many files were written, and where."""
    return str(WRITTEN.fill(n=len(written["files"]), folder=folder))


def note(written: Mapping[str, Any], call: Namespace, out: Output) -> None:
    """Say it beside the result, where anything was written."""
    if written:
        out.note(said_of(written, call.to))
