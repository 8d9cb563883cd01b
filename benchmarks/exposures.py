"""``python -m benchmarks.exposures``: what it costs to count who is exposed, and to hold all that was told against it.

A vault is filled with a register and a settled scan of invented persons in the shape of the case of 2015: 1.232 records
a person in files of all sizes, one record in a hundred undecided or nobody's. A process of its own then counts version
1; a second scan with a fifth of them and some new persons follows as version 2; then every person is said to be told,
and all is reconciled. Bars: 60 s and 4 GiB for 1,014,653 persons, a cost per person that does not grow from 100,000.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks.measure import run
from sekisho.flow.assessing import case
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.exposure import hold_list
from sekisho.flow.assessing.gate import reconciled
from sekisho.flow.assessing.incident import begin
from sekisho.flow.registering.register import import_file
from sekisho.frames import from_arrow, to_arrow
from sekisho.model import DOCUMENTS, MATCHES, RECORDS
from sekisho.register.vaulted import Vaulted
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.tellings import Way

SECRET = Secret.passphrase("a benchmark's")
PERSONS, FEW, RECORDS_A_PERSON = 1_014_653, 100_000, 1.232
AT_ONCE = 100_000
FILES = 949
BARS = {"seconds": 60.0, "bytes": 4 << 30}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exposures", description=__doc__)
    parser.add_argument("--persons", type=int, nargs="+", default=[FEW, PERSONS])
    parser.add_argument("--work", type=Path, default=Path("build/exposures"))
    parser.add_argument("--step", help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.step:
        print(json.dumps(STEPS[call.step](call.work)))
        return
    print("| persons | step | seconds | CPU s | peak MiB | microseconds a person |")
    print("|---|---|---|---|---|---|")
    for persons in call.persons:
        shutil.rmtree(call.work, ignore_errors=True)
        call.work.mkdir(parents=True)
        fill(call.work, persons)
        for step in STEPS:
            _measured(call.work, step, persons)


def _measured(work: Path, step: str, persons: int) -> None:
    """A step in a process of its own: what it says of its own seconds, and the memory of all of it."""
    command = [sys.executable, "-m", "benchmarks.exposures", "--step", step, "--work", str(work)]
    cost = run(command, log=work / "log")
    said = json.loads((work / "log").read_text().splitlines()[-1])
    wall, cpu = said["seconds"], said["cpu"]
    each = 1e6 * wall / persons
    print(f"| {persons:,} | {step} | {wall:.1f} | {cpu:.1f} | {cost.peak >> 20:,} | {each:.0f} |", flush=True)


def fill(work: Path, persons: int) -> None:
    """A vault with a register, two settled scans, and an incident to which the first belongs."""
    with Vault.create(work / "vault", SECRET, Cost(64, 1, 1)) as vault:
        people = _people(persons)
        people.select("number", "old", "name", "kana", "birth").rename(
            dict(zip(("number", "old", "name", "kana", "birth"), HEADS, strict=True))
        ).write_csv(work / "holders.csv")
        import_file(vault, work / "holders.csv", shown=False)
        later = people.sample(fraction=0.2, seed=5)
        for scan, who in enumerate((people.head(persons - persons // 50), later), 1):
            _scan(vault, who, scan)
        number = begin(vault, "a benchmark").number
        case.say(vault, number, "documents", scan="1")


HEADS = ("基礎年金番号", "旧基礎年金番号", "氏名", "フリガナ", "生年月日")


def _people(persons: int) -> pl.DataFrame:
    dice = np.random.default_rng(7)
    serial = dice.permutation(90_000_000)[:persons] + 100_000_000
    text = pl.Series(serial).cast(pl.String).str.zfill(10)
    old = pl.Series(serial + 5_000_000_000).cast(pl.String)
    letters = np.array(list("山川田中村木林森石井上下野原島崎本松竹梅桜橋池沢谷岡坂西東南北大小高吉佐藤伊加渡邉斎鈴"))
    kana = np.array(list("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"))
    days = dice.integers(0, 30_000, persons).astype("timedelta64[D]")
    born = pl.Series(np.datetime64("1920-01-01") + days).cast(pl.Date)
    return pl.DataFrame(
        {
            "number": text.str.slice(0, 4) + "-" + text.str.slice(4),
            "old": pl.select(pl.when(pl.Series(dice.random(persons) < 0.05)).then(old)).to_series(),
            "name": _words(dice, letters, persons, 4),
            "kana": _words(dice, kana, persons, 7),
            "birth": born.dt.to_string("%Y-%m-%d"),
        }
    )


def _words(dice: np.random.Generator, letters: np.ndarray, count: int, length: int) -> pl.Series:
    drawn = [pl.Series(letters[dice.integers(0, len(letters), count)]) for _ in range(length)]
    return pl.select(pl.concat_str(drawn)).to_series()


def _scan(vault: Vault, people: pl.DataFrame, number: int) -> None:
    dice = np.random.default_rng(number)
    told = people.sample(n=int(people.height * RECORDS_A_PERSON), with_replacement=True, seed=number)
    told = pl.concat([people, told.head(told.height - people.height)]).sample(fraction=1.0, shuffle=True, seed=number)
    shares = dice.zipf(1.4, FILES).clip(1, 10_000).astype(float)
    documents = dice.choice(FILES, told.height, p=shares / shares.sum()) + 1
    rows = told.with_columns(record_id=pl.int_range(1, told.height + 1), document_id=pl.Series(documents)).sort(
        "document_id"
    )
    doubt = pl.Series(dice.random(rows.height))
    rows = rows.with_columns(doubt=doubt)
    scan = vault.begin_scan(f"/srv/share{number}", "0")
    parts = [scan.write("documents", _documents(rows, number))]
    parts += [scan.write("records", some) for some in _records(rows)]
    scan.commit(parts)
    vault.finish_scan(scan)
    scan.replace({"matches": [scan.write("matches", _matches(rows))]}, settled=True)
    mark = f"{Vaulted(vault.register()).mark()} code"
    scan.commit((), register=True, register_read={"fingerprint": mark})


def _documents(rows: pl.DataFrame, number: int) -> pa.Table:
    counts = dict(rows.group_by("document_id").len().iter_rows())
    made = [
        {
            **dict.fromkeys(DOCUMENTS.names),
            "document_id": at,
            "document": f"centre{at % 13}/{at}.csv",
            "file": f"centre{at % 13}/{at}.csv",
            "outcome": "LOCKED" if at > FILES else "READ",
            "reason": "",
            "password_beside": False,
            "size": 999,
            "protection": "NONE" if at % 3 else "STRONG",
            "records": counts.get(at, 0),
            "sha256": f"{number:08x}{at:056x}",
        }
        for at in range(1, FILES + 20)
    ]
    return pa.Table.from_pylist(made, DOCUMENTS)


def _records(rows: pl.DataFrame) -> Iterator[pa.Table]:
    for some in rows.iter_slices(AT_ONCE):
        nobody = some["doubt"] < 0.004
        told = some.select(
            "record_id",
            "document_id",
            locator=pl.concat_str(pl.lit("L"), pl.col("record_id").cast(pl.String)),
            basic_pension_number=pl.when(~nobody).then(pl.col("number")),
            name="name",
            birth_date=pl.when(pl.col("doubt") < 0.97).then(pl.col("birth")),
            address=pl.when(pl.col("doubt") > 0.96).then(pl.lit("沖縄県那覇市架空1-1")),
        )
        table = to_arrow(told)
        for field in RECORDS:
            if field.name not in table.schema.names:
                empty = pa.array([[]] * table.num_rows, field.type) if field.name == "other" else None
                column = empty if empty is not None else pa.nulls(table.num_rows, field.type)
                table = table.append_column(field.name, column)
        yield table.select(RECORDS.names).cast(RECORDS)


def _matches(rows: pl.DataFrame) -> pa.Table:
    doubt = pl.col("doubt")
    state = pl.when(doubt < 0.002).then(pl.lit("unmatched")).when(doubt < 0.004).then(pl.lit("clustered"))
    told = rows.select(
        "record_id",
        person=pl.when(doubt >= 0.002).then(pl.col("number").hash() // 4).cast(pl.Int64),
        holder=pl.when(doubt >= 0.004).then(pl.col("number")),
        state=state.otherwise(pl.lit("settled")),
        ask=doubt.is_between(0.004, 0.01),
        conflict=pl.lit(""),
        probability=pl.lit(1.0),
    )
    return to_arrow(told, MATCHES)


def _timed(work: Path, do: Callable[[Vault], object]) -> dict[str, float]:
    with Vault.open(work / "vault", SECRET, write=True) as vault:
        wall, cpu = time.monotonic(), time.process_time()
        do(vault)
        return {"seconds": time.monotonic() - wall, "cpu": time.process_time() - cpu}


def _first(vault: Vault) -> object:
    return count(vault, 1, shown=False)


def _second(vault: Vault) -> object:
    case.say(vault, 1, "documents", scan="2")
    return count(vault, 1, shown=False)


def _tell(vault: Vault) -> object:
    persons = load(vault, 1).table["person"].to_pylist()
    with vault.act("incident.count", incident=1):
        vault.tellings(1).put(((one, Way.LETTER, "", 2) for one in persons), "2026-01-01")
    return None


def _copied(work: Path) -> dict[str, float]:
    """Hold a list against the master that lacks 54,000 persons of 1,014,653 and has 46,000 wrong; all must be named."""
    listed = pl.read_csv(work / "holders.csv", infer_schema=False).select(HEADS[0], HEADS[2], HEADS[4])
    with Vault.open(work / "vault", SECRET) as vault:
        master = from_arrow(load(vault, 1).table).select("holder").drop_nulls()
    there = listed.join(master, left_on=HEADS[0], right_on="holder").sample(fraction=1.0, shuffle=True, seed=3)
    missing, wrong = round(there.height * 54_000 / PERSONS), round(there.height * 46_000 / PERSONS)
    rows = there[missing:].with_row_index("at")
    late = pl.when(pl.col("at") < wrong).then(pl.lit("1901-01-01")).otherwise(pl.col(HEADS[4]))
    rows.with_columns(late.alias(HEADS[4])).drop("at").write_csv(work / "copied.csv")
    planted = {"missing": set(there[:missing][HEADS[0]]), "wrong": set(rows[:wrong][HEADS[0]])}
    named: dict[str, set[str]] = {}

    def hold(vault: Vault) -> None:
        faults = hold_list(vault, 1, work / "copied.csv").drop_nulls("number")
        named.update({fault: set(rows["number"]) for (fault,), rows in faults.group_by("fault")})

    cost = _timed(work, hold)
    if named != planted:
        raise SystemExit({fault: len(some) for fault, some in named.items()})
    return cost


STEPS: dict[str, Callable[[Path], dict[str, float]]] = {
    "count version 1": lambda work: _timed(work, _first),
    "count version 2": lambda work: _timed(work, _second),
    "load it": lambda work: _timed(work, lambda vault: load(vault, 1)),
    "say how each is told": lambda work: _timed(work, _tell),
    "reconcile": lambda work: _timed(work, lambda vault: reconciled(vault, 1)),
    "hold a copied list": _copied,
}

if __name__ == "__main__":
    main()
