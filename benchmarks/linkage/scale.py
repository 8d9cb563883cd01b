"""``python -m benchmarks.linkage.scale``: what it costs to match a million records with a whole nation.

For each size: the index of the holders (from texts, encrypted, on the disk), training, and matching with a model that
is given, each in a process of its own; and where ``--peer`` names the interpreter of an environment that holds Splink
(``make bench`` makes it) its prediction with m and u given, on the same values, which are folded for it beforehand.
All matched by kana name, kanji where both have them, birth date and sex. Prints a table as Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from benchmarks.linkage.generate import Order, generate
from benchmarks.linkage.strangers import COLUMNS, register
from benchmarks.measure import Cost, run
from sekisho.persons.linkage import names, people
from sekisho.persons.linkage.index import Index
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.model import Model
from sekisho.vault import index as vault

BASE = 2_000_000  # holders that are invented one by one; the others are strangers drawn from them
DESIGN = people.DESIGN.of("family", "given", "birth", "sex")
KEY = bytes(32)
MEMORY = "6GB"


class Work:
    """Where everything lies of so many holders."""

    def __init__(self, folder: Path, holders: int, records: int) -> None:
        self.holders, self.base = holders, folder / f"base-{records}"
        self.folder = folder / f"{holders}-{records}"
        self.register, self.index = self.folder / "register", self.folder / "index"
        self.model, self.matches = self.folder / "model.json", self.folder / "matches.parquet"
        self.peer_model = self.base / "peer-model.json"

    def peer(self, what: str, base: bool = False) -> Path:
        """A file of the peer's."""
        return (self.base if base else self.folder) / f"peer-{what}.parquet"


def make(work: Work, records: int) -> None:
    """The register and the records, where they are not there yet."""
    if not (work.base / "truth.parquet").exists():
        generate(Order(min(work.holders, BASE), records, seed=11), work.base)
    if work.register.exists():
        return
    part = work.folder / "register.part"
    part.mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(register(work.base, work.holders)):
        rows.write_parquet(part / f"{number:05}.parquet", compression="zstd", compression_level=1)
    part.rename(work.register)


def _holders(work: Work) -> Iterator[pl.DataFrame]:
    start = 0
    for path in sorted(work.register.iterdir()):
        rows = pl.read_parquet(path)
        places = pl.int_range(start, start + rows.height, dtype=pl.Int32, eager=True)
        own = rows.with_columns(holder=places, alias=pl.lit(0, pl.Int8))
        start += rows.height
        yield own
        others = people.other_names(own).with_columns(alias=pl.lit(1, pl.Int8))
        if others.height:
            yield others


def _records(work: Work) -> pl.DataFrame:
    wanted = ["name", "name_kana", "birth_date", "sex"]
    rows = pl.read_parquet(work.base / "records.parquet", columns=["record", *wanted]).sort("record")
    return rows.with_columns(pl.col("record").cast(pl.Int32), alias=pl.lit(0, pl.Int8))


def index(work: Work) -> None:
    """From texts to an encrypted index on the disk."""
    with vault.Index(work.index, KEY) as storage:
        storage.clear()
        made = Index(DESIGN, storage)
        made.add(_holders(work))
        made.count()
        made.save({})


def train(work: Work) -> None:
    """A model from the records, without labels."""
    with vault.Index(work.index, KEY) as storage, Linker(DESIGN, MEMORY, Index.load(DESIGN, storage)) as linker:
        work.model.write_text(linker.train(_records(work)).to_json())


def match(work: Work) -> None:
    """All records with a model that is given."""
    model = Model.from_json(work.model.read_text())
    with vault.Index(work.index, KEY) as storage, Linker(DESIGN, MEMORY, Index.load(DESIGN, storage)) as linker:
        found = pl.concat(linker.link(_records(work), model))
        found.select("record", "holder", "probability").write_parquet(work.matches)


