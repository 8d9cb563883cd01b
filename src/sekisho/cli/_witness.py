"""`sekisho ledger witness`: who outside cosigns the ledger, and a witness to run on another machine."""

from __future__ import annotations

import platform
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Output
from sekisho.cli._options import add_action, add_group, at_least
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from sekisho.ledger.witness import Witness

WITNESS = Text("Who outside cosigns the ledger.", "証跡に連署する外部の証人。")
ADD = Text(
    "Have a witness cosign the ledger whenever it has grown.", "証跡が増えるたびに連署を求める証人を追加します。"
)
REMOVE = Text("Have a witness no longer.", "証人を外します。")
SERVE = Text(
    "Be a witness, on a machine that others run: cosign what grows, refuse what was put back or rewritten.",
    "証人として動きます（別の管理者の機器で）。増えた証跡に連署し、巻き戻しや書き換えを拒みます。",
)
STARTED = Text(
    "The witness {name} answers on port {port} for {n} {n|ledger|ledgers}. Its keys:",
    "証人 {name} がポート {port} で{n}件の証跡に応答します。鍵:",
)


def add_witness(room: _SubParsersAction[ArgumentParser]) -> None:
    """The action with its own actions."""
    parser = add_group(room, "witness", WITNESS, "sekisho ledger witness add http://192.0.2.7:7700 VKEY")
    what = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    add = add_action(what, "add", ADD, "sekisho ledger witness add http://192.0.2.7:7700 VKEY", _add)
    add.add_argument("url", metavar="URL", help=str(Text("where it answers", "証人のアドレス")))
    add.add_argument("key", metavar="VKEY", help=str(Text("its key, as it says itself", "証人の鍵")))
    remove = add_action(what, "remove", REMOVE, "sekisho ledger witness remove witness.example/w1", _remove)
    remove.add_argument("name", metavar="NAME", help=str(Text("its name", "証人の名前")))
    for one in (add, remove):
        quorum = Text("how many must cosign (default: all)", "連署に必要な証人の数（既定: 全員）")
        one.add_argument("--quorum", type=at_least(1), default=0, metavar="N", help=str(quorum))
    _add_serve(what)


def _add_serve(what: _SubParsersAction[ArgumentParser]) -> None:
    example = "sekisho ledger witness serve --state /var/lib/witness --log VKEY --listen 0.0.0.0:7700"
    serve = add_action(what, "serve", SERVE, example, _serve)
    state = Text("where it keeps its key and what it saw", "鍵と連署済みの状態を置くフォルダー")
    serve.add_argument("--state", type=Path, required=True, metavar="DIR", help=str(state))
    log = Text("key of a ledger to cosign; it is remembered", "連署する証跡の鍵（記憶される）")
    serve.add_argument("--log", action="append", default=[], metavar="VKEY", help=str(log))
    name = Text("its name, when it is made (default: of the machine)", "作成時の名前（既定: 機器の名前）")
    serve.add_argument("--name", default=f"{platform.node() or 'machine'}/sekisho-witness", help=str(name))
    listen = Text("where it answers (default: 127.0.0.1:7700)", "待ち受け（既定: 127.0.0.1:7700）")
    serve.add_argument("--listen", type=_address, default=("127.0.0.1", 7700), metavar="ADDR:PORT", help=str(listen))


def _address(text: str) -> tuple[str, int]:
    host, mark, port = text.rpartition(":")
    if not mark or not port.isdecimal() or int(port) > 0xFFFF:
        raise ArgumentTypeError(str(Text("ADDRESS:PORT is needed", "アドレス:ポート の形で指定してください")))
    return host or "127.0.0.1", int(port)


def _add(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.witness import add

    with open_vault(call) as vault:
        name = add(vault, call.url, call.key, call.quorum)
    said = Text("The witness {name} is asked from now on.", "今後、証人 {name} に連署を求めます。")
    out.result({"witness": name}, lambda: printable(str(said.fill(name=name))))


def _remove(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.witness import remove

    with open_vault(call) as vault:
        remove(vault, call.name, call.quorum)
    said = Text("The witness {name} is asked no longer.", "今後、証人 {name} には連署を求めません。")
    out.result({"witness": call.name}, lambda: printable(str(said.fill(name=call.name))))


def _serve(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.witness import serve

    def ready(witness: Witness, port: int) -> None:
        keys = [str(key) for key in witness.keys]
        head = STARTED.fill(name=printable(witness.keys[0].name), port=port, n=len(witness.logs))
        out.result({"port": port, "keys": keys, "logs": sorted(witness.logs)}, lambda: "\n".join([str(head), *keys]))

    serve(call.state, call.name, call.log, call.listen, ready)
