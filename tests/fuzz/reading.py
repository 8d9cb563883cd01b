"""What is fuzzed: the whole way from the bytes of a file to its records, as a child goes it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from sekisho.documents.reading import Reading, Visit
from sekisho.documents.walk import walk
from sekisho.model import Blob, Content, Limits
from sekisho.records.find import Finds, find

LIMITS = Limits(output_bytes=64 << 20, seconds=60, members=300, tries_seconds=0.2, ratio_from_bytes=4 << 20)
LARGEST = 1 << 16  # bytes of a seed


def visit(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
    """The record finder, without decisions."""
    return find(contents, document, {})


def passed_by(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
    """Nobody looks for records: a hundred times as many tries at the readers alone."""
    for _ in contents:
        pass
    yield from ()


def look(name: str, data: bytes, visitor: Visit = visit) -> list[str]:
    """Read all of it; the outcomes. Whatever is raised here would have ended a child."""
    steps = walk(Blob(name, data), name, Reading(LIMITS), visitor)
    return [str(step.outcome) for step in steps if hasattr(step, "outcome")]


def seeds(examples: Mapping[str, Callable[[], bytes]], skipped: type[BaseException]) -> dict[str, bytes]:
    """An example of every kind that there is one of, by kind; those that this machine cannot make are left out."""
    made = {}
    for kind, make in examples.items():
        try:
            data = make()
        except skipped:
            continue
        if len(data) <= LARGEST:
            made[kind] = data
    return made


def of_estate(folder: Path, each: int = 2) -> dict[str, bytes]:
    """Small files of an invented estate, so many of each ending, by name."""
    taken: dict[str, bytes] = {}
    count: dict[str, int] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.stat().st_size <= LARGEST and count.get(path.suffix, 0) < each:
            count[path.suffix] = count.get(path.suffix, 0) + 1
            taken[f"{count[path.suffix]}{path.suffix}"] = path.read_bytes()
    return taken


if __name__ == "__main__":  # a finding, once more: python -m tests.fuzz.reading FILE
    for given in sys.argv[1:]:
        print(given, look(Path(given).name, Path(given).read_bytes()))
