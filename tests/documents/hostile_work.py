"""Work for children of `test_child`: formats that crash, hang and eat memory, imported by the zygote by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from functools import cache

import pyarrow as pa

from sekisho.documents import kinds
from sekisho.documents.account import Examined, document_rows
from sekisho.documents.passwords import Keyring
from sekisho.documents.reading import Batch, Reading
from sekisho.documents.walk import walk
from sekisho.documents.watch import Watch
from sekisho.model import (
    DOUBTS,
    RECORDS,
    Blob,
    Content,
    Findings,
    Format,
    Frame,
    Head,
    Limits,
    Member,
    Piece,
    Place,
    Prose,
    SourceFile,
)
from sekisho.records.find import Finds
from sekisho.wording import Text

MARK = b"HOSTILE "
PAGE = Prose(["a line"], Place(Frame.LINE))


def _act(word: str) -> None:
    """What a captured or broken parser might do."""
    if word == "exit":
        os._exit(3)
    elif word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "bus":
        os.kill(os.getpid(), signal.SIGBUS)
    elif word == "hang":
        time.sleep(3600)
    elif word == "spin":
        while True:
            pass
    elif word == "memory":
        list(iter(lambda: bytes(32 << 20), None))
    elif word == "polars":
        import polars as pl

        pl.DataFrame({"a": range(1000)}).lazy().filter(pl.col("a") > 5).collect()


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The words of the document, one after the other: ``page`` gives contents, ``+name=...`` a member."""
    for word in bytes(blob.data[len(MARK) :]).decode().split():
        if word == "page":
            yield PAGE
        elif word.startswith("+"):
            name, _, inside = word[1:].partition("=")
            yield Member(name, lambda _, inside=inside: Blob("", _inside(inside)))  # type: ignore[misc]
        else:
            _act(word)


def _inside(words: str) -> bytes:
    if words.startswith("load-"):
        _act(words.removeprefix("load-"))
    return MARK + words.replace(",", " ").encode()


FORMAT = Format("hostile", Text("h", "h"), (), lambda head: bytes(head.data[: len(MARK)]) == MARK, _read, order=0)


@cache
def _formats() -> tuple[Format, ...]:
    return (FORMAT, *_known())


_known = kinds.formats


def recognised(blob: Blob) -> Format | None:
    """Instead of `kinds.recognised`."""
    return next((f for f in _formats() if f.recognise(Head(blob.data, blob.name))), None)


def _visit(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
    for _ in contents:
        table = pa.table([pa.nulls(1, field.type) for field in RECORDS], schema=RECORDS)
        yield Finds(table, DOUBTS.empty_table())


def work(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Examine; every step is sent at once."""
    kinds.recognised = recognised
    with open(watch.open(file.path), "rb") as opened:
        data = opened.read()
    reading = Reading(Limits(), Keyring(), watch)
    for step in walk(Blob(file.document, data), file.document, reading, _visit):
        yield _one(step, file.document)
    yield Findings(document_rows([], ""), RECORDS.empty_table(), DOUBTS.empty_table(), reading.keyring.here)


def lazy_work(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Examine; nothing is sent before the end."""
    yield from list(work(file, watch))


def gossip(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Says much on every output, none of which may come out anywhere."""
    for descriptor in (1, 2):
        for _ in range(100):
            os.write(descriptor, "山田太郎 0123-456789\n".encode() * 100) if descriptor == 1 else _shout(descriptor)
    yield from work(file, watch)


def _shout(descriptor: int) -> None:
    try:
        os.write(descriptor, "山田太郎 0123-456789\n".encode() * 100)
    except BlockingIOError:
        return


def _one(step: Examined | Batch, file: str) -> Findings:
    if isinstance(step, Examined):
        return Findings(document_rows([step], file), RECORDS.empty_table(), DOUBTS.empty_table(), last=False)
    at = RECORDS.get_field_index("document_id")
    ids = pa.array([step.document_id] * step.records.num_rows, pa.int64())
    records = step.records.set_column(at, RECORDS.field(at), ids)
    return Findings(document_rows([], file), records, step.doubts, last=False)
