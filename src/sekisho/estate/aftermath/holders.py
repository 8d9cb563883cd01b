"""The register of an office of 2015: earlier addresses, pensions, deaths, who must not be found, rare kanji."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sekisho.estate.aftermath.facts import REGISTER_BEFORE
from sekisho.estate.dice import Dice
from sekisho.estate.people import temporary_numbers
from sekisho.estate.places import addresses
from sekisho.estate.register import line

HEADS = {
    "basic_pension_number": "基礎年金番号", "old_number": "旧基礎年金番号", "name": "氏名", "name_kana": "フリガナ",
    "birth_date": "生年月日", "sex": "性別", "postal_code": "郵便番号", "address": "住所", "address_from": "住定日",
    "former_postal_code": "旧郵便番号", "former_address": "前住所", "deceased": "死亡年月日",
    "protected_address": "支援措置", "abroad": "国外転出", "pension": "受給区分",
}  # fmt: skip
SHARES = {"deceased": 0.012, "protected_address": 0.003, "abroad": 0.004, "empty": 0.004, "lost": 0.004}
SHARE_MOVED, SHARE_OLD_NUMBER, SHARE_RARE = 0.3, 0.03, 0.004
PENSION_AGE, EARLY_AGE = 65, 60
SHARE_EARLY, SHARE_YOUNG = 0.45, 0.04  # who has a pension before 65, and before 60
RARE = {
    "橋": "𣘺", "土": "圡", "喜": "㐂", "沢": "澤", "吉": "𠮷", "辻": "辻󠄀", "葛": "葛󠄀", "野": "埜", "島": "嶌",
    "高": "髙", "崎": "﨑", "辺": "邉󠄂",
}  # fmt: skip
LOST = "居所不明"
GAIJI = "\ue0f3"  # a character of an office's own, which no other machine has
LONGEST = (
    "アレクサンドラ・マリア・グアダルーペ・コンセプシオン・フェルナンデス・"
    "ゴンサレス・サンチェス・ベガ・イサベル・カルメンサ"
)
MARKED_UP = "#strong[架空]<b>*_`$太郎"


def write(path: Path, rows: pl.DataFrame) -> None:
    """Write holders as a file of the register, with a BOM."""
    rows.select(pl.col(column).alias(head) for column, head in HEADS.items()).write_csv(path, include_bom=True)


def history(holders: pl.DataFrame, everybody: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """The holders (`register.holders_of`) with where they lived before, and what else a register says of them."""
    n = holders.height
    written = everybody.select("person", **_with_blanks())
    holders = holders.drop("name", "name_kana").join(written, on="person", how="left", maintain_order="left")
    moved = dice.stream("moved").chances(n, SHARE_MOVED)
    earlier = elsewhere(n, dice.stream("earlier"))
    flags = {name: dice.stream(name).chances(n, share) for name, share in SHARES.items()}
    old = pl.when(dice.stream("old").chances(n, SHARE_OLD_NUMBER)).then(
        temporary_numbers(n, dice.stream("old numbers"))
    )
    told = holders.with_columns(
        old_number=old,
        address_from=_days(n, "1985-04-01", "2015-04-20", dice.stream("since")),
        former_postal_code=pl.when(moved).then(earlier["postal_code"]),
        former_address=pl.when(moved).then(earlier["address"]),
        deceased=pl.when(flags["deceased"]).then(_days(n, "2014-06-01", "2015-04-25", dice.stream("died"))),
        protected_address=pl.when(flags["protected_address"]).then(pl.lit("対象")),
        abroad=pl.when(flags["abroad"]).then(_days(n, "2008-01-01", "2015-03-31", dice.stream("left"))),
        pension=_pension(n, dice.stream("pension")),
        name=_rare(n, dice.stream("rare")),
    )
    empty, lost = pl.lit(flags["empty"]), pl.lit(flags["lost"])
    here = [pl.when(~empty & ~lost).then(c).alias(c) for c in ("postal_code", "address_from")]
    address = pl.when(lost).then(pl.lit(LOST)).when(~empty).then("address").alias("address")
    return told.with_columns(*here, address)


def _with_blanks() -> dict[str, pl.Expr]:
    """Names with a blank between surname and given name."""
    ways = {"name": ("last", "first"), "name_kana": ("last_kana", "first_kana")}
    return {name: pl.concat_str(*parts, separator=" ") for name, parts in ways.items()}


def with_odd_names(holders: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """Three of ``persons`` with names that are hard on a letter: no font has a character, 60 long, with markup."""
    odd = [pl.concat_str(pl.lit(GAIJI), pl.col("name").str.slice(1)), pl.lit(LONGEST), pl.lit(MARKED_UP)]
    name = pl.col("name")
    for person, written in zip(persons.head(len(odd)), odd, strict=False):
        name = pl.when(pl.col("person") == person).then(written).otherwise(name)
    return holders.with_columns(name=name)


def elsewhere(n: int, dice: Dice) -> pl.DataFrame:
    """``n`` addresses: ``postal_code`` and ``address``."""
    return addresses(n, dice).select("postal_code", address=line())


def _pension(n: int, dice: Dice) -> pl.Expr:
    age = int(REGISTER_BEFORE[:4]) - pl.col("birth_date").str.slice(0, 4).cast(pl.Int64)
    early, young = (dice.chances(n, share) for share in (SHARE_EARLY, SHARE_YOUNG))
    has = (age >= PENSION_AGE) | ((age >= EARLY_AGE) & pl.lit(early)) | pl.lit(young)
    stopped = pl.lit(dice.chances(n, 0.01))
    paid = pl.when(stopped).then(pl.lit("支給停止")).otherwise(pl.lit("受給者"))
    return pl.when(has).then(paid).otherwise(pl.lit("被保険者"))


def _rare(n: int, dice: Dice) -> pl.Expr:
    return pl.when(dice.chances(n, SHARE_RARE)).then(pl.col("name").str.replace_many(RARE)).otherwise("name")


def _days(n: int, first: str, last: str, dice: Dice) -> pl.Series:
    """ISO dates between two."""
    ends = pl.Series([first, last]).str.to_date()
    days = pl.duration(days=pl.lit(dice.column(n, (ends[1] - ends[0]).days)))
    return pl.select((pl.lit(ends[0]) + days).cast(pl.String)).to_series()
