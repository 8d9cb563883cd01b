"""How a child's findings travel: JSON and Arrow, nothing that runs code when it is read, as the child may be captured.

A frame is its length (8 bytes) and its bytes. A message is one frame of JSON, followed by the Arrow streams it names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import pyarrow as pa

from sekisho.documents.account import Examined
from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Findings, Lock, Outcome, Protection, Reason

_SCHEMAS = {"documents": DOCUMENTS, "records": RECORDS, "doubts": DOUBTS}
_LENGTH = 8
_LONGEST = 1 << 30  # bytes of a frame; a child of ours sends far less

Message = Examined | Findings


class WireError(Exception):
    """What came is not what a child of ours sends."""


def send_told(pipe: int, examined: Examined) -> None:
    """Tell which document is at work."""
    _send(pipe, _json({"told": {**asdict(examined), "opened_by": _hex(examined.opened_by)}}))


def send_findings(pipe: int, findings: Findings) -> None:
    """Send one part of what was found."""
    tables = {name: getattr(findings, name) for name in _SCHEMAS}
    filled = [name for name, table in tables.items() if table.num_rows]
    opened_by = {i: _hex(digests) for i, digests in findings.opened_by.items()}
    head = {"tables": filled, "passwords": findings.passwords, "last": findings.last, "opened_by": opened_by}
    _send(pipe, _json({"findings": head}), *(_arrow(tables[name], _SCHEMAS[name]) for name in filled))


class Inbox:
    """Puts messages together from what a pipe gives without ever waiting for it."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._buffer = bytearray(_LENGTH)
        self._filled = 0
        self._is_length = True
        self._head: dict[str, Any] | None = None
        self._tables: dict[str, pa.Table] = {}

    def messages(self) -> Iterator[Message]:
        """What can be had now. Raises EOFError at the end of the pipe, WireError for what makes no sense."""
        while True:
            try:
                got = os.readv(self._pipe, [memoryview(self._buffer)[self._filled :]])
            except BlockingIOError:
                return
            if got == 0:
                raise EOFError
            self._filled += got
            if self._filled == len(self._buffer):
                try:
                    message = self._turn(self._buffer)
                except (ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
                    raise WireError from error
                if message is not None:
                    yield message

    def _turn(self, frame: bytearray) -> Message | None:
        """A length, a head or a table is complete."""
        self._filled = 0
        if self._is_length:
            length = int.from_bytes(frame, "little")
            if not 0 < length <= _LONGEST:
                raise ValueError
            self._is_length, self._buffer = False, bytearray(length)
            return None
        self._is_length, self._buffer = True, bytearray(_LENGTH)
        return self._message(frame)

    def _message(self, frame: bytearray) -> Message | None:
        if self._head is None:
            head = json.loads(frame)
            if "told" in head:
                return _examined(head["told"])
            self._head = head["findings"]
            self._tables = {}
        else:
            name = self._head["tables"][len(self._tables)]
            self._tables[name] = _table(frame, _SCHEMAS[name])
        if len(self._tables) < len(self._head["tables"]):
            return None
        findings = _findings(self._head, self._tables)
        self._head = None
        return findings


def _send(pipe: int, *frames: bytes | pa.Buffer) -> None:
    for frame in frames:
        for part in (len(frame).to_bytes(_LENGTH, "little"), frame):
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(pipe, rest) :]


def _json(head: dict[str, Any]) -> bytes:
    return json.dumps(head).encode()


def _hex(digests: tuple[bytes, ...]) -> list[str]:
    return [digest.hex() for digest in digests]


def _digests(spelled: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(each) for each in spelled)


def _arrow(table: pa.Table, schema: pa.Schema) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def _table(frame: bytearray, schema: pa.Schema) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(frame)) as stream:
        if stream.schema != schema:
            raise ValueError
        table = stream.read_all()
    table.validate(full=True)
    return table


def _examined(told: dict[str, Any]) -> Examined:
    values = {f.name: told[f.name] for f in fields(Examined)}
    values["outcome"] = Outcome(values["outcome"])
    values["reason"] = Reason(values["reason"])
    values["lock"] = Lock(Protection(values["lock"]["protection"]), str(values["lock"]["algorithm"]))
    values["opened_by"] = _digests(values["opened_by"])
    return Examined(**values)


def _findings(head: dict[str, Any], tables: dict[str, pa.Table]) -> Findings:
    empty = {name: schema.empty_table() for name, schema in _SCHEMAS.items()}
    return Findings(
        **{**empty, **tables},
        passwords=tuple(str(password) for password in head["passwords"]),
        last=bool(head["last"]),
        opened_by={int(i): _digests(spelled) for i, spelled in head["opened_by"].items()},
    )
