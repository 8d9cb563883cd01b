"""Makes the estate: the files, the register of holders, the passwords, and the truth about all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.estate import truth
from sekisho.estate.catalogue import ENTRIES, PERSONS, Entry
from sekisho.estate.dice import Dice
from sekisho.estate.layouts.listing import Hand
from sekisho.estate.made import Document, Made
from sekisho.estate.naming import TOPICS, folder, stem
from sekisho.estate.people import people
from sekisho.estate.plan import Task, plan
from sekisho.estate.register import write_register
from sekisho.estate.slips import with_slips
from sekisho.estate.writers.formats import WRITERS
from sekisho.estate.writers.texts import NARROW

HOLDERS_PER_PERSON = 1.2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the making is, in records and in files."""

    records: int
    of_records: int
    files: int
    of_files: int


@dataclass(frozen=True, slots=True)
class Estate:
    """What was made, in counts."""

    files: int
    documents: int
    records: int
    persons: int
    holders: int


def make(folder: Path, scale: float, seed: int, tell: Callable[[Progress], None] = lambda _: None) -> Estate:
    """Write ``folder``/estate, register.csv, register.parquet, passwords.txt and truth/.

    The same ``scale`` and ``seed`` give the same truth, byte for byte.
    """
    dice = Dice(seed)
    tasks = plan(ENTRIES, scale, dice.stream("plan"))
    total = sum(t.records for t in tasks)
    persons = min(total, round(PERSONS * scale))
    everybody = people(round(persons * HOLDERS_PER_PERSON), dice.stream("people"))
    sequence = _sequence(total, persons, dice.stream("sequence"))
    root = folder / "estate"
    documents: list[dict[str, object]] = []
    records: list[pa.Table] = []
    done = 0
    for task in tasks:
        rows = everybody[sequence[done : done + task.records]]
        place, made = _file(task, rows, dice.stream("file", task.index))
        _write(root / place, made)
        for document in made.documents:
            table = truth.records(f"{place}/{made.name}{document.path}", document.says, document.frame)
            documents.append(_row(f"{place}/{made.name}", document, table.num_rows))
            records.append(table)
        done += task.records
        tell(Progress(done, total, task.index + 1, len(tasks)))
    holders = write_register(folder, everybody, persons, dice.stream("register"))
    _write_truth(folder, documents, records, holders, persons)
    _write_passwords(folder, documents)
    return Estate(len(tasks), len(documents), sum(t.num_rows for t in records), persons, holders.height)


def _sequence(total: int, persons: int, dice: Dice) -> pl.Series:
    """Whose record each one is: every person once, some again, in a random order."""
    rounds = [dice.order(persons) for _ in range(-(-total // persons))]
    whose = pl.concat([rounds[0], pl.concat(rounds[1:]).head(total - persons)]) if len(rounds) > 1 else rounds[0]
    return whose.gather(dice.order(total))


def _file(task: Task, rows: pl.DataFrame, dice: Dice) -> tuple[str, Made]:
    entry, writer = task.entry, WRITERS[task.entry.kind]
    topic = dice.pick(TOPICS)
    rows = with_slips(rows, entry.slips if entry.items != "name" else replace(entry.slips, number_missing=0), dice)
    if writer.charset in NARROW:
        rows = rows.with_columns(pl.col("last", "first").str.replace_many(NARROW[writer.charset]))
    draft = entry.make(rows, _hand(entry, topic, dice))
    name = stem(topic, task.index, dice) + writer.suffix
    own = Document("", writer.kind, entry.layout, draft.says, writer.frame)
    return folder(task.centre, dice), Made(name, writer.write(draft.content), (own,))


def _hand(entry: Entry, topic: str, dice: Dice) -> Hand:
    return Hand(dice, topic, entry.items, entry.extras, dict(entry.styles), entry.numbered, entry.clerk)


def _write(place: Path, made: Made) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / made.name).write_bytes(made.data)


def _row(file: str, document: Document, records: int) -> dict[str, object]:
    return {
        "document": file + document.path,
        "kind": document.kind,
        "layout": document.layout,
        "outcome": document.outcome.value,
        "reason": document.reason.value,
        "protection": document.lock.protection.name,
        "algorithm": document.lock.algorithm,
        "password_beside": document.password_beside,
        "password": document.password,
        "records": records,
    }


def _write_truth(
    folder: Path, documents: list[dict[str, object]], records: list[pa.Table], holders: pl.DataFrame, persons: int
) -> None:
    place = folder / "truth"
    place.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(documents, schema=truth.DOCUMENTS), place / "documents.parquet")
    pq.write_table(pa.concat_tables(records), place / "records.parquet")
    known = pl.DataFrame({"person": range(persons)}).join(
        holders.select("person", holder="basic_pension_number"), on="person", how="left", maintain_order="left"
    )
    pq.write_table(known.to_arrow().cast(truth.PERSONS), place / "persons.parquet")


def _write_passwords(folder: Path, documents: list[dict[str, object]]) -> None:
    """Those a responder would be handed; not those that lie beside, nor those that nobody knows."""
    words = [
        str(d["password"]) for d in documents if d["password"] and not d["password_beside"] and d["outcome"] != "LOCKED"
    ]
    (folder / "passwords.txt").write_text("".join(f"{w}\n" for w in dict.fromkeys(words)), "utf-8")
