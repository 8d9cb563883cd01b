"""`sekisho vault backup|restore|forget|hold`: what they take and what they say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault, secret_of_backup, who_acts
from sekisho.cli._whom import words
from sekisho.errors import UsageError
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.flow.keeping.custody import Restored
    from sekisho.ledger.since import Standing
    from sekisho.vault.holds import Hold

BACKUP = Text(
    "Add a backup of the vault, encrypted, while others work with it; what is there already is not copied again. "
    "The keys of incidents and persons are not in it: --keys backs them up, elsewhere and for some days only.",
    "保管庫の控えを暗号化して追加します（使用中でも可）。既にある内容は複写しません。"
    "事案・人の鍵は含まれません。鍵は --keys で別の場所に、期限付きで控えます。",
)
RESTORE = Text(
    "Make a vault anew from a backup, into a new folder; every bit of it is checked first.",
    "控えから新しいフォルダーに保管庫を復元します。すべての内容を先に検査します。",
)
FORGET = Text(
    "Destroy the key of an incident: nothing of it can be read again, in no backup of the data either. Or take a "
    "person out of the register and destroy their keys.",
    "事案の鍵を破棄します。その内容は、以前の控えを戻しても二度と読めません。"
    "または、人を台帳から除き、その鍵を破棄します。",
)
HOLD = Text(
    "Put an incident or a person under legal hold, end a hold, list them: what is held cannot be forgotten.",
    "事案・人を法的保全の対象にする、解除する、一覧にする。保全中のものは消去できません。",
)
MADE = Text(
    "Backup {number}: {files:,} {files|file|files}, {size}; {added:,} of them new, {added_size}.",
    "控え{number}: ファイル{files:,}個（{size}）。うち新規{added:,}個（{added_size}）。",
)
DROPPED = Text("Backups removed: {numbers}", "削除した控え: {numbers}")
KEYS_MADE = Text("The keys were copied to {file}, good until {day}.", "鍵を {file} に控えました（期限 {day}）。")
CHECKED = Text(
    "Backup {n} of {made} is whole: {files:,} {files|file|files}.",
    "控え{n}（{made}）に損傷はありません: ファイル{files:,}個。",
)
RESTORED = Text(
    "Backup {n} of {made} was restored to {to}: {files:,} {files|file|files}.",
    "控え{n}（{made}）を {to} に復元しました: ファイル{files:,}個。",
)
UNWITNESSED = Text(
    "It was held against nothing from outside: an older or altered backup would not show. Give --checkpoint FILE or "
    "--witness.",
    "外部の記録と照合していないため、古い控えや改変された控えでも分かりません。"
    "--checkpoint または --witness を指定してください。",
)
CURRENT = Text(
    "Its ledger ({entries:,} {entries|entry|entries}) holds everything that was witnessed.",
    "証跡（{entries:,}件）は、証人の見た記載をすべて含みます。",
)
OLDER = Text(
    "It is an older one: {n:,} witnessed {n|entry|entries} and what they say of are lost. A witness will refuse its "
    "ledger from now on: tell whoever keeps it.",
    "古い控えです: 証人の見た{n:,}件の記載とその内容は失われました。今後この証跡は証人に拒否されるため、"
    "証人の管理者に連絡してください。",
)
KEYS_BACK = Text("{n:,} {n|key|keys} of incidents and persons came back.", "事案・人の鍵{n:,}個を戻しました。")
FORGOTTEN = Text("Incident {n} is forgotten: its key is destroyed.", "事案{n}を消去しました（鍵は破棄されました）。")
MEANT = Text("The person whose number is {number}", "番号 {number} の人")
GONE = Text(
    "The person is forgotten: taken out of the register, their keys destroyed.",
    "本人の情報を消去しました（台帳から除き、鍵を破棄）。",
)
ELSEWHERE = Text(
    "What scans found and matching recorded of them stays until those are dropped or their incident is forgotten, and "
    "older backups of the data hold the register with them.",
    "走査と照合の結果に含まれる情報は、それらを削除するか事案を消去するまで残ります。以前のデータの控えにも残ります。",
)
COPIES = Text(
    "Copies of keys that were made before may still hold it, until {day}: destroy them sooner where you can.",
    "以前の鍵の控えに残っている可能性があります（期限 {day}）。可能なら早めに破棄してください。",
)
WOULD = Text(
    "Nothing was destroyed yet: the same call with --yes destroys the key for good.",
    "まだ破棄していません。同じ呼び出しに --yes を付けると、鍵を完全に破棄します。",
)
STANDS, ENDED = Text("stands", "有効"), Text("ended {day}: {why}", "{day} 解除: {why}")
NO_HOLDS = Text("There is no hold.", "保全はありません。")


def add_actions(room: _SubParsersAction[ArgumentParser]) -> None:
    """Add them to `sekisho vault`."""
    backup = add_action(room, "backup", BACKUP, "sekisho vault backup --to /mnt/backup/sekisho", _backup)
    folder = Text("the folder of the backups", "控えのフォルダー")
    backup.add_argument("--to", type=Path, required=True, metavar="FOLDER", help=str(folder))
    keep = Text("keep only the last N backups there", "最新のN回分だけ残す")
    backup.add_argument("--keep", type=at_least(1), metavar="N", help=str(keep))
    keys = Text("the keys of incidents and persons instead", "データではなく、事案・人の鍵を控える")
    backup.add_argument("--keys", action="store_true", help=str(keys))
    days = Text("with --keys: how long the copy is good (default: 30)", "--keys の控えの有効日数（既定: 30）")
    backup.add_argument("--days", type=at_least(1), default=30, metavar="D", help=str(days))
    _add_restore(room)
    forget = add_action(room, "forget", FORGET, "sekisho vault forget incident 3 --yes", _forget)
    _add_what(forget)
    forget.add_argument("--yes", action="store_true", help=str(Text("do it", "実行する")))
    _add_hold(room)


def _add_restore(room: _SubParsersAction[ArgumentParser]) -> None:
    example = "sekisho vault restore /mnt/backup/sekisho --to ./sekisho-again --keys /mnt/keys"
    restore = add_action(room, "restore", RESTORE, example, _restore)
    folder = Text("the folder of the backups; without it only --keys come back", "控えのフォルダー（省略時は鍵のみ）")
    restore.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help=str(folder))
    to = Text("the new folder of the vault", "保管庫の新しいフォルダー")
    restore.add_argument("--to", type=Path, metavar="NEW", help=str(to))
    number = Text("which backup (default: the last)", "控えの番号（既定: 最新）")
    restore.add_argument("--number", type=at_least(1), metavar="N", help=str(number))
    keys = Text("bring the keys of incidents and persons back too", "事案・人の鍵も戻す")
    restore.add_argument("--keys", type=Path, metavar="FOLDER", help=str(keys))
    checkpoint = Text("hold it against this checkpoint of the ledger", "証跡のこのチェックポイントと照合する")
    restore.add_argument("--checkpoint", type=Path, metavar="FILE", help=str(checkpoint))
    witness = Text("hold it against what the ledger's witnesses keep", "証跡の証人の記録と照合する")
    restore.add_argument("--witness", action="store_true", help=str(witness))
    older = Text("take it even though it is an older one", "最新でない控えでも復元する")
    restore.add_argument("--older", action="store_true", help=str(older))
    check = Text("only look whether the backup is whole", "控えに損傷がないかだけを確かめる")
    restore.add_argument("--check", action="store_true", help=str(check))


def _add_hold(room: _SubParsersAction[ArgumentParser]) -> None:
    hold = add_action(room, "hold", HOLD, 'sekisho vault hold incident 3 --reason "order of the court"', _hold)
    what = Text("incident, person, end or list", "incident・person・end・list")
    hold.add_argument("what", choices=("incident", "person", "end", "list"), metavar="WHAT", help=str(what))
    number = Text(
        "number of the incident, of the person, or of the hold to end", "事案・人の番号、または解除する保全の番号"
    )
    hold.add_argument("number", nargs="?", metavar="N", help=str(number))
    why = Text("why; kept for good", "理由（残ります）")
    hold.add_argument("--reason", metavar="WHY", help=str(why))


def _add_what(parser: ArgumentParser) -> None:
    what = Text("incident or person", "incident・person")
    parser.add_argument("what", choices=("incident", "person"), metavar="WHAT", help=str(what))
    number = Text(
        "the incident's number; of a person any that they ever had, - reads it from standard input",
        "事案の番号、または人の現在・過去の番号（- なら標準入力から読む）",
    )
    parser.add_argument("number", metavar="N", help=str(number))


def _place(call: Namespace) -> int:
    """The number of an incident or a hold; raises UsageError."""
    if not call.number.isdecimal():
        raise UsageError(
            Text("{number!r} is no number.", "{number!r} は番号ではありません。").fill(number=call.number),
            Text("As: sekisho vault forget incident 3", "例: sekisho vault forget incident 3"),
        )
    return int(call.number)


def _backup(call: Namespace, out: Output) -> None:
    from dataclasses import asdict

    from sekisho.flow.keeping.custody import back_up, back_up_keys
    from sekisho.report.view import size

    if call.keys:
        with open_vault(call) as vault:
            copied = back_up_keys(vault, call.to, call.days)
        said = KEYS_MADE.fill(file=copied.file, day=copied.expires[:10])
        out.result(asdict(copied), lambda: str(said))
        return
    with open_vault(call) as vault:
        made = back_up(vault, call.to, keep=call.keep, shown=not out.quiet)
    value = asdict(made)
    line = MADE.fill(**{**value, "size": size(made.size), "added_size": size(made.added_size)})
    out.result(value, lambda: str(line))
    if made.dropped:
        out.note(DROPPED.fill(numbers=", ".join(map(str, made.dropped))))


def _restore(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.custody import Wanted, look_through, put_back

    if call.folder is None:
        _restore_keys(call, out)
        return
    secret = secret_of_backup(call, call.folder, call.number)
    if call.check:
        found = look_through(call.folder, secret, call.number, shown=not out.quiet)
        out.result(*_restored(found, CHECKED.fill(n=found.number, made=found.made, files=found.files)))
        return
    if call.to is None:
        raise UsageError(
            Text("Where to is not said.", "復元先が指定されていません。"),
            Text("Give --to NEW, or --check.", "--to または --check を指定してください。"),
        )
    wanted = Wanted(call.folder, call.to, call.number, call.keys, call.checkpoint, call.witness, call.older)
    found = put_back(wanted, secret, who_acts(call), shown=not out.quiet)
    out.result(*_restored(found, RESTORED.fill(n=found.number, made=found.made, to=call.to, files=found.files)))
    if found.keys is not None:
        out.note(KEYS_BACK.fill(n=found.keys))
    if found.standing is not None:
        out.note(_standing(found.standing))


def _standing(found: Standing) -> Text:
    if not found.witnessed:
        return UNWITNESSED
    return (OLDER if found.missing else CURRENT).fill(n=found.missing, entries=found.entries)


def _restore_keys(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.custody import bring_keys_back

    if call.keys is None:
        raise UsageError(
            Text("What to restore is not said.", "何を復元するかが指定されていません。"),
            Text("Give the folder of the backups, or --keys.", "控えのフォルダー、または --keys を指定してください。"),
        )
    with open_vault(call, write=True) as vault:
        back = bring_keys_back(vault, call.keys)
    out.result({"keys": back}, lambda: str(KEYS_BACK.fill(n=back)))


def _restored(found: Restored, said: Text) -> tuple[dict[str, Any], Any]:
    from dataclasses import asdict

    return asdict(found), lambda: str(said)


def _forget(call: Namespace, out: Output) -> None:
    if call.what == "person":
        _forget_person(call, out)
        return
    from sekisho.flow.keeping.custody import forget_incident

    if not call.yes:
        out.note(WOULD)
        return
    with open_vault(call, write=True) as vault:
        found = done(forget_incident(vault, _place(call)), out)
    if found is None:
        return
    value = {"incident": found.incident.number, "copies_until": found.copies_until}
    out.result(value, lambda: str(FORGOTTEN.fill(n=found.incident.number)))
    if found.copies_until:
        out.note(COPIES.fill(day=found.copies_until[:10]))


def _forget_person(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.custody import forget_person, who_is_meant

    number = words([call.number])
    with open_vault(call, write=call.yes) as vault:
        if not call.yes:
            mark = who_is_meant(vault, number)
            out.result({"person": mark}, lambda: str(MEANT.fill(number=printable(number))))
            out.note(WOULD)
            return
        found, until = done(forget_person(vault, number), out), vault.perishable.copies_until()
    if found is None:
        return
    out.result({"person": found, "copies_until": until}, lambda: str(GONE))
    out.note(ELSEWHERE)
    if until:
        out.note(COPIES.fill(day=until[:10]))


def _hold(call: Namespace, out: Output) -> None:
    from sekisho.flow.keeping.custody import end_hold, hold_incident, hold_person, holds

    if call.what == "list":
        with open_vault(call) as vault:
            found = holds(vault)
        out.result([_hold_value(one) for one in found], lambda: "\n".join(map(_hold_line, found)) or str(NO_HOLDS))
        return
    if call.number is None or not call.reason:
        raise UsageError(
            Text("A number and a reason are needed.", "番号と理由が必要です。"),
            Text("As: sekisho vault hold incident 3 --reason WHY", "例: sekisho vault hold incident 3 --reason 理由"),
        )
    number = words([call.number])
    with open_vault(call, write=True) as vault:
        if call.what == "person":
            made: Hold | None = hold_person(vault, number, call.reason)
        else:
            do = hold_incident if call.what == "incident" else end_hold
            made = done(do(vault, _place(call), call.reason), out)
    if made is not None:
        out.result(_hold_value(made), lambda: _hold_line(made))


def _hold_value(one: Hold) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(one)


def _hold_line(one: Hold) -> str:
    ended = ENDED.fill(day=(one.released or "")[:10], why=printable(one.why or "")) if one.released else STANDS
    return f"{one.number:>4}  {one.placed[:10]}  {one.kind} {one.subject}  {printable(one.reason)}  ({ended})"
