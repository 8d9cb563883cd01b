"""Incidents in which numbers leaked, and pools that an issuer supplies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from benchmarks.telling import tell
from tests.flow.leaked import held, leaked, scanned

from sekisho.flow.assessing.count import count, load
from sekisho.flow.renewing.number_pool import supply
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.tellings import Way

SECRET = Secret.passphrase("a long enough passphrase")
PEOPLE = 6
OLD = [f"4701-{n:06}" for n in range(1, PEOPLE + 1)]
NEW = [f"4709-{n:06}" for n in range(1, PEOPLE + 1)]
_KANA = ("イチ", "ニ", "サン", "シ", "ゴ", "ロク")


def person(at: int, number: str | None = None) -> str:
    return f"{number or OLD[at]},,架空 {at}郎,カクウ {_KANA[at]}ロウ,195{at}-04-06,沖縄県那覇市架空{at}-1"


def record(at: int, **more: str) -> dict[str, str]:
    said = {"basic_pension_number": OLD[at], "name": f"架空{at}郎", "birth_date": f"195{at}-04-06"}
    return said | more


class Office:
    """A vault with a register of six, all of whose numbers leaked: ``incident``."""

    incident = 1

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.vault, self.folder = vault, folder

    @classmethod
    def leaked(cls, vault: Vault, folder: Path) -> None:
        held(vault, folder, *map(person, range(PEOPLE)))
        more = [{}] * (PEOPLE - 1) + [{"certificate_number": f"{OLD[-1]}-1150"}]
        incident = leaked(vault, scanned(vault, {"a.csv": [record(at, **more[at]) for at in range(PEOPLE)]}))
        count(vault, incident, shown=False)

    def persons(self) -> list[int]:
        """By number."""
        table = load(self.vault, self.incident).table
        return [one for _, one in sorted(zip(*table.select(["holder", "person"]).to_pydict().values(), strict=True))]

    def told(self, *ways: Way) -> None:
        """How each is told, by number; whoever is left by letter."""
        every = [*ways, *[Way.LETTER] * (PEOPLE - len(ways))]
        tell(self.vault, self.incident, dict(zip(self.persons(), every, strict=True)))

    def file(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def supplied(self, numbers: Sequence[str] = NEW, name: str = "pool.csv") -> None:
        supply(self.vault, self.file(name, "新番号", *numbers))

    def given(self) -> dict[int, int]:
        rows = self.vault.reissues(self.incident).all().to_pylist()
        return {row["old"]: row["number"] for row in rows}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reissue") / "office"
    folder.mkdir()
    with Vault.create(folder / "vault", SECRET, Cost(64, 1, 1)) as vault:
        Office.leaked(vault, folder)
    return folder


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(made, tmp_path / "office")
    with Vault.open(tmp_path / "office" / "vault", SECRET, write=True) as vault:
        yield Office(vault, tmp_path / "office")
