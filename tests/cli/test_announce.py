"""A leak is told to everybody and to the authority, as a session on the command line; two officers publish."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.test_actors import Office
from tests.flow.test_announce import WORDS

import sekisho.vault.keys.secret as keys

HOLDERS = "基礎年金番号,氏名,生年月日,住所\n" + "".join(
    f"8201-{n:06},架空 {n}郎,1950-01-02,沖縄県那覇市旭町{n}-9\n" for n in range(1, 31)
)


@pytest.fixture
def office(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    """A vault with an incident that thirty people are exposed by, and two officers."""
    monkeypatch.setattr(keys.Cost.__init__, "__defaults__", (64, 1, 1))
    made = Office(place, capsys, monkeypatch)
    made.put("words.toml", WORDS)
    (place / "share").mkdir()
    (place / "share" / "list.csv").write_text(HOLDERS, encoding="utf-8-sig")
    made.run("scan", "share")
    made.run("incident", "open", "標的型メール", "--kind", "leak")
    made.run("incident", "add", "documents", "1", "1")
    made.run("incident", "count", "1")
    made.add("", "alice", "officer")
    made.add("alice", "bob", "officer")
    return made


def test_a_leak_is_told_to_everybody_and_to_the_authority(office: Office) -> None:
    announced_as_approved(office)
    reported_with_receipt(office)


def announced_as_approved(office: Office) -> None:
    made = office.by("alice", "announce", "draft", "1", "--words", "words.toml", "--to", "drafts")
    assert (made["number"], made["published"], made["missing"]) == (1, None, [])
    first = office.by("alice", "announce", "publish", "1", "--to", "public")
    assert not (office.folder / "public").exists()
    office.by("bob", "proposal", "approve", first["proposal"][:16])
    office.put("words.toml", WORDS.replace("Files were taken.", "Files were stolen."))
    office.by("alice", "announce", "draft", "1", "--words", "words.toml")
    second = office.by("alice", "announce", "publish", "1", "--to", "public")
    shown = office.by("bob", "proposal", "show", second["proposal"][:16])
    assert office.by("bob", "announce", "list", "1")[-1]["hash"] in json.dumps(shown)
    assert second["proposal"] != first["proposal"]
    assert office.by("alice", "announce", "list", "1")[-1]["published"] is None
    office.by("bob", "proposal", "approve", second["proposal"][:16])
    done = office.by("alice", "announce", "publish", "1", "--to", "public")
    assert done["published"]
    names = {Path(name).name for name in done["files"]}
    assert {"announcement-1.ja.html", "announcement-1.en.pdf", "announcement-1.json", "announcement-1.sha256"} <= names
    told = json.loads((office.folder / "public" / "announcement-1.json").read_text("utf-8"))
    assert (told["figures"]["persons"]["exact"], told["what_happened"]["en"]) == (30, "Files were stolen.")
    assert nobody_is_named(office.folder / "public")


def reported_with_receipt(office: Office) -> None:
    office.put("entries.toml", 'reporter_name = "架空年金機構"\n')
    call = ("regulator", "sheet", "1", "jp_public.preliminary", "--entries", "entries.toml", "--to", "reports")
    made = office.by("alice", *call)
    assert "persons" not in made["unknown"]
    assert "my_number" in made["unknown"]
    assert any(name.endswith("preliminary.ja.pdf") for name in made["files"])
    assert nobody_is_named(office.folder / "reports")
    office.by(
        "alice",
        "regulator",
        "receipt",
        "1",
        "1",
        "--number",
        "0123",
        "--at",
        "2015-06-01T11:00",
        "--file",
        "entries.toml",
    )
    written = office.by("alice", "regulator", "write", "1", "--to", "reports")
    assert any(name.endswith("receipt-1.toml") for name in written["files"])
    [one] = office.by("alice", "regulator", "list", "1")
    assert one["receipts"][0]["number"] == "0123"
    assert any(fact["kind"] == "filed" for fact in office.by("alice", "incident", "show", "1")["facts"])
    shown = office.run("regulator", "show", "1", "--as", "alice", "--lang", "ja")
    assert "不明のため、「はい」として入力する" in shown
    assert "架空年金機構" in shown


def nobody_is_named(folder: Path) -> bool:
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.suffix != ".pdf"]
    return not any(part in text for text in texts for part in ("8201-", "郎", "旭町"))
