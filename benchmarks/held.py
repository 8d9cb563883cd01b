"""Invents estates, scans them and holds what was found against their truth.

    python -m benchmarks.held --scale 0.05 --seeds 1 2 3

Everything is done by the commands that a user has. Exits with 1 where a bar of `benchmarks.truth` is missed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from benchmarks.truth import hold, holds, report


def held(folder: Path, scale: float, seed: int) -> dict[str, Any]:
    """What `benchmarks.truth.hold` says of a fresh estate in ``folder`` after demo, scan and export."""
    shutil.rmtree(folder, ignore_errors=True)
    _sekisho("demo", str(folder), "--scale", str(scale), "--seed", str(seed), "--run")
    for what in ("records", "documents"):
        vault = ("--vault", str(folder / "vault"), "--key-file", str(folder / "vault.key"))
        _sekisho("export", what, "--to", str(folder / f"{what}.parquet"), *vault)
    return hold(folder, folder / "records.parquet", folder / "documents.parquet")


def _sekisho(*words: str) -> None:
    program = Path(sys.executable).with_name("sekisho")
    subprocess.run([program, *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.held", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--work", type=Path, default=Path("build/held"))
    parser.add_argument("--examples", type=int, default=20, help="how many failures are shown")
    call = parser.parse_args()
    met = True
    for seed in call.seeds:
        said = held(call.work / f"seed-{seed}", call.scale, seed)
        met &= holds(said)
        print(f"== scale {call.scale}, seed {seed}\n{report(said, call.examples)}\n", flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
