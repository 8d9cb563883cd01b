"""Nested data: objects within objects, with Japanese or English keys."""

from __future__ import annotations

import polars as pl

from sekisho.estate import writing as w
from sekisho.estate.columns import BIRTH, KANA, NAME, NUMBER
from sekisho.estate.content import Draft, Nested
from sekisho.estate.layouts.listing import WITH_ADDRESS, Hand


def japanese(rows: pl.DataFrame, hand: Hand) -> Draft:
    """An insured person with name, kana, birth date and address in objects of their own."""
    said = _said(rows, hand)
    values = [_japanese(row, hand.items) for row in _flat(rows, hand)]
    return Draft(
        Nested({"件名": hand.title, "件数": len(values), "被保険者": values}, hand.title), _paths(said, "$.被保険者")
    )


def english(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A bare list with English keys."""
    said = _said(rows, hand)
    values = [_english(row, hand.items) for row in _flat(rows, hand)]
    return Draft(Nested(values, hand.title), _paths(said, "$"))


def _flat(rows: pl.DataFrame, hand: Hand) -> list[dict[str, str | None]]:
    return rows.select(
        number=NUMBER, last="last", first="first", last_kana="last_kana", first_kana="first_kana",
        birth=w.wareki(BIRTH), iso=BIRTH, sex="sex", postal="postal_code",
        prefecture="prefecture", rest=pl.format("{}{}{}-{}-{}", "city", "town", "chome", "banchi", "go"),
        phone="phone",
    ).to_dicts()  # fmt: skip


def _said(rows: pl.DataFrame, hand: Hand) -> pl.DataFrame:
    said = {"basic_pension_number": NUMBER, "name": NAME, "name_kana": KANA, "birth_date": BIRTH, "sex": pl.col("sex")}
    if hand.items == WITH_ADDRESS:
        rest = pl.format("{}{}{}{}-{}-{}", "prefecture", "city", "town", "chome", "banchi", "go")
        said |= {"postal_code": pl.col("postal_code"), "address": rest, "phone": pl.col("phone")}
    return rows.select("person", **said)


def _japanese(row: dict[str, str | None], items: str) -> dict[str, object]:
    value: dict[str, object] = {
        "基礎年金番号": row["number"],
        "氏名": {"姓": row["last"], "名": row["first"], "カナ": {"姓": row["last_kana"], "名": row["first_kana"]}},
        "生年月日": row["birth"],
        "性別": {"M": "男", "F": "女"}.get(row["sex"] or ""),
    }
    if items == WITH_ADDRESS:
        value["住所"] = {"郵便番号": row["postal"], "都道府県": row["prefecture"], "市区町村以下": row["rest"]}
        value["連絡先"] = {"電話番号": row["phone"]}
    return value


def _english(row: dict[str, str | None], items: str) -> dict[str, object]:
    value: dict[str, object] = {
        "pensionNumber": row["number"],
        "name": {"last": row["last"], "first": row["first"]},
        "kana": {"last": row["last_kana"], "first": row["first_kana"]},
        "birthDate": row["iso"],
        "sex": row["sex"],
    }
    if items == WITH_ADDRESS:
        address = {"postalCode": row["postal"], "prefecture": row["prefecture"], "street": row["rest"]}
        value |= {"address": address, "phone": row["phone"]}
    return value


def _paths(said: pl.DataFrame, base: str) -> pl.DataFrame:
    return said.with_columns(path=pl.format("{}[{}]", pl.lit(base), pl.int_range(said.height)))
