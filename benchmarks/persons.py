"""``python -m benchmarks.persons``: what it costs to seal the persons of a scan when it is settled, and to find one.

A vault is filled with a register of invented persons and a scan of records, half of them of holders. The scan is
settled again and again, in turns with and without envelopes, each time as if it were the first; then persons are looked
up by number, by the blind index and from the scan's tables.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import polars as pl
import pyarrow as pa

from sekisho.estate.dice import Dice
from sekisho.estate.people import people
from sekisho.flow.registering import person_envelopes
from sekisho.flow.registering.holder_envelopes import MOST
from sekisho.flow.registering.register import import_file
from sekisho.flow.scanning.settle import settle
from sekisho.model import DOCUMENTS, RECORDS
from sekisho.vault import Cost, Scan, Secret, Vault

WAYS = {"without": "0", "with": "1000000"}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.persons", description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--turns", type=int, default=3, help="of each way")
    parser.add_argument("--work", type=Path, default=Path("build/persons"))
    call = parser.parse_args()
    shutil.rmtree(call.work, ignore_errors=True)
    call.work.mkdir(parents=True)
    spent: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    with Vault.create(call.work / "vault", Secret.passphrase("a benchmark's"), Cost(64, 1, 1)) as vault:
        scan, numbers = _fill(vault, call.work, call.records)
        os.environ[MOST] = WAYS["without"]
        settle(vault, scan, vault.register(), shown=False)
        bare = _size(vault)
        for _ in range(call.turns):
            for way, most in WAYS.items():
                envelopes = vault.people(scan.about.scan)
                envelopes.drop(envelopes.holders())
                os.environ[MOST] = most
                spent[way].append(_timed(lambda: settle(vault, scan, vault.register(), shown=False)))
        sealed = vault.people(scan.about.scan).count()
        again = _timed(lambda: settle(vault, scan, vault.register(), shown=False))
        some = numbers[:: max(1, len(numbers) // 200)]
        found = _timed(lambda: [person_envelopes.by_number(vault, scan, number) for number in some])
        searched = _timed(lambda: person_envelopes._told(vault, scan))
    for way, every in spent.items():
        cpu, wall = (median(one[at] for one in every) for at in (0, 1))
        print(f"| settling {call.records:,} records, {way} | {cpu:.2f} CPU s | {wall:.2f} s |")
    print(f"| the same again with {sealed:,} persons sealed | {again[0]:.2f} CPU s | {again[1]:.2f} s |")
    print(f"| a person by number: the index | {1e3 * found[0] / len(some):.2f} CPU ms | |")
    print(f"| a person by number: the scan's tables | {1e3 * searched[0]:.0f} CPU ms | |")
    print(f"| {(_size_of(call.work) - bare) / sealed:.0f} bytes a person, keys included | | |")


def _fill(vault: Vault, work: Path, records: int) -> tuple[Scan, list[str]]:
    named = (pl.concat_str(f"last{kana}", f"first{kana}", separator=" ").alias(f"name{kana}") for kana in ("", "_kana"))
    lived = pl.concat_str("prefecture", "city", "town", "chome", ignore_nulls=True).alias("address")
    who = people(records, Dice("persons")).select("basic_pension_number", *named, "birth_date", lived)
    who.head(records // 2).write_csv(work / "holders.csv")
    import_file(vault, work / "holders.csv", shown=False)
    told = who.with_columns(pl.col("name", "name_kana").str.replace_all(" ", ""), document_id=1)
    rows = [{"record_id": n, "other": [], **row} for n, row in enumerate(told.to_dicts(), 1)]
    document = {"document_id": 1, "document": "a.csv", "file": "a.csv", "outcome": "READ", "reason": ""}
    document |= {"protection": "NONE", "password_beside": False, "size": 9, "records": records}
    scan = vault.begin_scan("/mnt/share", "0")
    scan.commit(
        [
            scan.write("documents", _table(DOCUMENTS, [document])),
            scan.write("records", _table(RECORDS, rows)),
        ]
    )
    vault.finish_scan(scan)
    return vault.scan(), told["basic_pension_number"].to_list()


def _table(schema: pa.Schema, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU and of the clock."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - busy, time.perf_counter() - began


def _size(vault: Vault) -> int:
    return _size_of(vault.folder.parent)


def _size_of(work: Path) -> int:
    return sum(path.stat().st_size for path in (work / "vault").iterdir() if path.is_file())


if __name__ == "__main__":
    main()
