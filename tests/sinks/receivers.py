"""Receivers as others run them: an HTTP endpoint and a mail server that know what they have, and openssl's keys."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def certificate(folder: Path, name: str = "localhost", bits: int = 2048, days: int = 30) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = rsa.generate_private_key(65537, bits)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, private


class Endpoint:
    """Keeps each key once; ``answers``: statuses to give first, before it takes anything; ``kill_at``: when to kill
    the process that stands in ``victim``, once.
    """

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.asked: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.kill_at = ""
        self.victim: int | None = None
        self.port = 0

    def falls(self, when: str) -> None:
        if self.kill_at == when and self.victim:
            victim, self.victim = self.victim, None
            os.kill(victim, signal.SIGKILL)

    @contextmanager
    def open(self, cert: Path | None = None, key: Path | None = None) -> Iterator[Endpoint]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if cert and key:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                endpoint.falls("asked")
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                endpoint.asked.append(dict(self.headers))
                if len(body) < length:  # whoever sent it was killed in the middle of it
                    return
                status, said = endpoint.answers.pop(0) if endpoint.answers else (200, {})
                if status == 200:
                    endpoint.kept.setdefault(self.headers["Idempotency-Key"], body)
                    endpoint.falls("taken")
                self.send_response(status)
                for name, value in said.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
                endpoint.falls("answered")

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Mailbox:
    """A mail server that keeps one message for each Message-ID; ``came`` counts every one that it took."""

    def __init__(self, endpoint: Endpoint | None = None) -> None:
        self.kept: dict[str, Any] = {}
        self.came: list[str] = []
        self.answers: list[str] = []
        self._falling = endpoint or Endpoint()

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        self._falling.falls("asked")
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.content)
        self.came.append(message["Message-ID"])
        self.kept.setdefault(message["Message-ID"], message)
        self._falling.falls("taken")
        return "250 taken"

    @contextmanager
    def open(self, cert: Path | None = None, key: Path | None = None) -> Iterator[int]:
        context = None
        if cert and key:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = Controller(self, "127.0.0.1", port, tls_context=context, require_starttls=context is not None)
        server.start()
        try:
            yield port
        finally:
            server.stop()