def fold(work: Work, base: bool) -> None:
    """The peer's tables: values folded by us, a row a holder under their own name."""
    folder = work.base / "register" if base else work.register
    prepared = _records(work).rename({"record": "unique_id"})
    _for_peer(prepared).write_parquet(work.peer("records", base))
    writer, start = None, 0
    for path in sorted(folder.iterdir()):
        rows = pl.read_parquet(path, columns=list(COLUMNS))
        places = pl.int_range(start, start + rows.height, dtype=pl.Int32, eager=True)
        start += rows.height
        table = _for_peer(rows.with_columns(unique_id=places)).to_arrow()
        writer = writer or pq.ParquetWriter(work.peer("holders", base), table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def _for_peer(rows: pl.DataFrame) -> pl.DataFrame:
    texts = people.prepare(rows)
    family, given, birth = texts["family_kana"], texts["given_kana"], texts["birth"]
    return pl.DataFrame(
        {
            "unique_id": rows["unique_id"],
            "family": names.plain(family), "given": names.plain(given),
            "family_key": names.key(family), "given_key": names.key(given),
            "birth": birth, "year": birth.str.slice(0, 4), "month_day": birth.str.slice(5), "sex": texts["sex"],
        }
    )  # fmt: skip


STEPS: dict[str, Callable[[Work], None]] = {
    "index": index,
    "train": train,
    "match": match,
    "fold-base": lambda work: fold(work, base=True),
    "fold": lambda work: fold(work, base=False),
}


def measured(work: Work, folder: Path, records: int, peer: str) -> Iterator[tuple[str, Cost, int]]:
    """What was done, what it cost, and the bytes that it left on the disk."""
    for step in ("index", "train", "match"):
        if step != "train" or not work.model.exists():
            yield f"ours, {step}", _step(step, work, folder, records), _size(work.index if step == "index" else None)
    if peer:
        script = str(Path(__file__).parents[1] / "peers" / "splink_link.py")
        if not work.peer_model.exists():
            _step("fold-base", work, folder, records)
            tables = [str(work.peer(what, base=True)) for what in ("holders", "records", "matches")]
            yield "Splink, training on the base", _run([peer, script, *tables, str(work.peer_model)], work), 0
        _step("fold", work, folder, records)
        tables = [str(work.peer(what)) for what in ("holders", "records", "matches")]
        yield "Splink, match", _run([peer, script, *tables, str(work.peer_model)], work), 0


def _step(step: str, work: Work, folder: Path, records: int) -> Cost:
    sizes = ["--holders", str(work.holders), "--records", str(records)]
    command = [sys.executable, "-m", "benchmarks.linkage.scale", "--work", str(folder), *sizes, "--step", step]
    return _run(command, work)


def _run(command: list[str], work: Work) -> Cost:
    log = work.folder / "log.txt"
    cost = run(command, log=log)
    if cost.code:
        raise SystemExit(log.read_text())
    return cost


def _size(folder: Path | None) -> int:
    return sum(path.stat().st_size for path in folder.iterdir()) if folder else 0


def accuracy(work: Work) -> str:
    """Of the records whose holder is in the register, how many have a best candidate of .99 and more, and right."""
    truth = pl.read_parquet(work.base / "truth.parquet")
    numbers = pl.read_parquet(work.base / "register" / "part-*.parquet", columns=["basic_pension_number"])
    places = numbers.rename({"basic_pension_number": "holder"}).with_row_index("true")
    told = truth.join(places, on="holder", how="left").select("record", "true")
    best = pl.read_parquet(work.matches).sort("probability", descending=True).unique("record", keep="first")
    sure = best.filter(pl.col("probability") >= 0.99).join(told, on="record")
    right = (sure["holder"] == sure["true"]).fill_null(value=False).sum()
    said = {"merged": sure.height, "right": right, "of": told["true"].count(), "promised": sure["probability"].mean()}
    return json.dumps(said)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linkage.scale", description=__doc__)
    parser.add_argument("--holders", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path("build/scale"))
    parser.add_argument("--peer", default="", help="python of an environment with splink")
    parser.add_argument("--step", choices=STEPS, help="one step alone, of what was made before")
    asked = parser.parse_args()
    sys.stdout.write(
        "| holders | records | what | CPU s | wall s | peak GiB | disk GB |\n|---|---|---|---|---|---|---|\n"
    )
    for holders in asked.holders:
        work = Work(asked.work, holders, asked.records)
        if asked.step:
            STEPS[asked.step](work)
            continue
        make(work, asked.records)
        for what, cost, size in measured(work, asked.work, asked.records, asked.peer):
            disk = f"{size / 1e9:.2f}" if size else ""
            cells = (f"{holders:,}", f"{asked.records:,}", what, f"{cost.cpu:.0f}", f"{cost.wall:.0f}")
            sys.stdout.write("| " + " | ".join((*cells, f"{cost.peak / (1 << 30):.2f}", disk)) + " |\n")
            sys.stdout.flush()
        sys.stdout.write(f"\n{accuracy(work)}\n")


if __name__ == "__main__":
    main()
