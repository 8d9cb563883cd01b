"""Where a number turns up that was replaced because it had leaked: whoever shows it may be who stole it.

What leads numbers to persons comes by here: scans when they are settled, matching, and whoever looks somebody up by
number (the register, the step-up check, the helpline); imports of the register by `register.replaced`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from sekisho.frames import from_arrow
from sekisho.model import Item
from sekisho.register.rows import read
from sekisho.register.states import NUMBER, as_number
from sekisho.vault import Register, Scan, Vault
from sekisho.vault.reissues import Numbers

SCAN, MATCH, PERSON = "scan", "match", "person"


def in_scan(vault: Vault, scan: Scan, records: pl.DataFrame) -> None:
    """The records of a scan that was begun after a number of theirs had been replaced."""
    _alert(vault.numbers(), SCAN, numbers_in(records), scan.about.scan, scan.about.begun)


def in_match(register: Register, records: Path) -> None:
    """The records of a file that is matched."""
    if register.new_numbers.has_replaced():
        numbers = (batch.select(as_number(pl.col(NUMBER))).to_series() for batch in read(records).batches([NUMBER]))
        _alert(register.new_numbers, MATCH, numbers)


def in_hand(vault: Vault, number: int) -> None:
    """Somebody is looked up by it."""
    vault.numbers().alert(PERSON, {number: 1})


def numbers_in(records: pl.DataFrame) -> Iterator[pl.Series]:
    """The numbers (Int64) in records: of persons, and the first ten digits of certificates."""
    yield records.select(as_number(pl.col(NUMBER))).to_series()
    yield records.select(as_number(pl.col(Item.CERTIFICATE_NUMBER).str.slice(0, 11))).to_series()


def _alert(
    numbers: Numbers, place: str, seen: Iterable[pl.Series], thing: int | None = None, since: str | None = None
) -> None:
    if not numbers.has_replaced():
        return
    known = from_arrow(numbers.replaced()).filter(pl.lit(since is None) | (pl.col("at") <= pl.lit(since)))["old"]
    found = [pl.Series("number", dtype=pl.Int64)]
    for some in seen:
        found.append(some.filter(some.is_in(known.implode())).alias("number"))
    times = pl.concat(found).value_counts()
    numbers.alert(place, dict(times.iter_rows()), thing)
