"""SQL dumps: the rows of INSERT and COPY statements, gathered by table; other statements as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from sekisho.documents import lines
from sekisho.model import Frame, Gap, Grid, Piece, Place, Prose, Reason

_CHUNK = 4 << 20  # bytes
_RUN = 50_000  # rows
_LONGEST = 64 << 20  # characters of a statement that is waited for
_NAME = r"(?:[\w$]+|`[^`]+`|\"[^\"]+\"|\[[^\]]+\])"
_STATEMENT = re.compile(
    rf"^[ \t]*(?:INSERT\s+(?:IGNORE\s+)?INTO\s+(?P<insert>(?:{_NAME}\.)*{_NAME})\s*(?P<names>\([^()]*\))?\s*VALUES\s*"
    rf"|COPY\s+(?P<copy>(?:{_NAME}\.)*{_NAME})\s*(?P<fields>\([^()]*\))?\s*FROM\s+stdin[^;\n]*;\n"
    rf"|CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<create>(?:{_NAME}\.)*{_NAME})\s*\()",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINS = re.compile(r"\s*(?:--|/\*|SET\b|CREATE\b|INSERT\b|BEGIN\b|DROP\b|USE\b|COPY\b|PRAGMA\b|LOCK\b|START\b)", re.I)
_PLAIN = re.compile(r"[NEne]?'((?:[^']|'')*)'|[(),;]|[^\s(),;'][^(),;']*")
_ESCAPED = re.compile(r"[NEne]?'((?:[^'\\]|''|\\.)*)'|[(),;]|[^\s(),;'][^(),;']*", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "", "N": "", "b": "\b", "Z": "\x1a"}
_NO_COLUMN = frozenset(("PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "INDEX", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL"))


def is_dump(text: str) -> bool:
    """Whether ``text`` begins an SQL script that fills tables."""
    return _BEGINS.match(text) is not None and _STATEMENT.search(text) is not None


@dataclass(slots=True)
class _Table:
    """Rows of one table that wait to go out."""

    name: str
    header: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    first: int = 1

    def grid(self) -> Iterator[Grid]:
        """The waiting rows, below the column names where they are the first."""
        if not self.rows:
            return
        rows = [list[str | None](self.header), *self.rows] if self.first == 1 and self.header else self.rows
        width = max(len(row) for row in rows)
        columns = {
            str(i): pl.Series([row[i] if i < len(row) else None for row in rows], dtype=pl.String) for i in range(width)
        }
        yield Grid(pl.DataFrame(columns), Place(Frame.CELL, self.name, self.first))
        self.first += len(rows)
        self.rows = []


def read(data: bytes | memoryview) -> Iterator[Piece]:
    """The tables of a dump; a large one in several Grids, of which the first begins with the column names."""
    reading = _Reading()
    waiting, replaced = "", 0
    for chunk in lines.chunks(data, _CHUNK):
        replaced += chunk.replaced
        text = f"{waiting}{chunk.text}\n"
        waiting = text[reading.take(text, whole=chunk.last or len(text) > _LONGEST) :]
        yield from reading.full()
    yield from reading.rest()
    if replaced:
        yield Gap(Reason.UNDECODED, f"{replaced} places")


class _Reading:
    """Goes through the statements of a dump."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}
        self._others: list[str] = []
        self._token = _PLAIN

    def take(self, text: str, *, whole: bool) -> int:
        """Reads the statements that end in ``text``; gives where the first unfinished one begins."""
        if "`" in text or "MySQL" in text:
            self._token = _ESCAPED
        at = 0
        while (statement := _STATEMENT.search(text, at)) is not None:
            end = self._statement(text, statement)
            if end is None and not whole:
                self._other(text[at : statement.start()])
                return statement.start()
            self._other(text[at : statement.start()])
            at = statement.end() if end is None else end
        keep = len(text) if whole else text.rfind("\n", at, len(text) - 1) + 1
        self._other(text[at : max(keep, at)])
        return max(keep, at)

    def _statement(self, text: str, statement: re.Match[str]) -> int | None:
        """Reads one statement; gives its end, None where it does not end."""
        if statement["create"]:
            return self._create(text, statement)
        table = self._table(statement["insert"] or statement["copy"])
        if names := statement["names"] or statement["fields"]:
            table.header = table.header or [_bare(name) for name in names[1:-1].split(",")]
        return self._copied(text, statement, table) if statement["copy"] else self._inserted(text, statement, table)

    def _table(self, name: str) -> _Table:
        bare = _bare(re.split(rf"\.(?={_NAME}$)", name)[-1])
        return self._tables.setdefault(bare, _Table(bare))

    def _create(self, text: str, statement: re.Match[str]) -> int | None:
        columns, depth, start = list[str](), 1, True
        for token in self._token.finditer(text, statement.end()):
            mark = token[0]
            depth += (mark == "(") - (mark == ")")
            if depth == 0:
                self._table(statement["create"]).header = columns
                return token.end()
            word = mark.split()[0] if mark.strip() else ""
            if start and depth == 1 and mark not in "(),;" and word.upper() not in _NO_COLUMN:
                columns.append(_bare(word))
            start = depth == 1 and mark == ","
        return None

    def _inserted(self, text: str, statement: re.Match[str], table: _Table) -> int | None:
        rows, row, depth = list[list[str | None]](), list[str | None](), 0
        for token in self._token.finditer(text, statement.end()):
            mark = token[0]
            if mark == ";" and depth == 0:
                table.rows += rows
                return token.end()
            if mark in ("(", ")"):
                depth += 1 if mark == "(" else -1
                if mark == ")" and depth == 0:
                    rows.append(row)
                    row = []
            elif depth and mark not in (",", ";"):
                row.append(self._value(token))
        return None

    def _value(self, token: re.Match[str]) -> str | None:
        text = token[1]
        if text is None:
            return None if token[0].strip().upper() in ("NULL", "DEFAULT") else token[0].strip()
        text = text.replace("''", "'")
        return re.sub(r"\\(.)", _unescaped, text, flags=re.DOTALL) if self._token is _ESCAPED and "\\" in text else text

    def _copied(self, text: str, statement: re.Match[str], table: _Table) -> int | None:
        end = text.find("\n\\.\n", statement.end() - 1)
        if end < 0:
            return None
        for line in text[statement.end() : end].split("\n"):
            cells = line.split("\t")
            table.rows.append([None if c == "\\N" else re.sub(r"\\(.)", _unescaped, c) for c in cells])
        return end + 4

    def _other(self, text: str) -> None:
        self._others += [line for line in text.split("\n") if line.strip(" ;")]

    def full(self) -> Iterator[Piece]:
        """Tables with so many rows that they need not wait."""
        for table in self._tables.values():
            if len(table.rows) >= _RUN:
                yield from table.grid()
        if len(self._others) >= _RUN:
            yield from self._statements()

    def rest(self) -> Iterator[Piece]:
        """All that waits."""
        for table in self._tables.values():
            yield from table.grid()
        yield from self._statements()

    def _statements(self) -> Iterator[Prose]:
        if self._others:
            yield Prose(self._others, Place(Frame.LINE, "statements"))
        self._others = []


def _bare(name: str) -> str:
    return name.strip().strip('`"[]')


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])
