"""Invents what leaked of a register: records with numbers that are mostly right, and the truth of whose they are.

    python -m benchmarks.linkage.leak --to DIR --holders 1_000_000 --records 1_250_000 --seed 1

writes DIR/holders.parquet, DIR/records.parquet (normal forms, as a scan finds them) and DIR/truth.parquet: ``owner``
(a row of everybody), ``holder`` (null: in no register), and what was done to each record. The shares are assumed.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.linkage import generate, spoil
from benchmarks.linkage.readings import misreadings
from sekisho.estate.dice import Dice
from sekisho.estate.people import PENSION_CODES, VARIANTS
from sekisho.model import HOLDERS, Item

AFFECTED = 0.8  # of the holders have a record
OUTSIDE = 0.015  # of the records: persons who are in no register
FILES = 3  # records of such a person, on average
COUPLES = 0.9  # of neighbours who could be: live together under one surname
_YEARS_APART = 20

NUMBER_MISSING = 0.06
CERTIFICATE = 0.15  # of numbers: the certificate's, which begins with it
NUMBER_FAULTS = {"digit": 0.004, "exchanged": 0.002, "family": 0.006, "next_line": 0.001, "placeholder": 0.001}
PLACEHOLDERS = ("0000-000000", "9999-999999")
WITHOUT_BIRTH, WITH_ADDRESS = 0.025, 0.042  # the shares of 2015
NO_NUMBER_NO_BIRTH, NO_NUMBER_ADDRESS = 0.10, 0.25  # of records without a number; without a birth date: an address

KANJI_ONLY, KANA_ONLY = 0.45, 0.30
FORMER = 0.08  # of records of persons whose former surname is known somewhere
PLAIN = 0.5  # of variant characters: the common one
MISREAD, TYPO, VOICING, SMALL, HOMOPHONE = 0.01, 0.005, 0.005, 0.20, 0.01
BIRTH_WRONG = 0.35  # of the wrong dates of `spoil.misdated`: about 1.5 % of records
BIRTH_PLACEHOLDER, SEX_KNOWN, SEX_WRONG, MOVED = 0.001, 0.5, 0.003, 0.10


@dataclass(frozen=True, slots=True)
class Leak:
    """``holders``: `HOLDERS`; ``records``: ``record_id`` and each `Item`; ``truth``: whose they are, and the faults."""

    holders: pl.DataFrame
    records: pl.DataFrame
    truth: pl.DataFrame


def leak(holders: int, records: int, seed: int) -> Leak:
    """What leaked; the same for the same order."""
    dice = Dice(f"leak/{seed}")
    outside = max(round(records * OUTSIDE / FILES), 1)
    parts = generate.chunks(generate.Order(holders + outside, 0, seed))
    everybody = _with_families(pl.concat([part.register for part in parts]), dice.stream("families"))
    order = dice.stream("outside").order(everybody.height)
    known, unknown = order.head(holders), order.tail(outside)
    owners = _owners(known.head(round(holders * AFFECTED)), unknown, records, dice.stream("owners"))
    written, faults = _written(everybody, owners, dice.stream("written"))
    inside = pl.Series(range(everybody.height)).is_in(known.implode())
    number = everybody["number"].set(~inside, None)
    truth = pl.DataFrame({"record_id": range(records), "owner": owners, "holder": number.gather(owners)})
    return Leak(_register(everybody[known.sort()]), written, truth.hstack(faults))


def _owners(known: pl.Series, unknown: pl.Series, records: int, dice: Dice) -> pl.Series:
    """The owner of each record: everyone once, then by chance, in a random order."""
    outside = round(records * OUTSIDE)
    drawn = []
    for persons, n in ((unknown, outside), (known, records - outside)):
        everyone = persons.head(n)
        again = dice.stream("again", n).column(n - len(everyone), len(persons))
        drawn += [everyone, persons.gather(again)]
    owners = pl.concat(drawn)
    return owners.gather(dice.stream("order").order(len(owners)))


def _with_families(register: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """Everybody in parts: number, last, first and their kana, former ones; some neighbours live as couples.

    ``relative``: the row of somebody at the same address; null where there is none.
    """
    names = register.select(
        _halves("name", "last", "first"), _halves("name_kana", "last_kana", "first_kana"),
        "former_name", "former_name_kana", "birth_date", "sex", "postal_code", "address",
        number="basic_pension_number", latin=pl.col("name").str.contains(r"[A-Za-z]"),
    ).unnest("name", "name_kana")  # fmt: skip
    year = pl.col("birth_date").str.slice(0, 4).cast(pl.Int32)
    alone = pl.col("address").is_first_distinct() & (pl.col("address") != pl.col("address").shift(-1))
    even = pl.int_range(pl.len()) % 2 == 1
    could = (pl.col("sex") != pl.col("sex").shift(1)) & ((year - year.shift(1)).abs() < _YEARS_APART) & ~pl.col("latin")
    luck = dice.chances(names.height, COUPLES)
    couple = (even & alone & alone.shift(1) & could & ~pl.col("latin").shift(1) & luck).fill_null(value=False)
    shared = ("last", "last_kana", "postal_code", "address")
    together = names.with_columns(pl.when(couple).then(pl.col(c).shift(1)).otherwise(c).alias(c) for c in shared)
    row, home = pl.int_range(pl.len()), pl.col("address")
    relative = pl.when(home == home.shift(1)).then(row - 1).when(home == home.shift(-1)).then(row + 1)
    return together.with_columns(relative=relative)


def _halves(name: str, last: str, first: str) -> pl.Expr:
    return pl.col(name).str.splitn(" ", 2).struct.rename_fields([last, first])


def _register(people: pl.DataFrame) -> pl.DataFrame:
    return people.select(
        basic_pension_number="number",
        name=_joined("last", "first"),
        name_kana=_joined("last_kana", "first_kana"),
        birth_date="birth_date",
        sex="sex",
        postal_code="postal_code",
        address="address",
    ).select(HOLDERS.names)


def _joined(last: str, first: str) -> pl.Expr:
    return pl.concat_str(last, first).str.replace_all(" ", "")


def _written(everybody: pl.DataFrame, owners: pl.Series, dice: Dice) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records, and the faults of each as Boolean columns."""
    n = len(owners)
    people = everybody[owners]
    has_number = ~dice.stream("has number").chances(n, NUMBER_MISSING)
    luck = dice.stream("shape").column(n, 1_000_000) / 1_000_000
    with_birth = pl.select(luck >= pl.when(has_number).then(WITHOUT_BIRTH).otherwise(NO_NUMBER_NO_BIRTH)).to_series()
    with_address = pl.select(
        pl.when(has_number).then(luck > 1 - WITH_ADDRESS).otherwise((luck > 1 - NO_NUMBER_ADDRESS) | ~with_birth)
    ).to_series()
    number, fault = _numbers(everybody, owners, dice.stream("number"))
    name, kana, misnamed = _names(people, dice.stream("name"))
    birth, misdated = _births(people["birth_date"], dice.stream("birth"))
    moved = with_address & dice.stream("moved").chances(n, MOVED)
    home = everybody[spoil.where(moved, dice.stream("elsewhere").column(n, everybody.height), owners)]
    certificate = has_number & dice.stream("certificate").chances(n, CERTIFICATE)
    codes = pl.Series(PENSION_CODES).gather(dice.stream("code").column(n, len(PENSION_CODES)))
    wrong_sex = dice.stream("wrong sex").chances(n, SEX_WRONG)
    other = people["sex"].replace({"M": "F", "F": "M"})
    has_sex = dice.stream("has sex").chances(n, SEX_KNOWN)
    columns: dict[str, pl.Expr] = {str(item): pl.lit(None, pl.String) for item in Item}
    columns |= {
        "basic_pension_number": pl.when(has_number & ~certificate).then(number),
        "certificate_number": pl.when(certificate).then(number + "-" + codes),
        "name": pl.lit(name),
        "name_kana": pl.lit(kana),
        "birth_date": pl.when(with_birth).then(birth),
        "sex": pl.when(has_sex).then(pl.when(wrong_sex).then(other).otherwise(people["sex"])),
        "postal_code": pl.when(with_address).then(home["postal_code"]),
        "address": pl.when(with_address).then(_addresses(home["address"], dice.stream("address"))),
    }
    records = pl.select(pl.int_range(n).alias("record_id"), *(column.alias(item) for item, column in columns.items()))
    faults = {f"number_{kind}": has_number & (fault == kind) for kind in NUMBER_FAULTS}
    faults |= {"number_missing": ~has_number, "birth_missing": ~with_birth, "moved": moved} | misnamed
    faults |= {kind: mask & with_birth for kind, mask in misdated.items()} | {"sex_wrong": wrong_sex & has_sex}
    return records, pl.DataFrame({kind: mask.fill_null(value=False) for kind, mask in faults.items()})


