"""What letters, and why they wait, are called on the command line."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date

from sekisho.cli._options import at_least
from sekisho.wording import Text, printable

WAYS = {
    "letter": Text("by letter", "通知書"),
    "held": Text("held", "保留"),
    "unreachable": Text("unreachable", "連絡不能"),
    "deceased": Text("deceased", "死亡"),
    "publication": Text("by publication", "公表"),
}
LETTER_STATES = {
    "created": Text("created", "作成済み"),
    "held": Text("held", "保留"),
    "queued": Text("queued", "送付待ち・印刷依頼済み"),
    "printed": Text("printed", "印刷済み"),
    "sent": Text("sent", "発送済み"),
    "returned": Text("returned", "返戻"),
    "superseded": Text("superseded", "差替え"),
}
PERSONS = Text("{what}: {n:,} {n|person|persons}", "{what}: {n:,}人")
LETTERS = Text("{what}: {n:,} {n|letter|letters}", "{what}: {n:,}通")
BATCH = Text("batch {n}  {day}  {sink}  {counts}", "バッチ{n}  {day}  {sink}  {counts}")


def reason(text: str) -> str:
    """Why a letter waits, in words."""
    from sekisho.flow.telling.letters_plan import why

    return printable(str(why(text)))


def incident_of(parser: ArgumentParser) -> None:
    """The argument that says which incident."""
    which = Text("number of the incident", "事案の番号")
    parser.add_argument("incident", type=at_least(1), metavar="INCIDENT", help=str(which))


def day_of(text: str) -> date:
    """A type of argument: a day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(str(Text("a day, as 2026-05-31", "日付（例: 2026-05-31）"))) from error
