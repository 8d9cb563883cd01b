"""`sekisho match --as NAME`: a matching that the vault keeps and that goes on with new records and holders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sekisho.clock import utc_now
from sekisho.errors import InputError
from sekisho.flow.fingerprint import of_code
from sekisho.flow.matching.holders import Indexed, changes_since, indexed
from sekisho.flow.matching.match import CANDIDATES, MATCHING, Matched, look_at_ids, records_of, shown, summary
from sekisho.flow.matching.models import keep, learned, text_of
from sekisho.flow.parts import Parts, fingerprint
from sekisho.matching import Drift
from sekisho.persons.linkage import people
from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.drift import drift, rarity
from sekisho.persons.linkage.link import CHUNK, LOOKED_AT, Linker
from sekisho.persons.linkage.model import Model
from sekisho.persons.linkage.ongoing import Ongoing, Taken
from sekisho.persons.linkage.policy import Policy, decided
from sekisho.register.rows import Rows, read
from sekisho.register.vaulted import Vaulted
from sekisho.report import tabular
from sekisho.report.interval import clopper_pearson
from sekisho.report.progress import Phases, Progress
from sekisho.vault import Vault
from sekisho.wording import Text, language

COLUMNS = sorted(people.columns(people.DESIGN) - {"record"})
CHECKED = 20_000
"""Records that are matched both ways to say what a full matching would change."""
CHECKING = Text("What would a full matching change?", "全件をやり直した場合との差")
SAMPLE = Text("a sample, by what is known today", "標本を現在の情報で照合")
ROWS = Text("rows", "行")


@dataclass(frozen=True, slots=True)
class How:
    """``model``: to go by from now on; ``keep``: where to write the one that is gone by. ``full``: look at everything.

    ``chunk``: records that are matched at once, and kept when done.
    """

    policy: Policy
    model: Path | None = None
    keep: Path | None = None
    full: bool = False
    force: bool = False
    shown: bool = True
    chunk: int = CHUNK


@dataclass(frozen=True, slots=True)
class Moved:
    """How far what the matching stands on has moved since everything was looked at.

    ``people``: holders then and now. ``rarity``: see `drift.rarity`. ``model``: m then, and as these records teach it.
    Of ``checked`` records, matched by what is known today, ``differ`` in their first candidate or outcome;
    ``expected``: how many of all records that means at least and at most (95 %).
    """

    people: tuple[int, int]
    rarity: float
    model: Drift
    checked: int
    differ: int
    expected: tuple[int, int]


@dataclass(frozen=True, slots=True)
class WentOn:
    """``looked_at``: so many records, of them ``taken``'s; ``full``: all. ``holders``: how many new, changed, gone.

    ``other``: records whose first candidate or outcome is another one than before, new records left out. ``moved``:
    None where nothing has.
    """

    matched: Matched
    taken: Taken
    holders: dict[str, int]
    looked_at: int
    other: int
    full: bool
    moved: Moved | None


def go_on(vault: Vault, name: str, records: Path | None, to: Path, how: How) -> WentOn:
    """Match what is new or touched since the matching ``name`` was last called, and write all its `CANDIDATES`.

    Killed at any moment, the earlier matching stays. Raises InputError, UsageError, VaultError.
    """
    files = [records] if records else []
    tabular.look_at_target(to, force=how.force, sources=files)
    if records is None and name not in vault.matchings():
        raise _nothing(name)
    vault.register().see_all("match.run")
    known, asked = Vaulted(vault.register()), read(records) if records else None
    with vault.matching(name) as storage, indexed(vault.register(), known, shown=how.shown) as holders:
        ongoing = Ongoing(storage, COLUMNS)
        state = (name, json.dumps(ongoing.about), known.mark(), of_code("persons", "register"))
        of = fingerprint(files, *state, text_of(how.model), language(), str(how.chunk))
        parts = Parts(to.with_name(f".{to.name}.parts"), of)
        before, earlier = decided(ongoing.found(), how.policy), ongoing.numbers()
        taken = ongoing.take(_rows(asked)) if asked else Taken()
        columns = sorted({*ongoing.about.get("columns", ()), *(asked.mapping.values() if asked else ())})
        run = _Run(ongoing, holders, known, how, parts, columns)
        full = how.full or how.model is not None or ongoing.about.get("made") != holders.made
        done = run.everything() if full else run.what_is_new(taken)
        ranked = decided(ongoing.found(), how.policy)
        moved = None if full else run.moved()
        other = _differing(before, ranked, earlier.filter(~earlier.is_in(taken.gone.implode())))
        ongoing.commit(**done.about)
        tabular.write(to, CANDIDATES, [shown(ranked, _ids(ongoing), holders)], force=how.force)
        read_now = (known, asked) if asked else (known,)
        matched = summary(ranked, len(ongoing), holders.index.census.people, read_now, done.model)
    keep(how.keep, done.model)
    parts.drop()
    return WentOn(matched, taken, done.holders, done.looked_at, other, full, moved)


@dataclass(frozen=True, slots=True)
class _Done:
    model: Model
    about: dict[str, Any]
    looked_at: int
    holders: dict[str, int]


@dataclass(frozen=True, slots=True)
class Resumed:
    """A matching that is kept, and the index of the holders as they are now."""

    ongoing: Ongoing
    holders: Indexed

    @property
    def model(self) -> Model:
        """The model that it stands on."""
        return Model.from_json(self.ongoing.about["model"])

    @property
    def design(self) -> Design:
        """What is compared."""
        return people.DESIGN.of(*self.ongoing.about["comparisons"])

    def linker(self) -> Linker:
        """One that goes by the statistics that it stands on."""
        index = self.holders.index
        return Linker(self.design, index=index, census=self.ongoing.stood_on(index.design))


@contextmanager
def resumed(vault: Vault, name: str, *, shown: bool = True) -> Iterator[Resumed]:
    """A matching that was kept, to be looked at; raises InputError where there is none of this version."""
    known = Vaulted(vault.register())
    if name not in vault.matchings():
        raise _nothing(name)
    with vault.matching(name) as storage, indexed(vault.register(), known, shown=shown) as holders:
        ongoing = Ongoing(storage, COLUMNS)
        if ongoing.about["made"] != holders.made:
            raise InputError(
                Text("The index of the holders was made anew.", "台帳の索引が作り直されています。"),
                Text("Call `sekisho match --as` first.", "先に `sekisho match --as` を実行してください。"),
            )
        yield Resumed(ongoing, holders)


@dataclass(frozen=True, slots=True)
class _Run(Resumed):
    known: Vaulted
    how: How
    parts: Parts
    columns: list[str]  # that the records of any file had

    def everything(self) -> _Done:
        """Learn a model, unless one is given, and look at every record."""
        design = people.design(self.known.mapping.values(), self.columns)
        given = Model.from_json(text_of(self.how.model)) if self.how.model else None
        with Linker(design, index=self.holders.index) as linker:
            model = given or learned(linker, self._some(LOOKED_AT), None, self.parts, shown=self.how.shown)
            model.look_at(design)
            self.ongoing.all_again(self.holders.index, as_linked, partial(self._link, linker, model))
        now = utc_now()
        comparisons = [one.name for one in design.comparisons]
        stands_on = [self.known.number, len(self.ongoing)]
        about = {"comparisons": comparisons, "model": model.to_json(), "full": now, "stands_on": stands_on}
        return _Done(model, self._about(about), len(self.ongoing), {})

    def what_is_new(self, taken: Taken) -> _Done:
        """Look at fresh records, and again at those who meet a holder who came, changed or went."""
        changes = changes_since(self.known, int(self.ongoing.about["import"]))
        model = self.model
        with self.linker() as linker:
            touched, link = changes["holder"].cast(pl.Int32), partial(self._link, linker, model)
            looked_at = self.ongoing.go_on(self.holders.index, linker.census, taken, touched, as_linked, link)
        return _Done(model, self._about({}), len(looked_at), dict(changes["change"].value_counts().iter_rows()))

    def moved(self) -> Moved | None:
        """What a full matching would change, by a sample; None where nothing moved since the last one."""
        if self.ongoing.about["stands_on"] == [self.known.number, len(self.ongoing)]:
            return None
        index, design, model = self.holders.index, self.design, self.model
        stood = self.ongoing.stood_on(index.design)
        numbers = self.ongoing.numbers()
        drawn = numbers.sample(min(CHECKED, len(numbers)), seed=1).sort()
        with Phases(CHECKING, shown=self.how.shown) as tell, Linker(design, index=index) as linker:
            tell(SAMPLE)
            taught = linker.train(self._some(LOOKED_AT))
            found = pl.concat(linker.link(as_linked(self.ongoing.rows_of(drawn)), taught))
        today = decided(found.with_columns(record=drawn.gather(found["record"])), self.how.policy)
        then = decided(self.ongoing.found().filter(pl.col("record").is_in(drawn.implode())), self.how.policy)
        differ = _differing(then, today, drawn)
        low, high = clopper_pearson(differ, max(len(drawn), 1))
        expected = (round(low * len(numbers)), round(high * len(numbers)))
        people_then_and_now = (stood.people, index.census.people)
        shift = rarity(design, stood, index.census)
        return Moved(people_then_and_now, shift, drift(design, model, taught), len(drawn), differ, expected)

    def _about(self, told: dict[str, Any]) -> dict[str, Any]:
        state = {"made": self.holders.made, "import": self.known.number, "columns": self.columns}
        return {**self.ongoing.about, **told, **state}

    def _some(self, most: int) -> pl.DataFrame:
        """So many records at most, drawn at random, as they are linked."""
        numbers = self.ongoing.numbers()
        return as_linked(self.ongoing.rows_of(numbers.sample(min(most, len(numbers)), seed=1)))

    def _link(self, linker: Linker, model: Model, rows: pl.DataFrame, done: int, total: int) -> pl.DataFrame:
        def kept(start: int, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
            return self.parts.kept(done + start, work)

        with Progress(MATCHING, ROWS, total, begun=done, shown=self.how.shown) as progress:
            return pl.concat(progress.through(linker.link(rows, model, self.how.chunk, kept), self.how.chunk))


def _rows(asked: Rows) -> pl.DataFrame:
    """The records of a file, a row each; raises InputError where they have no ids of their own."""
    rows = pl.concat(list(asked.batches({"record", *COLUMNS}))).select(*COLUMNS, id=pl.col("record"))
    if nameless := rows["id"].null_count():
        raise InputError(
            Text(
                "{n:,} {n|record|records} of {file} {n|has|have} nothing in the column `record`.",
                "{file} に record 列の値がない記録が{n:,}件あります。",
            ).fill(file=asked.path, n=nameless),
            Text(
                "Records of a matching that goes on need an id of their own, by which they are known the next time.",
                "継続する照合では、次回も同じ記録と分かるように、記録ごとの番号が必要です。",
            ),
        )
    look_at_ids(rows["id"], asked)
    return rows


def as_linked(rows: pl.DataFrame) -> pl.DataFrame:
    """Records as they are kept, as the linker takes them."""
    return records_of([rows.select(*COLUMNS, record="id")])


def _ids(ongoing: Ongoing) -> pl.Series:
    """The id of every record by its number."""
    told = ongoing.ids()
    places = pl.DataFrame({"record": np.arange(int(told["record"].to_numpy().max(initial=-1)) + 1, dtype=np.int32)})
    return places.join(told, on="record", how="left", maintain_order="left")["id"]


def _differing(one: pl.DataFrame, other: pl.DataFrame, among: pl.Series) -> int:
    """How many of the records have another first candidate, or another outcome."""
    sides = [ranked.filter(pl.col("rank") == 1).select("record", "holder", "outcome") for ranked in (one, other)]
    both = sides[0].join(sides[1], on="record", how="full", coalesce=True)
    changed = both.filter(
        pl.col("record").is_in(among.implode()),
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_right")) for name in ("holder", "outcome")),
    )
    return changed.height


def _nothing(name: str) -> InputError:
    return InputError(
        Text("The vault keeps no matching {name}.", "保管庫に照合 {name} がありません。").fill(name=name),
        Text("Name the file of its records to begin one.", "始めるには記録のファイルを指定してください。"),
    )
