"""What is counted of a product, and the truth that it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was counted; ``bar``: what it must be, None where nothing is demanded."""

    what: str
    found: int
    bar: int | None = None

    @property
    def met(self) -> bool:
        """Whether it is as it must be."""
        return self.bar in (None, self.found)


@dataclass(frozen=True)
class Truth:
    """The truth in ``folder``, as `sekisho.estate.aftermath.make` writes it."""

    folder: Path

    def _read(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "truth" / f"{name}.parquet")

    @cached_property
    def exposed(self) -> pl.DataFrame:
        """Who is exposed: person, holder, since, items_1, items_2, records, plain."""
        return self._read("exposed")

    @cached_property
    def holders(self) -> pl.DataFrame:
        """The register before it began, with person."""
        return self._read("holders")

    @cached_property
    def everybody(self) -> pl.DataFrame:
        """All persons, in the register or not: person, basic_pension_number, name, name_kana, birth_date."""
        return self._read("everybody")

    @cached_property
    def changed(self) -> pl.DataFrame:
        """Of whom the register said something else afterwards: person, basic_pension_number, address."""
        return self._read("changed")

    @cached_property
    def changes(self) -> pl.DataFrame:
        """The changes that were handed in, with person and why."""
        return self._read("changes")

    @cached_property
    def hurried(self) -> pl.DataFrame:
        """A list as it was copied, with what is wrong: basic_pension_number, fault."""
        return self._read("hurried")

    @cached_property
    def callers(self) -> pl.DataFrame:
        """Who called, with person, why and since."""
        return self._read("callers")

    @cached_property
    def shut_in(self) -> pl.Series:
        """Persons in files that nobody can open."""
        return self._read("shut_in")["person"]

    def since(self, version: int) -> pl.DataFrame:
        """Whom a version must know."""
        return self.exposed.filter(pl.col("since") <= version)
