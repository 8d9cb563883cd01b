"""`sekisho explain`: why a record is, or is not, a holder's, from the same files and model as `sekisho match`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sekisho.errors import InputError
from sekisho.flow.matching.holders import Holders, holders_in, known_to
from sekisho.flow.matching.match import records_of
from sekisho.flow.matching.models import model_of
from sekisho.flow.matching.ongoing import as_linked, resumed
from sekisho.persons.linkage import people
from sekisho.persons.linkage.explain import Waterfall
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.model import Model
from sekisho.register.lookup import numbers_in
from sekisho.register.rows import read
from sekisho.vault import Looks, Register, Vault
from sekisho.vault import looks as subjects
from sekisho.wording import Text

Files = tuple[Path, Path | Register]
"""The records, and the register: a file or the vault's."""
VAULT = Text("The vault", "保管庫")


NONE = Text("There is no {what} {name} in {file}.", "{file} に{what} {name} がありません。")
SEVERAL = Text("There are {count} of {what} {name} in {file}.", "{file} に{what} {name} が{count}あります。")


EXPLAIN = "match.explain"


@dataclass(frozen=True, slots=True)
class Explained:
    """``others``: name (a number, as a rule) and probability of the record's other candidates, the likeliest first."""

    record: str
    holder: str
    why: Waterfall
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """``rows`` of ``records``, and a linker that knows the ``holders`` of the ``register``.

    ``looks``: where looks are logged; None where all of it are files of whoever asks.
    """

    linker: Linker
    rows: pl.DataFrame
    holders: Holders
    model: Model
    records: Path | Text
    register: Path | Text
    looks: Looks | None = None


def explain(record: str, holder: str, asked: Asked) -> Explained:
    """Why the record is, or is not, the holder's; raises InputError where there is no such one."""
    rows = asked.rows.filter(pl.col("id") == record)
    if rows["record"].n_unique() != 1:
        raise _not_one(Text("record", "記録"), record, asked.records, rows["record"].n_unique())
    place = asked.holders.places(pl.Series([holder]))[0]
    if place is None:
        raise _not_one(Text("holder", "台帳の人"), holder, asked.register, 0)
    why = asked.linker.explain(rows, place, asked.model)
    others = asked.holders.named(pl.Series([other for other, _ in why.others], dtype=pl.Int32))
    if asked.looks:
        seen = (subjects.record(record), *map(subjects.number, numbers_in([holder, *others])))
        asked.looks.see(EXPLAIN, seen, {"records": 1})
    return Explained(record, holder, why, tuple(zip(others, (p for _, p in why.others), strict=True)))


@contextmanager
def from_files(files: Files, model: Path, *, shown: bool = True) -> Iterator[Asked]:
    """As `match` takes them; raises InputError."""
    if isinstance(files[1], Register):
        files[1].looks.demand(EXPLAIN)
    learned = model_of(model)
    with loaded(files, shown=shown) as (linker, rows, holders):
        register = VAULT if isinstance(files[1], Register) else files[1]
        looks = files[1].looks if isinstance(files[1], Register) else None
        yield Asked(linker, rows, holders, learned, files[0], register, looks)


@contextmanager
def from_matching(vault: Vault, name: str, record: str, *, shown: bool = True) -> Iterator[Asked]:
    """As `match --as` keeps it; raises InputError, VaultError."""
    vault.demand(EXPLAIN)
    with resumed(vault, name, shown=shown) as run, run.linker() as linker:
        ids = run.ongoing.ids()
        rows = as_linked(run.ongoing.rows_of(ids.filter(id=record)["record"]))
        kept = Text("The matching {name}", "照合 {name}").fill(name=name)
        yield Asked(linker, rows, run.holders, run.model, kept, VAULT, vault.looks())


@contextmanager
def loaded(files: Files, *, shown: bool = False) -> Iterator[tuple[Linker, pl.DataFrame, Holders]]:
    """The holders in a linker, the rows of the records, and the holders' names, all as `match` takes them."""
    asked, known = read(files[0]), holders_in(files[1])
    design = people.design(known.mapping.values(), asked.mapping.values())
    with known_to(design, files[1], known, shown=shown) as (linker, holders):
        yield linker, records_of(asked.batches(people.columns(design))), holders


def _not_one(what: Text, name: str, path: Path | Text, count: int) -> InputError:
    return InputError(
        (SEVERAL if count else NONE).fill(file=path, count=count, what=what, name=name),
        Text(
            "Name one as in the columns record and holder of the matches.",
            "照合結果の record・holder 列の値を一つ指定してください。",
        ),
    )
