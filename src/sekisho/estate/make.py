"""Makes the estate: the files, the register of holders, the passwords, and the truth about all of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.estate import truth
from sekisho.estate.catalogue import ENTRIES, PERSONS
from sekisho.estate.dice import Dice
from sekisho.estate.dress import UNKNOWN
from sekisho.estate.files import Placed, copied, make_files
from sekisho.estate.made import Document
from sekisho.estate.people import people
from sekisho.estate.plan import Task, plan
from sekisho.estate.register import holders_of, write_register

HOLDERS_PER_PERSON = 1.2
OLDEST, NEWEST = 1_364_774_400, 1_430_438_400  # files were last changed from April 2013 to April 2015


@dataclass(frozen=True, slots=True)
class Estate:
    """What was made, in counts: ``files`` in all, ``with_records`` of them hold personal data."""

    files: int
    with_records: int
    documents: int
    records: int
    persons: int
    holders: int


@dataclass(frozen=True, slots=True)
class Invented:
    """An estate that was written, and whom it is about.

    ``everybody``: `people`, of whom the first ``affected`` stand in it; ``holders``: `holders_of` them. ``shut_in``:
    persons who stand in a file that nobody can open, be it that they stand in others too.
    """

    everybody: pl.DataFrame
    affected: int
    holders: pl.DataFrame
    shut_in: pl.Series
    counts: Estate


def planned(scale: float, seed: int) -> list[Task]:
    """The files that `make` will make, in their order."""
    return plan(ENTRIES, scale, Dice(seed).stream("plan"))


def make(folder: Path, scale: float, seed: int, tell: Callable[[Task], None] = lambda _: None) -> Estate:
    """Write ``folder``/estate, register.csv, register.parquet, passwords.txt and truth/.

    The same ``scale`` and ``seed`` give the same truth, byte for byte. ``tell`` hears of each task that is done.
    """
    made = invent(folder, scale, seed, tell)
    write_register(folder, made.holders)
    return made.counts


def invent(
    folder: Path, scale: float, seed: int, tell: Callable[[Task], None] = lambda _: None, strangers: int = 0
) -> Invented:
    """`make`, without the register. ``strangers``: so many of the affected at least are not in it."""
    dice = Dice(seed)
    tasks = planned(scale, seed)
    total = sum(t.own_records for t in tasks)
    persons = min(total, round(PERSONS * scale))
    everybody = people(round(persons * HOLDERS_PER_PERSON), dice.stream("people"))
    sequence = _sequence(total, persons, dice.stream("sequence"))
    ledger = _Ledger()
    for task, placed in _placed(tasks, everybody, sequence, dice):
        _write(folder / "estate", placed, dice.stream("times", task.index))
        ledger.add(placed)
        tell(task)
    holders = holders_of(everybody, persons, dice.stream("register"), strangers)
    ledger.write(folder, _known(holders, persons))
    lost = (task for task in tasks if task.entry.aside and task.entry.memo == UNKNOWN)
    shut_in = [_anybody(task, everybody, dice.stream("file", task.index))["person"] for task in lost]
    counts = ledger.counts(persons, holders.height)
    return Invented(everybody, persons, holders, pl.concat(shut_in).unique().sort(), counts)


def _placed(
    tasks: Sequence[Task], everybody: pl.DataFrame, sequence: pl.Series, dice: Dice
) -> Iterator[tuple[Task, Placed]]:
    """Each task with its files. Persons come from ``sequence``; what nobody can read takes anybody."""
    wanted = {t.copy_of for t in tasks}
    originals: dict[int, Placed] = {}
    done = 0
    for task in tasks:
        own = dice.stream("file", task.index)
        if task.copy_of is not None:
            yield task, copied(originals[task.copy_of], task, own)
            continue
        own_rows = sequence[done : done + task.records]
        rows = _anybody(task, everybody, own) if task.entry.aside else everybody[own_rows]
        placed = make_files(task, rows, own)
        done += task.own_records
        if task.index in wanted:
            originals[task.index] = placed
        yield task, placed


def _anybody(task: Task, everybody: pl.DataFrame, own: Dice) -> pl.DataFrame:
    """The persons of a file that counts nobody, drawn from its ``own`` dice."""
    return everybody[own.column(task.records, everybody.height)]


def _sequence(total: int, persons: int, dice: Dice) -> pl.Series:
    """Whose record each one is: every person once, some again, in a random order."""
    rounds = [dice.order(persons) for _ in range(-(-total // persons))]
    return pl.concat(rounds).head(total).gather(dice.order(total))


def _write(root: Path, placed: Placed, dice: Dice) -> None:
    place = root / placed.folder
    place.mkdir(parents=True, exist_ok=True)
    for made in placed.files:
        path = place / made.name
        path.write_bytes(made.data)
        path.chmod(dice.pick((0o644, 0o644, 0o664, 0o640, 0o600)))
        moment = dice.between(OLDEST, NEWEST)
        os.utime(path, (moment, moment))


class _Ledger:
    """Gathers the truth as the files are made."""

    def __init__(self) -> None:
        self._documents: list[dict[str, object]] = []
        self._records: list[pa.Table] = []
        self._files = self._with_records = 0

    def add(self, placed: Placed) -> None:
        for made in placed.files:
            found = [self._add(f"{placed.folder}/{made.name}{d.path}", d) for d in made.documents]
            self._files += 1
            self._with_records += any(found)

    def _add(self, name: str, document: Document) -> int:
        table = truth.records(name, document.says, document.frame)
        self._records.append(table)
        self._documents.append(truth.row(name, document, table.num_rows))
        return int(table.num_rows)

    def counts(self, persons: int, holders: int) -> Estate:
        records = sum(table.num_rows for table in self._records)
        return Estate(self._files, self._with_records, len(self._documents), records, persons, holders)

    def write(self, folder: Path, known: pa.Table) -> None:
        """truth/ and passwords.txt: what a responder would be handed, not what lies beside or what nobody knows."""
        place = folder / "truth"
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(self._documents, schema=truth.DOCUMENTS), place / "documents.parquet")
        pq.write_table(pa.concat_tables(self._records), place / "records.parquet")
        pq.write_table(known, place / "persons.parquet")
        words = [d["password"] for d in self._documents if not d["password_beside"] and d["outcome"] != "LOCKED"]
        (folder / "passwords.txt").write_text("".join(f"{w}\n" for w in dict.fromkeys(words) if w), "utf-8")


def _known(holders: pl.DataFrame, persons: int) -> pa.Table:
    everybody = pl.DataFrame({"person": range(persons)}, schema={"person": pl.Int64})
    found = holders.select("person", holder="basic_pension_number")
    return everybody.join(found, on="person", how="left", maintain_order="left").to_arrow().cast(truth.PERSONS)
