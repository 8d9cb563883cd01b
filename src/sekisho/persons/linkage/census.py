"""What is counted of all holders: how many there are, how rare each value is, what too many share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sekisho.frames import to_arrow
from sekisho.persons.linkage.design import Comparison, Design
from sekisho.vault.analytics import Analytics, Step

Keys = NDArray[np.uint64]
Batches = Callable[[Sequence[str]], Iterable[pl.DataFrame]]
"""All rows of the holders as `Dictionary.keyed` makes them, at least with the columns asked for."""

_LEAST_DISCOUNT, _MOST_DISCOUNT = 0.3, 0.9
_PRIOR = 30.0
"""How many holders of all cohorts stand for a cohort that is too small to tell how rare a value is in it."""
_SURPRISE = 3.0
"""Standard deviations by which values must go together more often than by chance."""
_RARELY = 2
"""Values seen together no more often than that are not counted together."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SEVERAL = 8


@dataclass(slots=True)
class Census:
    """``people``: holders. ``rows``: under all their names.

    ``values``: comparison -> its key, the cohort and how many ``bearers``; ``alone``: key -> ``bearers`` in all rows.
    ``crowded``: by block the keys (`packed`), in order, that more rows share than it looks at; ``together``: both keys
    and ``bearers``. The last two are as of the last `count`; ``moved``: rows that came or went since.
    """

    people: int = 0
    rows: int = 0
    moved: int = 0
    values: dict[str, pl.DataFrame] = field(default_factory=dict)
    alone: dict[str, pl.DataFrame] = field(default_factory=dict)
    crowded: list[Keys] = field(default_factory=list)
    together: pl.DataFrame = field(default_factory=pl.DataFrame)

    def add(self, design: Design, batches: Iterable[pl.DataFrame], once: str = "", sign: int = 1) -> None:
        """Count further holders, or take them off with ``sign`` -1.

        Rows equal in a value and in the column ``once`` count once.
        """
        values = {one.name: _Sums(self.values.get(one.name)) for one in design.comparisons if one.counts_rarity}
        alone = {key: _Sums(self.alone.get(key)) for key in _keys_together(design)}
        for rows in batches:
            self.rows += sign * rows.height
            self.people += sign * int((rows["alias"] == 0).sum())
            self.moved += rows.height
            for one in design.comparisons:
                if one.counts_rarity:
                    values[one.name].add(_bearers(one, rows, one.name == design.renamed, once), sign)
            for key, sums in alone.items():
                sums.add(rows.drop_nulls(key).group_by(key).len("bearers"), sign)
        self.values = {name: sums.table() for name, sums in values.items()}
        self.alone = {key: sums.table() for key, sums in alone.items()}

    def count(self, design: Design, batches: Batches) -> None:
        """Count anew what too many share and what goes together, of all rows."""
        self.crowded = [_shared(batches(block.on), self.rows, block.on, block.most) for block in design.blocks]
        if keys := _keys_together(design):
            self.together = _pairs(batches(keys), self.rows, keys)
        self.moved = 0

    def feed(self, db: Analytics, design: Design) -> None:
        """Make the tables ``rare_<comparison>`` and ``rare_together`` that tell log shares of the holders."""
        for name, table in self.values.items():
            db.feed(f"counted_{name}", to_arrow(table))
        db.run(_rare(one) for one in design.comparisons if one.counts_rarity)
        if design.together:
            keys = _keys_together(design)
            db.feed("counted_together", to_arrow(self.together))
            for at, key in enumerate(keys):
                db.feed(f"alone_{at}", to_arrow(self.alone[key]))
            db.run([_rare_together(keys, self.people, self.rows)])

    def asks(self, design: Design, records: pl.DataFrame) -> pl.DataFrame:
        """``asks_<place of the block>``: whether a record says what the block looks for, and not too many share it."""
        told = {}
        for at, block in enumerate(design.blocks):
            known, keys = packed(records, block.on)
            told[f"asks_{at}"] = known & ~_among(keys, self.crowded[at])
        return pl.DataFrame(told)

    def passed_over(self, design: Design, records: pl.DataFrame) -> int:
        """How many rows share what some block looks for with too many to be looked at by it."""
        crowds = np.zeros(records.height, dtype=bool)
        for at, block in enumerate(design.blocks):
            known, keys = packed(records, block.on)
            crowds |= known & _among(keys, self.crowded[at])
        return int(crowds.sum())


