"""`sekisho scan`: from a folder to documents and records in the vault, reading only what is new.

A file that did not change is taken over from the scan before, a killed one included; a content that lies at two places
is read once and counted at both; what stays locked waits for the passwords that the other files hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from sekisho.documents import hints, kinds
from sekisho.documents.child import examined
from sekisho.documents.passwords import Gathered, digest
from sekisho.flow.scanning.earlier import Earlier, Known, reading_settings
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.flow.scanning.plan import FILES_UNIT, Plan, make_plan
from sekisho.model import Findings, Limits, SourceFile
from sekisho.records.questions import standing
from sekisho.report.progress import Progress
from sekisho.sources import folder
from sekisho.vault import Scan, Vault, account
from sekisho.vault.copies import Copy, copy
from sekisho.vault.intake import FILES, Intake, Received
from sekisho.wording import Text

LISTING = Text("Listing", "一覧作成")
READING = Text("Reading", "読み取り")
ROUNDS = 3  # a locked file may hold the password of another, and that one of a third

Reader = Callable[[Sequence[SourceFile], Wants], Generator[tuple[SourceFile, Findings]]]
"""Examines files; gives the findings of each, the last one marked, of all files in any order."""


def in_children(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
    """The reader: a child process a file, as many at once as there are cores."""
    yield from examined(files, partial(examine, wants=wants), wants.limits)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be scanned and how; ``shown``: whether it is told how far it is.

    ``incident``: under whose key what is found is to lie.
    """

    root: Path
    rules: folder.Rules = field(default_factory=folder.Rules)
    limits: Limits = field(default_factory=Limits)
    passwords: tuple[str, ...] = field(default=(), repr=False)
    shown: bool = True
    incident: int | None = None


def scan(vault: Vault, wishes: Wishes, read: Reader = in_children) -> Scan:
    """Scan ``wishes.root``; the scan that comes back is finished and its account closes.

    Raises InputError for the folder, VaultError, AccountError. Killed at any moment, the next call goes on.
    """
    root = folder.spelled(os.fsencode(wishes.root.resolve()))
    decisions = standing(vault.decisions())
    answers = {f"{block}\t{subject}": decision.answer for (block, subject), decision in decisions.items()}
    wants = Wants(wishes.limits, wishes.passwords, (), decisions, vault.secret_for("password marks"))
    settings = reading_settings(wishes.limits)
    earlier = Earlier(vault, root, settings, answers, wishes.incident)
    rules = replace(wishes.rules, own=(*wishes.rules.own, vault.folder))
    with Progress(LISTING, FILES_UNIT, shown=wishes.shown) as progress:
        files = list(progress.through(folder.files(wishes.root, rules)))
    ours = vault.plans().passwords(root)
    files = [replace(file, key=ours.get(file.document)) for file in files] if ours else files
    made = vault.begin_scan(root, version("sekisho"), wishes.incident)
    made.commit([], settings=settings, decisions=answers)
    intake = Intake(made)
    try:
        plan = make_plan(files, earlier, wishes.limits.file_bytes, shown=wishes.shown)
        _Run(intake, wants, read, earlier, wishes.shown).carry_out(plan)
    except KeyboardInterrupt:
        intake.flush()
        raise
    account.close(made, len(files))
    vault.finish_scan(made)
    return vault.scan(made.about.scan)


