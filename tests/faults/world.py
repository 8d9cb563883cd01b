"""A place with a vault in which every act of the program was done once, and how it was before each.

An `Act` is one call. A `Trial` is a copy of the place as it was before an act, to let the act fall in; ``said`` asks
the program for all that it holds, without what differs from run to run (times, paths, sizes).
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.cli.test_merges import HOLDERS, MATCHES, RECORDS
from tests.flow.posted import certificate

from sekisho.cli._main import main
from sekisho.vault import Secret, Vault

PROGRAM = (sys.executable, "-P", "-c", "from sekisho.cli._main import main; raise SystemExit(main())")
OPENED = ("--vault", "vault", "--key-file", "key")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00|Z)?")
_PASSING = {"size", "bytes", "file", "records", "matches", "program", "proposal", "hash"}
PATIENCE = 300
"""Seconds that a call may take, whatever else runs on the machine: by itself it takes one or two."""
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Act:
    """``call``: the arguments; ``prepare``: makes the files that it reads, from what earlier acts wrote.

    ``again``: whether the same call may follow it and changes nothing. ``leaves``: questions that it answers otherwise
    when it was done before, or had come to some of its steps. ``steps``: those that it answers otherwise between its
    steps.
    """

    name: str
    call: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda _: None
    again: bool = True
    leaves: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


def _filled(name: str, **values: str) -> Callable[[Path], None]:
    """Fill in the first row of a list."""

    def fill(folder: Path) -> None:
        rows = _rows(folder / name)
        for row in rows[:1]:
            row.update(values)
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    return fill


ACTS = (
    Act("scan", ("scan", "{share}", "--report", "report.html"), leaves=("scans",)),
    Act("register import", ("register", "import", "holders.csv")),
    Act("take", ("merges", "take", "matches.csv", "--records", "records.csv")),
    Act("worklist", ("merges", "worklist", "--clerk", "A", "--to", "work.csv", "--force"), again=False),
    Act(
        "answer",
        ("merges", "answer", "work.csv", "--who", "A"),
        _filled("work.csv", answer="yes", evidence="年金手帳"),
    ),
    Act("proposals", ("merges", "proposals", "--who", "B", "--to", "p.csv", "--force")),
    Act("confirm", ("merges", "confirm", "p.csv", "--who", "B"), _filled("p.csv", decision="confirm"), again=False),
    Act("split", ("merges", "split", "r1", "--reason", "another", "--who", "A"), again=False),
    Act("scan again", ("scan", "{share}", "--register", "vault", "--report", "report.html"), leaves=("scans",)),
    Act("settle", ("settle", "--register", "vault")),
    Act("export", ("export", "records", "--to", "out.xlsx", "--force")),
    Act("register export", ("register", "export", "--to", "holders.parquet", "--force")),
    Act("review export", ("review", "export", "--all", "--to", "questions.csv", "--force")),
    Act(
        "review import",
        ("review", "import", "questions.csv", "--who", "A"),
        _filled("questions.csv", answer="person"),
    ),
    Act("match", ("match", "records.csv", "--register", "vault", "--to", "found.csv", "--force")),
    Act("match as", ("match", "records.csv", "--register", "vault", "--as", "cards", "--to", "going.csv", "--force")),
    Act("import more", ("register", "import", "more.csv")),
    Act("undo", ("register", "undo", "2", "--reason", "wrong file"), again=False),
    Act("drop", ("vault", "drop", "--keep", "1", "--yes")),
    Act("evidence", ("ledger", "evidence", "import", "proxy.log")),
    Act("backup", ("vault", "backup", "--to", "backups"), again=False),
    Act("restore", ("vault", "restore", "backups", "--to", "again"), again=False),
    Act("rotate", ("vault", "rotate", "--new-key-file", "new-key", "--beside"), again=False),
    Act("incident", ("incident", "open", "a lost case"), again=False),
    Act("fact", ("incident", "add", "event", "1", "seen", "--at", "2015-05-28"), again=False),
    Act("infected", ("incident", "add", "infected", "1", "--at", "2015-05-08T10:28"), again=False),
    Act("sheet", ("regulator", "sheet", "1", "jp_public.preliminary"), again=False),
    Act("receipt", ("regulator", "receipt", "1", "1", "--number", "0123", "--at", "2015-05-30"), again=False),
    Act("documents", ("incident", "add", "documents", "1", "2"), again=False),
    Act("count", ("incident", "count", "1")),
    Act("changes", ("incident", "review", "1", "changes.csv"), again=False),
    Act("changes listed", ("incident", "review", "1", "--to", "made.csv", "--force"), again=False),
    Act(
        "cleared",
        ("incident", "review", "1", "--outcomes", "made.csv"),
        _filled("made.csv", outcome="own"),
        again=False,
    ),
    Act("draft", ("announce", "draft", "1", "--words", "words.toml"), again=False),
    Act("publish", ("announce", "publish", "1"), again=False),
    Act("shop", ("sinks", "set", "shop", "path=share", "certificate=shop.pem", "--kind", "print_shop"), again=False),
    Act("letters plan", ("letters", "plan", "1", "--words", "letter.toml", "--as-of", "2015-05-01")),
    Act("letters send", ("letters", "send", "1", "--sink", "shop", "--capacity", "9"), steps=("letters",)),
    Act("pool", ("reissue", "pool", "pool.csv")),
    Act("hold", ("vault", "hold", "person", "8201-000004", "--reason", "a court"), again=False),
    Act("forget incident", ("vault", "forget", "incident", "1", "--yes"), again=False),
    Act("forget person", ("vault", "forget", "person", "8201-000005", "--yes"), again=False),
)
END = "end"
"""Stands for the place after all acts."""
MORE = HOLDERS.replace("架空 花子", "架空 華子") + "8201-000006,,見本 五郎,ミホン ゴロウ,1952-08-08,男,,,,,\n"
LOG = "1699999999.000 1 10.47.1.31 TCP_MISS/200 507 GET http://example.jp/ - HIER_DIRECT/192.0.2.7 text/html\n"
LIST = "基礎年金番号,氏名,生年月日\r\n8201-000001,架空太郎,昭和23年4月6日\r\n8201-000009,架空花子,昭和25年1月2日\r\n"
WORDS = """
organisation = { en = "Office", ja = "機構" }
summary = { en = "Lost.", ja = "紛失。" }
contact = [{ title = { en = "Ask", ja = "窓口" }, value = "0120-000-000" }]
"""
SAID = 'organisation = "見本年金機構"\nhelpline = "0120-000-000"\nhours = "9:00-17:00"\n'
_READ = {"holders.csv": HOLDERS, "records.csv": RECORDS, "matches.csv": MATCHES, "more.csv": MORE, "proxy.log": LOG}
_READ |= {"words.toml": WORDS}
_READ |= {"letter.toml": SAID, "shop.pem": certificate()}
CHANGES = "基礎年金番号,処理日時,変更区分\n8201-000004,2015-05-20 10:00,住所変更\n8201-000002,2015-05-21,口座変更\n"
_READ |= {"changes.csv": CHANGES}
_READ |= {"pool.csv": "新番号\n8209-000001\n8209-000002\n"}
FREE = "\r\n".join(["整理票", "00-11-22", *(f"{n},見本{n}郎,9{n}" for n in range(5))])


class World:
    """Does the acts in their order, as far as they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.share = folder / "share"
        self._here = folder / "here"
        self._before: dict[str, Path] = {}  # the place as it was when each act began
        self._said: dict[str, dict[str, Any]] = {}
        _fill_share(self.share)
        self._here.mkdir()
        for name, text in _READ.items():
            (self._here / name).write_text(text, encoding="utf-8")

    def call(self, act: Act) -> list[str]:
        """The arguments of ``act``."""
        return [argument.replace("{share}", str(self.share)) for argument in act.call]

    def trial(self, folder: Path, act: Act) -> Path:
        """A copy of the place as it was before ``act``."""
        shutil.rmtree(folder, ignore_errors=True)
        return Path(shutil.copytree(self._at(act.name), folder))

    def said(self, act: Act) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the program says before an act and after it."""
        after = [*(one.name for one in ACTS), END][ACTS.index(act) + 1]
        return self._asked(act.name), self._asked(after)

    def logged(self, name: str = END) -> Path:
        """The place before an act, with further ones still in the log of the store, as a kill leaves them."""
        kept, here = self.folder / "logged" / name, self.folder / "killed" / name
        if not kept.exists():
            shutil.copytree(self._at(name), here)
            with Vault.open(here / "vault", Secret.from_key_file(here / "key")) as open_meanwhile:
                open_meanwhile.scans()
                done = ask(here, "register", "import", "more.csv")
                assert done.code == 0, done
                shutil.copytree(here, kept)
        return kept

    def _at(self, name: str) -> Path:
        for act in (*ACTS, Act(END, ())):
            if name in self._before:
                break
            if act.name not in self._before:
                act.prepare(self._here)
                self._before[act.name] = Path(shutil.copytree(self._here, self.folder / "before" / act.name))
                done = ask(self._here, *self.call(act)) if act.call else Done(0, "", "")
                assert done.code == 0, (act, done)
        return self._before[name]

    def _asked(self, name: str) -> dict[str, Any]:
        if name not in self._said:
            copy = Path(shutil.copytree(self._at(name), self.folder / "asked"))
            self._said[name] = said(copy)
            shutil.rmtree(copy)
        return self._said[name]


def _fill_share(share: Path) -> None:
    (share / "控え").mkdir(parents=True)
    (share / "名簿.csv").write_bytes(LIST.encode("cp932"))
    (share / "控え" / "名簿.csv").write_bytes(LIST.encode("cp932"))
    (share / "free.csv").write_bytes(FREE.encode("cp932"))
    (share / "broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    (share / "list.txt").write_text(LIST.replace(",", "\t"), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Done:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def is_clean(self) -> bool:
        """Whether it ended well, or with an error that says what to do."""
        return self.code in range(10) and "Traceback" not in self.err and "fault of" not in self.err


def command(*arguments: str, before: Sequence[str] = ()) -> list[str]:
    """The program as a process of its own; ``before``: what runs it."""
    return [*before, *PROGRAM, *arguments, *OPENED]


def environment(**more: str) -> dict[str, str]:
    """Ours, without the user's settings of the program."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO")}
    return {**own, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **more}


