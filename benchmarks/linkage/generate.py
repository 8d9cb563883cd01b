"""Invents a register and the records that lost their holders, with the truth; docs/linkage-generator.md.

    python -m benchmarks.linkage.generate --to DIR --holders 1_000_000 --records 500_000 --seed 1

writes DIR/register/part-*.parquet, DIR/records.parquet and DIR/truth.parquet. With ``--density 100_000_000`` the
persons share a slice of the birth dates, as many to a date as in a nation of that size.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.linkage import readings
from benchmarks.linkage.births import Births, slice_of
from benchmarks.linkage.homes import Numbers, written
from benchmarks.linkage.periods import month
from benchmarks.linkage.persons import persons, surname, tables
from benchmarks.linkage.records import records
from sekisho.estate.dice import Dice

CHUNK = 500_000  # holders made at a time: bounds the memory

_text = pa.large_string()
RECORDS = pa.schema(
    [("record", pa.int64())]
    + [(c, _text) for c in ("name", "name_kana", "birth_date", "sex", "office", "period_from", "period_to")]
    + [("former_name_kana", _text)]
)
TRUTH = pa.schema([("record", pa.int64()), ("holder", _text), ("errors", pa.large_list(_text))])


@dataclass(frozen=True, slots=True)
class Order:
    """What to make."""

    holders: int
    records: int
    seed: int
    density: int | None = None  # persons of the nation whose density the slice has; None: all birth dates
    shared: float = 0.2  # share of the records without a holder


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of what was made: holders, their records and those of strangers."""

    register: pl.DataFrame
    records: pl.DataFrame
    truth: pl.DataFrame


def _register(people: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """The holders as the register knows them."""
    last, first = tables().last, tables().first
    known = people["changed"].is_not_null() & people["former_known"]
    alias = people["alias_last"].is_not_null() & people["alias_known"]
    born = people["born_last"]
    return pl.select(
        basic_pension_number=numbers.give(people["origin"]),
        name=surname(people["last"], people["variant"]) + " " + first["kanji"].gather(people["first"]),
        name_kana=last["kana"].gather(people["last"]) + " " + first["kana"].gather(people["first"]),
        former_name=pl.when(known).then(surname(born, people["variant"])),
        former_name_kana=pl.when(known).then(last["kana"].gather(born)),
        former_name_until=pl.when(known).then(month(people["changed"])),
        alias=pl.when(alias).then(_full(people, "kanji")),
        alias_kana=pl.when(alias).then(_full(people, "kana")),
        birth_date=people["birth"].dt.to_string("%Y-%m-%d"),
        sex=pl.when(people["woman"]).then(pl.lit("F")).otherwise(pl.lit("M")),
        periods=people["periods"],
    ).hstack(written(people))


def _full(people: pl.DataFrame, script: str) -> pl.Series:
    """The alias in kanji or kana."""
    last, first = tables().last[script], tables().first[script]
    return last.gather(people["alias_last"]) + " " + first.gather(people["alias_first"])


def _parts(whole: int, chunks: int) -> list[int]:
    """``whole`` in ``chunks`` parts that differ by one at most."""
    edges = [whole * i // chunks for i in range(chunks + 1)]
    return [b - a for a, b in pairwise(edges)]


def chunks(order: Order) -> Iterator[Chunk]:
    """Everything that is asked for, part by part; the same for the same order."""
    dice = Dice(f"linkage/{order.seed}")
    share = 1.0 if order.density is None else order.holders / order.density
    births = Births(slice_of(share, dice.stream("slice")))
    numbers = Numbers(dice.stream("numbers"))
    label = _Labels(order.records, dice.stream("labels"))
    count = max(1, math.ceil(order.holders / CHUNK))
    strangers = round(order.records * order.shared)
    sizes = (_parts(whole, count) for whole in (order.holders, order.records - strangers, strangers))
    for i, (holders, owned, unowned) in enumerate(zip(*sizes, strict=True)):
        part = dice.stream("part", i)
        people = persons(holders + unowned, births, part.stream("persons"))
        register = _register(people.head(holders), numbers)
        chosen = part.stream("owners").column(owned, max(holders, 1))
        made = records(pl.concat([people[chosen], people.tail(unowned)]), part.stream("records"))
        numbered = register["basic_pension_number"].gather(chosen)
        holder = pl.concat([numbered, pl.Series([None] * unowned, dtype=pl.String)])
        made = made.with_columns(holder=holder)[part.stream("order").order(made.height)]
        made = made.with_columns(record=label.give(made.height))
        yield Chunk(register, made.select(RECORDS.names), made.select(TRUTH.names))


class _Labels:
    """Gives each record a number 0..n-1, so that neither its order nor its neighbours say whose it is."""

    def __init__(self, n: int, dice: Dice) -> None:
        self._n, self._given, self._start = max(n, 1), 0, dice.between(0, max(n, 1) - 1)
        self._step = next(s for s in range(int(self._n * 0.618) + 1, 2 * self._n + 2) if math.gcd(s, self._n) == 1)

    def give(self, n: int) -> pl.Series:
        """The next ``n``."""
        turns = pl.int_range(self._given, self._given + n, eager=True)
        self._given += n
        return (turns * self._step + self._start) % self._n


def generate(order: Order, folder: Path) -> None:
    """Writes register, records and truth into ``folder``; what an earlier run left there is replaced."""
    register = folder / "register"
    shutil.rmtree(register, ignore_errors=True)
    register.mkdir(parents=True)
    with (
        pq.ParquetWriter(folder / "records.parquet", RECORDS, compression="zstd") as to_records,
        pq.ParquetWriter(folder / "truth.parquet", TRUTH, compression="zstd") as to_truth,
    ):
        for i, chunk in enumerate(chunks(order)):
            chunk.register.write_parquet(register / f"part-{i:05}.parquet", compression="zstd")
            to_records.write_table(chunk.records.to_arrow().cast(RECORDS))
            to_truth.write_table(chunk.truth.to_arrow().cast(TRUTH))


def main() -> None:
    """Generate what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linkage.generate", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, metavar="DIR")
    parser.add_argument("--holders", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--density", type=int, help="persons of the nation whose density the birth dates have")
    parser.add_argument("--shared", type=float, default=0.2, help="share of the records without a holder")
    asked = parser.parse_args()
    if asked.holders < 1 or asked.records < 0 or not 0 <= asked.shared <= 1:
        parser.error("at least one holder, no less than 0 records, and a share from 0 to 1, please")
    if not readings.installed():
        sys.stderr.write(f"{readings.MISSING}\n")
    generate(Order(asked.holders, asked.records, asked.seed, asked.density, asked.shared), asked.to)


if __name__ == "__main__":
    main()
