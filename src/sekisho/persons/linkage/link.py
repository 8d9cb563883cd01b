"""Records to holders: candidates with probabilities, by chunks of records.

The holders lie in an `Index`, in parts that stream past each chunk, so that memory does not grow with the register:

- All of them: ``linker.know(rows)``; or an index that was kept, ``Linker(design, index=Index.load(...))``.
- Further ones: ``first = linker.know(new, count=False)``; then ``linker.link(records, model, since=first)`` holds
  records against the new ones alone, and ``linker.link(records, model)`` against all. Changed holders: first
  ``index.retire(holders)``, then `know` their rows as they are now, under the same number.
- What a pair weighs does not depend on a record's other candidates: ``probability / none`` of an old and of a new link
  may be put together (p = w / (1 + the sum of all w), none = 1 / (1 + the sum)), as far as pairs were named.
- How fresh the counts are: how many holders there are and how rare each value is, is exact after each `know` and
  `retire`. What too many share (`Block.most`) and which names go together is as of the last ``index.count()``;
  ``index.stale`` is the share of rows that came or went since. Counting takes a pass over the parts for each block: it
  costs less than a tenth of making the index.
- ``index.save(told)`` keeps it all; ``index.told`` says the next time of which state it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl

from sekisho.clock import utc_now
from sekisho.errors import NoMemoryError
from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.linkage import candidates, doubles
from sekisho.persons.linkage.census import Census
from sekisho.persons.linkage.design import GROUPS, Comparison, Design
from sekisho.persons.linkage.explain import Waterfall, by_holder, explained
from sekisho.persons.linkage.groups import met_under
from sekisho.persons.linkage.index import Index, of_size
from sekisho.persons.linkage.model import Model, Origin, reasons
from sekisho.persons.linkage.sieve import Sieve
from sekisho.persons.linkage.train import Pairs, first_guess, labelled, probabilities, train
from sekisho.vault.analytics import Analytics, Step

CHUNK = 1_000_000
"""Records that are matched in one pass over the holders."""
PIECE = 250_000
"""Records of a chunk whose pairs are weighed at a time."""
MET = 4_000_000
"""Rows of holders that are held against a chunk at a time."""
Kept = Callable[[int, Callable[[], pl.DataFrame]], pl.DataFrame]
"""What work on the records from a number on gives; work that was done before need not be called."""
TRAINED_ON = 60_000
LOOKED_AT = 240_000
RAREST = 0.15
"""Of the records looked at, those with the rarest values teach how often another comparison fails."""
FEWEST = 3_000
"""Records that can teach that; where there are no more, all teach everything."""
SMALLEST = 0.001
"""Less probable pairs are not named."""


class Linker:
    """The holders of an `Index`, to match records with; use as a context.

    Give it a kept index (`Index.load`), or let it `know` all holders, or both: what it is told is added to the index.
    ``design``: the index's, or one with fewer of its comparisons. ``census``: statistics of an earlier time to go by,
    instead of the index's own.
    """

    def __init__(
        self, design: Design, memory: str = "", index: Index | None = None, census: Census | None = None
    ) -> None:
        self._design, self._db = design, Analytics(memory)
        self.index = index or Index(design)
        self._dictionary = self.index.dictionary
        self._columns = ["holder", "alias", *_kept(design)]
        self._earlier = census
        if index:
            self.census.feed(self._db, design)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.__exit__()

    @property
    def census(self) -> Census:
        """The statistics that it goes by."""
        return self._earlier or self.index.census

    @property
    def people(self) -> int:
        """How many holders there are."""
        return self.census.people

    def know(self, rows: Iterable[pl.DataFrame], *, count: bool = True) -> int:
        """Take in further holders: ``holder`` (Int32), ``alias`` (Int8, 1: another name of theirs), and texts.

        Gives the number of the first new part, for `link` to look at the new ones alone. Each holder has one row with
        ``alias`` 0. ``count``: whether to count crowds anew, see `Index.count`; the first ones are counted anyway.
        """
        first = self.index.parts
        self.index.add(rows)
        if count or not self.index.census.crowded:
            self.index.count()
        self.census.feed(self._db, self._design)
        return first

    def train(self, records: pl.DataFrame, labels: pl.DataFrame | None = None) -> Model:
        """A model learned from rows as `link` takes them.

        ``labels``: ``record`` and ``holder`` (null: nobody of the register) where that is known for certain.
        How often one comparison of a true pair fails is learned from records that the others tell apart best: where
        strangers are many, those whose surname differs cannot be told from the one who changed it.
        Where memory runs out, fewer records are learned from.
        """
        most = records["record"].n_unique()
        while True:
            samples = _sample(records, min(most, TRAINED_ON)), _sample(records, min(most, LOOKED_AT))
            try:
                return self._learned(records, samples, labels)
            except NoMemoryError:
                self._db.drop("pairs", "agreed")
                if most <= FEWEST:
                    raise
            most = max(min(most, LOOKED_AT) // 4, FEWEST)

    def _learned(
        self, records: pl.DataFrame, samples: tuple[pl.Series, pl.Series], labels: pl.DataFrame | None
    ) -> Model:
        sample, looked_at = samples
        taught = records.filter(pl.col("record").is_in(pl.concat([sample, looked_at]).unique().implode()))
        met = self._meet(taught, beside=True)
        asked, pool = (met.filter(pl.col("record").is_in(some.implode())) for some in (sample, looked_at))
        pairs = self._pairs(asked)
        other_names = self.census.rows / max(self.people, 1) - 1
        strangers = self._dictionary.numbered(self.index.sample())
        model = first_guess(self._design, self._dictionary, (asked, strangers), other_names)
        drawn = met.filter(pl.col("record") < 0)
        among = first_guess(self._design, self._dictionary, (drawn, strangers), other_names)
        model = replace(model, doubles=self._doubles(among, drawn))
        fixed = {}
        for one in self._design.comparisons:
            some = self._told_apart_but_for(one, pool)
            if some.height:
                learned = train(self._design, model, labelled(self._pairs(some), labels))
                fixed[one.name] = learned.m[one.name]
                if one.name == self._design.renamed:
                    model = replace(model, alias_m=learned.alias_m, held=learned.held)
        learned = train(self._design, replace(model, m=model.m | fixed), labelled(pairs, labels), fixed)
        return learned.of(self._design, self._origin(records, sample, labels))

    def _origin(self, records: pl.DataFrame, sample: pl.Series, labels: pl.DataFrame | None) -> Origin:
        told = 0 if labels is None else int(labels["record"].is_in(sample.implode()).sum())
        now = utc_now()
        return Origin(now, records["record"].n_unique(), self.people, told)

    def _doubles(self, model: Model, drawn: pl.DataFrame) -> dict[str, float]:
        """See `doubles.counted`; ``drawn``: holders as if they were records, among whom ``model`` knows strangers."""
        pairs = self._pairs(drawn)
        own = drawn["holder"].gather(-1 - pl.Series(pairs.record)).to_numpy()
        met = pl.DataFrame({"pattern": pairs.pattern, "rarity": pairs.rarity.astype(np.float64)}).filter(
            pl.Series((pairs.holder != own) & (pairs.patterns.alias[pairs.pattern] == 0))
        )
        told = met.with_columns(holders=pl.lit(float(self.people)))
        return doubles.counted(self._design, model, pairs.patterns, told, drawn.height)

    def _told_apart_but_for(self, one: Comparison, asked: pl.DataFrame) -> pl.DataFrame:
        """The records whose values of other comparisons are the rarest; none for what has no rival in rarity."""
        others = [c for c in self._design.comparisons if c.counts_rarity and c.cohort and c.name != one.name]
        if not (one.counts_rarity and one.cohort and others):
            return asked.clear()
        most = max(round(asked.height * RAREST), FEWEST)
        if most >= asked.height:
            return asked.clear()
        self._feed("records", asked)
        rare = from_arrow(self._db.table(candidates.rarest(others, most)))
        return asked.filter(pl.col("record").is_in(rare["record"].implode()))

    def link(
        self,
        records: pl.DataFrame,
        model: Model,
        chunk: int = CHUNK,
        kept: Kept = lambda start, work: work(),
        since: int = 0,
    ) -> Iterator[pl.DataFrame]:
        """``record``, ``holder``, ``probability``, ``none``, ``reasons``, ``name`` of pairs worth naming.

        ``records``: ``record`` (Int32, from 0, in order), ``alias`` as in `know`, and texts. So many of them as
        ``chunk`` says are matched in one pass over the holders. ``since``: only with holders of parts from that number
        on, as if there were no others. ``none``: the probability that the holder is not among the candidates, so that
        ``probability / none`` is what a pair weighs whatever others there are. ``name``: see `groups.met_under`.
        """
        for start in range(0, max(records["record"].n_unique(), 1), chunk):
            some = records.filter(pl.col("record").is_between(start, start + chunk - 1))
            yield kept(start, partial(self._link, some, model, since))

    def _link(self, records: pl.DataFrame, model: Model, since: int) -> pl.DataFrame:
        """`link` in one pass; where memory runs out, in a pass for each half."""
        try:
            return self._link_at_once(records, model, since)
        except NoMemoryError:
            self._db.drop("pairs", "agreed")
            first, last = _ends(records)
            if first == last:
                raise
        here = pl.col("record") <= (first + last) // 2
        return pl.concat(self._link(records.filter(half), model, since) for half in (here, ~here))

    def _link_at_once(self, records: pl.DataFrame, model: Model, since: int) -> pl.DataFrame:
        asked = self._meet(records, since)
        self._db.drop("pairs")
        first, last = _ends(asked)
        pieces = (asked.filter(pl.col("record").is_between(at, at + PIECE - 1)) for at in range(first, last + 1, PIECE))
        return pl.concat([self._named(self._pairs(piece), model) for piece in pieces])

    def _named(self, pairs: Pairs, model: Model) -> pl.DataFrame:
        p, none = probabilities(self._design, model, pairs)
        first = np.r_[True, pairs.record[1:] != pairs.record[:-1]][: len(p)]
        found = pl.DataFrame(
            {
                "record": pairs.record,
                "holder": pairs.holder,
                "probability": p,
                "none": none[np.cumsum(first) - 1],
                "pattern": pairs.pattern,
            }
        )
        named = found.filter(pl.col("probability") >= SMALLEST)
        said = pl.Series(reasons(self._design, pairs.patterns), dtype=pl.Categorical)
        met = met_under(self._design, pairs.patterns)
        place = named["pattern"]
        return named.drop("pattern").with_columns(reasons=said.gather(place), name=met.gather(place))

    def explain(self, record: pl.DataFrame, holder: int, model: Model) -> Waterfall:
        """Why ``holder`` is, or is not, the one of this record (its rows, as in `link`)."""
        model.look_at(self._design)
        asked = self._meet(record)
        rivals = self._pairs(asked)
        if (rivals.holder == holder).any():
            return explained(self._db, self._design, model, rivals, rivals, holder)
        named = by_holder(self._design)
        rows = self._dictionary.numbered(self.index.rows_of(holder))
        self._feed("holders", rows.with_columns(may_0=pl.lit(value=True)))
        told = asked.with_columns(holder=pl.lit(holder, pl.Int32), asks_0=pl.lit(value=True))
        self._feed("records", told)
        self._db.run([candidates.pairs(named)])
        candidates.compare(self._db, self._dictionary, self._design)
        self._db.run([Step("agreed", candidates.patterns(self._design))])
        return explained(self._db, named, model, self._pairs(told), rivals, holder)

    def _meet(self, records: pl.DataFrame, since: int = 0, *, beside: bool = False) -> pl.DataFrame:
        """``records`` as whole numbers; makes ``pairs``, all that blocks bring to them, and ``agreed`` of them.

        ``beside``: together with holders drawn at random, as records below 0 with their ``holder``.
        """
        self._dictionary.forget()
        numbers = self._dictionary.numbered(self._dictionary.keyed(self._dictionary.prepare(records)))
        asked = pl.concat([records.select("record", "alias"), numbers], how="horizontal")
        if beside:
            drawn = self._dictionary.numbered(self.index.sample())
            below = (-1 - pl.int_range(pl.len())).cast(pl.Int32)
            asked = pl.concat([asked, drawn.with_columns(record=below)], how="diagonal")
        asked = asked.hstack(self.census.asks(self._design, asked))
        self._feed("records", asked)
        sieve, step = Sieve(self._design, asked), candidates.pairs(self._design)
        self._feed("holders", self._dictionary.numbered(sieve.passing(self.index.sample()).clear()))
        self._db.run([step])
        parts = self.index.columns(self._columns, since)
        for some in of_size((sieve.passing(rows) for rows in parts), MET):
            self._feed("holders", self._dictionary.numbered(some))
            self._db.extend(step)
        candidates.compare(self._db, self._dictionary, self._design)
        self._db.run([Step("agreed", candidates.patterns(self._design))])
        return asked

    def _pairs(self, asked: pl.DataFrame) -> Pairs:
        """What the pairs of some of the records that met holders agree in."""
        self._feed("records", asked)
        found = self._db.table(f"SELECT * FROM agreed SEMI JOIN records USING (record) {candidates.IN_ORDER}")
        table = from_arrow(found)
        groups = np.zeros(GROUPS)
        for group, count in self._db.rows(candidates.asked(self._design)):
            groups[group] = count
        return Pairs.of(self._design, table, groups, self.people)

    def _feed(self, name: str, rows: pl.DataFrame) -> None:
        self._db.feed(name, to_arrow(rows))


def _kept(design: Design) -> Iterator[str]:
    """The columns of an index that ``design`` asks for."""
    for one in design.comparisons:
        yield from one.columns if one.many else (one.name, one.looked_up_by)
    yield from design.extras


def _ends(records: pl.DataFrame) -> tuple[int, int]:
    """The first and the last number of a record."""
    numbers = records["record"].to_numpy()
    return int(numbers.min(initial=numbers.max(initial=0))), int(numbers.max(initial=0))


def _sample(records: pl.DataFrame, most: int) -> pl.Series:
    """The numbers of at most so many records, drawn at random, always the same ones."""
    numbers = records["record"].unique()
    return numbers.sort().sample(min(most, len(numbers)), seed=1)
