"""Whom a call asks for, also where no name may stand in the call: the title of a process is there for all to read."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sekisho.errors import UsageError
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.flow.answering.whom import Sought
    from sekisho.vault.people import Called

TYPED = "-"
WHOM = Text("Number or words: ", "番号または語: ")
NAME, BORN = Text("Name: ", "氏名: "), Text("Birth date: ", "生年月日: ")
TOWN = Text("Town: ", "市区町村: ")


def add_name_and_birth(parser: ArgumentParser) -> None:
    """``--name`` and ``--born``."""
    name = Text(
        "the name that they have now, or its reading, with --born; - reads a line of standard input",
        "現在の氏名またはフリガナ（--born とともに指定。- なら標準入力から1行読む）",
    )
    parser.add_argument("--name", metavar="NAME", help=str(name))
    born = Text("their birth date, as 1950-04-06; - as above", "生年月日（例: 1950-04-06。- は同上）")
    parser.add_argument("--born", metavar="DATE", help=str(born))


def whom(call: Namespace) -> str | Called:
    """Whom a call means; what is ``-`` stands on standard input, a line each, the name first. Raises UsageError."""
    from sekisho.flow.registering.holder_envelopes import called

    if call.name is None and call.born is None:
        return words(call.what)
    born = TYPED if call.born is None and call.name == TYPED else call.born
    if call.what or call.anywhere or call.name is None or born is None:
        raise UsageError(
            Text(
                "--name and --born go together, and with no other words.",
                "--name と --born は組で指定し、ほかの語とは併用できません。",
            ),
            Text(
                "As: sekisho register show --name - (name and birth date on standard input, a line each)",
                "例: sekisho register show --name -（標準入力に氏名と生年月日を1行ずつ）",
            ),
        )
    name = _typed(NAME) if call.name == TYPED else call.name
    return called(name, _typed(BORN) if born == TYPED else born)


def sought(call: Namespace) -> Sought:
    """Whom a call means by number, name, birth date and town; what is ``-`` stands on standard input, a line each."""
    from sekisho.flow.answering.whom import Sought

    said = ((call.what, WHOM), (call.name, NAME), (call.born, BORN), (call.town, TOWN))
    return Sought(*(_typed(asked) if value == TYPED else value or "" for value, asked in said))


def words(said: Sequence[str]) -> str:
    """The number or words of a call; ``-`` alone: a line of standard input. Raises UsageError."""
    return _typed(WHOM) if list(said) == [TYPED] else " ".join(said)


def _typed(asked: Text) -> str:
    """A line of standard input."""
    if sys.stdin.isatty():
        print(asked, end="", file=sys.stderr, flush=True)
    try:
        line = sys.stdin.readline().strip()
    except UnicodeDecodeError:
        line = ""
    if not line:
        raise UsageError(
            Text("There is nothing to read on standard input.", "標準入力から読み取れる文字がありません。"),
            Text("Type it there, in the charset of the terminal.", "端末の文字コードで入力してください。"),
        )
    return line
