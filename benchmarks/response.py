"""Holds every product of `sekisho demo --incident` against the truth of its estate.

    python -m benchmarks.response FOLDER
    python -m benchmarks.response --scale 0.02 --seeds 1 2 3

FOLDER is one that the demo made, with its vault and its ``truth``. Exits with 1 where a bar is missed: a count that has
to be another one, as a rule 0. Everything else is told beside it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.aftermath import answers, changes, letters, lists, master, numbers
from benchmarks.aftermath.counted import Row, Truth
from sekisho.actors import Who
from sekisho.flow.assessing import count, past
from sekisho.flow.enter import enter
from sekisho.frames import from_arrow
from sekisho.vault import Secret, Vault

INCIDENT = 1
COPIED = "helpline-list-faults.csv"


def held(folder: Path) -> Iterator[Row]:
    """Every product that lies in the vault of ``folder``."""
    truth, keys = Truth(folder), folder / "keys"
    officer = Who("officer", Secret.from_key_file(keys / "officer.key"), "incident", INCIDENT)
    with enter(folder / "vault", Secret.from_key_file(keys / "vault.key"), officer) as vault:
        yield from _rows(vault, truth)


def _rows(vault: Vault, truth: Truth) -> Iterator[Row]:
    versions = [one.number for one in vault.leak(INCIDENT).versions()]
    masters = [count.load(vault, INCIDENT, number) for number in versions]
    yield from master.rows(truth, masters)
    for one in masters:
        yield from answers.everybody(truth, one)
    yield from lists.rows(truth, pl.read_csv(truth.folder / "products" / COPIED, infer_schema=False))
    tellings = from_arrow(vault.tellings(INCIDENT).all())
    tables = {one.version: from_arrow(one.table) for one in masters}
    yield from letters.rows(truth, _letters(vault), tellings, tables)
    yield from numbers.rows(truth, from_arrow(vault.reissues(INCIDENT).all()), tellings, tables[max(tables)])
    calls = [pl.read_csv(path) for path in sorted((truth.folder / "products").glob("calls-*.csv"))]
    yield from answers.callers(truth, pl.concat(calls))
    yield from changes.rows(truth, past.review(vault, INCIDENT).reviewed.worklist)


def _letters(vault: Vault) -> pl.DataFrame:
    """Each letter with where it stands and what stands in it."""
    kept = vault.letters(INCIDENT)
    content = from_arrow(kept.content()).unique("letter", keep="last")
    return from_arrow(kept.standing()).join(content, on="letter", how="left")


def made(folder: Path, scale: float, seed: int) -> Path:
    """A fresh case in ``folder``, played by the demo."""
    shutil.rmtree(folder, ignore_errors=True)
    program = Path(sys.executable).with_name("sekisho")
    words = ["demo", str(folder), "--incident", "--scale", str(scale), "--seed", str(seed), "--quiet"]
    subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL)
    return folder


def report(rows: list[Row]) -> str:
    """A line each; what misses its bar is marked."""
    width = max(len(row.what) for row in rows)
    return "\n".join(
        f"{'  ' if row.met else '! '}{row.what:<{width}}  {row.found:>9,}"
        + (f"  (bar: {row.bar:,})" if row.bar is not None else "")
        for row in rows
    )


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.response", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--work", type=Path, default=Path("build/response"))
    call = parser.parse_args()
    met = True
    cases = [call.folder] if call.folder else [made(call.work / f"seed-{s}", call.scale, s) for s in call.seeds]
    for folder in cases:
        rows = list(held(folder))
        met &= all(row.met for row in rows)
        print(f"== {folder}\n{report(rows)}\n", flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