def packed(rows: pl.DataFrame, columns: Sequence[str]) -> tuple[NDArray[np.bool_], Keys]:
    """Which rows have all ``columns`` (whole numbers), and a number for each: the same only for the same values.

    64 bits, well mixed: that two of a billion different values share one is improbable, and would do no harm.
    """
    known = ~rows.select(pl.any_horizontal(pl.col(columns).is_null())).to_series().to_numpy()
    keys = np.full(rows.height, _MIX)
    for column in columns:
        keys ^= rows[column].fill_null(0).to_numpy().astype(np.uint64)
        keys *= _MIX
        keys ^= keys >> np.uint64(29)
    keys *= _MIX
    return known, keys


def _among(keys: Keys, ordered: Keys) -> NDArray[np.bool_]:
    if not len(ordered):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[place] == keys
    return found


class _Sums:
    """``bearers`` by the other columns, added up part by part; the parts are merged when several have come together."""

    def __init__(self, begun: pl.DataFrame | None) -> None:
        self._parts = [] if begun is None else [begun]

    def add(self, part: pl.DataFrame, sign: int) -> None:
        self._parts.append(part.with_columns(pl.col("bearers").cast(pl.Int64) * sign))
        if len(self._parts) > _SEVERAL:
            self._parts = [self.table()]

    def table(self) -> pl.DataFrame:
        whole = pl.concat(self._parts)
        by = [column for column in whole.columns if column != "bearers"]
        if len(self._parts) > 1:
            whole = whole.group_by(by).agg(pl.col("bearers").sum()).filter(pl.col("bearers") > 0)
        return whole.sort(by)


def _bearers(one: Comparison, rows: pl.DataFrame, renamed: bool, once: str) -> pl.DataFrame:
    """A holder counts once, but where other names change the value."""
    by = [one.looked_up_by, *one.cohort]
    counted = rows.filter(pl.col(one.looked_up_by).is_not_null(), pl.lit(renamed) | (pl.col("alias") == 0))
    if once:
        counted = counted.unique(list(dict.fromkeys([once, "alias", *by])))
    return counted.group_by(by).len("bearers")


def _keys_together(design: Design) -> list[str]:
    return [one.looked_up_by for one in design.comparisons if one.name in design.together]


def _shared(batches: Iterable[pl.DataFrame], rows: int, columns: Sequence[str], most: int) -> Keys:
    """The keys, in order, that more than ``most`` rows share."""
    if rows <= most:
        return np.zeros(0, np.uint64)
    found, size = np.empty(rows, np.uint64), 0
    for batch in batches:
        known, keys = packed(batch, columns)
        keys = keys[known]
        found[size : size + len(keys)] = keys
        size += len(keys)
    found = found[:size]
    found.sort()
    return np.unique(found[most:][found[most:] == found[: max(size - most, 0)]])


def _pairs(batches: Iterable[pl.DataFrame], rows: int, keys: Sequence[str]) -> pl.DataFrame:
    """Both ``keys`` and their ``bearers`` where more than `_RARELY` rows have them."""
    one, other = keys
    found, size = np.empty(rows, np.int64), 0
    for batch in batches:
        known = batch.select(keys).drop_nulls()
        both = (known[one].to_numpy().astype(np.int64) << 32) | known[other].to_numpy()
        found[size : size + len(both)] = both
        size += len(both)
    found = found[:size]
    found.sort()
    ends = np.flatnonzero(np.r_[found[1:] != found[:-1], True]) if size else np.zeros(0, np.int64)
    bearers = np.diff(ends, prepend=-1)
    often = bearers > _RARELY
    both, bearers = found[ends[often]], bearers[often]
    names = {one: (both >> 32).astype(np.int32), other: (both & 0xFFFFFFFF).astype(np.int32)}
    return pl.DataFrame({**names, "bearers": bearers})


