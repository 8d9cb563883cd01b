"""The findings of files become parts of a scan's tables; a file counts once all of it is there.

Files are numbered; a document's id is its file's number and its place within the file. A large file's records go to
disk before the file is finished, as parts that nothing names yet.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Findings, Outcome, Reason, SourceFile
from sekisho.vault.scans import Scan
from sekisho.vault.shelf import Part

DOCUMENT_BITS = 24  # documents within one file

FILES = pa.schema(
    [
        ("file", pa.int64()),  # number of the file: its documents' ids, shifted
        ("document", pa.string()),
        ("size", pa.int64()),
        ("modified_ns", pa.int64()),
        ("inode", pa.uint64()),
        ("sha256", pa.string()),  # of its bytes; empty where they were not read
        ("waits", pa.bool_()),  # for a password: another one may open something in it
        ("passing", pa.bool_()),  # it failed for a reason that may be gone the next time
    ]
)
_WAITING = [Reason.PASSWORD_UNKNOWN, Reason.TRIES_USED_UP]
_PASSING = [Reason.NO_RIGHTS, Reason.IO_ERROR, Reason.CHANGED, Reason.HELPER_MISSING, Reason.GONE]
PASSWORDS = pa.schema([("file", pa.int64()), ("document", pa.string()), ("password", pa.string())])

SCHEMAS = {"files": FILES, "documents": DOCUMENTS, "records": RECORDS, "doubts": DOUBTS, "passwords": PASSWORDS}


@dataclass(slots=True)
class Received:
    """One file, as far as its findings have come."""

    number: int
    file: SourceFile
    tables: dict[str, list[pa.Table]] = field(default_factory=lambda: {"documents": [], "records": [], "doubts": []})
    passwords: set[str] = field(default_factory=set, repr=False)
    opened_by: dict[int, tuple[bytes, ...]] = field(default_factory=dict, repr=False)  # by document id
    parts: list[Part] = field(default_factory=list)
    rows: int = 0

    def documents(self) -> pa.Table:
        """The file's documents so far."""
        return pa.concat_tables([DOCUMENTS.empty_table(), *self.tables["documents"]])

    def is_locked(self) -> bool:
        """Whether a password that nobody had yet could open one of its documents."""
        documents = self.documents()
        return _any(pc.and_(_one_of(documents["outcome"], [Outcome.LOCKED]), _one_of(documents["reason"], _WAITING)))

    def waits(self) -> bool:
        """Whether passwords still to be found could change what is said of it: open it, or be the one that did."""
        documents = self.documents()
        unsaid = documents.filter(pc.invert(documents["password_beside"].fill_null(False)))
        opened = pc.is_in(unsaid["document_id"], value_set=pa.array(list(self.opened_by), pa.int64()))
        return _any(opened) or self.is_locked()

    def is_passing(self) -> bool:
        """Whether one of its documents failed for a reason that may be gone the next time."""
        return _any(_one_of(self.documents()["reason"], _PASSING))

    def say_beside(self, document_ids: Sequence[int]) -> None:
        """Say of these documents that the password that opened them was lying about."""
        documents = self.documents()
        place = documents.schema.get_field_index("password_beside")
        told = pc.is_in(documents["document_id"], value_set=pa.array(document_ids, pa.int64()))
        both = pc.or_kleene(documents["password_beside"], told)
        self.tables["documents"] = [documents.set_column(place, DOCUMENTS.field(place), both)]


