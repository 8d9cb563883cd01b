"""What long work has found so far, kept beside its output: a call that was broken off goes on where it stopped.

Parts hold places and probabilities, no names and numbers; they go once the output is there.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from sekisho.errors import UsageError
from sekisho.vault.files import write_atomically
from sekisho.wording import Text

_OF = "of"
_MODEL = "model.json"
_BLOCK = 1 << 20


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """SHA-256 of the files' contents and of what else the work depends on."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        digest.update(b"\0")
    for text in more:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


class Parts:
    """The parts of one piece of work in ``folder``; those of another are thrown away.

    Raises UsageError where something else lies in that folder.
    """

    def __init__(self, folder: Path, of: str) -> None:
        self._folder, self._of = folder, of
        mark = folder / _OF
        if mark.is_file() and mark.read_text() != of:
            self.drop()
        elif not mark.is_file() and folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
            raise UsageError(
                Text("{folder} is not of this program.", "{folder} はこのプログラムのものではありません。").fill(
                    folder=folder
                ),
                Text("Move it away, or write to another file.", "移動するか、出力先を変えてください。"),
            )

    def model(self) -> str:
        """The model that was learned, empty where none was yet."""
        path = self._folder / _MODEL
        return path.read_text() if path.exists() else ""

    def keep_model(self, text: str) -> None:
        """Keep the model that was learned."""
        self._begin()
        write_atomically(self._folder / _MODEL, lambda file: file.write(text.encode()))

    def kept(self, start: int, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The part that begins at ``start``: as it was kept, else what ``work`` gives, which is kept, whole or not."""
        path = self._folder / f"{start:012}.parquet"
        if path.exists():
            return pl.read_parquet(path)
        rows = work()
        self._begin()
        write_atomically(path, rows.write_parquet)
        return rows

    def drop(self) -> None:
        """Throw them all away."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def _begin(self) -> None:
        if not (self._folder / _OF).is_file():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self._folder / _OF, lambda file: file.write(self._of.encode()))