def run(folder: Path, *arguments: str, before: Sequence[str] = (), **more: str) -> Done:
    """Call the program in ``folder`` as a process of its own."""
    call = command(*arguments, before=before)
    done = subprocess.run(call, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=PATIENCE)
    return Done(done.returncode, done.stdout, done.stderr)


def ask(folder: Path, *arguments: str, opened: Sequence[str] = OPENED) -> Done:
    """The same within this process."""
    with in_folder(folder), redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main([*arguments, *opened, "--lang", "en", "--quiet"])
    return Done(code, out.getvalue(), err.getvalue())


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Work in ``folder``, with none of the user's settings."""
    last = Path.cwd()
    os.chdir(folder)
    try:
        with patch.dict(os.environ, environment(), clear=True):
            yield
    finally:
        os.chdir(last)


_ASKED: Mapping[str, tuple[str, ...]] = {
    "sinks": ("sinks", "list", "--json"),
    "new numbers": ("reissue", "status", "--json"),
    "scans": ("vault", "list", "--json"),
    "report": ("report", "--json"),
    "imports": ("register", "show", "--json"),
    "merges": ("merges", "status", "--json"),
    "incidents": ("incident", "list", "--json"),
    "leak": ("incident", "versions", "1", "--json"),
    "announced": ("announce", "list", "1", "--json"),
    "reported": ("regulator", "list", "1", "--json"),
    "letters": ("letters", "status", "1", "--json"),
    "holds": ("vault", "hold", "list", "--json"),
    "evidence": ("ledger", "evidence", "list", "--json"),
    "backups": ("vault", "restore", "backups", "--check", "--older", "--json"),
    **{f"history {n}": ("merges", "history", f"r{n}", "--json") for n in range(1, 9)},
}
_ASKED_AGAIN = ("imports", "merges", "evidence")
"""What the vault that came back from a backup is asked, too."""
_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "documents": ("export", "documents"),
    "records": ("export", "records"),
    "persons": ("export", "persons"),
    "exposures": ("export", "exposures"),
    "questions": ("review", "export"),
    "holders": ("register", "export"),
    "merged": ("merges", "export"),
}
_OF_A_RUN = {"bytes", "scan", "scan_id", "document_id", "record_id", "person", "persons", "question", "modified"}
_BY_THE_WAY = {"entries", "settled_again"}
"""Of the ledger, which has looks, too; and whether a call found the scans settled, be it by one that fell."""
_SETTLED = {"state", "ask", "conflict", "probability"}
"""Columns of the records that a scan leaves empty until it is settled: the persons are asked for too."""


