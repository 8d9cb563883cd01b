"""A client of the check over HTTP, as bare as it can be, so that it takes little from what is measured beside it."""

from __future__ import annotations

import json
import socket

from benchmarks.made_leak import written

PATH = "/v1/check"


def connected(port: int) -> socket.socket:
    """A connection that sends at once."""
    one = socket.create_connection(("127.0.0.1", port))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def request(key: str, person: int) -> bytes:
    """What a client with that key sends to ask about a person."""
    body = json.dumps({"number": written(person), "procedure": "address_change"}).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    )
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def read(one: socket.socket) -> bytes:
    """The body of one whole answer, which must be a good one."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _some(one)
    head, _, body = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise AssertionError(head + body)
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += _some(one)
    return body


def _some(one: socket.socket) -> bytes:
    some = one.recv(65_536)
    if not some:
        raise AssertionError("the server hung up")
    return some
