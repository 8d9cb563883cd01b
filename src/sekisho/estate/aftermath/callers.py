"""Persons who call the helpline: exposed or not, by number or by name, for themselves or for somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from sekisho.estate.dice import Dice
from sekisho.estate.people import numbers

HEADS = {
    "call": "受付番号", "relation": "申出者", "number": "基礎年金番号", "name_kana": "フリガナ",
    "birth_date": "生年月日", "town": "市区町村", "postal_code": "郵便番号", "address": "住所",
    "former_address": "前住所", "address_from": "住定日",
}  # fmt: skip
ENOUGH = 2_000
"""Exposed persons of whom all of these call."""
_ANSWERS = ("postal_code", "address", "former_address", "address_from")
"""What only the person knows, unless it leaked."""
SELF, FAMILY, GUARDIAN, FACILITY = "本人", "家族", "成年後見人", "施設職員"
_LOTS = (  # why, how many, whether they know the number, and who calls
    ("exposed", 40, "number", SELF), ("exposed", 25, "name", SELF), ("exposed", 6, "old number", SELF),
    ("exposed", 6, "number", FAMILY), ("exposed", 4, "number", GUARDIAN), ("exposed", 3, "number", FACILITY),
    ("late", 20, "number", SELF), ("changed", 12, "number", SELF), ("dead", 4, "number", FAMILY),
    ("doubtful", 20, "number", SELF), ("unregistered", 4, "name", SELF), ("shut_in", 6, "number", SELF),
    ("not_exposed", 40, "number", SELF), ("not_exposed", 20, "name", SELF), ("not_exposed", 4, "number", GUARDIAN),
    ("nobody", 3, "number", SELF), ("impostor", 6, "number", SELF),
)  # fmt: skip


def planted(
    holders: pl.DataFrame,
    everybody: pl.DataFrame,
    exposed: pl.DataFrame,
    shut_in: pl.Series,
    changed: pl.Series,
    dice: Dice,
) -> pl.DataFrame:
    """The columns of `HEADS` with ``person`` (null: nobody), ``why`` and ``since``, the version that must know them.

    ``why``: *exposed*, *late* (by files that come later), *changed* (somebody changed their address since), *dead*,
    *doubtful* (no record has their number as it is), *unregistered*, *shut_in* (only in a file that nobody can open),
    *not_exposed*, *nobody* or *impostor*: somebody who has what leaked of ``person``, and guesses the rest.
    ``since`` is 0 of whom no version knows. "Not affected" must be said to nobody with another one, nor to the shut in.
    """
    people = _people(holders, everybody, exposed)
    kinds = _kinds(shut_in, changed)
    share = min(1.0, exposed.height / ENOUGH)
    calls = pl.concat(_calls(people, kinds, share, dice))
    drawn = calls[dice.stream("order").order(calls.height)]
    return drawn.with_columns(call=pl.format("C{}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)))


def write(path: Path, rows: pl.DataFrame) -> None:
    """Write what callers say of themselves, with a BOM."""
    rows.select(pl.col(column).alias(head) for column, head in HEADS.items()).write_csv(path, include_bom=True)


def _people(holders: pl.DataFrame, everybody: pl.DataFrame, exposed: pl.DataFrame) -> pl.DataFrame:
    """Everybody, with what callers say and what is true of them."""
    told = everybody.select(
        "person",
        name_kana=pl.concat_str("last_kana", "first_kana", separator=" "),
        birth_date="birth_date",
        town=pl.concat_str("prefecture", "city"),
        number="basic_pension_number",
    )
    flags = holders.select("person", "old_number", "deceased", *_ANSWERS, registered=pl.lit(value=True))
    known = exposed.select("person", "since", "plain")
    both = told.join(flags, on="person", how="left", maintain_order="left")
    return both.join(known, on="person", how="left", maintain_order="left").with_columns(pl.col("since").fill_null(0))


def _kinds(shut_in: pl.Series, changed: pl.Series) -> dict[str, pl.Expr]:
    known, alive = pl.col("since") > 0, pl.col("deceased").is_null()
    registered = pl.col("registered").fill_null(value=False)
    hidden, moved = pl.col("person").is_in(shut_in.implode()), pl.col("person").is_in(changed.implode())
    plainly = pl.col("plain").fill_null(value=False)
    return {
        "exposed": (pl.col("since") == 1) & plainly & alive & registered & ~moved,
        "late": (pl.col("since") == 2) & plainly & alive & registered & ~moved,
        "changed": known & moved,
        "impostor": known & plainly & alive & registered & ~moved,
        "dead": known & ~alive,
        "doubtful": known & ~plainly & alive & registered,
        "unregistered": known & ~registered,
        "shut_in": ~known & hidden & alive,
        "not_exposed": ~known & ~hidden & alive,
    }


def _calls(people: pl.DataFrame, kinds: dict[str, pl.Expr], share: float, dice: Dice) -> Iterator[pl.DataFrame]:
    for at, (why, most, by, relation) in enumerate(_LOTS):
        count = max(2, round(most * share))
        own = dice.stream(why, at)
        if why == "nobody":
            some = _nobody(people, count, own)
        else:
            fit = people.filter(kinds[why])
            fit = fit.drop_nulls("old_number") if by == "old number" else fit
            some = fit[own.order(fit.height)].head(count)
        some = _guessing(some, people, own) if why == "impostor" else some
        said = {"number": pl.col("number"), "old number": pl.col("old_number"), "name": pl.lit(None, pl.String)}[by]
        yield some.select(
            "person", "since", pl.lit(why).alias("why"), pl.lit(relation).alias("relation"),
            said.alias("number"), "name_kana", "birth_date", "town", *_ANSWERS,
        )  # fmt: skip


def _guessing(some: pl.DataFrame, people: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """The same, who answer questions with what is true of others."""
    others = people.drop_nulls("address")
    return some.with_columns(others[dice.column(some.height, others.height)].select(_ANSWERS))


def _nobody(people: pl.DataFrame, count: int, dice: Dice) -> pl.DataFrame:
    """Persons whom no register knows: another one's name, a birth date of nobody, a number that was never issued."""
    fresh = people[dice.column(count, people.height)].with_columns(
        pl.lit(None, pl.Int64).alias("person"), since=pl.lit(0), birth_date=pl.lit("1911-02-03")
    )
    return fresh.with_columns(number=numbers(count, dice, 91, 9))
