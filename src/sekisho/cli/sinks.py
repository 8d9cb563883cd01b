"""`sekisho sinks`: where things leave the house, what is on its way, and what was not taken."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._proposals import done
from sekisho.cli._vault import open_vault
from sekisho.errors import SinkError, UsageError
from sekisho.wording import Text, listed, printable

if TYPE_CHECKING:
    from sekisho.flow.dispatch import Dispatched
    from sekisho.vault.parcels import Queued

KINDS = Text("List the kinds of sinks, and what each must be told.", "送付先の種類と設定項目を一覧にします。")
SET = Text("Say where a sink leads; another officer approves it.", "送付先を設定します（別の責任者の承認が必要です）。")
REMOVE = Text("Remove a sink; what is on its way to it waits.", "送付先を削除します（未送付のものは待機します）。")
LIST = Text("List the sinks.", "送付先を一覧にします。")
SEND = Text(
    "Hand over what is due: each receiver has each parcel once, whatever falls in between.",
    "期限の来た送付物を引き渡します。途中で中断しても、受取側に二重に届きません。",
)
STATUS = Text("List the parcels: what is queued, received, or failed for good.", "送付物の状況を一覧にします。")
AGAIN = Text("Try a parcel again that failed for good.", "失敗した送付物をもう一度送ります。")
STATES = {
    "queued": Text("queued", "送付待ち"),
    "received": Text("received", "受領済み"),
    "failed": Text("failed", "失敗"),
}
SENT = Text(
    "{received} received, {put_off} put off, {n_failed} failed; {waiting} {waiting|waits|wait}.{due}",
    "受領{received}件、延期{put_off}件、失敗{n_failed}件。送付待ち{waiting}件。{due}",
)
DUE = Text(" Next: {at}.", "次回: {at}")
NOTHING = Text("There is none.", "ありません。")
LINE = Text(
    "{n:>5}  incident {incident}  {sink}  {name}  {state}  {said}",
    "{n:>5}  事案{incident}  {sink}  {name}  {state}  {said}",
)
NEEDED, OPTIONAL = Text("needed", "必須"), Text("may be left out", "省略可")
A_FILE = Text("a file", "ファイル")
IN_BRACKETS = Text("{about} ({how})", "{about}（{how}）")


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    add_action(room, "kinds", KINDS, "sekisho sinks kinds", _kinds)
    example = "sekisho sinks set shop --kind print_shop path=/srv/shop certificate=shop.pem"
    put = add_action(room, "set", SET, example, _set)
    _add_name(put)
    put.add_argument("--kind", required=True, metavar="KIND", help=str(Text("as `kinds` lists", "`kinds` の種類")))
    given = Text("what its kind must be told", "種類ごとの設定")
    put.add_argument("settings", nargs="+", metavar="NAME=VALUE", help=str(given))
    _add_name(add_action(room, "remove", REMOVE, "sekisho sinks remove shop", _remove))
    add_action(room, "list", LIST, "sekisho sinks list", _list)
    _add_incident(add_action(room, "send", SEND, "sekisho sinks send", _send))
    _add_incident(add_action(room, "status", STATUS, "sekisho sinks status", _status))
    again = add_action(room, "again", AGAIN, "sekisho sinks again 12", _again)
    again.add_argument("parcel", type=at_least(1), metavar="N", help=str(Text("its number", "番号")))


def _add_name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=str(Text("what it is called here", "送付先の名前")))


def _add_incident(parser: ArgumentParser) -> None:
    which = Text("of one incident only", "この事案だけ")
    parser.add_argument("--incident", type=at_least(1), metavar="N", help=str(which))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _kinds(call: Namespace, out: Output) -> None:
    from sekisho.sinks import Form, kinds

    found = kinds()
    value = {
        name: {one.name: {"needed": one.needed, "file": one.form is Form.FILE} for one in kind.settings}
        for name, kind in found.items()
    }

    def lines() -> Iterable[str]:
        for name, kind in found.items():
            yield f"{name}  {kind.about}"
            for one in kind.settings:
                how = [NEEDED if one.needed else OPTIONAL, *[A_FILE] * (one.form is Form.FILE)]
                yield f"  {one.name:<12} {IN_BRACKETS.fill(about=one.about, how=listed(how))}"

    out.result(value, lambda: "\n".join(lines()))


def _set(call: Namespace, out: Output) -> None:
    from sekisho.flow.sinks import set_sink, sinks

    settings = _settings(call.settings)
    with open_vault(call, write=True) as vault:
        proposal = set_sink(vault, call.name, call.kind, settings)
        found = [one for one in sinks(vault) if one.sink == call.name] if proposal is None else []
    if done(proposal, out) is None and found:
        out.result(asdict(found[0]), lambda: _address(found[0].sink, found[0].kind, found[0].settings))


def _settings(written: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in written:
        name, mark, value = one.partition("=")
        if not mark or name in found:
            raise UsageError(
                Text("That is no setting: {one}.", "設定ではありません: {one}。").fill(one=printable(name)),
                Text("As: path=/srv/shop; each once.", "例: path=/srv/shop（各1回）"),
            )
        found[name] = value
    return found


def _remove(call: Namespace, out: Output) -> None:
    with open_vault(call, write=True) as vault:
        vault.sinks().remove(call.name)
    out.result({"removed": call.name}, lambda: str(Text("{n} is removed.", "{n} を削除しました。").fill(n=call.name)))


def _list(call: Namespace, out: Output) -> None:
    from sekisho.flow.sinks import sinks

    with open_vault(call) as vault:
        found = sinks(vault)
    lines = [_address(one.sink, one.kind, one.settings) for one in found]
    out.result([asdict(one) for one in found], lambda: "\n".join(lines) or str(NOTHING))


def _address(name: str, kind: str, settings: Mapping[str, str]) -> str:
    return "  ".join([name, kind, *(printable(f"{key}={said}") for key, said in settings.items())])


def _send(call: Namespace, out: Output) -> None:
    from sekisho.flow.dispatch import dispatch

    with open_vault(call, write=True) as vault:
        found = dispatch(vault, call.incident, shown=not out.quiet)
    value = {**asdict(found), "failed": [_value(one) for one in found.failed]}
    out.result(value, lambda: _sent(found))
    if found.failed:
        raise SinkError(
            Text("{n} {n|parcel was|parcels were} refused.", "{n}件が引き渡せませんでした。").fill(n=len(found.failed)),
            Text("`sekisho sinks status` says why; then `again`.", "`sekisho sinks status` で理由を確認してください。"),
        )


def _sent(found: Dispatched) -> str:
    due = DUE.fill(at=found.next_due) if found.next_due else Text("", "")
    counts = {"received": found.received, "put_off": found.put_off, "waiting": found.waiting}
    said = SENT.fill(**counts, n_failed=len(found.failed), due=due)
    return "\n".join([*map(_line, found.failed), str(said)])


def _status(call: Namespace, out: Output) -> None:
    from sekisho.flow.dispatch import status

    with open_vault(call) as vault:
        found = status(vault, call.incident)
    out.result([_value(one) for one in found], lambda: "\n".join(map(_line, found)) or str(NOTHING))


def _again(call: Namespace, out: Output) -> None:
    from sekisho.flow.dispatch import again

    with open_vault(call, write=True) as vault:
        found = again(vault, call.parcel)
    out.result(_value(found), lambda: _line(found))


def _value(one: Queued) -> dict[str, Any]:
    return {**asdict(one), "state": str(one.state)}


def _line(one: Queued) -> str:
    said = LINE.fill(
        n=one.number, incident=one.incident, sink=one.sink, name=one.name, state=STATES[one.state], said=one.said
    )
    return printable(str(said).rstrip())


COMMAND = Command(
    name="sinks",
    help=Text(
        "Where things leave the house (folder, print shop, mail, webhook), and what is on its way.",
        "送付先（フォルダー・印刷会社・メール・Webhook）と送付物の状況を扱います。",
    ),
    example="sekisho sinks send",
    add_arguments=_add_arguments,
    run=_run,
)
