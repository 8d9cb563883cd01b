"""The case of 2015, played on the invented estate by the commands that an office would give, from first to last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sekisho.cli._stage import Stage
from sekisho.wording import Text

INCIDENT = 1
OFFICER, OFFICER2, OPERATOR, COUNTER, AUDITOR = "officer", "officer2", "operator", "counter", "auditor"
FIRST, SECOND = "register-2015-05-01.csv", "register-2015-06-01.csv"
ON_THE_DAY = "2015-06-01T12:00"
Told = Iterator[tuple[str, Any]]


def play(stage: Stage) -> dict[str, Any]:
    """Everything in its order; gives what each part said, by its name."""
    return dict(_acts(stage))


def _acts(stage: Stage) -> Told:
    _begin(stage)
    yield from _first_files(stage)
    yield from _later_files(stage)
    yield from _past(stage)
    yield from _end(stage)


def _begin(stage: Stage) -> None:
    """Actors with keys of their own; the second officer last, as from then on one approves what the other does."""
    stage.act(Text("A vault, and who acts in it", "保管庫と利用者"))
    for made in (stage.keys, stage.products):
        made.mkdir()
    stage.call("", "vault", "init")
    _enlist(stage, "", OFFICER, "officer")
    for name, role in ((OPERATOR, "operator"), (COUNTER, "counter"), (AUDITOR, "auditor"), (OFFICER2, "officer")):
        _enlist(stage, OFFICER, name, role)


def _enlist(stage: Stage, by: str, name: str, role: str) -> None:
    stage.call(by, "actor", "add", name, "--role", role, "--new-key-file", stage.keys / f"{name}.key", shown=False)


def _first_files(stage: Stage) -> Told:
    stage.act(Text("The register as it was before", "事案前の台帳"))
    yield "register before", stage.call(OPERATOR, "register", "import", stage.folder / FIRST)
    stage.act(Text("What is known of the incident", "事案の事実"))
    _facts(stage)
    yield "clocks", stage.call(OFFICER, "incident", "clocks", INCIDENT, "--at", ON_THE_DAY, "--law", "jp_public")
    stage.act(
        Text("The first files, and whose data stands in them: version 1", "最初に届いたファイルと該当者（第1版）")
    )
    yield "scan 1", _scan(stage, "estate", 1)
    yield "version 1", stage.call(OFFICER, "incident", "count", INCIDENT)
    stage.act(Text("A list that was copied in a hurry opens nothing", "急いで写した一覧では何も始められない"))
    faults = stage.products / "helpline-list-faults.csv"
    words = ("--list", stage.folder / "helpline-list.csv", "--to", faults)
    yield "copied list", stage.call(OFFICER, "incident", "reconcile", INCIDENT, *words)


def _facts(stage: Stage) -> None:
    from sekisho.estate.aftermath.facts import FACTS, TITLE

    stage.call(OFFICER, "incident", "open", TITLE)
    for kind, *said in FACTS:
        stage.call(OFFICER, "incident", "add", kind, INCIDENT, *said, shown=False)


def _scan(stage: Stage, files: str, number: int) -> Any:
    """Scan a folder as evidence of the incident."""
    words = ("--register", "vault", "--passwords", stage.folder / "passwords.txt", "--incident", INCIDENT)
    report = stage.products / f"report-{number}.html"
    found = stage.call(OPERATOR, "scan", stage.folder / files, *words, "--report", report)
    stage.call(OFFICER, "incident", "add", "documents", INCIDENT, number, shown=False)
    return found


def _later_files(stage: Stage) -> Told:
    stage.act(Text("A second centre's files come: version 2", "2か所目のファイルが届く（第2版）"))
    yield "scan 2", _scan(stage, "later", 2)
    yield "register after", stage.call(OPERATOR, "register", "import", stage.folder / SECOND, shown=False)
    yield "version 2", stage.call(OFFICER, "incident", "count", INCIDENT)


def _past(stage: Stage) -> Told:
    stage.act(Text("Changes made since the first infection", "最初の感染以後に行われた変更"))
    yield "review", stage.call(OFFICER, "incident", "review", INCIDENT, stage.folder / "changes.csv")
    stage.call(OFFICER, "incident", "review", INCIDENT, "--to", stage.products / "review.csv")


def _end(stage: Stage) -> Told:
    stage.act(Text("The ledger", "証跡"))
    yield "ledger", stage.call(AUDITOR, "ledger", "verify")
