"""A folder full of hostile files, scanned once as a user would."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAIN = "import sys; from sekisho.cli._main import main; sys.exit(main())"


@dataclass(frozen=True)
class Run:
    """What a scan left behind."""

    at: Path
    code: int
    said: str
    complained: str
    seconds: float

    def _rows(self, table: str) -> list[dict[str, str]]:
        path = self.at / f"{table}.csv"
        if not path.exists():
            assert sekisho(self.at, "export", table, "--to", path.name, "--quiet").returncode == 0
        csv.field_size_limit(1 << 30)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def ends(self) -> dict[str, str]:
        """Document -> ``OUTCOME reason``."""
        return {row["document"]: f"{row['outcome']} {row['reason']}" for row in self._rows("documents")}

    @property
    def records(self) -> list[dict[str, str]]:
        return self._rows("records")

    @property
    def result(self) -> Any:
        return json.loads(self.said)


def sekisho(
    at: Path, *arguments: str, before: tuple[str, ...] = (), path: str = ""
) -> subprocess.CompletedProcess[str]:
    """The real program in the folder ``at``, with a temporary folder of its own. ``before``: what starts it."""
    (at / "tmp").mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO")}
    env |= {"TMPDIR": str(at / "tmp"), "LC_ALL": "C.UTF-8", "PYTHONPATH": os.pathsep.join([path, *sys.path])}
    command = [*before, sys.executable, "-c", _MAIN, *arguments, "--vault", "vault", "--key-file", "key"]
    return subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, timeout=300, check=False)


def scanned(at: Path, *, before: tuple[str, ...] = (), path: str = "") -> Run:
    """``at / "share"``, scanned."""
    start = time.monotonic()
    ended = sekisho(at, "scan", "share", "--json", before=before, path=path)
    return Run(at, ended.returncode, ended.stdout, ended.stderr, time.monotonic() - start)