class Intake:
    """Takes findings in and puts what is finished into the scan, every ``part_rows`` records or ``part_seconds``."""

    def __init__(self, scan: Scan, part_rows: int = 50_000, part_seconds: float = 5.0) -> None:
        self.scan = scan
        self.part_rows = part_rows
        self._part_seconds = part_seconds
        self._next_file = 1
        self._next_record = 1
        self._on_the_way: dict[str, Received] = {}
        self._empty_hands()

    def take(self, file: SourceFile, findings: Findings) -> Received | None:
        """Add findings of ``file``; gives all of it once it is complete, to be kept or dropped."""
        received = self._on_the_way.get(file.document)
        if received is None:
            received = self._on_the_way[file.document] = Received(self.new_numbers(1), file)
        self._add(received, findings)
        return self._on_the_way.pop(file.document) if findings.last else None

    def keep(self, received: Received) -> None:
        """Have ``received`` count, soon."""
        for table, rows in received.tables.items():
            self._tables[table].extend(rows)
        self._tables["files"].append(files_row(received))
        if received.passwords:
            self._tables["passwords"].append(passwords_rows(received))
        self._parts.extend(received.parts)
        self._rows += received.rows
        if self._rows >= self.part_rows or time.monotonic() - self._since >= self._part_seconds:
            self.flush()

    def drop(self, received: Received) -> None:
        """Forget ``received``: it will be read again."""
        self.scan.discard(received.parts)

    def flush(self) -> None:
        """Put everything kept so far into the scan, durably."""
        parts = list(self._parts)
        for table, rows in self._tables.items():
            if rows:
                parts.append(self.write(table, rows))
        self.scan.commit(parts)
        self._empty_hands()

    def write(self, table: str, rows: Sequence[pa.Table]) -> Part:
        """A part of several tables, not counting yet."""
        joined = pa.concat_tables([SCHEMAS[table].empty_table(), *rows]).unify_dictionaries()
        return self.scan.write(table, joined)

    def new_numbers(self, count: int) -> int:
        """The first of ``count`` new file numbers."""
        self._next_file += count
        return self._next_file - count

    def numbered(self, records: pa.Table) -> pa.Table:
        """``records`` with new record ids."""
        ids = pa.array(range(self._next_record, self._next_record + records.num_rows), pa.int64())
        self._next_record += records.num_rows
        return records.set_column(records.schema.get_field_index("record_id"), RECORDS.field("record_id"), ids)

    def _add(self, received: Received, findings: Findings) -> None:
        base = received.number << DOCUMENT_BITS
        tables = received.tables
        if findings.documents.num_rows:
            tables["documents"].append(with_source(_shifted(findings.documents, base), received.file))
        if findings.doubts.num_rows:
            tables["doubts"].append(_shifted(findings.doubts, base))
        if findings.records.num_rows:
            tables["records"].append(self.numbered(_shifted(findings.records, base)))
            received.rows += findings.records.num_rows
        received.passwords.update(findings.passwords)
        received.opened_by.update({base + at: keys for at, keys in findings.opened_by.items()})
        if received.rows >= self.part_rows:
            received.parts.append(self.write("records", tables["records"]))
            tables["records"].clear()
            received.rows = 0

    def _empty_hands(self) -> None:
        self._tables: dict[str, list[pa.Table]] = {name: [] for name in SCHEMAS}
        self._parts: list[Part] = []
        self._rows = 0
        self._since = time.monotonic()


def with_source(documents: pa.Table, file: SourceFile) -> pa.Table:
    """``documents`` with what the file system says of the file they lie in."""
    known = file.modified_ns or file.size or file.mode is not None
    values = {
        "modified": file.modified_ns // 1000 if known else None,
        "owner": file.owner,
        "group": file.group,
        "mode": file.mode,
        "acl": file.acl,
    }
    for name, value in values.items():
        place = documents.schema.get_field_index(name)
        column = pa.array([value] * documents.num_rows, DOCUMENTS.field(name).type)
        documents = documents.set_column(place, DOCUMENTS.field(name), column)
    return documents


def files_row(received: Received) -> pa.Table:
    """The row of ``files`` for one finished file."""
    file, documents = received.file, received.documents()
    own = documents.filter(pc.equal(documents["document"], file.document))["sha256"].to_pylist()
    row = {
        "file": received.number,
        "document": file.document,
        "size": file.size,
        "modified_ns": file.modified_ns,
        "inode": file.inode,
        "sha256": (own[0] or "") if own else "",
        "waits": received.waits(),
        "passing": received.is_passing(),
    }
    return pa.Table.from_pylist([row], FILES)


def passwords_rows(received: Received) -> pa.Table:
    """The rows of ``passwords`` for one finished file."""
    found = sorted(received.passwords)
    columns = [[received.number] * len(found), [received.file.document] * len(found), found]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PASSWORDS, strict=True)], schema=PASSWORDS)


def _one_of(column: pa.ChunkedArray, values: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), value_set=pa.array([str(value) for value in values], pa.string()))


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())


def _shifted(table: pa.Table, base: int) -> pa.Table:
    place = table.schema.get_field_index("document_id")
    return table.set_column(place, table.schema.field(place), pc.add(table["document_id"], base))
