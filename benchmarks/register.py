"""``python -m benchmarks.register --holders N``: what keeping a register of N holders costs, CPU, memory and disk.

A first file, then a second one in another order with 2 % of its holders changed and 0.5 % under another number; then
single holders are looked for. Files are Parquet of invented holders, written in streams; every value of a holder
follows from their place alone, so that any order can be written.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from benchmarks.measure import Cost, run
from sekisho.frames import to_arrow

SEKISHO = [str(Path(sys.executable).with_name("sekisho"))]
TITLES = "| CPU s | µs a row | seconds | peak memory | on the disk |\n|---|---|---|---|---|---|"
BATCH = 250_000
OFFICES = 4653  # 47 prefectures, 99 offices each
NUMBERS = OFFICES * 10**6
TEMPORARY = 33  # one of so many holders has a temporary number, too
CHANGED, RENUMBERED = 50, 200  # one of so many in the second file
BASE = 200_000  # holders whose values are drawn anew


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.register", description=__doc__)
    parser.add_argument("--holders", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path("build/register"))
    parser.add_argument("--first-only", action="store_true", help="without a second file")
    call = parser.parse_args()
    folder = call.work / str(call.holders)
    folder.mkdir(parents=True, exist_ok=True)
    base = _base(call.work)
    print(f"| {call.holders:,} holders {TITLES}")
    shutil.rmtree(folder / "vault", ignore_errors=True)
    for edition in (1,) if call.first_only else (1, 2):
        path = folder / f"{edition}.parquet"
        write(path, base, call.holders, edition)
        _line(f"import of file {edition}", _call(folder, "import", str(path)), call.holders, folder)
        path.unlink()
    some = rows(base, 0, 1, call.holders, 1)
    number, name, birth = (some[column][0] for column in ("基礎年金番号", "氏名", "生年月日"))
    looked = {
        "show a number": ["show", number],
        "history of it": ["history", number],
        "show a name": ["show", name, birth],
    }
    for said, words in looked.items():
        _line(said, _call(folder, *words), None, folder)


def _call(folder: Path, *words: str) -> Cost:
    key = ["--key-file", str(folder / "key"), "--vault", str(folder / "vault")]
    cost = run([*SEKISHO, "register", *words, *key], log=folder / "said")
    if cost.code:
        raise SystemExit((folder / "said").read_text(encoding="utf-8"))
    return cost


def _line(said: str, cost: Cost, rows: int | None, folder: Path) -> None:
    size = sum(path.stat().st_size for path in (folder / "vault").rglob("*") if path.is_file())
    each = f"{cost.cpu / rows * 1e6:.1f}" if rows else ""
    print(
        f"| {said} | {cost.cpu:.1f} | {each} | {cost.wall:.0f} | {cost.peak / 1e9:.2f} GB | {size / 1e6:,.0f} MB |",
        flush=True,
    )


def _base(work: Path) -> pl.DataFrame:
    """Holders with names, dates and addresses as they are distributed, to draw columns from."""
    kept = work / "base.parquet"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            order = ["--holders", str(BASE), "--records", "1000"]
            subprocess.run([sys.executable, "-m", "benchmarks.linkage.generate", "--to", folder, *order], check=True)
            pl.concat([pl.read_parquet(part) for part in sorted(Path(folder).glob("register/*"))]).write_parquet(kept)
    return pl.read_parquet(kept)


def write(path: Path, base: pl.DataFrame, holders: int, edition: int) -> None:
    """The file of one edition; the second is in another order."""
    schema = to_arrow(rows(base, 0, 1, holders, edition)).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, holders, BATCH):
            some = rows(base, start, min(BATCH, holders - start), holders, edition)
            writer.write_table(to_arrow(some, schema))


@dataclass(frozen=True, slots=True)
class Told:
    """What rows of a file are made of: ``number`` and ``own``, the one of the first file, ``former``: a further one."""

    who: np.ndarray
    number: np.ndarray
    own: np.ndarray
    former: np.ndarray  # 0: none
    moved: np.ndarray

    @property
    def mark(self) -> np.ndarray:
        """Another one where the row says something else."""
        return _mixed(self.who * np.uint64(8) + self.moved * np.uint64(2) + (self.number != self.own), 12)


def told(start: int, count: int, holders: int, edition: int) -> Told:
    """Some rows of a file, by their places in it."""
    place = np.arange(start, start + count, dtype=np.uint64)
    who = place if edition == 1 else _shuffled(place, holders)
    moved = (_mixed(who, 9) % CHANGED == 0) & (edition > 1)
    renumbered = (_mixed(who, 10) % RENUMBERED == 0) & (edition > 1)
    own = _number(who)
    number = np.where(renumbered, 5_000_000_000 + who, own).astype(np.int64)
    former = np.where(_mixed(who, 11) % TEMPORARY == 0, 9_900_000_000 + who % 10**8, 0)
    return Told(who, number, own.astype(np.int64), former.astype(np.int64), moved)


def rows(base: pl.DataFrame, start: int, count: int, holders: int, edition: int) -> pl.DataFrame:
    """Some rows of a file as a table."""
    some = told(start, count, holders, edition)
    names = _drawn(some.who, 1, base.height)
    homes = _drawn(some.who + some.moved.astype(np.uint64) * 1_000_003, 3, base.height)
    olds = [
        pl.when(pl.Series(there)).then(_written(number))
        for there, number in ((some.former > 0, some.former), (some.number != some.own, some.own))
    ]
    both = pl.concat_str(olds, separator=";", ignore_nulls=True)
    return pl.select(
        _written(some.number).alias("基礎年金番号"),
        pl.when(both != "").then(both).alias("旧基礎年金番号"),
        base["name"].gather(names).alias("氏名"),
        base["name_kana"].gather(names).alias("フリガナ"),
        base["birth_date"].gather(_drawn(some.who, 2, base.height)).alias("生年月日"),
        base["sex"].gather(names).alias("性別"),
        base["postal_code"].gather(homes).alias("郵便番号"),
        base["address"].gather(homes).alias("住所"),
    )


def _number(who: np.ndarray) -> np.ndarray:
    """Another number for each place."""
    mixed = who * np.uint64(2_654_435_761) % np.uint64(NUMBERS)
    office, serial = mixed // 10**6, mixed % 10**6
    number: np.ndarray = (office // 99 + 1) * 10**8 + (office % 99 + 1) * 10**6 + serial
    return number


def _written(number: np.ndarray) -> pl.Series:
    digits = pl.Series(number.astype(np.int64)).cast(pl.String).str.zfill(10)
    return digits.str.slice(0, 4) + "-" + digits.str.slice(4)


def _shuffled(place: np.ndarray, holders: int) -> np.ndarray:
    step = next(prime for prime in (999_999_937, 998_244_353) if holders % prime)
    return (place * np.uint64(step) + np.uint64(12_345)) % np.uint64(holders)


def _drawn(who: np.ndarray, salt: int, count: int) -> np.ndarray:
    return (_mixed(who, salt) % np.uint64(count)).astype(np.int64)


def _mixed(who: np.ndarray, salt: int) -> np.ndarray:
    """Splitmix64."""
    mixed = who + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    found: np.ndarray = mixed ^ (mixed >> np.uint64(31))
    return found


if __name__ == "__main__":
    main()
