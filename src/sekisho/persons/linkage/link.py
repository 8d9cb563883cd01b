"""Records to holders: candidates with probabilities, by chunks of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl

from sekisho.persons.linkage import candidates
from sekisho.persons.linkage.design import GROUPS, Comparison, Design
from sekisho.persons.linkage.explain import Waterfall, by_holder, explained
from sekisho.persons.linkage.groups import met_under
from sekisho.persons.linkage.model import Model, Origin, reasons
from sekisho.persons.linkage.train import Pairs, first_guess, labelled, probabilities, train
from sekisho.persons.linkage.values import Dictionary
from sekisho.vault.analytics import Analytics

CHUNK = 250_000
Kept = Callable[[int, Callable[[], pl.DataFrame]], pl.DataFrame]
"""What work on the records from a number on gives; work that was done before need not be called."""
TRAINED_ON = 60_000
LOOKED_AT = 240_000
RAREST = 0.15
"""Of the records looked at, those with the rarest values teach how often another comparison fails."""
SMALLEST = 0.001
"""Less probable pairs are not named."""


class Linker:
    """The holders, prepared for ``design``; use as a context."""

    def __init__(self, design: Design, memory: str = "") -> None:
        self._design, self._db, self._dictionary = design, Analytics(memory), Dictionary(design)
        self._holders = pl.DataFrame()
        self.people = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.__exit__()

    def know(self, rows: Iterable[pl.DataFrame]) -> None:
        """Take in the holders: ``holder`` (Int32, from 0), ``alias`` (Int8, 1: another name of theirs), and texts."""
        prepared = [
            pl.concat([some.select("holder", "alias"), self._dictionary.prepare(some)], how="horizontal")
            for some in rows
        ]
        self._holders = pl.concat(prepared)
        self._db.feed("holders", self._holders.to_arrow(compat_level=pl.CompatLevel.oldest()))
        self._db.run(candidates.index(self._design))
        self.people = self._db.rows("SELECT holders FROM population")[0][0]

    def train(self, records: pl.DataFrame, labels: pl.DataFrame | None = None) -> Model:
        """A model learned from rows as `link` takes them.

        ``labels``: ``record`` and ``holder`` (null: nobody of the register) where that is known for certain.
        How often one comparison of a true pair fails is learned from records that the others tell apart best: where
        strangers are many, those whose surname differs cannot be told from the one who changed it.
        """
        sample = _sample(records, TRAINED_ON)
        prepared, pairs = self._pairs(sample)
        model = first_guess(self._design, self._dictionary, (prepared, self._holders))
        fixed, looked_at = {}, _sample(records, LOOKED_AT)
        for one in self._design.comparisons:
            some = self._told_apart_but_for(one, looked_at)
            if some.height:
                learned = train(self._design, model, labelled(self._pairs(some)[1], labels))
                fixed[one.name] = learned.m[one.name]
                if one.name == self._design.renamed:
                    model = replace(model, alias_m=learned.alias_m)
        learned = train(self._design, replace(model, m=model.m | fixed), labelled(pairs, labels), fixed)
        return learned.of(self._design, self._origin(records, sample, labels))

    def _origin(self, records: pl.DataFrame, sample: pl.DataFrame, labels: pl.DataFrame | None) -> Origin:
        told = 0 if labels is None else int(labels["record"].is_in(sample["record"].implode()).sum())
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Origin(now, records["record"].n_unique(), self.people, told)

    def _told_apart_but_for(self, one: Comparison, records: pl.DataFrame) -> pl.DataFrame:
        """The records whose values of other comparisons are the rarest; none for what has no rival in rarity."""
        others = [c for c in self._design.comparisons if c.counts_rarity and c.cohort and c.name != one.name]
        if not (one.counts_rarity and one.cohort and others):
            return records.clear()
        prepared = pl.concat([records.select("record", "alias"), self._dictionary.prepare(records)], how="horizontal")
        self._db.feed("records", prepared.to_arrow(compat_level=pl.CompatLevel.oldest()))
        rare = pl.DataFrame(pl.from_arrow(self._db.table(candidates.rarest(others, round(records.height * RAREST)))))
        return records.filter(pl.col("record").is_in(rare["record"].implode()))

    def link(
        self, records: pl.DataFrame, model: Model, chunk: int = CHUNK, kept: Kept = lambda start, work: work()
    ) -> Iterator[pl.DataFrame]:
        """``record``, ``holder``, ``probability``, ``reasons``, ``name`` (`groups.met_under`) of pairs worth naming.

        ``records``: ``record`` (Int32, from 0, in order), ``alias`` as in `know`, and texts. So many of them as
        ``chunk`` says are matched at once.
        """
        for start in range(0, max(records["record"].n_unique(), 1), chunk):
            some = records.filter(pl.col("record").is_between(start, start + chunk - 1))
            yield kept(start, partial(self._link, some, model))

    def _link(self, records: pl.DataFrame, model: Model) -> pl.DataFrame:
        _, pairs = self._pairs(records)
        p, _ = probabilities(self._design, model, pairs)
        said = pl.Series(reasons(self._design, pairs.patterns), dtype=pl.Categorical)
        found = pl.DataFrame(
            {"record": pairs.record, "holder": pairs.holder, "probability": p, "pattern": pairs.pattern}
        )
        named = found.filter(pl.col("probability") >= SMALLEST)
        met = met_under(self._design, pairs.patterns)
        place = named["pattern"]
        return named.drop("pattern").with_columns(reasons=said.gather(place), name=met.gather(place))

    def explain(self, record: pl.DataFrame, holder: int, model: Model) -> Waterfall:
        """Why ``holder`` is, or is not, the one of this record (its rows, as in `link`)."""
        model.look_at(self._design)
        _, rivals = self._pairs(record)
        if (rivals.holder == holder).any():
            return explained(self._db, self._design, model, rivals, rivals, holder)
        named = by_holder(self._design)
        self._db.run(candidates.index(named))
        _, alone = self._pairs(record.with_columns(holder=pl.lit(holder, pl.Int32)), named)
        return explained(self._db, named, model, alone, rivals, holder)

    def _pairs(self, records: pl.DataFrame, design: Design | None = None) -> tuple[pl.DataFrame, Pairs]:
        prepared = self._dictionary.prepare(records)
        numbered = pl.concat([records.select(pl.col("record", "alias", "^holder$")), prepared], how="horizontal")
        self._db.feed("records", numbered.to_arrow(compat_level=pl.CompatLevel.oldest()))
        self._db.run(candidates.pairs(design or self._design))
        candidates.compare(self._db, self._dictionary)
        table = pl.DataFrame(pl.from_arrow(self._db.table(candidates.patterns(self._design))))
        asked = np.zeros(GROUPS)
        for group, count in self._db.rows(candidates.asked(self._design)):
            asked[group] = count
        return prepared, Pairs.of(self._design, table, asked, self.people)


def _sample(records: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many records, drawn at random, always the same ones."""
    numbers = records["record"].unique()
    drawn = numbers.sort().sample(min(most, len(numbers)), seed=1)
    return records.filter(pl.col("record").is_in(drawn.implode()))
