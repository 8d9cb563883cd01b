"""What a matching that goes on costs: ``python -m benchmarks.linkage.ongoing FOLDER [--to WORK]``.

FOLDER is one of `benchmarks.linkage.generate`. 95 % of the records and all but one in a thousand holders come first,
then the other records, then an import of the other holders and of twice as many with another surname, then ``--full``.
Prints what each call took, and how many first candidates or outcomes the full one changed after all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import polars as pl

CALL = "import sys; from sekisho.cli._main import main; raise SystemExit(main(sys.argv[1:]))"
SURNAME = "アリアケ"


def main() -> None:
    """Make the files, call step by step."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", type=Path, default=Path("build/ongoing"))
    given = parser.parse_args()
    work: Path = given.to
    work.mkdir(parents=True, exist_ok=True)
    _split(given.folder, work)
    _call(work, "register", "import", str(work / "first-holders.parquet"))
    _match(work, "first", str(work / "first-records.parquet"))
    _match(work, "new records", str(work / "further-records.parquet"))
    _call(work, "register", "import", str(work / "further-holders.parquet"))
    known = _match(work, "holders came and changed")
    whole = _match(work, "full", "--full")
    both = known.join(whole, on="record", how="full", suffix="_full", coalesce=True)
    other = [pl.col(name).ne_missing(pl.col(f"{name}_full")) for name in ("holder", "outcome")]
    print(f"the full one changed {both.filter(pl.any_horizontal(other)).height} records")


def _split(folder: Path, work: Path) -> None:
    holders = pl.read_parquet(folder / "register" / "part-*.parquet")
    records = pl.read_parquet(folder / "records.parquet")
    few, many = holders.height // 1000, records.height * 95 // 100
    given_name = pl.col("name_kana").str.split(" ").list.last()
    renamed = holders[: 2 * few].with_columns(name_kana=pl.concat_str(pl.lit(f"{SURNAME} "), given_name))
    holders[:-few].write_parquet(work / "first-holders.parquet")
    pl.concat([holders[-few:], renamed]).write_parquet(work / "further-holders.parquet")
    records[:many].write_parquet(work / "first-records.parquet")
    records[many:].write_parquet(work / "further-records.parquet")


def _match(work: Path, what: str, *more: str) -> pl.DataFrame:
    """One call of the matching; the first candidates of all records."""
    to = work / "matches.parquet"
    said, cpu, peak = _call(work, "match", *more, "--register", "vault", "--as", "all", "--to", str(to), "--force")
    moved = said.get("moved") or {}
    expected = {name: moved[name] for name in ("checked", "differ", "expected_least", "expected_most") if moved}
    counts = {name: said[name] for name in ("records", "looked_at", "auto", "ask", "other")}
    print(f"{what}: {cpu:.0f} CPU seconds, {peak:.1f} GiB, {counts}, {expected}", flush=True)
    return pl.read_parquet(to).filter(rank=1).select("record", "holder", "outcome")


def _call(work: Path, *arguments: str) -> tuple[dict[str, Any], float, float]:
    """What the program said, CPU seconds, and the peak of memory in GiB."""
    vault = ["--vault", str(work / "vault"), "--key-file", str(work / "key"), "--quiet", "--json"]
    with subprocess.Popen([sys.executable, "-c", CALL, *arguments, *vault], stdout=subprocess.PIPE) as process:
        said = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments[0]} ended with {process.returncode}")
    return json.loads(said), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1 << 20)


if __name__ == "__main__":
    main()
