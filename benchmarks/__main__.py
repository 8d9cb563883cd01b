"""``python -m benchmarks [--scale S ...] [--peers PYTHON]``: makes estates, measures, prints the tables as Markdown.

For each scale: the bare readers alone, then ours from scan to table, on the same bytes in the same run, whole
process trees, two cores. At the smallest scale the peers too, where ``--peers`` names the interpreter of an
environment that holds them (``make bench`` makes it). A kept estate of an earlier run is used again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Cost, run

SEKISHO = [str(Path(sys.executable).with_name("sekisho"))]


@dataclass(frozen=True, slots=True)
class Line:
    """One engine on one estate."""

    scale: float
    engine: str
    cost: Cost
    rows: int  # records for ours, rows and lines for readers
    complete: int | None  # records with every item right; None where not held against the truth
    megabytes: float


def estate(work: Path, scale: float) -> Path:
    """The invented estate of that scale, made where it is not there yet."""
    folder = work / f"estate-{scale}"
    if not (folder / "truth" / "records.parquet").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = run([*SEKISHO, "demo", str(folder), "--scale", str(scale), "--seed", "1"], log=work / "demo.log")
        if made.code:
            raise SystemExit((work / "demo.log").read_text())
    return folder


def megabytes(folder: Path) -> float:
    """Size of the estate's files."""
    return sum(p.stat().st_size for p in (folder / "estate").rglob("*") if p.is_file()) / 1e6


def bare(work: Path, folder: Path, scale: float) -> Line:
    """The readers alone."""
    log = work / f"bare-{scale}.json"
    cost = run([sys.executable, "-m", "benchmarks.bare", str(folder)], log=log)
    rows = sum(kind["rows"] for kind in json.loads(log.read_text()).values())
    return Line(scale, "bare readers", cost, rows, None, megabytes(folder))


def ours(work: Path, folder: Path, scale: float) -> Line:
    """Scan to table, into a new vault, with the register and the password bank; then held against the truth."""
    vault = work / "vault"
    shutil.rmtree(vault, ignore_errors=True)
    (work / "key").unlink(missing_ok=True)
    common = ["--vault", str(vault), "--key-file", str(work / "key")]
    scan = [*SEKISHO, "scan", str(folder / "estate"), "--register", str(folder / "register.csv")]
    scan += ["--passwords", str(folder / "passwords.txt"), "--report", str(work / "report.html"), *common]
    cost = run(scan, log=work / f"scan-{scale}.log")
    if cost.code:
        raise SystemExit((work / f"scan-{scale}.log").read_text())
    for what in ("records", "documents"):
        run(
            [*SEKISHO, "export", what, "--to", str(work / f"{what}.parquet"), "--force", *common],
            log=work / "export.log",
        )
    found, complete = held_against_truth(work, folder)
    return Line(scale, "sekisho, scan to table", cost, found, complete, megabytes(folder))


def held_against_truth(work: Path, folder: Path) -> tuple[int, int]:
    """Records exported, and how many of them are complete."""
    log = work / "truth.json"
    command = [sys.executable, "-m", "benchmarks.truth", str(folder), "--json"]
    run([*command, "--records", str(work / "records.parquet"), "--documents", str(work / "documents.parquet")], log=log)
    result = json.loads(log.read_text())
    return int(result["records"]["exported"]), int(result["records"]["complete"])


def hawk(work: Path, folder: Path, scale: float, python: str) -> Line:
    """hawk-scanner over the same folder with our patterns; it forms no records."""
    out = work / "hawk.json"
    source = json.dumps({"sources": {"fs": {"estate": {"path": str(folder / "estate")}}}})
    patterns = Path(__file__).parent / "peers" / "fingerprint.yml"
    command = [str(Path(python).with_name("hawk_scanner")), "fs", "--connection-json", source, "--json", str(out)]
    cost = run([*command, "--fingerprint", str(patterns), "--no-write", "--shutup", "--quiet"], log=work / "hawk.log")
    finds = json.loads(out.read_text() or "{}").get("fs", []) if out.exists() else []
    values = {m for find in finds if find["pattern_name"] == "basic pension number" for m in find["matches"]}
    return Line(scale, "hawk-scanner (distinct numbers found)", cost, len(values), 0, megabytes(folder))


def presidio(work: Path, folder: Path, scale: float, python: str) -> Line:
    """presidio-analyzer over the text of rows that it is given; it reads no files, so this is its best case."""
    import polars as pl

    rows = pl.read_parquet(folder / "truth" / "records.parquet").head(5000)
    columns = [c for c in ("basic_pension_number", "name", "name_kana", "birth_date", "address") if c in rows.columns]
    lines = rows.select(pl.concat_str(columns, separator=",", ignore_nulls=True)).to_series()
    text = work / "presidio.txt"
    text.write_text("\n".join(lines) + "\n")
    script = Path(__file__).parent / "peers" / "presidio_rows.py"
    cost = run(["sh", "-c", f'exec "{python}" "{script}" < "{text}"'], log=work / "presidio.json")
    size = text.stat().st_size / 1e6
    return Line(scale, "presidio-analyzer (5,000 rows given as text)", cost, len(lines), 0, size)


def measured(work: Path, scales: list[float], peers: str | None) -> Iterator[Line]:
    """All lines, the floor before ours at each scale."""
    for scale in scales:
        folder = estate(work, scale)
        yield bare(work, folder, scale)
        yield ours(work, folder, scale)
    if peers:
        folder = estate(work, scales[0])
        yield hawk(work, folder, scales[0], peers)
        yield presidio(work, folder, scales[0], peers)


HEADINGS = ("scale", "engine", "wall s", "CPU s", "peak GiB", "rows", "rows / CPU s", "MB / CPU s", "complete records")


def table(lines: list[Line]) -> str:
    """A Markdown table, and the ratio of ours to the floor at each scale."""
    out = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    for line in lines:
        cost, cpu = line.cost, max(line.cost.cpu, 1e-9)
        cells = [f"{line.scale:g}", line.engine, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak / (1 << 30):.2f}"]
        cells += [f"{line.rows:,}", f"{line.rows / cpu:,.0f}", f"{line.megabytes / cpu:.2f}"]
        out.append("| " + " | ".join([*cells, "-" if line.complete is None else f"{line.complete:,}"]) + " |")
    for floor, mine in zip(lines[::2], lines[1::2], strict=False):
        if mine.engine.startswith("sekisho"):
            wall, cpu = mine.cost.wall / floor.cost.wall, mine.cost.cpu / floor.cost.cpu
            out.append(
                f"\nScale {mine.scale:g}: {wall:.2f} x the wall time of the bare readers, {cpu:.2f} x their CPU."
            )
    return "\n".join(out)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, nargs="+", default=[0.1, 1.0])
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--peers", help="python of an environment with presidio-analyzer and hawk-scanner")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    lines = list(measured(arguments.work, arguments.scale, arguments.peers))
    sys.stdout.write(f"{os.cpu_count()} cores\n\n{table(lines)}\n")


if __name__ == "__main__":
    main()
