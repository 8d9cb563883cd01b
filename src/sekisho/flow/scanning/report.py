"""`sekisho report`: from a settled scan to the table, on a page, on the terminal and as JSON."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sekisho.disclosure import BELOW
from sekisho.errors import UsageError
from sekisho.figures import Breakdown, Check, Public
from sekisho.flow.registering.person_envelopes import holders_of
from sekisho.flow.scanning.settle import RECORDS_READ
from sekisho.incidents.breakdown import DOCUMENT_COLUMNS, HOLDER_COLUMNS, RECORD_COLUMNS, breakdown
from sekisho.incidents.public import public
from sekisho.model import DOCUMENTS, MATCHES, RECORDS
from sekisho.protect.check import COLUMNS, check
from sekisho.protect.rules import Rules
from sekisho.report import page, terminal
from sekisho.report.progress import Phases
from sekisho.report.tops import called_after_somebody, renamed
from sekisho.report.view import About
from sekisho.vault import Scan
from sekisho.vault.files import write_atomically
from sekisho.wording import Text

COUNTING = Text("Counting", "集計")


@dataclass(frozen=True, slots=True)
class Report:
    """A scan's table, the rules held against it, and which scan it is; no names of files unless ``with_paths``."""

    made: Breakdown
    check: Check
    about: About
    with_paths: bool = False

    def as_json(self) -> dict[str, Any]:
        """docs/report-json.md says what each value means."""
        about = asdict(self.about)
        del about["tops"]
        if not self.with_paths:
            del about["root"]
        return {"scan": about, "breakdown": self.made.as_json(), "rules": self.check.as_json()}

    def as_text(self, *, colour: bool = False) -> str:
        """The same for a terminal."""
        return terminal.render(self.made, self.check, colour=colour)

    def as_page(self) -> str:
        """The same as a page."""
        return page.render(self.made, self.check, self.about, with_paths=self.with_paths)


@dataclass(frozen=True, slots=True)
class PublicReport:
    """What of it may be published."""

    made: Public
    about: About

    def as_json(self) -> dict[str, Any]:
        """docs/report-json.md says what each value means."""
        return {"made": self.about.made, "public": self.made.as_json()}

    def as_text(self, *, colour: bool = False) -> str:
        """The same for a terminal."""
        return terminal.render_public(self.made, colour=colour)

    def as_page(self) -> str:
        """The same as a page."""
        return page.render_public(self.made, self.about)


def report(scan: Scan, rules: Rules, *, with_paths: bool = False, shown: bool = True) -> Report:
    """Count a settled scan; ``shown``: whether progress is told. ``with_paths``: names of files can be names of people.

    Raises UsageError where it was never settled, RightsError, AccountError where a sum does not close.
    """
    action = "scan.paths" if with_paths else "scan.report"
    scan.demand(action)
    if not scan.note("settled"):
        raise _not_settled(scan)
    scan.log(action)
    with Phases(COUNTING, shown=shown) as tell:
        tell(RECORDS_READ)
        documents = scan.read("documents", DOCUMENTS, sorted({*DOCUMENT_COLUMNS, *COLUMNS}))
        records = scan.read("records", RECORDS, list(RECORD_COLUMNS))
        tops = called_after_somebody(documents, records)
        told = renamed(documents, tops)
        made = breakdown(told, records, scan.read("matches", MATCHES), holders_of(scan, HOLDER_COLUMNS), tell)
    now = datetime.now(UTC)
    about = About(
        scan=scan.about.scan,
        root=scan.about.root,
        begun=scan.about.begun,
        made=now.isoformat(timespec="seconds"),
        version=version("sekisho"),
        tops=tops,
    )
    return Report(made, check(documents, rules, now), about, with_paths)


def for_the_public(made: Report, below: int = BELOW) -> PublicReport:
    """The variant without numbers from 1 to ``below`` - 1, nor any that gives one away."""
    return PublicReport(public(made.made, below), made.about)


def write(path: Path, text: str) -> None:
    """Write a page; raises UsageError where it cannot be written."""
    try:
        write_atomically(path, lambda file: file.write(text.encode("utf-8", "backslashreplace")))
    except OSError as error:
        raise _not_written(path) from error


def look_at_target(path: Path) -> None:
    """Raises the UsageError that `write` would, as far as it can be seen before the work."""
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _not_written(path)


def _not_written(path: Path) -> UsageError:
    return UsageError(
        Text("{file} cannot be written.", "{file} に書き込めません。").fill(file=path),
        Text("Name a file in a folder that you may write to.", "書き込めるフォルダーのファイルを指定してください。"),
    )


def _not_settled(scan: Scan) -> UsageError:
    return UsageError(
        Text("Scan {n} was never settled.", "走査 {n} はまだ照合されていません。").fill(n=scan.about.scan),
        Text("Run `sekisho settle` first.", "先に `sekisho settle` を実行してください。"),
    )
