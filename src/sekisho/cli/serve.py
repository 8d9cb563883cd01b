"""`sekisho serve`: answers counters and other systems over HTTP."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.cli._options import at_least
from sekisho.cli._vault import open_vault
from sekisho.clock import utc_now
from sekisho.errors import MissingPartError, UsageError
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.web.server import Tls

DEFAULT = ("127.0.0.1", 8470)
STARTED = Text(
    "Answering at {scheme}://{host}:{port} for {n} {n|client|clients}.",
    "{scheme}://{host}:{port} で応答中（接続元{n}件）。",
)
NEW = Text(
    'Give {file} to the client; the file of clients says: key = "{digest}"',
    '{file} を接続元に渡し、接続元の一覧には次を記載: key = "{digest}"',
)


def _add_arguments(parser: ArgumentParser) -> None:
    clients = Text("who may ask, with what (TOML; docs/serve.md)", "接続元の一覧（TOML。docs/serve.md 参照）")
    parser.add_argument("--clients", type=Path, metavar="FILE", help=str(clients))
    listen = Text("where it answers (default: 127.0.0.1:8470)", "待ち受け（既定: 127.0.0.1:8470）")
    parser.add_argument("--listen", type=_address, default=DEFAULT, metavar="ADDR:PORT", help=str(listen))
    for name, says in (
        ("--certificate", Text("the server's certificate (PEM)", "サーバー証明書（PEM）")),
        ("--private-key", Text("its private key (PEM)", "その秘密鍵（PEM）")),
        ("--client-ca", Text("the authority of the clients' certificates (PEM)", "接続元の証明書の認証局（PEM）")),
    ):
        parser.add_argument(name, type=Path, metavar="FILE", help=str(says))
    pause = Text("minutes for which an alarm stops a client (default: 15)", "警報後に接続元を止める分数（既定: 15）")
    parser.add_argument("--pause", type=at_least(1), default=15, metavar="MINUTES", help=str(pause))
    log = Text("also write alarms to FILE, a line each", "警報をFILEにも1行ずつ書く")
    parser.add_argument("--log", type=Path, metavar="FILE", help=str(log))
    new = Text("make a key for a client, write it to FILE, and end", "接続元の鍵を作成してFILEに書き、終了する")
    parser.add_argument("--new-key", type=Path, metavar="FILE", help=str(new))


def _address(text: str) -> tuple[str, int]:
    host, mark, port = text.rpartition(":")
    if not mark or not port.isdecimal() or int(port) > 0xFFFF:
        raise ArgumentTypeError(str(Text("ADDRESS:PORT is needed", "アドレス:ポート の形で指定してください")))
    return host.strip("[]") or DEFAULT[0], int(port)


def _run(call: Namespace, out: Output) -> int:
    _demand_server()
    if call.new_key:
        _new_key(call.new_key, out)
        return 0
    _serve(call, out)
    return 0


def _demand_server() -> None:
    """Raises MissingPartError where the HTTP server is not installed."""
    if find_spec("cheroot") is None:
        raise MissingPartError(
            Text("The HTTP server is not installed.", "HTTPサーバーが導入されていません。"),
            Text("pip install 'sekisho[web]'", "pip install 'sekisho[web]'"),
        )


def _serve(call: Namespace, out: Output) -> None:
    from sekisho.web.clients import read
    from sekisho.web.serve import serve

    if call.clients is None:
        raise UsageError(
            Text("It is not said who may ask.", "接続元の一覧が指定されていません。"),
            Text("As: --clients clients.toml (docs/serve.md).", "例: --clients clients.toml（docs/serve.md 参照）。"),
        )
    clients, tls = read(call.clients), _tls(call)

    def ready(port: int) -> None:
        scheme = "https" if tls else "http"
        said = STARTED.fill(scheme=scheme, host=call.listen[0], port=port, n=len(clients.all))
        out.result({"port": port, "clients": len(clients.all)}, lambda: str(said))

    with open_vault(call) as vault:
        serve(vault, clients, call.listen, tls, ready, lambda text: _say(text, call.log), 60.0 * call.pause)


def _say(text: Text, log: Path | None) -> None:
    print(printable(str(text)), file=sys.stderr, flush=True)
    if log:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{utc_now()} {printable(text.en)}\n")


def _tls(call: Namespace) -> Tls | None:
    from sekisho.web.server import Tls

    given = (call.certificate, call.private_key, call.client_ca)
    if not any(given):
        return None
    if not all(given):
        raise UsageError(
            Text("Mutual TLS needs all three files.", "相互TLSには3つのファイルが必要です。"),
            Text(
                "--certificate, --private-key and --client-ca.",
                "--certificate・--private-key・--client-ca を指定してください。",
            ),
        )
    return Tls(*given)


def _new_key(path: Path, out: Output) -> None:
    from sekisho.web.clients import new_key

    digest = new_key(path)
    out.result({"file": str(path), "key": digest}, lambda: printable(str(NEW.fill(file=path, digest=digest))))


COMMAND = Command(
    name="serve",
    help=Text(
        "Answer counters and other systems over HTTP, on this machine or with mutual TLS; looks are logged first.",
        "窓口や他システムの照会にHTTPで応答します（この機器のみ、または相互TLS）。照会は先に証跡に残ります。",
    ),
    example="sekisho serve --clients clients.toml",
    add_arguments=_add_arguments,
    run=_run,
)
