"""Matchings that go on: the values of their records and what was found, by a name that the user gives.

Encrypted parts under a sealed listing, as an `Index` has them; but nobody can make them anew: damage is an error.
"""

from __future__ import annotations

import re
from pathlib import Path

from sekisho.errors import UsageError, VaultError
from sekisho.vault.index import LISTING, Index
from sekisho.vault.shelf import Part
from sekisho.wording import Text

_NAME = re.compile(r"\w[\w.-]{0,63}")


class Matching(Index):
    """Tables in parts; use as a context. What a killed run left behind does not count."""

    def _listed(self) -> list[Part]:
        """None before the first commit; raises VaultError where the listing is not one that this vault made."""
        found = super()._listed()
        if not found and (self.folder / LISTING).exists():
            raise VaultError(
                Text(
                    "The matching {name} in the vault was changed.", "保管庫の照合 {name} が書き換えられています。"
                ).fill(name=self.folder.name),
                Text("Restore the vault from a copy.", "保管庫を控えから戻してください。"),
            )
        return found


def look_at_name(name: str) -> None:
    """Raises UsageError where no matching can be called so."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            Text("{name!r} is no name for a matching.", "{name!r} は照合の名前に使えません。").fill(name=name),
            Text("Use letters, digits, `_`, `.` and `-`.", "文字・数字・_・.・- を使ってください。"),
        )


def names(folder: Path) -> list[str]:
    """The matchings that came to an end at least once, by name."""
    return sorted(path.parent.name for path in folder.glob(f"*/{LISTING}"))
