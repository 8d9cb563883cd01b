"""DuckDB in memory over Arrow: named SQL steps, run in one place. Personal data never spills to disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import duckdb
import pyarrow as pa

from sekisho.errors import NoMemoryError, SekishoError
from sekisho.wording import Text

MEMORY = "SEKISHO_MEMORY"
DEFAULT_MEMORY = "3GB"


@dataclass(frozen=True, slots=True)
class Step:
    """One named step: the table ``name`` is what ``sql`` gives. Pure functions make them."""

    name: str
    sql: str


class Analytics:
    """A database in memory: no file, no network, no spilling. Use as a context."""

    def __init__(self, memory: str = "") -> None:
        """``memory``: how much it may use, as ``2GB``; `MEMORY` in the environment, else `DEFAULT_MEMORY`."""
        self._memory = memory or os.environ.get(MEMORY) or DEFAULT_MEMORY
        try:
            self._connection = duckdb.connect(
                ":memory:",
                config={
                    "temp_directory": "",
                    "memory_limit": self._memory,
                    "preserve_insertion_order": "false",
                },
            )
        except (duckdb.InvalidInputException, duckdb.ParserException) as error:
            raise _bad_memory(self._memory) from error
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET lock_configuration = true")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def feed(self, name: str, table: pa.Table) -> None:
        """Let steps read ``table`` by ``name``, without a copy."""
        self._connection.register(name, table)

    def forget(self, *names: str) -> None:
        """Let go of fed tables."""
        for name in names:
            self._connection.unregister(name)

    def run(self, steps: Iterable[Step]) -> None:
        """Work out each step, in order."""
        for step in steps:
            self._do(f"CREATE OR REPLACE TABLE {step.name} AS {step.sql}")

    def extend(self, step: Step) -> None:
        """Add what ``step`` gives now to the table that it gave before."""
        self._do(f"INSERT INTO {step.name} {step.sql}")

    def drop(self, *names: str) -> None:
        """Give back what steps took."""
        for name in names:
            self._do(f"DROP TABLE IF EXISTS {name}")

    def table(self, sql: str) -> pa.Table:
        """What a question gives, as Arrow."""
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.OutOfMemoryException as error:
            raise _out_of_memory(self._memory) from error

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a question gives, as rows; for small answers."""
        return self._do(sql).fetchall()

    def _do(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise _out_of_memory(self._memory) from error


def _out_of_memory(memory: str) -> NoMemoryError:
    return NoMemoryError(
        Text("The analysis needed more memory than {memory}.", "集計に必要なメモリーが {memory} を超えました。").fill(
            memory=memory
        ),
        Text("Allow more: {name}=8GB", "上限を増やしてください: {name}=8GB").fill(name=MEMORY),
    )


def _bad_memory(memory: str) -> SekishoError:
    return SekishoError(
        Text("{memory!r} is no amount of memory.", "{memory!r} はメモリーの量として読めません。").fill(memory=memory),
        Text("Write it as {name}=4GB", "{name}=4GB のように書いてください。").fill(name=MEMORY),
    )