def _numbers(everybody: pl.DataFrame, owners: pl.Series, dice: Dice) -> tuple[pl.Series, pl.Series]:
    """Each record's number, and the fault in it (null: none)."""
    n = len(owners)
    weights = [round(share * 1_000_000) for share in NUMBER_FAULTS.values()]
    kinds = [None, *NUMBER_FAULTS]
    fault = pl.Series(kinds).gather(dice.stream("fault").weighted(n, [1_000_000 - sum(weights), *weights]))
    relative = everybody["relative"].gather(owners)
    after = (owners + 1) % everybody.height
    lines = pl.DataFrame(
        {
            "fault": fault,
            "relative": relative,
            "digits": everybody["number"].gather(owners).str.replace("-", "", literal=True),
            "of_relative": everybody["number"].gather(relative),
            "of_next": everybody["number"].gather(after),
            "dummy": pl.Series(PLACEHOLDERS).gather(dice.stream("dummy").column(n, len(PLACEHOLDERS))),
            "at": dice.stream("at").column(n, 10),
            "step": dice.stream("step").column(n, 9) + 1,
        }
    )
    at, digits = pl.col("at"), pl.col("digits")
    one = digits.str.slice(at, 1)
    other = ((one.cast(pl.Int64) + pl.col("step")) % 10).cast(pl.String)
    digit = digits.str.slice(0, at) + other + digits.str.slice(at + 1)
    before = digits.str.slice(0, at) + digits.str.slice(at + 1, 1) + one + digits.str.slice(at + 2)
    is_fault = pl.col("fault").eq_missing
    number = (
        pl.when(is_fault(pl.lit("family")) & pl.col("of_relative").is_not_null()).then("of_relative")
        .when(is_fault(pl.lit("next_line"))).then("of_next")
        .when(is_fault(pl.lit("placeholder"))).then("dummy")
        .otherwise(_hyphened(pl.when(is_fault(pl.lit("digit"))).then(digit)
                            .when(is_fault(pl.lit("exchanged"))).then(before).otherwise(digits)))
    )  # fmt: skip
    written = lines.select(number).to_series()
    right = written == everybody["number"].gather(owners)
    return written, fault.set(right, None)


