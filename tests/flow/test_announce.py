"""An announcement is drafted from the leak master, approved by another actor, published once, and written out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.leaked import HOLDERS, belongs, held, leaked, scanned

from sekisho.errors import InputError, ReconciliationError, UsageError
from sekisho.flow.assessing import case
from sekisho.flow.assessing.count import count, load
from sekisho.flow.dispatch import dispatch
from sekisho.flow.telling import announce
from sekisho.flow.telling.announce import Issued, chosen, draft, issued, products, publish, write_out
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.tellings import Way

WORDS = """
invented = true
organisation = { en = "Invented Pension Office", ja = "架空年金機構" }
summary = { en = "Files were taken.", ja = "ファイルが持ち出されました。" }
[[contact]]
title = { en = "Helpline", ja = "専用窓口" }
value = "0120-000-000"
"""


def people(first: int, some: int, **more: str) -> list[dict[str, object]]:
    return [
        {"basic_pension_number": f"5001-{n:06}", "name": f"架空{n}郎", "birth_date": "1950-01-02", **more}
        for n in range(first, first + some)
    ]


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "words.toml"
    file.write_text(WORDS, encoding="utf-8")
    return file


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        first = scanned(
            made, {"okinawa/a.csv": people(0, 40), "okinawa/b.csv": people(10, 20, address="那覇市架空1-1")}
        )
        incident = leaked(made, first)
        assert incident == 1
        counted(made)
        yield made


def counted(vault: Vault) -> None:
    count(vault, 1, shown=False)
    tell(vault)


def tell(vault: Vault) -> None:
    master = load(vault, 1)
    rows = [(person, Way.PUBLICATION, "", master.version) for person in master.table["person"].to_pylist()]
    with vault.act("incident.count", incident=1):
        vault.tellings(1).put(rows, "2026-01-01")


def published(vault: Vault, words: Path) -> Issued:
    draft(vault, 1, words)
    made = publish(vault, 1)
    assert isinstance(made, Issued)
    return made


def test_it_tells_the_counts_of_the_leak_master(vault: Vault, words: Path) -> None:
    made = draft(vault, 1, words).made
    assert (made.number, made.version) == (1, 1)
    assert made.figures.persons.total == load(vault, 1).table.num_rows == 40
    assert made.figures.records.total == 60
    assert made.figures.files == {"unprotected": 2, "undetermined": 0, "protected": 0}


def test_a_draft_is_published_once_and_found_again(vault: Vault, words: Path) -> None:
    case.say(vault, 1, "kind", kind="leak")
    made = published(vault, words)
    assert [one.made for one in issued(vault, 1)] == [made.made]
    assert chosen(vault, 1).published == made.published
    with pytest.raises(UsageError, match="no draft"):
        publish(vault, 1)


def test_what_is_written_is_the_same_each_time(vault: Vault, words: Path, tmp_path: Path) -> None:
    made = published(vault, words)
    paths = write_out(made, tmp_path / "public")
    assert {path.suffix for path in paths} == {".html", ".pdf", ".txt", ".json", ".sha256"}
    assert products(chosen(vault, 1, 1)) == {path.name: path.read_bytes() for path in paths if path.suffix != ".sha256"}
    write_out(made, tmp_path / "public")
    (tmp_path / "public" / "announcement-1.en.txt").write_text("another", encoding="utf-8")
    with pytest.raises(UsageError, match="another"):
        write_out(made, tmp_path / "public")


def test_nothing_is_published_before_all_reconciles_but_a_draft_can_be_looked_at(vault: Vault, words: Path) -> None:
    belongs(vault, 1, scanned(vault, {"tokyo/c.csv": people(100, 30)}))
    count(vault, 1, shown=False)
    made = draft(vault, 1, words)
    assert made.made.figures.persons.total == 70
    with pytest.raises(ReconciliationError):
        publish(vault, 1)
    tell(vault)
    assert isinstance(publish(vault, 1), Issued)


def test_documents_that_came_since_the_count_are_said_to_be_uncounted(vault: Vault, words: Path) -> None:
    belongs(vault, 1, scanned(vault, {"tokyo/c.csv": people(100, 30)}))
    made = draft(vault, 1, words)
    assert "documents that came since this count" in " ".join(announce.text(made, "en").split())
    counted(vault)
    assert "came since" not in announce.text(draft(vault, 1), "en")


def test_a_draft_of_an_earlier_count_is_not_published(vault: Vault, words: Path) -> None:
    draft(vault, 1, words)
    belongs(vault, 1, scanned(vault, {"tokyo/c.csv": people(100, 30)}))
    counted(vault)
    with pytest.raises(UsageError, match="version 1"):
        publish(vault, 1)


def test_nothing_is_published_without_the_words_of_people(vault: Vault) -> None:
    draft(vault, 1)
    with pytest.raises(InputError, match="organisation, summary, contact"):
        publish(vault, 1)


def test_a_sink_that_is_not_there_stops_it_before_anybody_is_told(vault: Vault, words: Path) -> None:
    draft(vault, 1, words)
    with pytest.raises(UsageError, match="no sink"):
        publish(vault, 1, ["press"])
    assert chosen(vault, 1).published is None


def test_it_is_sent_to_a_sink_once(vault: Vault, words: Path, tmp_path: Path) -> None:
    (tmp_path / "press").mkdir()
    vault.sinks().set("press", "folder", {"path": str(tmp_path / "press")})
    draft(vault, 1, words)
    made = publish(vault, 1, ["press"])
    assert isinstance(made, Issued)
    assert dispatch(vault, 1, shown=False).received == 1
    sent = {path.name: path.read_bytes() for path in (tmp_path / "press").rglob("announcement-1.*")}
    assert {name: sent[name] for name in products(made)} == dict(products(made))


def test_the_next_one_keeps_the_words_and_shows_the_difference(vault: Vault, words: Path) -> None:
    published(vault, words)
    belongs(vault, 1, scanned(vault, {"tokyo/c.csv": people(100, 30)}))
    counted(vault)
    draft(vault, 1)
    made = publish(vault, 1)
    assert isinstance(made, Issued)
    assert made.made.before is not None
    assert (made.made.number, made.made.before.number) == (2, 1)
    said = announce.text(made, "en")
    assert "+30" in said
    told = json.loads(products(made)["announcement-2.json"])
    assert told["figures"]["persons"]["exact"] == 70
    assert told["before"]["persons"]["exact"] == 40


def test_three_persons_who_come_later_are_not_told_as_three(vault: Vault, words: Path) -> None:
    published(vault, words)
    belongs(vault, 1, scanned(vault, {"tokyo/c.csv": people(100, 3)}))
    counted(vault)
    made = draft(vault, 1).made
    assert (made.figures.persons.total, made.figures.persons.near) == (None, 40)
    assert "43" not in announce.text(Issued(made, 0), "ja")
    assert "43" not in products(Issued(made, 0))["announcement-2-draft.json"].decode()
