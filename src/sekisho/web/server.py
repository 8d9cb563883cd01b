"""The HTTP server: on this machine only, unless clients prove themselves by certificates of a given authority."""

from __future__ import annotations

import ipaddress
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from types import FrameType

from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from sekisho.errors import InputError, MachineError, UsageError, machine_failed
from sekisho.web.app import App
from sekisho.wording import Text

THREADS = 64
MOST_CONNECTIONS = 1000
MOST_HEADER_BYTES = 16_384
SECONDS = 10
"""How long a client may take to send, and a connection may be idle."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's certificate and key, and whose certificates clients must show."""

    certificate: Path
    private_key: Path
    authority: Path


class _TlsAdapter(BuiltinSSLAdapter):
    """Leaves it to the connection to agree upon TLS, so that the next one need not wait to be taken."""

    def wrap(self, sock: socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        """The connection, on which nothing is agreed yet."""
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}


class _Connection(HTTPConnection):
    """Agrees upon TLS, where it is demanded, in the worker that answers."""

    def communicate(self) -> bool:
        """Answer one call: whether the connection stays open."""
        if isinstance(self.socket, ssl.SSLSocket) and not self.ssl_env:
            try:
                self.socket.do_handshake()
            except OSError:
                return False
            self.ssl_env = self.server.ssl_adapter.get_environ(self.socket)
        return bool(super().communicate())  # type: ignore[no-untyped-call]


class _Quiet(Server):
    """Says that something failed, and nothing of what it was about."""

    ConnectionClass = _Connection
    tell: Callable[[Text], None]

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """What the server complains of."""
        self.tell(Text("A call failed in the server.", "サーバーで呼び出しに失敗しました。"))


@contextmanager
def server(app: App, address: tuple[str, int], tls: Tls | None, tell: Callable[[Text], None]) -> Iterator[Server]:
    """A server that listens, and ends gracefully: what was asked is answered first.

    Raises UsageError where anybody on a network could ask without mutual TLS, InputError, MachineError.
    """
    if tls is None and not is_local(address[0]):
        raise _not_local(address[0])
    made = _Quiet(address, app, numthreads=THREADS, max=THREADS, server_name="sekisho", timeout=SECONDS)
    made.tell = tell
    made.request_queue_size = 128
    made.keep_alive_conn_limit = MOST_CONNECTIONS
    made.max_request_header_size = MOST_HEADER_BYTES
    made.software = "sekisho"
    if tls:
        made.ssl_adapter = _adapter(tls)
    try:
        made.prepare()
    except OSError as error:
        raise _no_address(error) from error
    try:
        yield made
    finally:
        made.stop()


def answer(made: Server, ready: Callable[[int], None]) -> None:
    """Answer until the process is asked to end (SIGTERM, SIGINT)."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    thread = threading.Thread(target=made.serve, name="server")
    thread.start()
    try:
        ready(int(made.bind_addr[1]))
        while thread.is_alive() and not ended.wait(0.5):
            pass
    finally:
        made.stop()
        thread.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _adapter(tls: Tls) -> _TlsAdapter:
    """TLS 1.2 or later; a connection without a certificate of the authority ends before anything is asked."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(tls.certificate, tls.private_key)
        context.load_verify_locations(tls.authority)
        adapter = _TlsAdapter(str(tls.certificate), str(tls.private_key), str(tls.authority))
    except (OSError, ValueError) as error:
        raise InputError(
            Text("The certificates cannot be used.", "証明書を使用できません。"),
            Text(
                "PEM files: --certificate, --private-key, and of the clients' authority --client-ca.",
                "PEM形式の --certificate・--private-key と、接続元の認証局の --client-ca を確かめてください。",
            ),
        ) from error
    adapter.context = context
    return adapter


def _not_local(host: str) -> UsageError:
    return UsageError(
        Text(
            "Others on the network could ask at {host} who was exposed.",
            "{host} では、ネットワーク上の誰でも漏えいの有無を照会できてしまいます。",
        ).fill(host=host),
        Text(
            "Give --certificate, --private-key and --client-ca (mutual TLS), or answer at 127.0.0.1 only.",
            "相互TLS（--certificate・--private-key・--client-ca）を指定するか、127.0.0.1 で待ち受けてください。",
        ),
    )


def _no_address(error: OSError) -> MachineError:
    return machine_failed(error)