def _hyphened(digits: pl.Expr) -> pl.Expr:
    return digits.str.slice(0, 4) + "-" + digits.str.slice(4)


def _names(people: pl.DataFrame, dice: Dice) -> tuple[pl.Series, pl.Series, dict[str, pl.Series]]:
    """Name and reading of each record, and what was done to them."""
    n = people.height

    def some(share: float, what: str) -> pl.Series:
        return dice.stream(what).chances(n, share)

    former = some(FORMER, "former") & people["former_name"].is_not_null()
    last = spoil.where(former, people["former_name"], people["last"])
    kana = {
        "last": spoil.where(former, people["former_name_kana"], people["last_kana"]),
        "first": people["first_kana"],
    }
    own = dict(kana)
    misread = {part: _misread(people, part, kana[part], some(MISREAD, part), dice.stream(part)) for part in kana}
    typo = some(TYPO, "typo")
    kana["last"] = spoil.where(former, kana["last"], misread["last"])
    kana["first"] = spoil.mistyped(misread["first"], typo, dice.stream("typo"))
    whole = pl.select(pl.concat_str(kana["last"], kana["first"])).to_series()
    voicing = some(VOICING, "voicing")
    whole = spoil.replaced(whole, voicing, spoil.PLAIN)
    whole = spoil.replaced(whole, some(SMALL, "small"), spoil.SMALL).str.replace_all(" ", "")
    plain = spoil.replaced(last, some(PLAIN, "plain"), {variant: usual for usual, variant in VARIANTS.items()})
    homophone = some(HOMOPHONE, "homophone")
    first = spoil.where(homophone, _homophones(people, dice.stream("homophones")), people["first"])
    name = pl.select(pl.concat_str(plain, first)).to_series().str.replace_all(" ", "")
    luck = dice.stream("script").column(n, 1_000_000) / 1_000_000
    only_kanji, only_kana = luck < KANJI_ONLY, luck >= 1 - KANA_ONLY
    with_kanji, with_kana = ~only_kana, ~only_kanji
    done = {
        "former": former,
        "misread": with_kana & ((misread["last"] != own["last"]) | (misread["first"] != own["first"])) & ~former,
        "typo": with_kana & typo,
        "voicing": with_kana & voicing,
        "homophone": with_kanji & (first != people["first"]),
        "only_kana": only_kana,
    }
    return name.set(only_kana, None), whole.set(only_kanji, None), done


