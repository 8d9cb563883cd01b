"""``python -m benchmarks.reissue``: what new numbers for everybody cost, and whether each exposed person has just one.

The vault of `benchmarks.exposures` (register, scans, a leak master in the shape of 2015), everybody told by letter. The
issuer supplies a pool; numbers are given, exported, taken by the core system and come into force in the register, each
step in a process of its own. At the end the numbers given are held against the leak master, person by person.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.exposures import FEW, PERSONS, SECRET, fill
from benchmarks.measure import run
from benchmarks.telling import tell
from sekisho.actions.reissue import LEAKED, Plan
from sekisho.flow.assessing.count import count, load
from sekisho.flow.renewing import reissue
from sekisho.flow.renewing.number_pool import supply
from sekisho.flow.sinks import set_sink
from sekisho.frames import from_arrow
from sekisho.register.states import as_text
from sekisho.vault import Vault
from sekisho.vault.tellings import Way

FIRST = 9_600_000_000
"""Of the pool: numbers that nobody in the register has."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reissue", description=__doc__)
    parser.add_argument("--persons", type=int, nargs="+", default=[FEW, PERSONS])
    parser.add_argument("--work", type=Path, default=Path("build/reissue"))
    parser.add_argument("--step", help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.step:
        print(json.dumps(_timed(call.work, STEPS[call.step])))
        return
    print("| persons | step | seconds | CPU s | peak MiB | microseconds a person |")
    print("|---|---|---|---|---|---|")
    for persons in call.persons:
        shutil.rmtree(call.work, ignore_errors=True)
        call.work.mkdir(parents=True)
        prepare(call.work, persons)
        for step in STEPS:
            command = [sys.executable, "-m", "benchmarks.reissue", "--step", step, "--work", str(call.work)]
            cost = run(command, log=call.work / "log")
            said = json.loads((call.work / "log").read_text().splitlines()[-1])
            each = 1e6 * said["seconds"] / persons
            seconds = f"{said['seconds']:.1f} | {said['cpu']:.1f}"
            print(f"| {persons:,} | {step} | {seconds} | {cost.peak >> 20:,} | {each:.0f} |", flush=True)
        print(f"{persons:,} persons: {differing(call.work)} that differ from the leak master", flush=True)


def prepare(work: Path, persons: int) -> None:
    """A counted incident of which everybody is told by letter, and the issuer's file."""
    fill(work, persons)
    (work / "core").mkdir()
    with Vault.open(work / "vault", SECRET, write=True) as vault:
        count(vault, 1, shown=False)
        whom = load(vault, 1).table["person"].to_pylist()
        tell(vault, 1, dict.fromkeys(whom, Way.LETTER))
        set_sink(vault, "core", "folder", {"path": str(work / "core")})
    numbers = pl.int_range(FIRST, FIRST + persons + 1000, eager=True).alias("n")
    pl.DataFrame({"新番号": pl.select(as_text(pl.lit(numbers))).to_series()}).write_csv(work / "pool.csv")


def differing(work: Path) -> int:
    """Persons whose number leaked and who have none, several, or another's; and numbers of anybody else."""
    with Vault.open(work / "vault", SECRET) as vault:
        items = pl.col("items").str.split("+")
        master = from_arrow(load(vault, 1).table)
        leaked = master.filter(
            pl.any_horizontal(items.list.contains(item) for item in LEAKED), pl.col("holder").is_not_null()
        )
        given = from_arrow(vault.reissues(1).all()).select("person", "number", old=as_text(pl.col("old")))
    both = leaked.select("person", "holder").join(given, on="person", how="full", coalesce=True)
    wrong = both.filter(pl.col("holder").ne_missing(pl.col("old")))
    return wrong.height + given.height - min(given["number"].n_unique(), given["person"].n_unique())


def _timed(work: Path, do: Callable[[Vault, Path], object]) -> dict[str, float]:
    with Vault.open(work / "vault", SECRET, write=True) as vault:
        wall, cpu = time.monotonic(), time.process_time()
        do(vault, work)
        return {"seconds": time.monotonic() - wall, "cpu": time.process_time() - cpu}


def _give(vault: Vault, _: Path) -> object:
    made = reissue.give(vault, 1)
    assert isinstance(made, Plan)
    return made


def _acknowledge(vault: Vault, work: Path) -> object:
    told = from_arrow(vault.reissues(1).all())
    pairs = told.select(old_number=as_text(pl.col("old")), new_number=as_text(pl.col("number")))
    pairs.write_csv(work / "answers.csv")
    return reissue.acknowledge(vault, 1, work / "answers.csv")


STEPS: dict[str, Callable[[Vault, Path], object]] = {
    "take the pool in": lambda vault, work: supply(vault, work / "pool.csv"),
    "plan (with the gate)": lambda vault, _: reissue.plan(vault, 1),
    "give": _give,
    "export": lambda vault, _: reissue.export(vault, 1, "core"),
    "acknowledge, into the register": _acknowledge,
    "plan again": lambda vault, _: reissue.plan(vault, 1),
}

if __name__ == "__main__":
    main()
