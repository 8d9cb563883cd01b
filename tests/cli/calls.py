"""The program, called in a folder that holds a vault of its own."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli._main import main


class Calls:
    """``folder``: where the vault lies; ``said``: what the last call said beside its result."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.said = ""
        self._capture = capture

    def run(self, *arguments: str, code: int = 0) -> str:
        ended = main([*arguments, "--key-file", "key", "--vault", "vault"])
        out, self.said = self._capture.readouterr()
        assert ended == code, (out, self.said)
        return out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