class _Run:
    """One scan on its way."""

    def __init__(self, intake: Intake, wants: Wants, read: Reader, earlier: Earlier, shown: bool) -> None:
        self._intake = intake
        self._wants = wants
        self._shown = shown
        self._read = read
        self._earlier = earlier
        self._candidates = Gathered(wants.salt)
        self._waiting: dict[str, Received] = {}

    def carry_out(self, plan: Plan) -> None:
        """Everything in its order: what is known, what is new, what is locked, what lies twice."""
        for file in plan.aside:
            for findings in examine(file, self._wants):
                self._receive(file, findings)
        for document, password in self._earlier.passwords([known for known, _ in plan.held + plan.locked]):
            self._candidates.add(document, [password])
        for file in plan.second_places():
            self._candidates.add(file.document, hints.in_name(file.document))
        self._take_over(plan.held)
        offered = self._read_and_open(plan.fresh, plan.locked)
        self._settle_waiting()
        self._count_twins(plan)
        self._intake.flush()
        self._intake.scan.commit([], tried=sorted(offered))

    def _read_and_open(self, fresh: Sequence[SourceFile], locked: Sequence[tuple[Known, SourceFile]]) -> frozenset[str]:
        """Read what is new, and what stays locked again while passwords turn up; gives marks of those last tried."""
        todo, resting = list(fresh), list(locked)
        offered: frozenset[str] | None = None
        for _ in range(1 + ROUNDS):
            now = self._passwords()
            if now == offered:
                break
            offered = now
            todo += [file for known, file in resting if not offered <= self._earlier.tried(known)]
            resting = [(known, file) for known, file in resting if offered <= self._earlier.tried(known)]
            self._read_all([*todo, *self._locked_again()])
            todo = []
        self._take_over(resting)
        return offered or frozenset()

    def _passwords(self) -> frozenset[str]:
        """Marks of all passwords at hand; one that lies about is another than the same one in the bank."""
        salt = self._wants.salt
        bank = (digest(password, salt).hex() for password in self._wants.passwords)
        return frozenset(chain(bank, (f"found {digest(f.password, salt).hex()}" for f in self._candidates.found())))

    def _read_all(self, files: Sequence[SourceFile]) -> None:
        if not files:
            return
        largest_first = sorted(files, key=lambda file: -file.size)
        wants = replace(self._wants, found=self._candidates.found())
        weight = sum(map(_weight, files))
        with (
            Progress(READING, FILES_UNIT, len(files), weight, shown=self._shown) as progress,
            closing(self._read(largest_first, wants)) as results,
        ):
            for file, findings in results:
                self._receive(file, findings)
                progress.advance(int(findings.last), _weight(file) if findings.last else 0)

    def _receive(self, file: SourceFile, findings: Findings) -> None:
        received = self._intake.take(file, findings)
        if received is None:
            return
        self._candidates.add(file.document, received.passwords)
        if received.waits():
            self._waiting[file.document] = received
        else:
            self._intake.keep(received)

    def _locked_again(self) -> list[SourceFile]:
        """The files that stayed locked, which are forgotten to be read again."""
        locked = [received for received in self._waiting.values() if received.is_locked()]
        for received in locked:
            self._intake.drop(self._waiting.pop(received.file.document))
        return [received.file for received in locked]

    def _settle_waiting(self) -> None:
        """Now that all passwords are known: was what opened a document lying about?"""
        for received in self._waiting.values():
            received.say_beside([at for at, keys in received.opened_by.items() if self._candidates.lies_beside(keys)])
            self._intake.keep(received)
        self._waiting.clear()

    def _take_over(self, held: Sequence[tuple[Known, SourceFile]]) -> None:
        """Count what an earlier scan found in files that did not change."""
        by_scan: dict[int, list[tuple[Known, SourceFile]]] = {}
        for known, file in held:
            by_scan.setdefault(known.scan.about.scan, []).append((known, file))
        for group in by_scan.values():
            copies = [Copy(known.number, file) for known, file in group]
            copy(group[0][0].scan, copies, self._intake, at_a_second_place=False)

    def _count_twins(self, plan: Plan) -> None:
        """Count each content at its other places; where it was no longer what had been compared, read those."""
        groups = {content: files for content, files in plan.twins.items() if len(files) > 1}
        if not groups:
            return
        self._intake.flush()
        made = self._intake.scan
        kept = {row["document"]: row for row in made.read("files", FILES).to_pylist()}
        copies, differing = [], []
        for content, (first, *others) in groups.items():
            row = kept[first.document]
            if row["sha256"] == content:
                copies += [Copy(row["file"], file, kinds.named_kind(file.document)) for file in others]
            else:
                differing += others
        copy(made, copies, self._intake, at_a_second_place=True)
        self._read_all(differing)
        self._settle_waiting()


def _weight(file: SourceFile) -> int:
    """What reading a file costs, for the time left: its bytes, and a child of its own."""
    return file.size + (256 << 10)
