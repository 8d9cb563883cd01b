"""A folder: each parcel is a folder in it, with its files and their checksums.

It appears there whole and once, also where whoever empties it took it away before we could note that it was there. The
folder itself is never made: what is not there may be a share that is not mounted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sekisho.sinks import Kind, Parcel, Receipt, Setting
from sekisho.sinks._laying_down import lay_down
from sekisho.wording import Text


class Folder:
    """One folder."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._path = Path(settings["path"])

    def send(self, parcel: Parcel) -> Receipt:
        """Raises RetryableError, FinalError."""
        laid = lay_down(self._path, parcel.key, parcel.name, lambda: parcel.content)
        return Receipt("laid down" if laid else "was laid down before")


SINK = Kind(
    Text("a folder, from which somebody takes it", "フォルダー（受取側が取り出す）"),
    (Setting("path", Text("the folder, which must be there", "フォルダー（既存のもの）")),),
    Folder,
)
