"""Settles leaked records (`benchmarks.linkage.leak`) and holds the result against the truth.

    python -m benchmarks.linkage.leak_held build/leak/*
    python -m benchmarks.linkage.leak_held build/leak/* --splink /path/to/its/python

Prints a line of JSON for each folder, and keeps what was settled as matches.parquet beside the truth. With
``--splink`` the peer of `benchmarks.peers.splink_leak` does the work: its best pair of a record counts where its
probability is high enough for the precision asked for, as the truth tells.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from sekisho.countries import fold
from sekisho.model import HOLDERS, State
from sekisho.persons.linkage import names, people
from sekisho.persons.settle import COLUMNS, FOLDING, settle
from sekisho.wording import Text

PRECISIONS = (0.9999, 0.99995)


def settled(folder: Path) -> dict[str, float]:
    """CPU seconds, wall seconds and peak memory of settling what lies in ``folder``; writes matches.parquet.

    ``linking``: CPU seconds without the folding of texts, which the peer is spared.
    """
    records = pq.read_table(folder / "records.parquet", columns=list(COLUMNS))
    holders = pq.read_table(folder / "holders.parquet").cast(HOLDERS)
    began, cpu = time.perf_counter(), time.process_time()
    phases: list[tuple[Text, float]] = []
    matches = settle(
        records,
        holders,
        b"the same numbers for the same persons",
        lambda phase, *_: phases.append((phase, time.process_time())),
    )
    ended = time.process_time()
    ends = [at for _, at in phases[1:]] + [ended]
    folding = sum(end - at for (phase, at), end in zip(phases, ends, strict=True) if phase == FOLDING)
    cost = {"cpu": ended - cpu, "linking": ended - cpu - folding, "wall": time.perf_counter() - began}
    pq.write_table(matches, folder / "matches.parquet")
    return cost | {"peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)}


def measured(truth: pl.DataFrame, matches: pl.DataFrame) -> dict[str, Any]:
    """What was right, by record, by person and by pair of records of one person.

    ``sure``: settled and nobody is asked; ``with_asked``: all that is settled. Recall is of the records that have a
    holder. Pairs are of records that are clustered; their recall is of pairs whose person is in no register.
    """
    both = truth.join(matches, on="record_id", validate="1:1")
    inside = both.filter(pl.col("holder").is_not_null())
    right = (pl.col("state") == State.SETTLED) & pl.col("holder").eq_missing(pl.col("holder_right"))
    said: dict[str, Any] = {"records": both.height, "with_holder": inside.height}
    for name, these in (("sure", both.filter(~pl.col("ask"))), ("with_asked", both)):
        taken, good = these.filter(pl.col("state") == State.SETTLED).height, these.filter(right).height
        said[name] = {"wrong": taken - good, "precision": good / max(taken, 1), "recall": good / max(inside.height, 1)}
    said["asked"] = int(both["ask"].sum())
    said["persons"] = {
        "true": both["owner"].n_unique(),
        "said": both["person"].drop_nulls().n_unique(),
        "holders_found": both.filter(right)["holder"].n_unique(),
        "holders": inside["holder"].n_unique(),
    }
    clustered = both.filter(pl.col("state") == State.CLUSTERED)
    outside = both.filter(pl.col("holder").is_null())
    said["pairs"] = {
        "precision": _pairs(clustered, "person", "owner") / max(_pairs(clustered, "person"), 1),
        "recall": _pairs(outside.drop_nulls("person"), "person", "owner") / max(_pairs(outside, "owner"), 1),
    }
    return said


BINS = (0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 1.0)


def calibration(truth: pl.DataFrame, matches: pl.DataFrame) -> list[dict[str, Any]]:
    """Of what is settled, by probability: how many, what was said in the mean, and what came true."""
    settled_ones = truth.join(matches, on="record_id").filter(pl.col("state") == State.SETTLED)
    right = pl.col("holder").eq_missing(pl.col("holder_right"))
    told = []
    for low, high in zip((0.0, *BINS), BINS, strict=False):
        these = settled_ones.filter(pl.col("probability") > low, pl.col("probability") <= high)
        if these.height:
            said, true = these.select(pl.col("probability").mean(), right.mean().alias("true")).row(0)
            told.append({"to": high, "n": these.height, "said": round(said, 6), "came_true": round(true, 6)})
    return told


def of_relatives(folder: Path) -> dict[str, dict[str, int]]:
    """What became of records under the number of somebody at the same address, by who that is."""
    truth, records, holders, matches = (
        pl.read_parquet(folder / f"{name}.parquet") for name in ("truth", "records", "holders", "matches")
    )
    number = pl.coalesce("basic_pension_number", pl.col("certificate_number").str.slice(0, 11)).alias("entered")
    theirs = holders.select(entered="basic_pension_number", name_theirs="name", birth_theirs="birth_date")
    own = holders.select(holder="basic_pension_number", name_own="name", birth_own="birth_date")
    under = truth.filter("number_family").join(records.select("record_id", number), on="record_id")
    both = under.join(theirs, on="entered").join(own, on="holder").join(matches, on="record_id")
    kind = (
        pl.when(pl.col("birth_own") == pl.col("birth_theirs")).then(pl.lit("twins"))
        .when(pl.col("name_own") == pl.col("name_theirs")).then(pl.lit("of one name"))
        .otherwise(pl.lit("others"))
    )  # fmt: skip
    on = pl.col("holder_right")
    became = (
        pl.when(on.is_null()).then(pl.lit("known from records"))
        .when(on != pl.col("holder")).then(pl.when("ask").then(pl.lit("wrong, asked")).otherwise(pl.lit("wrong")))
        .otherwise(pl.when("ask").then(pl.lit("right, asked")).otherwise(pl.lit("right")))
    )  # fmt: skip
    counts = both.select(kind=kind, became=became).group_by("kind", "became").len().sort("kind", "became").rows()
    return {of: {what: n for one, what, n in counts if one == of} for of in sorted({one for one, *_ in counts})}


def splinked(folder: Path, python: str) -> dict[str, Any]:
    """What Splink does in an environment of its own: cost, and recall at the precisions of the bars."""
    records, holders = pl.read_parquet(folder / "records.parquet"), pl.read_parquet(folder / "holders.parquet")
    number = pl.coalesce("basic_pension_number", pl.col("certificate_number").str.slice(0, 11))
    prepared(records.with_columns(unique_id="record_id", number=number)).write_parquet(folder / "peer-records.parquet")
    known = holders.with_columns(unique_id="basic_pension_number", number="basic_pension_number")
    prepared(known).write_parquet(folder / "peer-holders.parquet")
    script = Path(__file__).parents[1] / "peers" / "splink_leak.py"
    files = [str(folder / f"peer-{name}.parquet") for name in ("holders", "records", "found")]
    done = subprocess.run([python, str(script), *files], check=True, capture_output=True, text=True)
    cost: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    best = pl.read_parquet(files[2]).sort("probability", descending=True).unique("record", keep="first")
    both = best.join(pl.read_parquet(folder / "truth.parquet"), left_on="record", right_on="record_id")
    inside = records.height - pl.read_parquet(folder / "truth.parquet")["holder"].null_count()
    good = pl.col("holder").eq_missing(pl.col("holder_right")).cum_sum()
    ranked = both.sort("probability", descending=True).select(good=good, share=good / pl.int_range(1, pl.len() + 1))
    for bar in PRECISIONS:
        good_enough = ranked.filter(pl.col("share") >= bar)["good"].to_list()
        cost[f"recall at {bar}"] = good_enough[-1] / inside if good_enough else 0.0
    return cost


def prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns that the peer asks for, folded and split."""
    texts = people.prepare(rows)
    return rows.select("unique_id", "number", "birth_date", "sex").rename({"birth_date": "birth"}).with_columns(
        family=fold.names(texts["family_kanji"]), given=fold.names(texts["given_kanji"]),
        address=fold.addresses(texts["address"]),
        family_kana=names.plain(texts["family_kana"]), given_kana=names.plain(texts["given_kana"]),
    )  # fmt: skip


def _pairs(records: pl.DataFrame, *alike: str) -> int:
    """Pairs of records that are equal in ``alike``."""
    sizes = records.group_by(alike).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def main() -> None:
    """Settle each folder in a process of its own, and say how right it was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linkage.leak_held", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--settle", action="store_true", help="only settle, and say what it cost")
    parser.add_argument("--splink", metavar="PYTHON", help="let Splink do it, in the environment of this interpreter")
    asked = parser.parse_args()
    for folder in asked.folders:
        if asked.settle:
            print(json.dumps({what: round(cost, 2) for what, cost in settled(folder).items()}))
            continue
        if asked.splink:
            print(json.dumps({"folder": folder.name} | splinked(folder, asked.splink)))
            continue
        words = (sys.executable, "-m", "benchmarks.linkage.leak_held", str(folder), "--settle")
        cost = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        truth, matches = (pl.read_parquet(folder / f"{name}.parquet") for name in ("truth", "matches"))
        said = measured(truth, matches) | {"calibration": calibration(truth, matches)}
        print(json.dumps({"folder": folder.name} | cost | said | {"of_relatives": of_relatives(folder)}))


if __name__ == "__main__":
    main()
