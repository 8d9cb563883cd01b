"""What is to be done with each listed file: taken over, read, read for another one too, or only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sekisho.flow.earlier import Earlier, Known
from sekisho.model import SourceFile
from sekisho.sources import contents


@dataclass(frozen=True, slots=True)
class Plan:
    """The listed files, each in one place.

    ``aside``: not to be opened. ``held``: did not change. ``locked``: did not change, but waits for a password.
    ``fresh``: to be read. ``twins``: by SHA-256, files of one content; the first stands in one of the lists above.
    """

    listed: int
    aside: list[SourceFile] = field(default_factory=list)
    held: list[tuple[Known, SourceFile]] = field(default_factory=list)
    locked: list[tuple[Known, SourceFile]] = field(default_factory=list)
    fresh: list[SourceFile] = field(default_factory=list)
    twins: dict[str, list[SourceFile]] = field(default_factory=dict)

    def second_places(self) -> list[SourceFile]:
        """The files that are not opened, because their content lies somewhere else too."""
        return [file for files in self.twins.values() for file in files[1:]]


def make_plan(files: Sequence[SourceFile], earlier: Earlier, most_bytes: int) -> Plan:
    """The plan for ``files``; contents over ``most_bytes`` are not compared."""
    plan = Plan(len(files), aside=[file for file in files if file.outcome is not None])
    to_open = [file for file in files if file.outcome is None]
    known = {file.document: found for file in to_open if (found := earlier.find(file))}
    sha256 = _contents(to_open, known, most_bytes)
    for file in sorted(to_open, key=lambda f: f.document not in known):  # what is known need not be read for its twin
        content = sha256.get(file.document)
        same = plan.twins.setdefault(content, []) if content else []
        same.append(file)
        if len(same) == 1:
            _place(plan, file, known.get(file.document))
    return plan


def _contents(files: Sequence[SourceFile], known: dict[str, Known], most_bytes: int) -> dict[str, str]:
    sizes = Counter(file.size for file in files)
    unknown = [
        file for file in files if file.document not in known and sizes[file.size] > 1 and file.size <= most_bytes
    ]
    return contents.sha256(unknown) | {document: found.sha256 for document, found in known.items()}


def _place(plan: Plan, file: SourceFile, known: Known | None) -> None:
    if known is None:
        plan.fresh.append(file)
    elif known.waits:
        plan.locked.append((known, file))
    else:
        plan.held.append((known, file))
