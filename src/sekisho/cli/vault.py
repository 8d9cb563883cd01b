"""`sekisho vault`: a vault, who opens it, and the scans that it holds."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.cli._custody import add_actions
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault
from sekisho.cli._vault_check import add_check
from sekisho.cli._vault_keys import add_keys
from sekisho.wording import Text, minute, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sekisho.flow.keeping.keep import Held

LIST = Text("List the scans of the vault, dropped ones too.", "保管庫の走査を一覧にします（削除済みも含む）。")
DROP = Text(
    "Drop old scans for good: their tables and keys. Decisions stay, and that the scans were. Without --yes it only "
    "says which.",
    "古い走査を完全に削除します（表と鍵）。人の判断と、走査した事実は残ります。--yes がなければ対象を示すだけです。",
)
LINE = Text(
    "{scan:>4}  {begun}  {files:>9,} {files|file|files}  {records:>11,} {records|record|records}  {rest}  {root}",
    "{scan:>4}  {begun}  ファイル{files:>9,}個  延べ記録{records:>11,}件  {rest}  {root}",
)
WOULD = Text(
    "Nothing was dropped yet: the same call with --yes drops {n} {n|scan|scans}.",
    "まだ削除していません。同じ呼び出しに --yes を付けると{n}回分の走査を削除します。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    add_keys(room)
    add_check(room)
    add_actions(room)
    add_action(room, "list", LIST, "sekisho vault list", _list)
    drop = add_action(room, "drop", DROP, "sekisho vault drop --keep 3 --yes", _drop)
    keep = Text("how many scans of each folder stay, 1 or more", "フォルダーごとに残す走査の数（1以上）")
    drop.add_argument("--keep", type=at_least(1), required=True, metavar="N", help=str(keep))
    drop.add_argument("--yes", action="store_true", help=str(Text("do it", "実行する")))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _list(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.keep import held

    with open_vault(call) as vault:
        found = held(vault)
    out.result([_value(one) for one in found], lambda: _text(found))


def _drop(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.keep import drop_older, older

    with open_vault(call, write=call.yes) as vault:
        found = drop_older(vault, call.keep) if call.yes else older(vault, call.keep)
    none = Text("No scan is older than those to keep.", "残すものより古い走査はありません。")
    out.result([_value(one) for one in found], lambda: _text(found) or str(none))
    if found and not call.yes:
        out.note(WOULD.fill(n=len(found)))


def _value(one: Held) -> dict[str, object]:
    from dataclasses import asdict

    from sekisho.flow.keeping.keep import TABLES

    rows = {table: one.rows.get(table, 0) for table in TABLES}
    return {**asdict(one.about), **rows, "bytes": one.size, "dropped": one.dropped or None}


def _text(found: Sequence[Held]) -> str:
    return "\n".join(str(_line(one)) for one in found)


def _line(one: Held) -> Text:
    from sekisho.report.view import size

    gone = Text("dropped {day}", "{day} 削除").fill(day=one.dropped[:10])
    there = size(one.size) if one.about.finished else Text("unfinished", "未完了")
    if one.shut:
        there = Text("no key of incident {n}", "事案{n}の鍵なし").fill(n=one.about.incident)
    return LINE.fill(
        scan=one.about.scan,
        begun=minute(one.about.begun),
        files=one.rows.get("files", 0),
        records=one.rows.get("records", 0),
        rest=gone if one.dropped else there,
        root=printable(one.about.root),
    )


COMMAND = Command(
    name="vault",
    help=Text(
        "Make, check and show a vault, say who opens it, list and drop its scans.",
        "保管庫の作成・点検・表示、開く鍵の管理、走査の一覧と削除を行います。",
    ),
    example="sekisho vault status",
    add_arguments=_add_arguments,
    run=_run,
)
