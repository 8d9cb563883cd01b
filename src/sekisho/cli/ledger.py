"""`sekisho ledger`: whether everything that was done and looked at is still on record, and proof of it for others."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._belief import add_belief, belief
from sekisho.cli._command import Command, Output
from sekisho.cli._entries import line
from sekisho.cli._evidence import add_evidence
from sekisho.cli._looks import add_who
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_unheld_vault, open_vault
from sekisho.cli._witness import add_witness
from sekisho.errors import LedgerError, UsageError
from sekisho.wording import Text, listed, printable

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from sekisho.flow.proving.ledger import Checked, Status
    from sekisho.ledger.verify import Fault

STATUS = Text("How the ledger stands, and who witnesses it.", "証跡の状態と証人を表示します。")
VERIFY = Text(
    "Look at every entry and every hash; say which entry is wrong. Needs no vault with --folder.",
    "すべての記載とハッシュを検証し、異常のある記載を示します。--folder なら保管庫は不要です。",
)
PROVE = Text(
    "Write the proof that an entry is in the ledger, to be checked without it.",
    "記載が証跡にあることの証明を出力します（証跡がなくても検証できます）。",
)
CHECK = Text("Check a proof that somebody handed over.", "渡された証明を検証します。")
CHECKPOINT = Text(
    "The state of the ledger in a few signed lines, to print, mail or give away.",
    "証跡の状態を示す署名付きの数行を出力します（印刷・送付・預託用）。",
)
POLICY = Text(
    "Whom to believe about this ledger: its key and its witnesses, for an outsider's verifier.",
    "この証跡を検証するための鍵と証人の一覧を出力します（第三者の検証用）。",
)
SHOW = Text("Show entries of the ledger.", "証跡の記載を表示します。")

UNWITNESSED = Text(
    "No outside witness that you believe cosigned it: whoever holds the ledger's key may have made it up.",
    "信頼する外部の証人の連署がありません。証跡の鍵を持つ人が作り上げた可能性があります。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    add_action(room, "status", STATUS, "sekisho ledger status", _status)
    _add_verify(room)
    prove = add_action(room, "prove", PROVE, "sekisho ledger prove 12 --to 12.tlog-proof", _prove)
    prove.add_argument("entry", type=at_least(0), metavar="N", help=str(Text("which, from 0 on", "番号（0から）")))
    _add_to(prove)
    check = add_action(room, "check", CHECK, "sekisho ledger check 12.tlog-proof --policy policy.txt", _check)
    check.add_argument("proof", type=Path, metavar="FILE", help=str(Text("the proof", "証明")))
    add_belief(check)
    _add_to(add_action(room, "checkpoint", CHECKPOINT, "sekisho ledger checkpoint --to today.txt", _checkpoint))
    _add_to(add_action(room, "policy", POLICY, "sekisho ledger policy --to policy.txt", _policy))
    show = add_action(room, "show", SHOW, "sekisho ledger show --last 20", _show)
    show.add_argument(
        "entry", nargs="?", type=at_least(0), metavar="N", help=str(Text("which, from 0 on", "番号（0から）"))
    )
    last = Text("how many of the last ones (default: 20)", "末尾からの件数（既定: 20）")
    show.add_argument("--last", type=at_least(1), default=20, metavar="N", help=str(last))
    add_witness(room)
    add_who(room)
    add_evidence(room)


def _add_verify(room: _SubParsersAction[ArgumentParser]) -> None:
    verify = add_action(room, "verify", VERIFY, "sekisho ledger verify --against checkpoint.txt", _verify)
    against = Text("checkpoints kept elsewhere that it must go on from", "別の場所に保管した過去のチェックポイント")
    verify.add_argument("--against", type=Path, nargs="+", default=[], metavar="FILE", help=str(against))
    folder = Text("a ledger's folder, without its vault", "証跡のフォルダー（保管庫なしで検証）")
    verify.add_argument("--folder", type=Path, metavar="DIR", help=str(folder))
    add_belief(verify)


def _add_to(parser: ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, metavar="FILE", help=str(Text("write it there", "出力先のファイル")))


def _run(call: Namespace, out: Output) -> int:
    code: int | None = call.act(call, out)
    return code or 0


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.ledger import status

    with open_vault(call, anybody=True) as vault:
        found = status(vault)
    out.result(_status_value(found), lambda: _status_text(found))


def _verify(call: Namespace, out: Output) -> int:
    from sekisho.flow.proving.ledger import check, check_folder

    if call.folder:
        found = check_folder(call.folder, belief(call), call.against)
    else:
        with open_unheld_vault(call) as vault:
            found = check(vault, call.against)
    out.result(_checked_value(found), lambda: _checked_text(found))
    return 0 if found.sound else LedgerError.exit_code


def _prove(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.ledger import prove

    with open_vault(call, anybody=True) as vault:
        proof = prove(vault, call.entry)
    text = bytes(proof).decode()
    _give(call, out, text, {"entry": proof.index, "proof": text})


def _check(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.ledger import check_proof
    from sekisho.ledger.proof import witnesses_of

    policy = belief(call)
    proof, signed = check_proof(call.proof, policy)
    value = {
        "origin": signed.checkpoint.origin,
        "entry": proof.index,
        "of": signed.checkpoint.size,
        "said": proof.entry.decode("utf-8", "replace"),
        "witnesses": witnesses_of(signed, policy.log(signed.checkpoint.origin)),
    }
    said = Text("Entry {n} of {of} of the ledger {origin}:", "証跡 {origin} の{of}件中{n}番の記載:")
    head = said.fill(n=proof.index, of=value["of"], origin=printable(signed.checkpoint.origin))
    if not value["witnesses"]:
        out.note(UNWITNESSED)
    by = Text("Cosigned by: {names}", "連署した証人: {names}").fill(names=listed(value["witnesses"]) or "-")  # type: ignore[arg-type]
    out.result(value, lambda: f"{head}\n{printable(str(value['said']))}\n{by}")


def _checkpoint(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.ledger import checkpoint

    with open_vault(call, anybody=True) as vault:
        note, found = checkpoint(vault)
    text = bytes(note).decode()
    _give(call, out, text, {"checkpoint": text, **_status_value(found)})
    for one in found.warnings:
        out.note(one)


def _policy(call: Namespace, out: Output) -> None:
    from sekisho.ledger.meet import policy_of

    with open_vault(call, anybody=True) as vault:
        text = str(policy_of(vault))
    _give(call, out, text, {"policy": text})


def _show(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.ledger import entries, size

    with open_vault(call) as vault:
        last = size(vault) - 1 if call.entry is None else call.entry
        found = entries(vault, last - call.last + 1 if call.entry is None else last, last)
    out.result(
        [{"entry": number, **one} for number, one in found],
        lambda: "\n".join(line(number, one) for number, one in found),
    )


def _give(call: Namespace, out: Output, text: str, value: dict[str, Any]) -> None:
    """Write ``text`` where it was asked for, else show it."""
    if call.to is None:
        out.result(value, lambda: text.rstrip("\n"))
        return
    try:
        call.to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            Text("{file} cannot be written: {why}.", "{file} に書き込めません: {why}。").fill(
                file=call.to, why=error.strerror or error
            ),
            Text("Name another place with --to.", "--to で別の場所を指定してください。"),
        ) from error
    out.result({**value, "file": str(call.to)}, lambda: printable(str(call.to)))


def _status_value(found: Status) -> dict[str, object]:
    return {
        "origin": found.origin,
        "key": found.key,
        "size": found.size,
        "waiting": found.waiting,
        "root": found.root,
        "witnessed": found.seen if found.seen >= 0 else None,
        "witnesses": [
            {"name": one.name, "url": one.url, "cosigned": one.size if one.size >= 0 else None, "at": one.time or None}
            for one in found.witnesses
        ],
        "warnings": [str(one) for one in found.warnings],
    }


def _status_text(found: Status) -> str:
    head = Text("{n} {n|entry|entries} in the ledger {origin}", "証跡 {origin}: {n}件").fill(
        n=found.size, origin=printable(found.origin)
    )
    waiting = Text("{n} waiting", "書き込み待ち{n}件").fill(n=found.waiting)
    lines = [listed([head, waiting] if found.waiting else [head]), f"{Text('key:', '鍵:')} {printable(found.key)}"]
    for one in found.witnesses:
        said = _COSIGNED if one.size >= 0 else _NOTHING_YET
        name = Text("witness {name}", "証人 {name}").fill(name=printable(one.name))
        lines.append(f"{name} {printable(one.url)}: {said.fill(n=one.size, when=one.time)}")
    return "\n".join([*lines, *map(str, found.warnings)])


_COSIGNED = Text("cosigned {n} {n|entry|entries} at {when}", "{when} に{n}件まで連署")
_NOTHING_YET = Text("has cosigned nothing yet", "まだ連署なし")


def _checked_value(found: Checked) -> dict[str, object]:
    return {
        "sound": found.sound,
        "origin": found.origin,
        "size": found.verdict.size,
        "root": found.verdict.root.hex(),
        "witnessed": found.seen if found.seen >= 0 else None,
        "faults": [
            {"kind": one.kind, "file": one.path, "first": _place(one.first), "last": _place(one.last)}
            for one in found.verdict.faults
        ],
        "said": [str(one) for one in found.said],
        "leftover": found.verdict.leftover,
        "warnings": [str(one) for one in found.warnings],
    }


def _place(entry: int) -> int | None:
    return entry if entry >= 0 else None


def _checked_text(found: Checked) -> str:
    sound = Text("All {n} entries are as they were written.", "{n}件の記載はすべて書かれたままです。")
    wrong = Text("The ledger is NOT sound.", "証跡に異常があります。")
    head = (sound if found.sound else wrong).fill(n=found.verdict.size)
    faults = [str(_fault_text(one)) for one in found.verdict.faults]
    return "\n".join([str(head), *faults, *map(str, found.said), *map(str, found.warnings)])


def _fault_text(fault: Fault) -> Text:
    return _FAULTS[fault.kind].fill(
        path=printable(fault.path),
        which=str(fault.first) if fault.first == fault.last else f"{fault.first}-{fault.last}",
    )


_FAULTS = {
    "entry": Text(
        "entry {which} is not what was logged ({path})", "{which}番の記載が書かれたときと異なります（{path}）"
    ),
    "missing": Text("{path} is missing or cannot be read", "{path} がないか、読み取れません"),
    "tile": Text("{path} holds hashes that are not those of its entries", "{path} のハッシュが記載と一致しません"),
    "root": Text(
        "entries and hashes agree with each other, but not with what was signed ({path})",
        "記載とハッシュは一致しますが、署名された状態と異なります（{path}）",
    ),
}

COMMAND = Command(
    name="ledger",
    help=Text(
        "Verify, prove and witness the record of everything that was done and looked at.",
        "操作と閲覧の証跡を検証・証明し、外部の証人に連署させます。",
    ),
    example="sekisho ledger verify",
    add_arguments=_add_arguments,
    run=_run,
)