def _misread(people: pl.DataFrame, part: str, kana: pl.Series, mask: pl.Series, dice: Dice) -> pl.Series:
    pairs = people.select(kanji=part, kana=f"{part}_kana")
    distinct = pairs.unique(maintain_order=True)
    rows = pairs.join(distinct.with_row_index("row"), on=["kanji", "kana"], how="left", maintain_order="left")["row"]
    others = misreadings(distinct, surname=part == "last")
    return spoil.misread(kana, rows.cast(pl.Int64), others, mask, dice)


def _homophones(people: pl.DataFrame, dice: Dice) -> pl.Series:
    """For each person a given name of the same reading, as others write it."""
    spellings = people.group_by("first_kana", maintain_order=True).agg(pl.col("first").unique(maintain_order=True))
    of = people.select("first_kana").join(spellings, on="first_kana", how="left", maintain_order="left")["first"]
    turn = pl.lit(dice.column(people.height, 1 << 30))
    return pl.select(pl.lit(of).list.get(turn % pl.lit(of).list.len().cast(pl.Int64))).to_series()


def _births(births: pl.Series, dice: Dice) -> tuple[pl.Series, dict[str, pl.Series]]:
    n = len(births)
    text, error = spoil.misdated(births.str.to_date("%Y-%m-%d"), dice.stream("wrong"))
    wrong = dice.stream("some").chances(n, BIRTH_WRONG) & error.is_not_null()
    dummy = dice.stream("dummy").chances(n, BIRTH_PLACEHOLDER)
    text = spoil.where(wrong, text, births).set(dummy, "1900-01-01")
    return text, {"birth_wrong": wrong & ~dummy, "birth_placeholder": dummy}


def _addresses(addresses: pl.Series, dice: Dice) -> pl.Series:
    """The ways in which one address is written."""
    way = dice.column(len(addresses), 4)
    text = pl.col("address")
    bare = text.str.extract(r"^(\D+\d+-\d+-\d+)", 1)
    return pl.DataFrame({"address": addresses, "way": way}).select(
        pl.when(pl.col("way") == 1).then(bare.str.replace(r"(\d+)-(\d+)-(\d+)$", "${1}丁目${2}番${3}号"))
        .when(pl.col("way") == 2).then(text.str.replace(r"^(北海道|東京都|京都府|大阪府|.{2,3}県)", ""))
        .when(pl.col("way") == 3).then(bare)
        .otherwise(text)
    ).to_series()  # fmt: skip


def main() -> None:
    """Invent what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linkage.leak", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, metavar="DIR")
    parser.add_argument("--holders", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=1_250_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    made = leak(asked.holders, asked.records, asked.seed)
    asked.to.mkdir(parents=True, exist_ok=True)
    for name in ("holders", "records", "truth"):
        getattr(made, name).write_parquet(asked.to / f"{name}.parquet", compression="zstd")


if __name__ == "__main__":
    main()
