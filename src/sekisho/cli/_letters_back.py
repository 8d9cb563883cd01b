"""`sekisho letters matched | sample | sent | returned`: what they take and what they say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Output
from sekisho.cli._letters_words import day_of, incident_of
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault
from sekisho.errors import AccountError
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.flow.telling.letters_back import Held
    from sekisho.vault.letters import Sampled

MATCHED = Text(
    "Hold the print shop's list of what it printed against a batch; ends with 5 where anything differs.",
    "印刷会社の照合リストをバッチと突き合わせます（相違があれば終了コード5）。",
)
SAMPLE = Text(
    "Draw sheets of the production run to be looked at, or say how they were found.",
    "本番印刷からの抜き取り対象を選び、または検査結果を記録します。",
)
SENT = Text("Say that a batch was posted.", "バッチの発送を記録します。")
RETURNED = Text("Say that letters came back.", "返戻された通知書を記録します。")
FOUND = Text(
    "Batch {n}: {printed:,} {printed|letter|letters} newly found to be printed. {missing:,} missing, {twice:,} twice, "
    "{strangers:,} of other batches, {unread:,} lines unreadable.",
    "バッチ{n}: 新たに印刷確認{printed:,}通。不足{missing:,}通、重複{twice:,}通、他バッチ{strangers:,}通、"
    "判読不能{unread:,}行。",
)
MISSING, TWICE, STRANGER = Text("missing", "不足"), Text("twice", "重複"), Text("not of this batch", "対象外")
TO_LOOK_AT, RIGHT, WRONG = Text("to be looked at", "未検査"), Text("right", "合格"), Text("wrong", "不合格")
MOST = 20


def add_back(room: _SubParsersAction[ArgumentParser]) -> None:
    """The actions."""
    match = add_action(room, "matched", MATCHED, "sekisho letters matched 1 --batch 3 list.csv", _matched)
    _batch_of(match)
    listed = Text("their list: a line for each face, column `control`", "照合リスト（面ごとに1行、`control` 列）")
    match.add_argument("list", type=Path, metavar="FILE", help=str(listed))
    sample = add_action(room, "sample", SAMPLE, "sekisho letters sample 1 --batch 3 --sheets 20", _sample)
    _batch_of(sample)
    many = Text("how many sheets are to be drawn", "抜き取る枚数")
    sample.add_argument("--sheets", type=at_least(1), metavar="N", help=str(many))
    for name, says in (("--right", RIGHT), ("--wrong", WRONG)):
        which = Text("letters that were found to be {as_}", "{as_}とした通知番号").fill(as_=says)
        sample.add_argument(name, nargs="+", default=[], metavar="LETTER", help=str(which))
    post = add_action(room, "sent", SENT, "sekisho letters sent 1 --batch 3 --on 2026-05-31", _sent)
    _batch_of(post)
    post.add_argument("--on", type=day_of, required=True, metavar="DAY", help=str(Text("on which day", "発送日")))
    back = add_action(room, "returned", RETURNED, "sekisho letters returned 1 0001-00000001-06", _returned)
    incident_of(back)
    back.add_argument(
        "letters",
        nargs="+",
        metavar="LETTER",
        help=str(Text("control numbers, as on the sheets", "通知番号（紙面のとおり）")),
    )


def _batch_of(parser: ArgumentParser) -> None:
    incident_of(parser)
    parser.add_argument(
        "--batch", type=at_least(1), required=True, metavar="N", help=str(Text("which", "バッチの番号"))
    )


def _matched(call: Namespace, out: Output) -> int:
    from sekisho.flow.telling.letters_back import match

    with open_vault(call, write=True) as vault:
        held = match(vault, call.incident, call.batch, call.list)
    found = held.found
    named = {"missing": found.missing, "twice": found.twice, "strangers": found.strangers}
    value = {"batch": held.batch, "printed": held.printed, "unread": found.unread, "differs": found.differs}
    out.result(value | {name: _written(call.incident, some) for name, some in named.items()}, lambda: _held(call, held))
    if not found.differs:
        out.next(f"sekisho letters sample {call.incident} --batch {held.batch} --sheets 20")
    return AccountError.exit_code if found.differs else 0


def _written(incident: int, letters: Iterable[int]) -> list[str]:
    from sekisho.actions.control import Face

    return [Face(incident, letter).written for letter in letters]


def _held(call: Namespace, held: Held) -> str:
    found = held.found
    counts = {"missing": len(found.missing), "twice": len(found.twice), "strangers": len(found.strangers)}
    lines = [str(FOUND.fill(n=held.batch, printed=held.printed, unread=found.unread, **counts))]
    for says, some in ((MISSING, found.missing), (TWICE, found.twice), (STRANGER, found.strangers)):
        lines += [f"  {one}  {says}" for one in _written(call.incident, some[:MOST])]
        lines += [f"  … {len(some) - MOST:,}  {says}"] * (len(some) > MOST)
    return "\n".join(lines)


def _sample(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_back import RIGHT as IS_RIGHT
    from sekisho.flow.telling.letters_back import WRONG as IS_WRONG
    from sekisho.flow.telling.letters_back import check, draw, sample

    outcomes = dict.fromkeys(call.right, IS_RIGHT) | dict.fromkeys(call.wrong, IS_WRONG)
    with open_vault(call, write=True) as vault:
        if call.sheets:
            draw(vault, call.incident, call.batch, call.sheets)
        if outcomes:
            check(vault, call.incident, call.batch, outcomes)
        found = sample(vault, call.incident, call.batch)
    numbers = _written(call.incident, [one.letter for one in found])
    value = [{"letter": n, "outcome": one.outcome} for n, one in zip(numbers, found, strict=True)]
    out.result(value, lambda: "\n".join(_sheets(numbers, found)))
    out.next(*_after_sample(call, numbers, found))


def _after_sample(call: Namespace, numbers: list[str], found: list[Sampled]) -> Iterator[str]:
    here = f"{call.incident} --batch {call.batch}"
    unseen = [number for number, one in zip(numbers, found, strict=True) if not one.outcome]
    if unseen:
        yield f"sekisho letters make {call.incident} {' '.join(unseen)} --to sample.pdf --purpose incident"
        yield f"sekisho letters sample {here} --right {' '.join(unseen)}"
    elif found and all(one.outcome == "right" for one in found):
        yield f"sekisho letters sent {here} --on YYYY-MM-DD"


def _sheets(numbers: list[str], found: list[Sampled]) -> Iterator[str]:
    says = {"": TO_LOOK_AT, "right": RIGHT, "wrong": WRONG}
    yield from (f"{number}  {says[one.outcome]}" for number, one in zip(numbers, found, strict=True))


def _sent(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_back import sent

    with open_vault(call, write=True) as vault:
        count = sent(vault, call.incident, call.batch, call.on)
    said = Text("{n:,} {n|letter|letters} sent on {day}.", "{day}に{n:,}通を発送しました。").fill(n=count, day=call.on)
    out.result({"sent": count, "on": str(call.on)}, lambda: str(said))


def _returned(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_back import returned

    with open_vault(call, write=True) as vault:
        count = returned(vault, call.incident, call.letters)
    said = Text("{n:,} more {n|letter|letters} came back.", "返戻を新たに{n:,}通記録しました。").fill(n=count)
    out.result({"returned": count}, lambda: str(said))
