"""What `sekisho vault` says and asks about who opens a vault: init, status, rotate, share."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._options import add_action, add_group, at_least
from sekisho.cli._vault import new_secret, open_vault, renewed_secret, vault_folder
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.flow.keeping.secrets import Opener, Status
    from sekisho.vault import Cost

INIT = Text(
    "Make a vault, opened by a passphrase or, with --key-file, by a key file that is made too.",
    "保管庫を作成します。パスフレーズで、または --key-file で作成する鍵ファイルで開きます。",
)
STATUS = Text("Say who opens the vault and what it holds.", "保管庫を開く鍵と、内容の概要を示します。")
ROTATE = Text(
    "Have a new passphrase or key file open the vault in place of the old one of its kind, and wrap all keys anew. No "
    "data is rewritten. Opened with --share, this is how a lost passphrase is replaced.",
    "同じ種類の古いものに代えて新しいパスフレーズか鍵ファイルで開くようにし、すべての鍵を包み直します。データは書き換えません。"
    "--share で開けば、失ったパスフレーズの再設定になります。",
)
SHARE = Text("Make or check shares of the vault's key.", "保管庫の分割鍵を作成・確認します。")
MAKE = Text(
    "Make shares, each in a file of its own, of which any few open the vault too. Earlier shares open it no more.",
    "分割鍵を1つずつ別のファイルに作ります。規定数がそろえば保管庫が開きます。以前の分割鍵は使えなくなります。",
)
CHECK = Text(
    "Say whether the shares in some files are typed rightly and are those of the vault. No secret is needed.",
    "ファイルの分割鍵に誤りがなく、この保管庫のものかを確かめます。鍵は不要です。",
)
MEMORY = Text(
    "memory of Argon2id for one try, in MiB (default: 256)", "1回の試行に使う Argon2id のメモリー（MiB、既定: 256）"
)
NEW_KEY_FILE = Text(
    "the new key file; without it, a passphrase: $SEKISHO_NEW_PASSPHRASE, or typed when asked",
    "新しい鍵ファイル。なければパスフレーズ（$SEKISHO_NEW_PASSPHRASE または入力）",
)
BESIDE = Text("keep what opens it now, too", "今の鍵も残す")
DROP = Text(
    "only have the slot of this number open it no more (`status` shows them)",
    "この番号のスロットを外すだけ（番号は `status` で確認）",
)
ONE_ONLY = Text(
    "One secret alone opens this vault: if it is lost, nobody opens it again. `sekisho vault share make` helps.",
    "この保管庫を開く鍵は1つだけです。失うと二度と開きません。`sekisho vault share make` で備えられます。",
)
OLD = Text(
    "The vault is of version 1; it becomes one of version {n} when it is first written to.",
    "保管庫は版1の形式です。最初の書き込み時に版{n}になります。",
)
HAND_OUT = Text(
    "Give each file to somebody else, on paper or on a device of their own, and remove it here: any {need} open it.",
    "1つずつ別の人に（紙か各自の媒体で）渡し、ここからは削除してください。どれか{need}個で保管庫が開きます。",
)
ROTATED = Text("The new secret opens the vault.", "新しい鍵で保管庫が開きます。")
USED = Text(
    "The shares were brought together on this machine: make new ones (`sekisho vault share make`), and they are void.",
    "分割鍵がこの機器で一堂に会しました。`sekisho vault share make` で作り直すと、これまでのものは無効になります。",
)
DROPPED = Text("Slot {n} opens the vault no more.", "スロット {n} では開かなくなりました。")


def add_keys(room: Any) -> None:
    """The actions that concern keys."""
    init = add_action(room, "init", INIT, "sekisho vault init --key-file ~/sekisho.key", _init)
    _add_memory(init)
    add_action(room, "status", STATUS, "sekisho vault status --json", _status)
    rotate = add_action(room, "rotate", ROTATE, "sekisho vault rotate", _rotate)
    rotate.add_argument("--new-key-file", type=Path, metavar="FILE", help=str(NEW_KEY_FILE))
    rotate.add_argument("--beside", action="store_true", help=str(BESIDE))
    rotate.add_argument("--drop", type=at_least(1), metavar="SLOT", help=str(DROP))
    _add_memory(rotate)
    share = add_group(room, "share", SHARE, "sekisho vault share make --need 3 --of 5 --to shares")
    inner = share.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    make = add_action(inner, "make", MAKE, "sekisho vault share make --need 3 --of 5 --to shares", _make)
    needed = Text("how many open the vault (default: 3)", "開くのに必要な個数（既定: 3）")
    made = Text("how many are made (default: 5)", "作る個数（既定: 5）")
    make.add_argument("--need", type=at_least(2), default=3, metavar="K", help=str(needed))
    make.add_argument("--of", type=at_least(2), default=5, metavar="N", help=str(made))
    to = Text("folder to write them to, each to a new file", "書き込み先のフォルダー（1つずつ新しいファイル）")
    make.add_argument("--to", type=Path, required=True, metavar="DIR", help=str(to))
    check = add_action(inner, "check", CHECK, "sekisho vault share check share-1-of-5.txt", _check)
    check.add_argument("files", type=Path, nargs="+", metavar="FILE", help=str(Text("a share", "分割鍵")))


def _add_memory(parser: ArgumentParser) -> None:
    parser.add_argument("--memory", type=at_least(8), default=256, metavar="MIB", help=str(MEMORY))


def _cost(call: Namespace) -> Cost:
    from sekisho.vault import Cost

    return Cost(memory_kib=call.memory * 1024)


def _init(call: Namespace, out: Output) -> None:
    from sekisho.flow.enter import create
    from sekisho.flow.keeping.secrets import status

    folder = vault_folder(call)
    with create(folder, new_secret(call, folder, out), _cost(call)) as vault:
        vault.log("vault.init")
        found = status(vault)
    out.result(_value(folder, found), lambda: _text(folder, found))
    out.note(ONE_ONLY)


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.secrets import status

    with open_vault(call, anybody=True) as vault:
        found = status(vault)
    out.result(_value(vault.folder, found), lambda: _text(vault.folder, found))
    if found.version == 1:
        from sekisho.vault.keys.keyring import VERSION

        out.note(OLD.fill(n=VERSION))
    if len(found.openers) < 2:  # a vault of version 1 has no slots, and one secret
        out.note(ONE_ONLY)


def _value(folder: Path, found: Status) -> dict[str, object]:
    from dataclasses import asdict

    return {"folder": str(folder), **asdict(found)}


def _text(folder: Path, found: Status) -> str:
    from sekisho.report.view import size

    said = Text(
        "{folder}: version {version}, {files:,} {files|file|files}, {size}\n"
        "{scans:,} {scans|scan|scans}, {imports:,} {imports|import|imports}, "
        "{entries:,} {entries|entry|entries} of the ledger",
        "{folder}: 版{version}、ファイル{files:,}個、{size}\n走査{scans:,}回、取込{imports:,}回、証跡{entries:,}件",
    ).fill(
        folder=printable(str(folder)),
        version=found.version,
        files=found.files,
        size=size(found.size),
        scans=found.scans,
        imports=found.imports,
        entries=found.entries,
    )
    return "\n".join([str(said), *(str(_line(one)) for one in found.openers)])


def _line(one: Opener) -> Text:
    kinds = {
        "passphrase": Text("passphrase", "パスフレーズ"),
        "key file": Text("key file", "鍵ファイル"),
        "shares": Text("any {need} of {of} shares", "分割鍵{of}個中{need}個").fill(need=one.need, of=one.of),
    }
    opened = Text("  (opened it now)", "（今回の鍵）") if one.opened else Text("", "")
    return Text("{slot:>3}  {kind}  since {day}{opened}", "{slot:>3}  {kind}  {day}から{opened}").fill(
        slot=one.slot, kind=kinds[one.kind], day=one.made[:10], opened=opened
    )


def _rotate(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.secrets import demand_rotation, drop, openers, rotate

    with open_vault(call, write=True) as vault:
        demand_rotation(vault)
        if call.drop:
            drop(vault, call.drop)
        else:
            rotate(vault, renewed_secret(call, vault.folder, out), _cost(call), beside=call.beside)
        found = openers(vault)
    from dataclasses import asdict

    out.result([asdict(one) for one in found], lambda: "\n".join(str(_line(one)) for one in found))
    out.note(DROPPED.fill(n=call.drop) if call.drop else ROTATED)
    if call.share:
        out.note(USED)


def _make(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.secrets import share

    with open_vault(call, write=True) as vault:
        paths = share(vault, call.need, call.of, call.to)
    said = {"need": call.need, "of": call.of, "files": [str(path) for path in paths]}
    out.result(said, lambda: "\n".join(printable(str(path)) for path in paths))
    out.note(HAND_OUT.fill(need=call.need))


def _check(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.secrets import belong
    from sekisho.vault import is_vault, read_head
    from sekisho.vault.keys import shares

    folder = vault_folder(call)
    head = read_head(folder) if is_vault(folder) else None
    found = [(path, shares.read(path)) for path in call.files]
    rows = [
        {
            "file": str(path),
            "share": one.number,
            "need": one.need,
            "set": one.set,
            "opens": None if head is None else belong(head, one),
        }
        for path, one in found
    ]
    out.result(rows, lambda: "\n".join(str(_said(row)) for row in rows))


def _said(row: dict[str, Any]) -> Text:
    whose = {
        True: Text("of this vault", "この保管庫のもの"),
        False: Text("NOT of this vault as it is now", "現在のこの保管庫のものではない"),
        None: Text("no vault to hold it against", "照合する保管庫がない"),
    }[row["opens"]]
    line = Text("{file}: share {n}, {need} are needed; {whose}", "{file}: 分割鍵{n}番（必要数{need}）、{whose}")
    return line.fill(file=printable(row["file"]), n=row["share"], need=row["need"], whose=whose)
