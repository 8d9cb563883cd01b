"""What comes after the files are read: the register, settling and counting, each with its CPU, wall and memory.

    python -m benchmarks.after VAULT --key-file KEY --register register.csv

The scan in the vault stays as it is. The floor is polars alone reading the register's file as text.
"""

from __future__ import annotations

import resource
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from sekisho.incidents.breakdown import DOCUMENT_COLUMNS, RECORD_COLUMNS, breakdown
from sekisho.model import DOCUMENTS, RECORDS
from sekisho.persons.settle import COLUMNS, settle
from sekisho.register.read import read
from sekisho.vault import Secret, Vault


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print a row of the table: CPU and wall seconds, and the peak of the process so far in GiB."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(f"| {what} | {cpu:.1f} | {wall:.1f} | {peak:.2f} |", flush=True)


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.after", description=__doc__)
    parser.add_argument("vault", type=Path)
    parser.add_argument("--key-file", type=Path, required=True)
    parser.add_argument("--register", type=Path, required=True, help="csv")
    call = parser.parse_args()
    print("| step | CPU s | wall s | peak GiB so far |\n|---|---|---|---|")
    with Vault.open(call.vault, Secret.from_key_file(call.key_file)) as vault:
        scan = vault.scan()
        with measured("register, as text only"):
            pl.read_csv(call.register, infer_schema=False)
        with measured("register"):
            holders = read(call.register).table
        with measured("records from the vault, settling"):
            matches = settle(scan.read("records", RECORDS, list(COLUMNS)), holders, b"benchmark")
        with measured("records from the vault, counting"):
            documents = scan.read("documents", DOCUMENTS, list(DOCUMENT_COLUMNS))
            records = scan.read("records", RECORDS, list(RECORD_COLUMNS))
            breakdown(documents, records, matches, holders)


if __name__ == "__main__":
    main()
