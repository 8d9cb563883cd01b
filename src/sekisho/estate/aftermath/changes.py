"""Changes of addresses and accounts as offices processed them in spring 2015: those that a leak lets somebody make, and
others that nobody must mistake for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from sekisho.estate.aftermath.facts import ANNOUNCED, FIRST_INFECTION
from sekisho.estate.aftermath.holders import LOST, elsewhere
from sekisho.estate.dice import Dice
from sekisho.estate.people import numbers

ADDRESSES, BOTH = 74, 35
"""Changes of an address, and of address and account, since first infection for exposed persons."""
OF_EXPOSED = {"planted": ADDRESSES + BOTH, "before": 40, "untold": 5, "died": 3}
OF_OTHERS = {"not_exposed": 80}
NOBODY, SHUT_IN = 3, 2
ADDRESS, ACCOUNT_TOO = "住所変更", "住所・受取口座変更"
WAYS = ("窓口", "郵送", "代理人")
HEADS = {
    "change": "受付番号", "at": "処理日時", "number": "基礎年金番号", "kind": "変更区分",
    "postal_code": "変更後郵便番号", "address": "変更後住所", "account": "変更後振込先口座", "way": "届出方法",
}  # fmt: skip
DIED = "2015-05-17"
_LEAST = 3  # persons for each one that something is planted for
_UNTIL = int((ANNOUNCED - FIRST_INFECTION).total_seconds()) // 60
_FROM = -6 * 24 * 60


@dataclass(frozen=True, slots=True)
class Changes:
    """``rows``: the columns of `HEADS`, ``person`` (null: nobody's number) and ``why`` they are there: *planted*,
    *before* first infection, *not_exposed*, *nobody* or *shut_in* (in a file that nobody can open, and in no other).

    ``after``: the holders of whom the register says something else after them; a few moved or died without a change.
    """

    rows: pl.DataFrame
    after: pl.DataFrame


def planted(holders: pl.DataFrame, exposed: pl.DataFrame, shut_in: pl.Series, dice: Dice) -> Changes:
    """``holders``: `holders.history`; ``exposed``: `exposed.exposed`; ``shut_in``: of `make.Invented`."""
    lots = _lots(holders, exposed, shut_in, dice.stream("lots"))
    rows = pl.concat(_rows(lots, dice))
    rows = rows.sort("at", "number").with_columns(change=pl.format("H27-{}", pl.int_range(1, pl.len() + 1)))
    return Changes(rows, _after(holders, lots, rows, dice))


def write(path: Path, rows: pl.DataFrame) -> None:
    """Write changes as an office's system exports them, with a BOM."""
    rows.select(pl.col(column).alias(head) for column, head in HEADS.items()).write_csv(path, include_bom=True)


def can_be_reached() -> pl.Expr:
    """Of `holders.history`: alive, at home, at an address that may be known."""
    gone = [pl.col(name).is_not_null() for name in ("deceased", "abroad", "protected_address")]
    return pl.col("address").is_not_null() & (pl.col("address") != LOST) & ~pl.any_horizontal(gone)


def _lots(holders: pl.DataFrame, exposed: pl.DataFrame, shut_in: pl.Series, dice: Dice) -> Mapping[str, pl.DataFrame]:
    """Different holders for each purpose; fewer of them where the estate is small."""
    drawn = holders.filter(can_be_reached())
    drawn = drawn[dice.order(drawn.height)]
    known, hidden = (pl.col("person").is_in(some.implode()) for some in (exposed["person"], shut_in))
    plainly = pl.col("person").is_in(exposed.filter("plain")["person"].implode())
    mine, theirs = drawn.filter(plainly), drawn.filter(~known & ~hidden)
    maybe = {"shut_in": drawn.filter(~known & hidden).head(SHUT_IN)}
    return {**_parted(mine, OF_EXPOSED), **_parted(theirs, OF_OTHERS), **maybe}


def _parted(some: pl.DataFrame, wanted: Mapping[str, int]) -> dict[str, pl.DataFrame]:
    share = min(1.0, some.height / (_LEAST * sum(wanted.values())))
    lots, begun = {}, 0
    for name, count in wanted.items():
        lots[name] = some.slice(begun, round(share * count))
        begun += lots[name].height
    return lots


def _rows(lots: Mapping[str, pl.DataFrame], dice: Dice) -> Iterator[pl.DataFrame]:
    """The changes of each lot; one a minute before first infection, and one a minute after."""
    spans = {"planted": (1, _UNTIL), "before": (_FROM, -1), "not_exposed": (1, _UNTIL), "shut_in": (1, _UNTIL)}
    for why, (first, last) in spans.items():
        own, some = dice.stream(why), lots[why]
        nearest = first if first > 0 else last
        minutes = own.column(some.height, last - first) + first
        minutes = pl.concat([pl.Series([nearest]), minutes]).head(some.height)
        number = some.select(pl.coalesce("old_number", "basic_pension_number")).to_series()
        yield _changed(some["person"], number, minutes, why, own)
    own = dice.stream("nobody")
    nobody = pl.Series([None] * NOBODY, dtype=pl.Int64)
    yield _changed(nobody, numbers(NOBODY, own, 91, 9), own.column(NOBODY, _UNTIL), "nobody", own)


def _changed(persons: pl.Series, number: pl.Series, minutes: pl.Series, why: str, dice: Dice) -> pl.DataFrame:
    n = len(persons)
    two = ADDRESSES + BOTH
    both = (pl.int_range(n) * two) // max(n, 1) >= ADDRESSES
    account = pl.format("架空銀行 本店 普通 {}", dice.column(n, 10**7).cast(pl.String).str.zfill(7))
    start = FIRST_INFECTION.replace(tzinfo=None)
    return elsewhere(n, dice).select(
        pl.Series("person", persons, pl.Int64),
        pl.Series("number", number),
        (pl.lit(start) + pl.duration(minutes=pl.lit(minutes))).dt.to_string("%Y/%m/%d %H:%M").alias("at"),
        pl.when(both).then(pl.lit(ACCOUNT_TOO)).otherwise(pl.lit(ADDRESS)).alias("kind"),
        "postal_code",
        "address",
        pl.when(both).then(account).alias("account"),
        pl.Series("way", WAYS).gather(dice.column(n, len(WAYS))),
        pl.lit(why).alias("why"),
    )


def _after(holders: pl.DataFrame, lots: Mapping[str, pl.DataFrame], rows: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    untold = lots["untold"].select("person").hstack(elsewhere(lots["untold"].height, dice.stream("untold")))
    day = (FIRST_INFECTION + timedelta(days=9)).date().isoformat()
    told = rows.drop_nulls("person").select(
        "person", "postal_code", "address", address_from=pl.col("at").str.slice(0, 10).str.replace_all("/", "-")
    )
    fresh = pl.concat([told, untold.with_columns(address_from=pl.lit(day))])
    moved = holders.join(fresh, on="person", how="inner", suffix="_now").with_columns(
        former_postal_code="postal_code", former_address="address", postal_code="postal_code_now",
        address="address_now", address_from="address_from_now",
    )  # fmt: skip
    died = lots["died"].with_columns(deceased=pl.lit(DIED))
    return pl.concat([moved.select(holders.columns), died.select(holders.columns)])
