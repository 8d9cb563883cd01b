"""What the children cost: ``python -m benchmarks.children ESTATE [--from BYTES] [--below BYTES]``, CPU by kind of file.

One file after the other in a child of its own, forked as `documents.zygote` forks it; without the parent's part
(taking in, encrypting, settling), and with the user's bank of passwords.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from pathlib import Path

from sekisho.documents import zygote
from sekisho.documents.child import SINGLE_THREADED
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.model import SourceFile
from sekisho.sources import folder


def cost(file: SourceFile, wants: Wants) -> tuple[float, int]:
    """CPU seconds of a child that examines ``file``, and the records that it found."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, str(sum(findings.records.num_rows for findings in examine(file, wants))).encode())
        os._exit(0)
    os.close(writer)
    found = os.read(reader, 32)
    os.close(reader)
    used = os.wait4(pid, 0)[2]
    return used.ru_utime + used.ru_stime, int(found or 0)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.children", description=__doc__)
    parser.add_argument("estate", type=Path)
    parser.add_argument("--from", type=int, default=0, dest="least", metavar="BYTES")
    parser.add_argument("--below", type=int, default=sys.maxsize, metavar="BYTES")
    arguments = parser.parse_args()
    if not SINGLE_THREADED.items() <= os.environ.items():  # libraries read it when they are loaded
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **SINGLE_THREADED})
    zygote.prepare()
    wants = Wants(passwords=tuple((arguments.estate / "passwords.txt").read_text().split()))
    by_kind: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for file in folder.files(arguments.estate / "estate", folder.Rules()):
        if file.outcome is None and arguments.least <= file.size < arguments.below:
            by_kind[Path(file.document).suffix].append(cost(file, wants))
    lines = ["| kind | files | CPU s | CPU s / file | records | records / CPU s |", "|---|---|---|---|---|---|"]
    for kind, costs in sorted(by_kind.items(), key=lambda entry: -sum(cpu for cpu, _ in entry[1])):
        cpu, records = sum(cpu for cpu, _ in costs), sum(found for _, found in costs)
        line = f"| {kind} | {len(costs)} | {cpu:.2f} | {cpu / len(costs):.3f} | {records:,} | {records / cpu:,.0f} |"
        lines.append(line)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
