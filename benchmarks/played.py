"""What each command of `sekisho demo --incident` costs: seconds, CPU seconds, peak memory.

    python -m benchmarks.played build/played --scale 0.02
    python -m benchmarks.played build/played --scale 1 --without-letters    # they are planned, and not typeset

The case is played as the demo plays it, in one process; its children count. What lies between two commands (the
callers, the print shop's own work) has lines of its own. ``FOLDER.jsonl`` gets a line when a command ends; the table
at the end has a line for all calls of one command.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.measure import Watch
from sekisho.cli._command import Output
from sekisho.cli._demo_play import play
from sekisho.cli._demo_stage import Stage
from sekisho.flow.demo import case

BETWEEN, LEAST = "(between)", 0.1
NO_WORDS = re.compile(r"[./:\d]|^-$")
"""What in a command is a value, not a word of it."""


@dataclass(slots=True)
class Clock:
    """Writes down what was used since it was last asked."""

    log: Path
    watch: Watch = field(default_factory=lambda: Watch(os.getpid()))
    wall: float = 0.0
    cpu: float = 0.0

    def start(self) -> None:
        """From now on."""
        self.watch.start()
        self._again()

    def lap(self, what: str, said: str) -> None:
        """That was ``what``, given as ``said``."""
        wall, cpu = time.monotonic() - self.wall, sum(os.times()[:4]) - self.cpu
        self.watch.look()
        line = {"what": what, "wall": round(wall, 2), "cpu": round(cpu, 2), "peak": self.watch.peak, "said": said}
        if what != BETWEEN or cpu >= LEAST:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._again()

    def _again(self) -> None:
        self.watch.peak = 0
        self.wall, self.cpu = time.monotonic(), sum(os.times()[:4])


@dataclass(frozen=True, slots=True)
class Timed(Stage):
    """A stage on which every command is timed; ``posts``: whether letters are typeset and sent."""

    clock: Clock
    posts: bool

    def call(self, who: str, *words: str | Path | int, typed: str = "", shown: bool = True) -> Any:
        """As on any stage."""
        if words[:2] == ("letters", "send") and not self.posts:
            return {}
        self.clock.lap(BETWEEN, "")
        try:
            return Stage.call(self, who, *words, typed=typed, shown=shown)
        finally:
            said = [str(word) for word in words]
            self.clock.lap(_command(said), " ".join(said)[:200])


def _command(said: list[str]) -> str:
    """The words of a command and its options, without their values."""
    values = 2 if said[0] not in ("check", "scan") else 1
    return " ".join([*said[:values], *(word for word in said[values:] if word.startswith("--"))])


def played(folder: Path, scale: float, seed: int, *, posts: bool = True) -> pl.DataFrame:
    """Play it in ``folder``, which is new; what each command cost, in the order in which each was first given."""
    log = folder.with_name(f"{folder.name}.jsonl")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    clock = Clock(log)
    clock.start()
    case(folder, scale, seed, shown=False)
    clock.lap("(the estate is made)", "")
    play(Timed(folder, Output(json=False, quiet=False), clock, posts))
    clock.watch.done.set()
    return pl.read_ndjson(log)


def table(laps: pl.DataFrame) -> pl.DataFrame:
    """All calls of a command together."""
    summed = laps.group_by("what", maintain_order=True).agg(
        pl.len().alias("calls"), pl.col("wall").sum(), pl.col("cpu").sum(), pl.col("peak").max()
    )
    return summed.with_columns(peak=(pl.col("peak") / 2**20).round().cast(pl.Int64))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.played", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-letters", action="store_true")
    call = parser.parse_args()
    laps = played(call.folder, call.scale, call.seed, posts=not call.without_letters)
    print("| command | calls | s | CPU s | peak MiB |\n|---|---|---|---|---|")
    for row in table(laps).iter_rows():
        print("| {} | {:,} | {:,.1f} | {:,.1f} | {:,} |".format(*row))
    sizes = {place: _size(call.folder / place) for place in ("vault", "products")}
    said = ", ".join(f"{place} {size / 2**20:,.0f} MiB" for place, size in sizes.items())
    print(f"\n{laps['cpu'].sum():,.0f} CPU s in all, peak {max(laps['peak'].to_list()) / 2**20:,.0f} MiB; {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
