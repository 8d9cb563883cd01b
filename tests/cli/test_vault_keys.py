"""A vault is made, shown, given another secret and shared, by the commands that a person types."""

from __future__ import annotations

import json
import re
import stat
import tarfile
from pathlib import Path

import pytest

from sekisho.cli._main import main


@pytest.fixture
def say(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Call the program with a passphrase in the environment, or none; gives what it printed."""

    def call(*arguments: str, passphrase: str = "", new: str = "", code: int = 0) -> str:
        with monkeypatch.context() as patch:
            for name, value in (("SEKISHO_PASSPHRASE", passphrase), ("SEKISHO_NEW_PASSPHRASE", new)):
                if value:
                    patch.setenv(name, value)
            ended = main([*arguments, "--vault", "vault"])
        out, said = capsys.readouterr()
        assert ended == code, (out, said)
        return out if code == 0 else said

    return call


def test_from_a_new_vault_to_a_lost_passphrase_and_back(say, place: Path) -> None:
    made = json.loads(say("vault", "init", "--memory", "8", "--json", passphrase="first"))
    assert [one["kind"] for one in made["openers"]] == ["passphrase"]
    assert "already" in say("vault", "init", passphrase="first", code=4)

    say("vault", "rotate", "--memory", "8", passphrase="first", new="second")
    assert "does not open" in say("vault", "status", passphrase="first", code=4)

    sizes = ("--need", "2", "--of", "3", "--to", "s", "--json")
    shared = json.loads(say("vault", "share", "make", *sizes, passphrase="second"))
    assert shared["files"] == [f"s/share-{n}-of-3.txt" for n in (1, 2, 3)]
    assert {stat.S_IMODE((place / path).stat().st_mode) for path in shared["files"]} == {0o600}
    checked = json.loads(say("vault", "share", "check", *shared["files"], "--json"))
    assert [(one["share"], one["opens"]) for one in checked] == [(1, True), (2, True), (3, True)]

    one, _, other = shared["files"]
    assert "are needed, 1 are here" in say("vault", "status", "--share", one, code=3)
    say("vault", "rotate", "--memory", "8", "--share", one, "--share", other, new="third")
    shown = json.loads(say("vault", "status", "--json", passphrase="third"))
    assert [(line["kind"], line["opened"]) for line in shown["openers"]] == [("shares", False), ("passphrase", True)]
    assert shown["entries"] == 4

    text = (place / one).read_text().split("\n\n", 1)[1]
    fifth = list(re.finditer(r"\S+", text))[9]
    wrong = "zero" if fifth[0] == "academic" else "academic"
    (place / one).write_text(text[: fifth.start()] + wrong + text[fifth.end() :])
    assert "word 5" in say("vault", "share", "check", one, code=3)


def test_a_key_file_takes_the_place_of_a_passphrase(say, place: Path) -> None:
    say("vault", "init", "--memory", "8", passphrase="first")
    say("vault", "rotate", "--new-key-file", "key", passphrase="first")
    assert "key file" in say("vault", "status", "--key-file", "key")
    say("vault", "rotate", "--beside", "--memory", "8", "--key-file", "key", new="second")
    assert "2  passphrase" in say("vault", "status", passphrase="second")
    say("vault", "rotate", "--drop", "1", passphrase="second")
    assert "does not open" in say("vault", "status", "--key-file", "key", code=4)
    assert "would lie in the vault" in say(
        "vault", "rotate", "--new-key-file", "vault/key", passphrase="second", code=2
    )
    assert not (place / "vault" / "key").exists()


def test_a_check_says_what_is_wrong_and_ends_with_4(say, place: Path) -> None:
    say("vault", "init", "--memory", "8", passphrase="first")
    assert json.loads(say("vault", "check", "--json", passphrase="first"))["faults"] == []
    (place / "vault" / "notes.txt").write_text("x")
    assert "not of the vault: notes.txt" in say("vault", "check", passphrase="first")
    checkpoint = place / "vault" / "ledger" / "checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n", b"\r", 1))
    assert "The vault is damaged" in say("vault", "check", passphrase="first", code=4)


def test_a_vault_of_version_1_is_read_as_it_is_and_becomes_a_new_one_when_written_to(say, place: Path) -> None:
    with tarfile.open(Path(__file__).parents[1] / "vault" / "data" / "version-1-passphrase.tar.gz") as archive:
        archive.extractall(place)
    old, head = {"passphrase": "an old passphrase"}, place / "vault" / "vault.json"
    before = head.read_bytes()
    assert "架空太郎" in say("register", "show", "1234-100000", **old)
    assert "merged automatically" in say("merges", "status", **old)
    assert json.loads(say("vault", "list", "--json", **old))[0]["records"] == 3
    assert json.loads(say("vault", "check", "--json", **old))["sound"]
    assert head.read_bytes() == before
    say("vault", "rotate", "--memory", "8", new="a new passphrase", **old)
    new = {"passphrase": "a new passphrase"}
    assert json.loads(say("vault", "status", "--json", **new))["version"] == 2
    assert "架空太郎" in say("register", "show", "1234-100000", **new)
    assert json.loads(say("vault", "check", "--json", **new))["sound"]
    assert "as they were written" in say("ledger", "verify", **new)


def test_without_a_secret_nothing_is_shown(say) -> None:
    say("vault", "init", "--memory", "8", passphrase="first")
    assert "no secret" in say("vault", "status", code=4)
