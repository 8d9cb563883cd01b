"""Law 10: of whom nobody may say "not affected", for one holder or for many, as everybody who asks is to be told alike.

Something undecided could be theirs by any number, name and birth date that they ever had; or somebody is exposed who
was ever called so and born then: perhaps they are one, under two numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sekisho.incidents.could_be import Why
from sekisho.incidents.master import Exposure, Master
from sekisho.register import lookup
from sekisho.register.ever import of_life
from sekisho.register.lookup import Life
from sekisho.register.profile import profile
from sekisho.vault import Vault


@dataclass(frozen=True, slots=True)
class Doubts:
    """Why nobody may tell somebody that they are not affected; false where nothing speaks against it.

    ``could_be``: what undecided or unread could be theirs. ``alike``: exposed holders who were ever called and born as
    they were. ``unknown``: the register does not know them.
    """

    could_be: tuple[Why, ...] = ()
    alike: tuple[Exposure, ...] = ()
    unknown: bool = False

    def __bool__(self) -> bool:
        return bool(self.could_be or self.alike or self.unknown)


def doubts(vault: Vault, master: Master, life: Life, numbers: Sequence[str]) -> Doubts:
    """Of a holder, beyond what ``numbers`` (normal form), which all are theirs, say."""
    return Doubts(_undecided(master, life, numbers), tuple(_alike(vault, master, life)))


def numbers_of(life: Life) -> list[str]:
    """Every number that files which count ever said was a holder's, in its normal form."""
    return [fact.value["number"] for fact in profile(life, protected_too=True).numbers]


def doubted(master: Master, whom: pl.DataFrame, exposed: pl.DataFrame) -> pl.Series:
    """Who of ``whom`` (`PEOPLE`) may be exposed beyond what their numbers say; ``exposed``: `PEOPLE` who are by these.

    Unread documents, which could be anybody's, are not looked at.
    """
    could = master.could_be_many(whom)["place"].cast(pl.Int64) if whom.height else whom["place"]
    keys = _keys(exposed)
    same = _keys(whom).join(keys, on=("called", "birth"), suffix="_exposed")
    alike = same.filter(pl.col("place") != pl.col("place_exposed"))["place"]
    return pl.concat([could, alike]).unique()


def exposed_of(master: Master, whom: pl.DataFrame) -> pl.DataFrame:
    """Those of some people whom a number of theirs leads to in the leak master."""
    hits = whom.join(master.by_numbers(whom["number"].drop_nulls()).select("number"), on="number", how="semi")
    return whom.join(hits.select("place").unique(), on="place", how="semi")


def _undecided(master: Master, life: Life, numbers: Sequence[str]) -> tuple[Why, ...]:
    mine = of_life(life)
    called = mine.select("name", "kana").unique(maintain_order=True).rows()
    births = mine["birth"].unique(maintain_order=True).to_list()
    return master.could_be_any(numbers, called, *births)


def _alike(vault: Vault, master: Master, life: Life) -> list[Exposure]:
    register = vault.register()
    keys = _keys(of_life(life))
    ways = [[called, birth] for _, called, birth in keys.iter_rows()]
    others = [one for one in lookup.written(register, ways) if one != life.holder] if ways else []
    found = []
    for other in lookup.lives(register, others):
        is_alike = keys.join(_keys(of_life(other)), on=("called", "birth"), how="semi").height
        if is_alike and (exposure := master.of_holder(numbers_of(other))):
            found.append(exposure)
    return found


def _keys(whom: pl.DataFrame) -> pl.DataFrame:
    """``place``, ``called`` and ``birth``: each name and reading with each birth date, without blanks."""
    told = [whom.select("place", "birth", called=name) for name in ("name", "kana")]
    bare = pl.col("called").str.normalize("NFKC").str.replace_all(r"[\s・]", "").str.to_lowercase()
    return pl.concat(told).drop_nulls().select("place", bare, "birth").unique()
