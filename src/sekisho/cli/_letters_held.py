"""`sekisho letters held | release`: what they take and what they say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from sekisho.cli._command import Output
from sekisho.cli._letters_words import incident_of
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_vault
from sekisho.errors import UsageError
from sekisho.wording import Text

HELD = Text(
    "Write the letters that are held, or came back, to a list in clear, to be looked into and filled in.",
    "保留中・返戻の通知書を、確認・記入用の一覧（平文）に書き出します。",
)
RELEASE = Text(
    "Say what was found of letters that are held or came back; those to be sent go with the next batches.",
    "保留中・返戻の通知書の確認結果を記録します。送るものは次のバッチに入ります。",
)
RELEASED = Text(
    "{letters:,} {letters|letter goes|letters go} out, {told:,} told otherwise, {left:,} still cannot be printed.",
    "送付{letters:,}通、他の方法{told:,}人、印刷できないまま{left:,}通。",
)
EMPTY = Text("In {file} no row says anything under `as`.", "{file} の `as` 列に記入がありません。")
FOUND = ("before", "now", "kana", "unreachable", "deceased", "publication")


def add_held(room: _SubParsersAction[ArgumentParser]) -> None:
    """The actions."""
    held = add_action(room, "held", HELD, "sekisho letters held 1 --to held.xlsx --purpose incident", _held)
    incident_of(held)
    held.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(Text("csv, xlsx, parquet", "出力先")))
    too = Text("addresses of protected persons too", "支援措置対象者の住所も含める")
    held.add_argument("--protected-too", action="store_true", help=str(too))
    held.add_argument("--force", action="store_true", help=str(Text("overwrite", "上書きする")))
    release = add_action(
        room,
        "release",
        RELEASE,
        "sekisho letters release 1 --list held.xlsx --why visited --purpose incident",
        _release,
    )
    incident_of(release)
    release.add_argument(
        "letters",
        nargs="*",
        metavar="LETTER",
        help=str(Text("control numbers, as on the sheets", "通知番号（紙面のとおり）")),
    )
    filled = Text("the list of `held`, its column `as` filled in", "`as` 列に記入した `held` の一覧")
    release.add_argument("--list", type=Path, metavar="FILE", help=str(filled))
    every = Text("every letter that is held for this reason", "この理由で保留中のすべて")
    release.add_argument("--reason", metavar="REASON", help=str(every))
    found = Text(
        "to the address from before, to the one now, with the name in kana; or not by letter",
        "感染前の住所（before）・現住所（now）・カナ氏名（kana）で送る、または通知書によらない",
    )
    release.add_argument("--to-be", choices=FOUND, help=str(found))
    release.add_argument("--why", required=True, metavar="TEXT", help=str(Text("what was found", "確認の内容")))


def _held(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_release import export

    with open_vault(call, write=True) as vault:
        rows = export(vault, call.incident, call.to, protected_too=call.protected_too, force=call.force)
    said = Text("{n:,} {n|letter|letters} in {file}.", "{file} に{n:,}通を書き出しました。").fill(n=rows, file=call.to)
    out.result({"letters": rows, "file": str(call.to)}, lambda: str(said))


def _release(call: Namespace, out: Output) -> None:
    from sekisho.flow.telling.letters_release import As, filled_in, release

    if bool(call.letters or call.reason) != bool(call.to_be):
        raise UsageError(
            Text("LETTER or --reason goes with --to-be.", "LETTER・--reason には --to-be が必要です。"),
            Text("As: --reason address_changed --to-be before.", "例: --reason address_changed --to-be before。"),
        )
    listed = filled_in(call.list) if call.list else []
    found = [*listed, *((letter, As(call.to_be)) for letter in call.letters)]
    every = (call.reason, As(call.to_be)) if call.reason else None
    with open_vault(call, write=True) as vault:
        made = release(vault, call.incident, found, call.why, every)
    value = {"letters": made.letters, "told": made.told, "left": list(made.left)}
    counts = RELEASED.fill(letters=made.letters, told=made.told, left=len(made.left))
    out.result(value, lambda: "\n".join([str(counts), *(f"  {one}" for one in made.left)]))
    if call.list and not listed:
        out.note(EMPTY.fill(file=call.list))
