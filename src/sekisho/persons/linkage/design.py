"""What is compared and how, as data: a design works on any table whose columns it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from sekisho.wording import Text

GROUPS = 3
"""Most values of an extra by which a model is learned apart."""
MISSING = 0
"""The first level of every comparison: one side says nothing. It counts neither for nor against."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two values may agree.

    ``said``: in words, for whoever asks why. ``start``: a first guess of m, the share of true pairs at this level.
    ``rare``: values equal under their key; how rare the very value is then counts, not how rare the level.
    ``differs``: nothing agrees.
    """

    name: str
    said: Text
    start: float
    rare: bool = False
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing about a person that both sides may tell.

    ``columns``: the texts that make a value. ``compare``: distinct pairs of values (``columns`` and the same with
    ``_right`` for the holder's, ``key`` and ``key_right``) -> place in ``levels``, as UInt8. ``key``: values -> text
    under which alike ones are looked up. ``apart``: whether m is learned apart by `Design.apart_by`. ``cohort``:
    extras of the holder, or ``alias``, within which a value's frequency is counted. ``many``: nearly everybody has a
    value of their own (an address), and neither blocks nor frequencies ask for it: the values of those who are met are
    numbered, not those of all.
    """

    name: str
    title: Text
    columns: tuple[str, ...]
    levels: tuple[Level, ...]
    compare: Callable[[pl.DataFrame], pl.Series]
    key: Callable[[pl.DataFrame], pl.Series] | None = None
    apart: bool = False
    cohort: tuple[str, ...] = ()
    many: bool = False

    @property
    def looked_up_by(self) -> str:
        """The column of whole numbers by which alike values are equal."""
        return f"{self.name}_key" if self.key else self.name

    @property
    def counts_rarity(self) -> bool:
        """Whether it matters how rare the very value is."""
        return any(level.rare for level in self.levels)


@dataclass(frozen=True, slots=True)
class Block:
    """Pairs worth a look: those equal in all of ``on`` (comparisons, their ``_key`` or extras).

    Values that more than ``most`` holders share are passed over: they tell nobody apart.
    """

    on: tuple[str, ...]
    most: int = 20_000


@dataclass(frozen=True, slots=True)
class Design:
    """How two tables are matched.

    ``prepare``: rows as they come -> the columns of all comparisons, as texts. ``extras``: whole numbers made of
    those, below 2**15, by which blocks and cohorts are told; null where unknown. ``renamed``: the comparison that a
    person's other names change; a pair under another name counts only where it agrees.
    ``apart_by``: an extra of the record by which m, and how many records have a holder, are learned apart (women
    change their surnames); below `GROUPS`. ``together``: comparisons that counts show to go together more often than
    apart (the whole name): then how rare both are counts.
    """

    name: str
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block, ...]
    prepare: Callable[[pl.DataFrame], pl.DataFrame]
    extras: Mapping[str, Callable[[pl.DataFrame], pl.Series]] = field(default_factory=dict)
    renamed: str = ""
    apart_by: str = ""
    together: tuple[str, ...] = ()

    def of(self, *names: str) -> Design:
        """The design with these comparisons alone."""
        return replace(self, comparisons=tuple(one for one in self.comparisons if one.name in names))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every text column that a comparison needs, once."""
        return tuple(dict.fromkeys(c for one in self.comparisons for c in one.columns))
