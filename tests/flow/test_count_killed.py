"""kill -9 while it is counted who is exposed loses nothing, counts nothing twice and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.flow.leaked import HANA, HOLDERS, JIRO, TARO, belongs, held, leaked, scanned

from sekisho.flow.assessing.count import count, load
from sekisho.flow.keeping.check import check
from sekisho.vault import Cost, Secret, Vault

SECRET = Secret.passphrase("a long enough one")
COUNTING = """
import sys
from pathlib import Path
from sekisho.flow.assessing.count import count
from sekisho.vault import Secret, Vault
from sekisho.vault.leak import Leak
from sekisho.vault.store import Store

def saying(cls, name, when):
    does = getattr(cls, name)
    def done(*args, **how):
        if when == "before":
            print(name, flush=True)
        made = does(*args, **how)
        if when == "after":
            print(name, flush=True)
        return made
    setattr(cls, name, done)

saying(Leak, "begin", "before")
saying(Leak, "write", "after")
saying(Leak, "commit", "before")
saying(Leak, "versions", "after")
with Vault.open(Path(sys.argv[1]), Secret.passphrase("a long enough one"), write=True) as vault:
    count(vault, 1, shown=False)
print("done", flush=True)
"""


def count_until(vault: Path, lines: int) -> list[str]:
    """What a counting has said when it is killed after so many lines, or all of it."""
    said: list[str] = []
    with subprocess.Popen([sys.executable, "-c", COUNTING, str(vault)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            said.append(line.strip())
            if len(said) == lines:
                run.send_signal(signal.SIGKILL)
    return said


def made(folder: Path) -> Path:
    """A vault with version 1 of an incident, to which a second scan was added since."""
    with Vault.create(folder / "vault", SECRET, Cost(64, 1, 1)) as vault:
        held(vault, folder, *HOLDERS)
        incident = leaked(vault, scanned(vault, {"a.csv": [TARO, JIRO]}))
        count(vault, incident, shown=False)
        belongs(vault, incident, scanned(vault, {"b.csv": [HANA, JIRO | {"phone": "098-000-0000"}]}))
    return folder / "vault"


def lost_nothing(folder: Path) -> None:
    with Vault.open(folder, SECRET, write=True) as vault:
        before = vault.leak(1).versions()
        assert len(before) in (1, 2)
        assert count(vault, 1, shown=False).fresh is (len(before) == 1)
        master = load(vault, 1)
        assert (master.version, master.table.num_rows) == (2, 3)
        named = {name for name, _ in vault.named() if name.startswith("incidents/")}
        there = {str(path.relative_to(folder)) for path in (folder / "incidents").rglob("*.parquet")}
        assert there == named
        assert not check(vault, shown=False).faults


@pytest.mark.parametrize("lines", [3, 8, 12])
def test_a_counting_that_is_killed_is_made_once(tmp_path: Path, lines: int) -> None:
    folder = made(tmp_path)
    said = count_until(folder, lines)
    assert len(said) >= lines or said[-1] == "done"
    lost_nothing(folder)


@pytest.mark.soak
def test_a_counting_that_is_killed_a_hundred_times_is_made_once(tmp_path: Path) -> None:
    folder = made(tmp_path)
    for turn in range(100):
        said = count_until(folder, 1 + turn % 13)
        if said[-1] == "done":
            break
    lost_nothing(folder)
