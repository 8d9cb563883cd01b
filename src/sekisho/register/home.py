"""Where one holder was to be written to before a given moment: as `contacts`, for one, from what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.model import Item
from sekisho.register.lookup import Life
from sekisho.register.profile import Row, counted


@dataclass(frozen=True, slots=True)
class Home:
    """The address from before; ``certain``: whether something says that it is from before.

    ``since``: the date that a file gives for it. ``changed``: whether the register has said another one since.
    """

    address: str | None = None
    postal_code: str | None = None
    since: str | None = None
    certain: bool = False
    changed: bool = False


def home(life: Life, before: datetime, came: Mapping[int, str]) -> Home:
    """Where they lived ``before`` a moment (aware); ``came``: by act, when its file came (ISO 8601).

    What files said that came before counts before any later one, whatever dates that gives.
    """
    rows = [row for row in counted(life) if row["place"] == 0 and _says_a_place(row)]
    own = [row for row in rows if row["holder"] == life.holder] or rows
    told = sorted(own, key=lambda row: row["act"])
    if not told:
        return Home()
    early = [row for row in told if datetime.fromisoformat(came[row["act"]]) < before]
    stood = early[-1] if early else told[0]
    since = stood["address_from"]
    moved = bool(since) and since.ljust(10, "~") >= before.date().isoformat()  # 2015-05 may be after 2015-05-08
    address, code = (stood[name] for name in (_FORMER if moved else _HERE))
    changed = moved or any(_place(row) != _place(stood) for row in told if row["act"] > stood["act"])
    dated = bool(early) or bool(since)
    return Home(address, code, None if moved else since, dated and bool(address or code), changed)


_HERE = (str(Item.ADDRESS), str(Item.POSTAL_CODE))
_FORMER = ("former_address", "former_postal_code")


def _place(row: Row) -> tuple[str | None, ...]:
    return tuple(row[name] for name in _HERE)


def _says_a_place(row: Row) -> bool:
    return any(row[name] for name in (*_HERE, *_FORMER))
