"""A small reader that stands in for the formats: plain files whose lines say what lies in them.

``record NAME``, ``doubt BLOCK``, ``password WORD``; a first line ``locked WORD`` hides the rest until WORD is at hand.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Generator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from tests.flow import callers
from tests.flow.leaked import TARO

from sekisho.documents.passwords import digest
from sekisho.flow.scanning.examine import Wants
from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Findings, SourceFile
from sekisho.vault import Cost, Secret, Vault


def table(schema: pa.Schema, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)


class TinyReader:
    """Reads files as above; ``read`` remembers which, ``at_once`` splits the records into several findings."""

    def __init__(self, at_once: int = 1000) -> None:
        self.read: list[str] = []
        self.at_once = at_once

    def __call__(self, files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
        for file in files:
            self.read.append(file.document)
            for findings in self.findings(file, wants):
                yield file, findings

    def findings(self, file: SourceFile, wants: Wants) -> Generator[Findings]:
        with open(os.fsdecode(file.path), "rb") as opened:
            raw = opened.read()
        lines = [line.split(" ", 1) for line in raw.decode().splitlines() if line]
        row: dict[str, object] = {"outcome": "READ", "reason": "", "protection": "NONE", "password_beside": False}
        opened_by: dict[int, tuple[bytes, ...]] = {}
        if lines and lines[0][0] == "locked":
            key = lines[0][1]
            row["protection"] = "STRONG"
            found = {found.password for found in wants.found}
            if key not in found and key not in wants.passwords:
                row |= {"outcome": "LOCKED", "reason": "password_unknown"}
                lines = []
            else:
                row["password_beside"] = key in found
                opened_by[0] = (digest(key, wants.salt),)
        said = {word: [line[1] for line in lines if line[0] == word] for word in ("record", "doubt", "password")}
        names = said["record"]
        for begin in range(0, len(names), self.at_once):
            some = [
                {"document_id": 0, "locator": f"L{i}", "name": name, "block": file.document.split("/")[-1][0]}
                for i, name in enumerate(names[begin : begin + self.at_once], begin)
            ]
            yield Findings(DOCUMENTS.empty_table(), table(RECORDS, some), DOUBTS.empty_table(), last=False)
        row |= {
            "document_id": 0,
            "document": file.document,
            "file": file.document,
            "kind": "tiny",
            "size": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "records": len(names),
        }
        doubts = [
            {"document_id": 0, "locator": "L1", "doubt": "unnamed_column", "block": block, "subject": "備考", "rows": 3}
            for block in said["doubt"]
        ]
        yield Findings(
            table(DOCUMENTS, [row]),
            RECORDS.empty_table(),
            table(DOUBTS, doubts),
            passwords=tuple(said["password"]),
            opened_by=opened_by,
        )


class Share:
    """A folder to put files into."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def put(self, name: str, *lines: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(tmp_path / "share")


@pytest.fixture
def reader() -> TinyReader:
    return TinyReader()


@pytest.fixture
def vault(tmp_path: Path) -> Generator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough passphrase"), Cost(64, 1, 1)) as made:
        yield made


@pytest.fixture(scope="session")
def taro_leaked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("helpline")
    with Vault.create(folder / "vault", callers.SECRET, Cost(64, 1, 1)) as vault:
        callers.brought_in(vault, *callers.HELD)
        assert callers.opened(vault, TARO) == callers.TAROS
    return folder / "vault"


@pytest.fixture
def line(taro_leaked: Path, tmp_path: Path) -> Generator[Vault]:
    """Where Taro alone is exposed, and the helpline is open."""
    shutil.copytree(taro_leaked, tmp_path / "vault")
    with Vault.open(tmp_path / "vault", callers.SECRET, write=True) as here:
        yield here