def _rare(one: Comparison) -> Step:
    """``rare_<name>``: the log share of the holders of a cohort who bear a value with that key."""
    key, name, discount = one.looked_up_by, one.name, _discount(one)
    overall = f"""SELECT {key}, (sum(bearers)::DOUBLE - {discount}) / sum(sum(bearers)) OVER ()::DOUBLE AS share
                  FROM counted_{name} GROUP BY {key}"""
    if not one.cohort:
        return Step(f"rare_{name}", f"SELECT {key}, ln(share)::FLOAT AS log_share FROM ({overall})")
    cohort = ", ".join(one.cohort)
    return Step(
        f"rare_{name}",
        f"""SELECT {key}, {cohort},
                   ln((bearers - {discount} + {_PRIOR} * share) / (everybody + {_PRIOR}))::FLOAT AS log_share
            FROM (SELECT *, sum(bearers) OVER (PARTITION BY {cohort})::DOUBLE AS everybody FROM counted_{name})
                 JOIN ({overall}) USING ({key})""",
    )


def _discount(one: Comparison) -> str:
    """What is taken off each count, as somebody new bears what was seen seldom still seldomer.

    Absolute discounting: n1 / (n1 + 2 n2), with n1 values seen once and n2 seen twice (Ney, Essen and Kneser 1994).
    """
    seen = f"(SELECT sum(bearers) AS times FROM counted_{one.name} GROUP BY {one.looked_up_by})"
    once, twice = "count(*) FILTER (times = 1)", "count(*) FILTER (times = 2)"
    share = f"(SELECT {once}::DOUBLE / nullif({once} + 2 * {twice}, 0) FROM {seen})"
    return f"least({_MOST_DISCOUNT}, greatest({_LEAST_DISCOUNT}, coalesce({share}, {_LEAST_DISCOUNT})))"


def _rare_together(keys: Sequence[str], people: int, rows: int) -> Step:
    """``rare_together``: values that go together far more often than by chance, as the names of foreigners do."""
    both = ", ".join(keys)
    chance = " * ".join(f"alone_{at}.bearers::DOUBLE" for at in range(len(keys)))
    expected = f"({chance} / {rows}::DOUBLE)"
    joins = " ".join(f"JOIN alone_{at} USING ({key})" for at, key in enumerate(keys))
    return Step(
        "rare_together",
        f"""SELECT {both}, ln((b.bearers - 1) / {people}::DOUBLE)::FLOAT AS log_share
            FROM counted_together b {joins}
            WHERE b.bearers - 1 > {expected} + {_SURPRISE} * sqrt({expected}) + 1""",
    )


def tables(census: Census) -> Iterator[tuple[str, pl.DataFrame]]:
    """All that a census holds, as tables with a name each; `read` makes it of them again."""
    yield "census", pl.DataFrame({"people": [census.people], "rows": [census.rows], "moved": [census.moved]})
    yield from ((f"values_{name}", table) for name, table in census.values.items())
    yield from ((f"alone_{key}", table) for key, table in census.alone.items())
    yield from ((f"crowded_{at}", pl.DataFrame({"key": keys})) for at, keys in enumerate(census.crowded))
    if census.together.width:
        yield "together", census.together


def read(design: Design, kept: Callable[[str], pl.DataFrame]) -> Census:
    """The census whose `tables` were kept, each of which ``kept`` gives by its name."""
    numbers = kept("census").row(0, named=True)
    return Census(
        **numbers,
        values={one.name: kept(f"values_{one.name}") for one in design.comparisons if one.counts_rarity},
        alone={key: kept(f"alone_{key}") for key in _keys_together(design)},
        crowded=[kept(f"crowded_{at}")["key"].to_numpy() for at in range(len(design.blocks))],
        together=kept("together") if design.together else pl.DataFrame(),
    )
