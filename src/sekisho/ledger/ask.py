"""Asks a witness to cosign a checkpoint, over HTTP. The only place from which the ledger calls out."""

from __future__ import annotations

import http.client
from http import HTTPStatus
from urllib.parse import urlsplit

from sekisho.ledger.checkpoint import whole_number
from sekisho.ledger.log import Log
from sekisho.ledger.note import MOST_BYTES, NoteError, Signature, Verifier, signature_lines
from sekisho.ledger.witness import Request

SECONDS = 5.0


class AskError(Exception):
    """A witness did not cosign."""


class SilentError(AskError):
    """It cannot be reached, or does not answer as a witness does. ``why``: for people."""


class StrangerError(SilentError):
    """It answers, but has not been told of this ledger, or only of another key of it."""


class RefusedError(AskError):
    """It holds the log for another one: what it cosigned before is not the beginning of this."""


class LaterError(AskError):
    """It has cosigned ``size`` entries already, more than the log has now."""

    def __init__(self, size: int) -> None:
        super().__init__(str(size))
        self.size = size


def cosignature(url: str, witness: Verifier, log: Log, old: int, seconds: float = SECONDS) -> Signature:
    """The signature of ``witness`` over the log's checkpoint; ``old``: the size that it is thought to have seen.

    Raises SilentError, RefusedError, LaterError; tiles.TileError.
    """
    if log.signed is None:
        raise ValueError("no checkpoint")
    status, body = _post(url, _request(log, old), seconds)
    if status == HTTPStatus.CONFLICT:
        seen = _size(body)
        if seen > log.size:
            raise LaterError(seen)
        status, body = _post(url, _request(log, seen), seconds)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise RefusedError
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        raise StrangerError(f"HTTP {status}")
    if status != HTTPStatus.OK:
        raise SilentError(f"HTTP {status}")
    return _own(body, witness, log)


def is_url(url: str) -> bool:
    """Whether ``url`` can be that of a witness."""
    try:
        parts, _ = urlsplit(url), urlsplit(url).port
        return url.isascii() and url.isprintable() and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _request(log: Log, old: int) -> bytes:
    if log.signed is None:
        raise ValueError("no checkpoint")
    return bytes(Request(old, tuple(log.consistency(old)), log.signed.note, log.signed.checkpoint))


def _own(body: bytes, witness: Verifier, log: Log) -> Signature:
    """The line of the answer that ``witness`` made, looked at."""
    if log.signed is None:
        raise ValueError("no checkpoint")
    try:
        for line in signature_lines(body.decode("utf-8")):
            if (line.name, line.id) == (witness.name, witness.id):
                witness.check(log.signed.note.text, line.made)
                return line
    except (NoteError, UnicodeDecodeError) as error:
        raise SilentError("an answer that is no cosignature") from error
    raise SilentError("another key's cosignature")


def _size(body: bytes) -> int:
    try:
        return whole_number(body.decode("ascii").removesuffix("\n"))
    except (NoteError, UnicodeDecodeError) as error:
        raise SilentError("an answer that is no size") from error


def _post(url: str, body: bytes, seconds: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("POST", f"{parts.path.rstrip('/')}/add-checkpoint", body)
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise SilentError(getattr(error, "strerror", None) or type(error).__name__) from error
    finally:
        connection.close()
