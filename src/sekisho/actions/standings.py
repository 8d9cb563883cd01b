"""How everybody stands, by any number that they ever had: in memory, so that a counter is answered at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.actions.step_up import Exposed, Standing, together

UNKNOWN = Standing(Exposed.CANNOT_TELL)
"""Of a number that leads to nobody, nobody can say whose it is."""
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Source:
    """What one incident's leak master says, as of a ``version``; 0 where nobody has counted yet, or it cannot be read.

    ``exposed``: number (Int64), items (joined by +): a row for each number and person to whom it leads. ``doubtful``:
    holders of whom something undecided could be, None for everybody: something is unread. ``moved``: holders whose
    address was changed after first infection.
    """

    incident: int
    version: int
    exposed: pl.DataFrame
    doubtful: pl.Series | None
    moved: pl.Series


class Standings:
    """How everybody stands, as of ``versions``: of each incident, by number."""

    def __init__(self, register: pl.DataFrame, sources: Sequence[Source], replaced: pl.Series) -> None:
        """``register``: number and holder (Int64), of every number; ``replaced``: numbers that have a successor."""
        self.versions = {one.incident: one.version for one in sources}
        people = _people(register, sources)
        told = [_told(people, one) for one in sources]
        self._kinds, codes = _kinds(people, told, replaced)
        self._numbers = people["number"].to_numpy()
        self._holders = people["holder"].fill_null(NOBODY).to_numpy()
        self._codes = codes
        self.unknown = _outside(sources)

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, number: int) -> tuple[int, Standing]:
        """The holder of the register whom a number leads to, `NOBODY` where it knows none, and how they stand."""
        place = int(self._numbers.searchsorted(number))
        if place >= len(self._numbers) or self._numbers[place] != number:
            return NOBODY, self.unknown
        return int(self._holders[place]), self._kinds[self._codes[place]]

    def frame(self) -> pl.DataFrame:
        """``number``, ``holder``, ``exposed`` and ``leaked`` (joined by +, in order) of everybody."""
        kinds = pl.DataFrame(
            {
                "code": pl.Series(range(len(self._kinds)), dtype=pl.UInt32),
                "exposed": [str(one.exposed) for one in self._kinds],
                "leaked": ["+".join(sorted(one.leaked)) for one in self._kinds],
            }
        )
        rows = pl.DataFrame({"number": self._numbers, "holder": self._holders, "code": self._codes})
        return rows.join(kinds, on="code", how="left", maintain_order="left").drop("code")


def _people(register: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """``number``, ``holder`` and ``who`` of every number that anybody knows, in order; ``who``: whose it is.

    A number that is in no register is somebody of their own.
    """
    every = pl.concat([register.select("number"), *(one.exposed.select("number") for one in sources)])
    known = every.drop_nulls().unique().join(register.unique("number", keep="last"), on="number", how="left")
    return known.with_columns(who=pl.coalesce("holder", -2 - pl.col("number"))).sort("number")


def _told(people: pl.DataFrame, one: Source) -> pl.DataFrame:
    """``who``, ``leaked``, ``exposed``, ``doubtful`` and ``moved`` of everybody, by one incident."""
    hits = one.exposed.drop_nulls("number").join(people.select("number", "who"), on="number").unique(["who", "items"])
    leaked = hits.group_by("who").agg(pl.col("items").fill_null("").sort().str.join("+").alias("leaked"))
    everybody = people.select("who", "holder").unique("who").join(leaked, on="who", how="left")
    in_doubt = pl.lit(value=True) if one.doubtful is None else pl.col("holder").is_in(one.doubtful.implode())
    return everybody.select(
        "who",
        leaked=pl.col("leaked").fill_null(""),
        exposed=pl.col("leaked").is_not_null(),
        doubtful=in_doubt | pl.col("holder").is_null(),
        moved=pl.col("holder").is_in(one.moved.implode()).fill_null(value=False),
    )


def _kinds(
    people: pl.DataFrame, told: Sequence[pl.DataFrame], replaced: pl.Series
) -> tuple[list[Standing], np.ndarray]:
    """All ways in which somebody stands, and which one each of the people does."""
    rows = people.select("who", old=pl.col("number").is_in(replaced.implode()))
    for place, one in enumerate(told):
        named = {name: f"{name}{place}" for name in ("leaked", "exposed", "doubtful", "moved")}
        rows = rows.join(one.rename(named), on="who", how="left", maintain_order="left")
    said = rows.drop("who")
    distinct = said.unique().with_row_index("code")
    codes = said.join(distinct, on=said.columns, how="left", maintain_order="left")["code"].to_numpy()
    return [_standing(row, len(told)) for row in distinct.drop("code").iter_rows(named=True)], codes


def _standing(row: dict[str, object], incidents: int) -> Standing:
    every = [
        Standing(
            _exposed(exposed=bool(row[f"exposed{place}"]), doubtful=bool(row[f"doubtful{place}"])),
            frozenset(filter(None, str(row[f"leaked{place}"]).split("+"))),
            bool(row[f"doubtful{place}"]),
            bool(row[f"moved{place}"]),
        )
        for place in range(incidents)
    ]
    return together([*every, Standing(Exposed.NO, replaced=bool(row["old"]))])


def _exposed(*, exposed: bool, doubtful: bool) -> Exposed:
    if exposed:
        return Exposed.YES
    return Exposed.CANNOT_TELL if doubtful else Exposed.NO


def _outside(sources: Sequence[Source]) -> Standing:
    """How somebody stands of whom only a number is given that leads to nobody."""
    return UNKNOWN if sources else Standing(Exposed.NO)
