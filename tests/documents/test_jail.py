"""What a reader that was taken over can do: nothing but what a reader needs."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sekisho.cli._main import main
from sekisho.documents import child, jail, landlock, seccomp
from sekisho.documents.child import examined
from sekisho.model import Limits, SourceFile

LIST = "氏名,生年月日\n山田太郎,1948-04-06\n"
HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(bool(jail.lacking()), reason="this kernel lacks a part of the sandbox")


@pytest.fixture
def escapes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module beside this one, as the zygote will import it too."""
    monkeypatch.syspath_prepend(str(HERE))
    spec = importlib.util.spec_from_file_location("escapes", HERE / "escapes.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "escapes", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def file(tmp_path: Path) -> SourceFile:
    (tmp_path / "list.csv").write_text(LIST)
    (tmp_path / "other.csv").write_text(LIST)
    return SourceFile(os.fsencode(tmp_path / "list.csv"), "list.csv", size=len(LIST))


def said(work: child.Work, file: SourceFile) -> dict[str, str]:
    """What came of the attempts, by name."""
    found: dict[str, str] = {}
    for _, findings in examined([file], work, Limits()):
        assert findings.documents["outcome"].to_pylist() == ["READ"]
        found |= zip(findings.doubts["doubt"].to_pylist(), findings.doubts["guess"].to_pylist(), strict=True)
    return found


def test_a_reader_that_was_taken_over_gets_nowhere(escapes: ModuleType, file: SourceFile) -> None:
    found = said(escapes.escape, file)
    assert len(found) > 70
    assert {name: result for name, result in found.items() if result != "refused"} == {}
    assert Path(os.fsdecode(file.path)).read_text() == LIST


def test_a_reader_has_what_it_needs(escapes: ModuleType, file: SourceFile) -> None:
    found = said(escapes.use, file)
    assert set(found.values()) == {"done"}


def test_a_reader_holds_nothing_but_its_file_its_pipe_and_its_line(
    escapes: ModuleType, file: SourceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_PASSPHRASE", "a long enough passphrase")
    found = said(escapes.holdings, file)
    pipe, line, plain, device = "0o10000", "0o140000", "0o100000", "0o20000"
    held = sorted(kind for name, kind in found.items() if name.startswith("fd "))
    assert held == sorted([device, device, pipe, pipe, line, plain])
    assert not [name for name in found if name.startswith("env ")]
    assert int(found["RLIMIT_CORE"]) <= 1
    assert int(found["RLIMIT_NOFILE"]) <= 256


def test_what_a_reader_says_of_another_file_is_not_believed(escapes: ModuleType, file: SourceFile) -> None:
    rows = [row for _, findings in examined([file], escapes.lie, Limits()) for row in findings.documents.to_pylist()]
    assert [(row["document"], row["outcome"], row["reason"]) for row in rows] == [
        ("list.csv", "UNREADABLE", "parser_failed")
    ]


def test_the_clean_process_bears_whatever_it_is_asked(escapes: ModuleType, file: SourceFile) -> None:
    assert said(escapes.pester, file)["answer"] == "b''"


@pytest.fixture
def without() -> Iterator[pytest.MonkeyPatch]:
    """Parts of the kernel can be taken away."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.parametrize(
    ("part", "module", "name", "value"),
    [("landlock", landlock, "version", 0), ("seccomp", seccomp, "is_known", False)],
)
def test_what_the_kernel_lacks_is_said_and_strict_refuses(
    without: pytest.MonkeyPatch,
    file: SourceFile,
    capsys: pytest.CaptureFixture[str],
    part: str,
    module: ModuleType,
    name: str,
    value: object,
) -> None:
    without.setattr(module, name, lambda: value)
    assert jail.lacking() == (part,)
    folder = Path(os.fsdecode(file.path)).parent
    call = ["scan", str(folder), "--vault", str(folder / "vault"), "--key-file", str(folder / "key")]
    assert main([*call, "--strict"]) == 6
    assert not (folder / "vault").exists()
    assert "--strict" in capsys.readouterr().err


def test_a_sandbox_that_does_not_hold_is_not_relied_upon() -> None:
    assert jail.for_readers().holds()
    assert not Hollow(jail.for_readers().places, seccomp.Filter()).holds()


class Hollow(jail.Jail):
    """A kernel that says yes and does nothing."""

    def enter(self) -> None:
        """Nothing happens."""
