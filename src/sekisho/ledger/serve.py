"""A witness on the network: its two calls over HTTP. Nothing in them is secret, and what counts is signed."""

from __future__ import annotations

import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sekisho.ledger.note import MOST_BYTES
from sekisho.ledger.witness import Reply, Witness, WitnessError

_LATEST = re.compile(r"/([0-9a-f]{64})/checkpoint")
_SECONDS = 10


class Server(ThreadingHTTPServer):
    """Answers for ``witness`` at ``address`` until it is shut down."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who went away is no fault."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    server: Server

    def do_POST(self) -> None:
        """Take a checkpoint."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,7}", length) or int(length) > MOST_BYTES:
            self.close_connection = True
            self._say(Reply(HTTPStatus.BAD_REQUEST))
            return
        raw = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            self._say(Reply(HTTPStatus.NOT_FOUND))
            return
        try:
            self._say(self.server.witness.add_checkpoint(raw))
        except (OSError, WitnessError):
            self._say(Reply(HTTPStatus.INTERNAL_SERVER_ERROR))

    def do_GET(self) -> None:
        """Show the latest checkpoint of a log."""
        asked = _LATEST.fullmatch(self.path)
        held = self.server.witness.latest(asked[1]) if asked else None
        self._say(Reply(HTTPStatus.OK, held) if held else Reply(HTTPStatus.NOT_FOUND))

    def _say(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written about who asked."""
