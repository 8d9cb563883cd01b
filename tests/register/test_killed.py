"""kill -9 at any moment leaves the register as it was, and the next import of the file goes on from there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sekisho.errors import SekishoError
from sekisho.register import bring_in as module
from sekisho.register.bring_in import bring_in
from sekisho.register.vaulted import Vaulted
from sekisho.vault import Cost, Register, Secret, Vault
from sekisho.wording import unheard

ROWS = 600
HEAD = "基礎年金番号,旧番号,氏名,生年月日,住所"
IMPORT = """
import sys
from pathlib import Path
from sekisho.register import enter, sheets
from sekisho.register.bring_in import bring_in
from sekisho.vault import Register, Secret, Vault
from sekisho.wording import unheard

sheets.BATCH_ROWS, enter.PART_ROWS, sheets.BLOCK_BYTES = 40, 80, 4096
finish, commit = Register.finish, Register.commit

def finished(register, step, spans, note):
    finish(register, step, spans, note)
    print(step, flush=True)

Register.finish = finished
with Vault.open(Path(sys.argv[1]), Secret.passphrase("a long enough passphrase"), write=True) as vault:
    print("open", flush=True)
    bring_in(vault.register(), Path(sys.argv[2]), "x", "test", unheard)
print("made", flush=True)
"""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    secret = Secret.passphrase("a long enough passphrase")
    with Vault.create(tmp_path / "vault", secret, Cost(64, 1, 1)) as made:
        yield made


def opened(vault: Vault) -> Vault:
    return Vault.open(vault.folder, Secret.passphrase("a long enough passphrase"), write=True)


def holders(path: Path, edition: int) -> Path:
    """A file; in the second edition some have moved, some have another number, some are new."""
    lines = []
    for n in range(ROWS + 50 * edition):
        number, old = f"4701-{n:06}", f"9901-{n:06}" if n % 9 == 0 else ""
        if edition == 2 and n % 31 == 0:
            number, old = f"4801-{n:06}", number
        home = "那覇市" if edition == 1 or n % 7 else "浦添市"
        lines.append(f"{number},{old},架空 {n},1950-01-{1 + n % 28:02},沖縄県{home}{n}")
    lines = lines if edition == 1 else lines[::-1]
    path.write_text("\n".join([HEAD, *lines, "x,y,z,w,v,u"]) + "\n", encoding="utf-8")
    return path


def imported(vault: Vault, file: Path, *, lines: int | None = None, seconds: float | None = None) -> list[str]:
    """What an import had said when it was killed: after so many lines, or so long after it began."""
    command = [sys.executable, "-c", IMPORT, str(vault.folder), str(file)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            said.append(line.strip())
            if seconds is not None and said == ["open"]:
                time.sleep(seconds)
                run.send_signal(signal.SIGKILL)
            if len(said) == lines:
                run.send_signal(signal.SIGKILL)
    return said


def content(register: Register) -> list[tuple[str | None, ...]]:
    rows = pl.concat(list(Vaulted(register).batches()))
    return sorted(rows.select("basic_pension_number", "old_numbers", "name", "address").iter_rows())


def same_as_at_once(vault: Vault, files: list[Path], tmp_path: Path) -> None:
    """The register is the one that imports without a kill make, and everything is counted once."""
    secret = Secret.passphrase("a long enough passphrase")
    with Vault.create(tmp_path / "other", secret, Cost(64, 1, 1)) as other, opened(vault) as killed:
        for file in files:
            bring_in(other.register(), file, "x", "test", unheard)
        assert content(killed.register()) == content(other.register())
        counts = [[one.account["counts"] for one in each.register().imports()] for each in (killed, other)]
        assert counts[0] == counts[1]


def test_a_killed_import_goes_on_where_it_stopped(vault: Vault, tmp_path: Path) -> None:
    first, second = holders(tmp_path / "1.csv", 1), holders(tmp_path / "2.csv", 2)
    with vault:
        bring_in(vault.register(), first, "x", "test", unheard)
        before = content(vault.register())
    dice = random.Random(1)
    steps: list[str] = []
    for _ in range(3):
        steps += imported(vault, second, lines=dice.randrange(2, 7))[1:]
        with opened(vault) as seen:
            assert content(seen.register()) == before
    steps += imported(vault, second)[1:]
    assert steps.pop() == "made"
    assert len(steps) <= len(imported_at_once(tmp_path, [first, second])) + 3  # a kill costs what was in hand
    same_as_at_once(vault, [first, second], tmp_path)


def imported_at_once(tmp_path: Path, files: list[Path]) -> list[str]:
    secret = Secret.passphrase("a long enough passphrase")
    with Vault.create(tmp_path / "whole", secret, Cost(64, 1, 1)) as whole:
        bring_in(whole.register(), files[0], "x", "test", unheard)
    return imported(whole, files[1])[1:-1]


@pytest.mark.soak
def test_kills_at_any_moment_leave_what_an_import_at_once_leaves(vault: Vault, tmp_path: Path) -> None:
    dice = random.Random(2)
    vault.close()
    files = [holders(tmp_path / "1.csv", 1), holders(tmp_path / "2.csv", 2)]
    for at, file in enumerate(files):
        for _ in range(12):
            imported(vault, file, seconds=dice.random() * 1.5)
            with opened(vault) as seen:
                made = len(seen.register().imports())
            if made > at:
                break
        else:
            assert imported(vault, file)[-1] == "made"
    same_as_at_once(vault, files, tmp_path)


@pytest.mark.parametrize("table", ["drafts", "states", "holders", "numbers"])
def test_a_full_disk_leaves_the_register_as_it_was_and_the_import_goes_on(
    vault: Vault, tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = holders(tmp_path / "1.csv", 1), holders(tmp_path / "2.csv", 2)
    register = vault.register()
    bring_in(register, first, "x", "test", unheard)
    before = content(register)
    write = Register.write

    def full(self: Register, name: str, *more: object) -> object:
        if name == table:
            raise OSError(28, "No space left on device")
        return write(self, name, *more)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(Register, "write", full)
        with pytest.raises((SekishoError, OSError)):
            bring_in(register, second, "y", "test", unheard)
    assert content(vault.register()) == before
    bring_in(vault.register(), second, "y", "test", unheard)
    assert len(content(vault.register())) > len(before)


def test_a_file_that_changes_while_it_is_read_does_not_count(vault: Vault, tmp_path: Path) -> None:
    file = holders(tmp_path / "1.csv", 1)
    with pytest.raises(module.InputError):
        bring_in(vault.register(), file, "x", "test", unheard, lambda: False)
    assert not vault.register().imports()
    bring_in(vault.register(), file, "x", "test", unheard)
    assert vault.register().imports()[0].account["counts"]["rows"] == ROWS + 51
