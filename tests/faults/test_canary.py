"""A planted person is found nowhere in clear that nobody asked for: not while the program works, not after a crash."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.faults import canary
from tests.faults.canary import ADDRESS, KANA, NAME, NUMBER, Watch
from tests.faults.falls import STRACE
from tests.faults.world import Done, command, environment, run

HOLDERS = f"基礎年金番号,氏名,フリガナ,生年月日,住所\n{NUMBER},{NAME},{KANA},1948-04-06,{ADDRESS}\n"
RECORDS = f"record,氏名,フリガナ,生年月日,住所\nr1,{NAME},{KANA},1948-04-06,{ADDRESS}\n"
MATCHES = f"record,holder,probability,outcome,rank,reasons\nr1,{NUMBER},0.8,ask,1,name\n"


class Office:
    """``asked``: what the user keeps in clear, or asked for in clear. All the rest of ``folder`` is ours."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, folder / "asked"
        for name in ("asked", "tmp", "home", "here"):
            (folder / name).mkdir()
        canary.plant(self.asked / "share")
        for name, text in (("holders", HOLDERS), ("records", RECORDS), ("matches", MATCHES)):
            (self.asked / f"{name}.csv").write_text(text, encoding="utf-8")
        self.environment = {"TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home")}

    def call(self, *arguments: str, before: tuple[str, ...] = (), asked: bool = False) -> Done:
        """Call the program; ``asked``: whether what it says may name the person."""
        done = run(self.folder / "here", *arguments, before=before, **self.environment)
        assert done.code == 0, (arguments, done)
        assert not canary.in_bytes(done.err.encode()), arguments
        assert asked or not canary.in_bytes(done.out.encode()), arguments
        return done

    def scan_watched(self) -> None:
        """Scan the share, and look meanwhile at what shows of the processes at work."""
        call = command("scan", str(self.asked / "share"))
        with (
            subprocess.Popen(
                call,
                cwd=self.folder / "here",
                env=environment(**self.environment),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            ) as process,
            Watch(process.pid, self.asked) as watch,
        ):
            said = process.communicate(timeout=120)[0]
        assert process.returncode == 0
        assert not canary.in_bytes(said)
        assert watch.looked > 20
        assert watch.seen == set()

    def is_clean(self) -> None:
        assert canary.in_files(self.folder, [self.asked]) == []


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_nothing_of_a_person_shows_or_lies_in_clear_while_and_after_all_is_done_with_them(office: Office) -> None:
    asked = office.asked
    office.scan_watched()
    office.call("register", "import", str(asked / "holders.csv"))
    office.call("merges", "take", str(asked / "matches.csv"), "--records", str(asked / "records.csv"))
    office.call("merges", "worklist", "--clerk", NAME, "--to", str(asked / "work.xlsx"), asked=True)
    office.call("register", "undo", "1", "--reason", f"{NAME} {NUMBER}")
    office.call("export", "records", "--to", str(asked / "records.xlsx"), asked=True)
    office.is_clean()


@pytest.mark.soak
def test_nothing_of_a_person_lies_in_clear_in_ledger_backups_and_after_they_are_forgotten(office: Office) -> None:
    asked = office.asked
    office.call("register", "import", str(asked / "holders.csv"))
    office.call("incident", "open", f"{NAME} {NUMBER}", asked=True)
    office.call("scan", str(asked / "share"), "--register", "vault", "--incident", "1")
    office.call("vault", "hold", "person", NUMBER, "--reason", f"{NAME} {ADDRESS}", asked=True)
    office.call("ledger", "who-looked-at", NUMBER, asked=True)
    office.call("register", "check")
    office.call("vault", "backup", "--to", "backup")
    office.call("vault", "backup", "--to", "keys", "--keys")
    office.call("ledger", "show", "--last", "100")
    office.call("ledger", "prove", "3", "--to", "proof")
    office.call("vault", "hold", "end", "1", "--reason", NAME, asked=True)
    office.call("vault", "forget", "person", NUMBER, "--yes")
    office.call("incident", "add", "known", "1", f"{NAME} {NUMBER}", "--at", "2015-05-08")
    office.call("incident", "add", "measure", "1", NAME, "--owner", NAME, "--due", "2016-03-31")
    office.call("incident", "add", "evidence", "1", str(asked / "records.csv"), "--name", NAME)
    office.call("incident", "show", "1", asked=True)
    office.call("incident", "timeline", "1", asked=True)
    office.call("incident", "clocks", "1", asked=True)
    office.call("incident", "bundle", "1", str(asked / "records.csv"), "--for", NAME, "--to", str(asked / "out"))
    office.call("incident", "close", "1", asked=True)
    office.call("vault", "forget", "incident", "1", "--yes")
    office.call("vault", "restore", "backup", "--to", "again")
    office.call("vault", "check")
    office.is_clean()


@pytest.mark.parametrize(
    "end", [signal.SIGKILL, *(pytest.param(end, marks=pytest.mark.soak) for end in (signal.SIGABRT, signal.SIGTERM))]
)
def test_nothing_of_a_person_is_left_by_a_crash(end: signal.Signals, office: Office) -> None:
    call = ["bash", "-c", 'ulimit -c unlimited; exec "$@"', "bash", *command("scan", str(office.asked / "share"))]
    with subprocess.Popen(
        call, cwd=office.folder / "here", env=environment(**office.environment), stderr=subprocess.PIPE
    ) as process:
        while not list(office.folder.glob("here/vault/scans/*/*")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(end)
        said = process.communicate(timeout=60)[1]
    assert not canary.in_bytes(said)
    office.is_clean()


@pytest.mark.soak
@pytest.mark.skipif(not STRACE, reason="strace is not installed")
def test_nothing_of_a_person_is_ever_written_in_clear_to_any_file(office: Office) -> None:
    """Also to files that are gone again, or never had a name."""
    log, asked = office.folder / "strace.log", office.asked
    what = "trace=write,pwrite64,writev,pwritev,pwritev2"
    trace = (str(STRACE), "-f", "-qq", "-y", "-xx", "-s", "16777216", "--seccomp-bpf", "-o", str(log), "-e", what)
    for call in (
        ("scan", str(asked / "share")),
        ("register", "import", str(asked / "holders.csv")),
        ("match", str(asked / "records.csv"), "--register", "vault", "--to", str(asked / "found.parquet")),
        ("merges", "take", str(asked / "matches.csv"), "--records", str(asked / "records.csv")),
        ("report", "--to", "report.html"),
    ):
        office.call(*call, before=trace)
        assert canary.in_writes(log, asked) == set(), call
        log.unlink()
