"""Whose number is replaced: everybody whose number leaked, the reachable first, and why the others wait.

A number goes to whoever can be told of it: by recorded mail, to the address from before the first infection. Nobody
else gets one yet, for a number that nobody could be told of is a number that only a thief could ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from sekisho.errors import AccountError
from sekisho.model import Item
from sekisho.vault.tellings import Way
from sekisho.wording import Text

LEAKED = (str(Item.BASIC_PENSION_NUMBER), str(Item.CERTIFICATE_NUMBER))
"""Items by which a number leaked: a certificate number holds it."""


class Why(StrEnum):
    """Where somebody stands whose number leaked."""

    READY = "ready"  # reachable, and there is a number for them
    GIVEN = "given"  # has one
    REPLACED = "replaced"  # the number that leaked was replaced, or is about to be, for another incident
    RENUMBERED = "renumbered"  # the register says another number of them since
    SHARED = "shared"  # several persons have the number: somebody must tell first whose it is
    NOT_IN_REGISTER = "not_in_register"
    DECEASED = "deceased"
    UNREACHABLE = "unreachable"
    PUBLICATION = "publication"  # nobody can write to them
    HELD = "held"  # their letter is held
    UNTOLD = "untold"  # nobody has said yet how they are told
    POOL_USED_UP = "pool_used_up"


SAYS: Mapping[Why, Text] = {
    Why.READY: Text("reachable", "送付可能"),
    Why.GIVEN: Text("has a new number", "付番済み"),
    Why.REPLACED: Text("replaced for another incident", "別の事案で変更済み"),
    Why.RENUMBERED: Text("has another number since: count again", "台帳の番号が変更済み（要再集計）"),
    Why.SHARED: Text("several persons have the number", "同じ番号の人が複数"),
    Why.NOT_IN_REGISTER: Text("in no register", "台帳に該当なし"),
    Why.DECEASED: Text("deceased", "死亡"),
    Why.UNREACHABLE: Text("unreachable", "居所不明"),
    Why.PUBLICATION: Text("told by publication", "公示による通知"),
    Why.HELD: Text("the letter is held", "通知保留中"),
    Why.UNTOLD: Text("nobody has said how they are told", "通知方法が未定"),
    Why.POOL_USED_UP: Text("no number is left in the pool", "払い出し可能な番号なし"),
}
OVER = (Why.GIVEN, Why.REPLACED, Why.NOT_IN_REGISTER, Why.DECEASED)
"""Where nothing is left to be done."""
PLANNED = {"person": pl.Int64, "old": pl.Int64, "number_of_items": pl.Int64, "why": pl.String}
_WAYS = {
    str(Way.LETTER): str(Why.READY),
    str(Way.HELD): str(Why.HELD),
    str(Way.UNREACHABLE): str(Why.UNREACHABLE),
    str(Way.DECEASED): str(Why.DECEASED),
    str(Way.PUBLICATION): str(Why.PUBLICATION),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """``table``: `PLANNED`, everybody whose number leaked, in the order in which numbers are given. ``free``: how many
    numbers there are; ``persons``: in the leak master; ``version``: of it.
    """

    table: pl.DataFrame
    free: int
    persons: int
    version: int

    @property
    def ready(self) -> list[tuple[int, int]]:
        """Who gets a number now: person and old number, in order."""
        return self.table.filter(pl.col("why") == Why.READY).select("person", "old").rows()

    @property
    def waiting(self) -> pl.DataFrame:
        """The worklist: who should get one and cannot yet, and why."""
        return self.table.filter(~pl.col("why").is_in([Why.READY, *OVER]))

    @property
    def counts(self) -> dict[Why, int]:
        """How many stand where."""
        found = dict(self.table.group_by("why").len().rows())
        return {why: found[why] for why in Why if why in found}

    @property
    def lacking(self) -> int:
        """How many numbers the issuer has to supply for those who are reachable."""
        return self.counts.get(Why.POOL_USED_UP, 0)


@dataclass(frozen=True, slots=True)
class Former:
    """Numbers (Int64) that are nobody's current ones, or will not be for long: those that any incident ``succeeded``,
    and those that the register ``led`` on to another.
    """

    succeeded: pl.Series
    led: pl.Series


def plan(
    master: pl.DataFrame, tellings: pl.DataFrame, given: pl.DataFrame, former: Former, free: int, version: int
) -> Plan:
    """Who gets a new number, as of a version of the leak master; raises AccountError where somebody is left over.

    ``master``: person, holder, number_of_items, items, was of the leak master. ``tellings``: person, way.
    ``given``: person, old, number of who has a new one. ``free``: numbers left.
    """
    items = pl.col("items").str.split("+")
    leaked = master.filter(pl.any_horizontal(items.list.contains(item) for item in LEAKED)).with_columns(
        old=pl.col("holder").str.replace_all("-", "", literal=True).cast(pl.Int64, strict=False)
    )
    told = leaked.join(tellings.select("person", "way"), on="person", how="left", maintain_order="left")
    judged = told.with_columns(why=_why(given, former)).sort(
        pl.col("why") == Why.READY, "number_of_items", "person", descending=[True, True, False]
    )
    is_ready = pl.col("why") == Why.READY
    too_late = is_ready & (is_ready.cum_sum() > free)
    table = judged.with_columns(why=pl.when(too_late).then(pl.lit(str(Why.POOL_USED_UP))).otherwise("why"))
    made = Plan(table.select(pl.col(name).cast(kind) for name, kind in PLANNED.items()), free, master.height, version)
    _close(made, leaked.height)
    return made


def _why(given: pl.DataFrame, former: Former) -> pl.Expr:
    by_number = pl.col("old").is_in(pl.concat([given["old"], given["number"]]).implode())
    persons = pl.concat_list(pl.col("person").cast(pl.String), pl.col("was").fill_null("").str.split("+"))
    by_person = persons.list.eval(pl.element().is_in(given["person"].cast(pl.String).implode())).list.any()
    has_one = by_number | by_person
    way = pl.col("way").replace_strict(_WAYS, default=str(Why.UNTOLD), return_dtype=pl.String)
    return (
        pl.when(has_one.fill_null(value=False))
        .then(pl.lit(str(Why.GIVEN)))
        .when(pl.col("old").is_null())
        .then(pl.lit(str(Why.NOT_IN_REGISTER)))
        .when(pl.col("old").is_duplicated())
        .then(pl.lit(str(Why.SHARED)))
        .when(pl.col("old").is_in(former.succeeded.implode()))
        .then(pl.lit(str(Why.REPLACED)))
        .when(pl.col("old").is_in(former.led.implode()))
        .then(pl.lit(str(Why.RENUMBERED)))
        .otherwise(way.fill_null(str(Why.UNTOLD)))
    )


def _close(made: Plan, leaked: int) -> None:
    """Everybody whose number leaked stands somewhere, once, and nobody's old number stands twice."""
    ready = made.table.filter(pl.col("why") == Why.READY)
    doubles = ready.height - min(ready["person"].n_unique(), ready["old"].n_unique())
    if sum(made.counts.values()) != leaked or doubles or len(made.ready) > made.free:
        said = Text(
            "The account of new numbers does not close: {n:,} leaked, {told:,} told apart, {doubles:,} twice.",
            "付番の集計が一致しません: 流出{n:,}件、内訳{told:,}件、重複{doubles:,}件。",
        )
        raise AccountError(
            said.fill(n=leaked, told=sum(made.counts.values()), doubles=doubles),
            Text("Nothing was given. Count the incident again.", "付番していません。事案を集計し直してください。"),
        )


