"""What a file has no column for stays as it was: a list of deaths takes nobody's address away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import polars as pl

from sekisho.model import Item
from sekisho.register.columns import MANY
from sekisho.register.current import current
from sekisho.register.known import Known
from sekisho.register.rows import FLAGS, PENSION
from sekisho.register.states import compact, marks
from sekisho.vault import Register

TOGETHER: Sequence[Sequence[str]] = (
    (Item.NAME, Item.NAME_KANA),
    (Item.ADDRESS, Item.POSTAL_CODE, "address_from"),
    ("former_address", "former_postal_code"),
    ("former_name", "former_name_kana", "former_name_until"),
    ("alias", "alias_kana"),
    *((name,) for name in (MANY, "name_latin", Item.BIRTH_DATE, Item.SEX, "periods", *FLAGS, PENSION)),
)
"""Items that only mean something together: they are carried where a file has none of them."""
AT_ONCE = 4_000_000
"""Holders whose values are kept in memory at once."""


class Carried:
    """The columns that a file does not have, and what the register says there."""

    def __init__(self, register: Register, known: Known, columns: Collection[str]) -> None:
        """``columns``: those of the file."""
        self._register, self._known = register, known
        said = {column["item"] for act in register.imports() for column in act.account["columns"]}
        absent = (group for group in TOGETHER if not set(group) & set(columns))
        self.columns = tuple(str(name) for group in absent for name in group if name in said)

    def add_marks(self, now: np.ndarray, there: np.ndarray) -> None:
        """Add what is carried to the `marks` of the holders who are ``there`` (by holder)."""
        for rows in self._values(there[: self._known.count]) if self.columns and self._known.count else ():
            now[rows["holder"].to_numpy()] += marks(rows, self.columns)

    def values(self, holders: np.ndarray) -> pl.DataFrame:
        """``holder`` and the columns, of some holders who are known already."""
        none = pl.DataFrame(schema={"holder": pl.Int64, **dict.fromkeys(self.columns, pl.String)})
        wanted = np.zeros(self._known.count, bool)
        wanted[holders[holders < self._known.count]] = True
        told = self._values(wanted) if self.columns and wanted.any() else ()
        values: pl.DataFrame = pl.concat([none, *told])
        return values

    def _values(self, wanted: np.ndarray) -> Iterator[pl.DataFrame]:
        """``holder`` and the columns, of each holder once who has a value there; of several rows the first that has."""
        for rows in current(self._register, ["holder", "place", *self.columns]):
            said = pl.any_horizontal(pl.col(self.columns).is_not_null())
            told = rows.filter(said & pl.Series(wanted[rows["holder"].to_numpy()]))
            if told["holder"].is_duplicated().any():
                ordered = told.sort("holder", "place").group_by("holder", maintain_order=True)
                told = pl.DataFrame(ordered.agg(pl.col(self.columns).drop_nulls().first()))
            yield compact(told.select("holder", *self.columns))
