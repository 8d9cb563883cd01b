"""``python -m benchmarks.register_who --holders N``: what it takes to tell who is who among N holders, twice.

The steps of an import between reading its file and writing its states, on keys alone: who each row is, who is new or
has changed, and the tables of numbers and holders, encrypted; first into an empty register, then N rows in another
order, of which 2 % have changed and 0.5 % another number. It is these that need the memory of an import.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from benchmarks import register as files
from sekisho.clock import utc_now
from sekisho.register import bring_in
from sekisho.register.carry import Carried
from sekisho.register.drafts import Counts
from sekisho.register.enter import Writing
from sekisho.register.known import Known
from sekisho.register.resolve import resolve
from sekisho.register.states import dialect
from sekisho.vault import Cost, Entry, Finished, Register, Secret, Vault

BATCH = 50_000


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.register_who", description=__doc__)
    parser.add_argument("--holders", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path("build"))
    call = parser.parse_args()
    call.work.mkdir(parents=True, exist_ok=True)
    print(f"| {call.holders:,} holders | CPU s | µs a row | peak memory so far | on the disk |\n|---|---|---|---|---|")
    with TemporaryDirectory(dir=call.work) as folder:
        secret = Secret.passphrase("a long enough passphrase")
        with Vault.create(Path(folder) / "vault", secret, Cost(64, 1, 1)) as vault:
            for edition in (1, 2):
                _measured(vault.register(), call.holders, edition)


def _measured(register: Register, holders: int, edition: int) -> None:
    key, mark, olds = _rows(holders, edition)
    begun = time.process_time()
    counts = _told_apart(register, key, mark, olds)
    cpu = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    figures = (f"file {edition}", f"{cpu:.0f}", f"{cpu / holders * 1e6:.2f}", f"{peak:.2f} GB")
    print(f"| {' | '.join(figures)} | {register.size() / 1e6:,.0f} MB |", flush=True)
    print(f"<!-- {counts.new} new, {counts.changed} changed, {counts.same} the same, {counts.joined} joined -->")


def _rows(holders: int, edition: int) -> tuple[np.ndarray, np.ndarray, pl.DataFrame]:
    """`Drafts.keys` of a file, batch by batch."""
    key, mark = np.empty(holders, np.int64), np.empty(holders, np.uint64)
    olds = [pl.DataFrame(schema={"row": pl.Int64, "old": pl.Int64})]
    for start in range(0, holders, files.BATCH):
        told = files.told(start, min(files.BATCH, holders - start), holders, edition)
        here = slice(start, start + len(told.number))
        key[here], mark[here] = told.number, told.mark
        at = np.flatnonzero(told.former)
        olds.append(pl.DataFrame({"row": start + at, "old": told.former[at]}))
        at = np.flatnonzero(told.number != told.own)
        olds.append(pl.DataFrame({"row": start + at, "old": told.own[at]}))
    return key, mark, pl.concat(olds).unique(maintain_order=True)


def _told_apart(register: Register, key: np.ndarray, mark: np.ndarray, olds: pl.DataFrame) -> Counts:
    counts = Counts(rows=len(key))
    heights = [min(BATCH, len(key) - start) for start in range(0, len(key), BATCH)]
    register.begin("x", "benchmark")
    known = Known(register)
    found = resolve(key, olds, known)
    once = bring_in._once(found, mark)
    carried = Carried(register, known, ())
    kept = bring_in._kept(found, mark, once, known, carried, counts)
    writing = Writing(register, Finished(), register.next_number())
    spans = [*writing.listed(heights, found, kept), *writing.leads(found, known)]
    account: dict[str, Any] = {"columns": [], "hash": dialect()}
    register.commit(Entry(register.next_number(), "", "x", utc_now("microseconds"), "benchmark", account), spans)
    return counts


if __name__ == "__main__":
    main()