def said(folder: Path) -> dict[str, Any]:
    """All that the vault in ``folder`` says, or why it says nothing, by question."""
    found: dict[str, Any] = {}
    for name, call in _ASKED.items():
        done = ask(folder, *call)
        found[name] = _plain(json.loads(done.out)) if done.code == 0 else _refusal(done)
    for name in _ASKED_AGAIN:
        done = ask(folder, *_ASKED[name], opened=("--vault", "again", "--key-file", "key"))
        found[f"{name} again"] = _plain(json.loads(done.out)) if done.code == 0 else _refusal(done)
    target = folder / ".asked.csv"
    for name, call in _WRITTEN.items():
        done = ask(folder, *call, "--to", target.name, "--force")
        found[name] = _told(target) if done.code == 0 else _refusal(done)
        target.unlink(missing_ok=True)
    found["scans"] = _finished(found["scans"])
    if isinstance(found["report"], dict):
        del found["report"]["scan"]
    return found


def damage(told: Mapping[str, Any]) -> list[str]:
    """The questions that were answered by an error of the vault."""
    return [name for name, answer in told.items() if isinstance(answer, tuple) and answer[0] == "refused"]


def _refusal(done: Done) -> tuple[str, int, str]:
    assert done.is_clean, done
    return ("refused", done.code, done.err.splitlines()[0])


def _finished(scans: Any) -> Any:
    if not isinstance(scans, list):
        return scans
    return [{k: v for k, v in one.items() if k not in _OF_A_RUN} for one in scans if one.get("finished")]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in _PASSING or isinstance(v, int | dict | list)}
        return {k: _plain(v) for k, v in kept.items() if k not in _BY_THE_WAY}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _TIME.sub("T", value) if isinstance(value, str) else value


def _told(path: Path) -> list[Row]:
    rows = [
        {k: _TIME.sub("T", v or "") for k, v in row.items() if k not in _OF_A_RUN | _SETTLED} for row in _rows(path)
    ]
    return sorted(rows, key=str)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
