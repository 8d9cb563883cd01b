"""``python -m benchmarks.helpline``: is anybody told "not affected" who is exposed, among everybody; what a call costs.

The vault is that of `benchmarks.exposures`: one record in 250 has no number and is nobody's or a stranger's, so that
some persons are exposed by such records alone. What is unread is left out here, for it would make every other answer
"cannot tell". Everybody in the register is asked for at once, as `incident review` does; some of them one by one, as a
call does, which must say the same. Bar: 0 "not affected" to anybody of whom a record leaked; 0 answers that differ.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.exposures import HEADS, SECRET, fill
from sekisho.actions.helpline import Answer, answer
from sekisho.flow.answering.caller import known
from sekisho.flow.answering.whom import Whom
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.exposed import standings
from sekisho.flow.registering import holder_envelopes
from sekisho.incidents.master import Master
from sekisho.incidents.past import Standing
from sekisho.register import lookup
from sekisho.vault import Vault
from sekisho.vault.people import REGISTER

FEW, CALLS = 100_000, 60
FIRST = datetime(2015, 5, 8, 1, 28, tzinfo=UTC)
SAME = {
    Standing.EXPOSED: Answer.AFFECTED,
    Standing.POSSIBLE: Answer.CANNOT_TELL,
    Standing.NOT_EXPOSED: Answer.NOT_AFFECTED,
}


def main() -> None:
    """Measure and print; ends with an error where a bar is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.helpline", description=__doc__)
    parser.add_argument("--persons", type=int, default=FEW)
    parser.add_argument("--work", type=Path, default=Path("build/helpline"))
    call = parser.parse_args()
    shutil.rmtree(call.work, ignore_errors=True)
    call.work.mkdir(parents=True)
    fill(call.work, call.persons)
    with Vault.open(call.work / "vault", SECRET, write=True) as vault:
        count(vault, 1, shown=False)
        begun = time.monotonic()
        master = _all_read(load(vault, 1))
        print(f"read the leak master: {time.monotonic() - begun:.1f} s")
        wrong = _everybody(vault, master, call.work, call.persons) + _some(vault, master, call.work)
    sys.exit(1 if wrong else 0)


def _all_read(master: Master) -> Master:
    master.unread = master.unread.slice(0, 0)
    master.open.unread = 0
    return master


def _people(work: Path) -> pl.DataFrame:
    return pl.read_csv(work / "holders.csv", infer_schema=False).select(number=HEADS[0])


def _everybody(vault: Vault, master: Master, work: Path, persons: int) -> int:
    rows = _people(work).with_columns(pl.lit(None, pl.String).alias(n) for n in ("name", "name_kana", "birth_date"))
    begun, cpu = time.monotonic(), time.process_time()
    told = standings(vault, master, rows, counted=True)
    took = f"{time.monotonic() - begun:.1f} s, CPU {time.process_time() - cpu:.1f} s"
    leaked = told.head(persons - persons // 50)
    denied = leaked.filter(standing=str(Standing.NOT_EXPOSED)).height
    listed = told["number"].is_in(pl.Series(master.table["holder"]).drop_nulls().implode())
    differ = int((listed != (told["standing"] == str(Standing.EXPOSED))).sum())
    print(f"everybody, {told.height:,} holders: {took}")
    print(dict(told.group_by("standing").len().sort("standing").iter_rows()))
    print(f"leaked and told 'not affected': {denied:,} of {leaked.height:,}; other than the master: {differ:,}")
    told.select("number", "standing").write_parquet(work / "told.parquet")
    return denied + differ


def _some(vault: Vault, master: Master, work: Path) -> int:
    told = pl.read_parquet(work / "told.parquet")
    dice = random.Random(5)
    drawn = [
        dice.sample(told.filter(standing=one)["number"].to_list(), CALLS // 4)
        for one in told["standing"].unique().sort()
    ]
    said = dict(told.iter_rows())
    numbers = [number for some in drawn for number in some]
    begun, differ = time.monotonic(), 0
    for number in numbers:
        holder = holder_envelopes.by_number(vault, number)
        life = lookup.lives(vault.register(), [holder or 0])[0]
        (person,) = holder_envelopes.now(vault.register(), life)
        found = known(vault, master, Whom(REGISTER, person), FIRST, current=True)
        differ += answer(found.standing) is not SAME[Standing(said[number])]
    each = (time.monotonic() - begun) / len(numbers)
    print(f"one by one, {len(numbers)}: {1000 * each:.0f} ms each; other than at once: {differ}")
    return differ


if __name__ == "__main__":
    main()