class Answer(StrEnum):
    """What an answer of the core system comes to."""

    TAKEN = "taken"
    REFUSED = "refused"
    AGAIN = "again"  # it was known already
    UNCLEAR = "unclear"  # it says neither yes nor no
    OTHER_NUMBER = "other_number"  # the holder has another new number there, or the number another holder
    NOT_ASKED = "not_asked"  # neither of the numbers was ever in an export
    CONTRADICTS = "contradicts"  # the file says two things of one


DIFFERS = (Answer.OTHER_NUMBER, Answer.NOT_ASKED, Answer.CONTRADICTS)
"""What somebody has to look into."""


def held_against(answers: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """``row``, ``old``, ``number``, ``comes_to`` of each answer (row, old, number, result).

    ``asked``: old, number, state of all that the core system was told.
    """
    both = answers.join(asked.rename({"state": "standing"}), on=["old", "number"], how="left").sort("row")
    known = pl.col("old").is_in(asked["old"].implode()) | pl.col("number").is_in(asked["number"].implode())
    says = pl.struct("number", "result").n_unique().over("old") > 1
    others = pl.struct("old", "result").n_unique().over("number") > 1
    standing, result = pl.col("standing"), pl.col("result")
    agrees = (result == "refused") == (standing == "refused")
    comes_to = (
        pl.when(says | others)
        .then(pl.lit(str(Answer.CONTRADICTS)))
        .when(standing.is_null())
        .then(pl.when(known).then(pl.lit(str(Answer.OTHER_NUMBER))).otherwise(pl.lit(str(Answer.NOT_ASKED))))
        .when(result.is_null())
        .then(pl.lit(str(Answer.UNCLEAR)))
        .when(standing == "exported")
        .then(result)
        .when(agrees)
        .then(pl.lit(str(Answer.AGAIN)))
        .otherwise(pl.lit(str(Answer.CONTRADICTS)))
    )
    return both.select("row", "old", "number", comes_to=comes_to)
