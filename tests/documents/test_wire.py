"""What travels from a child arrives as it was sent, and what no child of ours sends is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.documents import wire
from sekisho.documents.account import Examined, document_rows
from sekisho.documents.wire import Inbox, WireError
from sekisho.model import DOUBTS, RECORDS, Findings, Lock, Outcome, Protection, Reason

EXAMINED = Examined(
    3,
    "share/a.zip!一覧.csv",
    4,
    kind="csv",
    named_kind="csv",
    outcome=Outcome.PARTLY_READ,
    reason=Reason.TRUNCATED,
    lock=Lock(Protection.WEAK, "ZipCrypto"),
    opened_by=(b"\1\2", b"\3"),
    size=12,
    sha256="00",
    records=5,
    depth=1,
)


def findings(rows: int) -> Findings:
    records = pa.table([pa.nulls(rows, field.type) for field in RECORDS], schema=RECORDS)
    documents = document_rows([EXAMINED], "share/a.zip")
    return Findings(documents, records, DOUBTS.empty_table(), ("w1", "\udc80x"), last=False, opened_by={3: (b"\1",)})


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield reader, writer
    for descriptor in (reader, writer):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_messages_arrive_as_they_were_sent(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    wire.send_told(writer, EXAMINED)
    wire.send_findings(writer, sent := findings(7))
    wire.send_findings(writer, findings(0))
    told, found, empty = Inbox(reader).messages()
    assert told == EXAMINED
    assert isinstance(found, Findings)
    assert isinstance(empty, Findings)
    assert found.documents.equals(sent.documents)
    assert found.records.equals(sent.records)
    assert (found.passwords, found.opened_by, found.last) == (sent.passwords, sent.opened_by, False)
    assert empty.records.num_rows == 0


def test_a_message_may_come_in_pieces_and_nobody_waits_for_it(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    other_reader, other_writer = os.pipe()
    wire.send_findings(other_writer, findings(3))
    whole = os.read(other_reader, 1 << 16)
    inbox = Inbox(reader)
    for at in range(0, len(whole), 100):
        assert list(inbox.messages()) == []
        os.write(writer, whole[at : at + 100])
    (found,) = inbox.messages()
    assert isinstance(found, Findings)
    assert found.records.num_rows == 3


def test_the_end_of_the_pipe_is_told(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.close(writer)
    with pytest.raises(EOFError):
        list(Inbox(reader).messages())


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_what_makes_no_sense_is_refused_or_waited_for(noise: bytes, framed: bool) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.write(writer, len(noise).to_bytes(8, "little") + noise if framed else noise)
    os.close(writer)
    with pytest.raises((WireError, EOFError)):
        list(Inbox(reader).messages())
    os.close(reader)


def test_a_frame_too_long_is_refused_before_there_is_room_for_it(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], (1 << 40).to_bytes(8, "little"))
    with pytest.raises(WireError):
        list(Inbox(pipe[0]).messages())


def test_a_table_of_other_columns_is_refused(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    wire._send(
        writer,
        wire._json({"findings": {"tables": ["records"], "passwords": [], "last": True, "opened_by": {}}}),
        wire._arrow(pa.table({"a": [1]}), pa.schema([("a", pa.int64())])),
    )
    with pytest.raises(WireError):
        list(Inbox(reader).messages())
