"""What is to be done with each listed file: taken over, read, read for another one too, or only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sekisho.flow.scanning.earlier import Earlier, Known
from sekisho.model import SourceFile
from sekisho.report.progress import Progress
from sekisho.sources import contents
from sekisho.wording import Text

COMPARING = Text("Comparing", "内容の比較")
FILES_UNIT = Text("files", "ファイル")


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


def make_plan(files: Sequence[SourceFile], earlier: Earlier, most_bytes: int, *, shown: bool = True) -> Plan:
    """The plan for ``files``; contents over ``most_bytes`` are not compared."""
    plan = Plan(len(files), aside=[file for file in files if file.outcome is not None])
    to_open = [file for file in files if file.outcome is None]
    known = {file.document: found for file in to_open if (found := earlier.find(file))}
    sha256 = _contents(to_open, known, most_bytes, shown)
    for file in sorted(to_open, key=lambda f: f.document not in known):  # what is known need not be read for its twin
        content = sha256.get(file.document)
        same = plan.twins.setdefault(content, []) if content else []
        same.append(file)
        if len(same) == 1:
            _place(plan, file, known.get(file.document))
    return plan


def _contents(files: Sequence[SourceFile], known: dict[str, Known], most_bytes: int, shown: bool) -> dict[str, str]:
    """The SHA-256 by document, as far as it is known or another file has the same size."""
    sizes = Counter(file.size for file in files)
    alike = [file for file in files if sizes[file.size] > 1 and file.size <= most_bytes]
    unknown = [file for file in alike if file.document not in known]
    found = {document: before.sha256 for document, before in known.items()}
    with Progress(COMPARING, FILES_UNIT, len(unknown), sum(f.size for f in unknown), shown=shown) as progress:
        for file, sha256 in contents.sha256(unknown):
            found[file.document] = sha256
            progress.advance(1, file.size)
    return found


def _place(plan: Plan, file: SourceFile, known: Known | None) -> None:
    if known is None:
        plan.fresh.append(file)
    elif known.waits:
        plan.locked.append((known, file))
    else:
        plan.held.append((known, file))
