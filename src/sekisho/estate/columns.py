"""The columns of lists: how each item is written, under which header, and what the truth says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from sekisho.estate import writing as w
from sekisho.estate.dice import Dice

NUMBER_HEADS = (
    "基礎年金番号",
    "基礎年金番号",
    "年金番号",
    "基年番号",
    "基礎年金番号（１０桁）",
    "基礎年金番号（本人）",
)
NAME_HEADS = (
    "氏名",
    "氏名",
    "氏　名",
    "お名前",
    "被保険者氏名",
    "氏名（漢字）",
    "対象者氏名",
    "漢字氏名",
    "受給者氏名",
)
KANA_HEADS = ("フリガナ", "カナ氏名", "氏名（カナ）", "氏名カナ", "ふりがな", "ヨミガナ", "氏名（フリガナ）")
BIRTH_HEADS = ("生年月日", "生年月日", "誕生日", "生　年　月　日", "生年月日（本人）")
ADDRESS_HEADS = ("住所", "住所", "住　所", "現住所", "送付先住所", "居所", "ご住所")
PHONE_HEADS = ("電話番号", "電話番号", "連絡先", "電話", "連絡先電話番号", "TEL", "携帯電話")

BIRTH = pl.col("birth_date")
NUMBER = pl.col("basic_pension_number")


@dataclass(frozen=True, slots=True)
class Column:
    """One item as one or several cells. ``truth``: column of the truth -> its normal form."""

    heads: tuple[str, ...]
    cells: tuple[pl.Expr, ...]
    truth: Mapping[str, pl.Expr]
    group: str = ""  # what stands above the heads where a header has two rows


def _one(head: str, cell: pl.Expr, item: str, truth: pl.Expr | None = None, group: str = "本人") -> Column:
    return Column((head,), (cell,), {item: pl.col(item) if truth is None else truth}, group)


def number(dice: Dice, style: str = "") -> Column:
    """The basic pension number: hyphen, plain, wide, integer (leading zeros lost) or split in 4 and 6."""
    head = dice.pick(NUMBER_HEADS)
    style = style or dice.pick(("hyphen", "hyphen", "plain", "plain", "wide", "split"))
    plain = NUMBER.str.replace("-", "")
    item = "basic_pension_number"
    if style == "split":
        cells = (NUMBER.str.slice(0, 4), NUMBER.str.slice(5))
        heads = dice.pick((("年金番号（課所符号）", "年金番号（一連番号）"), ("基礎年金番号1", "基礎年金番号2")))
        return Column(heads, cells, {item: NUMBER}, "基礎年金番号")
    cell = {"hyphen": NUMBER, "plain": plain, "wide": w.wide(NUMBER), "integer": plain.cast(pl.Int64)}[style]
    return _one(head, cell, item, group="番号")


def full_name(between: str = "") -> pl.Expr:
    """The name with ``between`` its parts; null where the person has none on record."""
    return pl.concat_str("last", "first", separator=between)


NAME = full_name().str.replace_all(" ", "")
KANA = pl.concat_str("last_kana", "first_kana").str.replace_all(" ", "")


def name(dice: Dice, style: str = "") -> Column:
    """The name: with a wide or narrow blank, joined, or split in two cells."""
    style = style or dice.pick(("wide", "wide", "narrow", "joined", "split"))
    if style == "split":
        heads = dice.pick((("姓", "名"), ("氏", "名"), ("氏名（姓）", "氏名（名）")))
        return Column(heads, (pl.col("last"), pl.col("first")), {"name": NAME}, "氏名")
    between = {"wide": "　", "narrow": " ", "joined": ""}[style]
    head = dice.pick(NAME_HEADS)
    return _one(head, full_name(between), "name", NAME)


def kana(dice: Dice, style: str = "") -> Column:
    """The name in kana: full, half, hiragana, or split in two cells."""
    style = style or dice.pick(("full", "full", "half", "half", "hiragana", "split"))
    if style == "split":
        heads = dice.pick((("セイ", "メイ"), ("カナ姓", "カナ名"), ("フリガナ（姓）", "フリガナ（名）")))
        return Column(heads, (pl.col("last_kana"), pl.col("first_kana")), {"name_kana": KANA}, "フリガナ")
    head = dice.pick(KANA_HEADS)
    text = pl.concat_str("last_kana", "first_kana", separator=" ")
    cell = {"full": text.str.replace(" ", "　"), "half": w.half_kana(text), "hiragana": w.hiragana(text)}[style]
    return _one(head, cell, "name_kana", KANA)


def birth(dice: Dice, style: str = "") -> Column:
    """The birth date: one of the ways to write it, or era, year, month and day in cells of their own."""
    ways: Mapping[str, Callable[[], pl.Expr]] = {
        "iso": lambda: w.slashed(BIRTH, "-"),
        "slash": lambda: w.slashed(BIRTH),
        "compact": lambda: w.slashed(BIRTH, ""),
        "wareki": lambda: w.wareki(BIRTH),
        "wide": lambda: w.wide(w.wareki(BIRTH)),
        "short": lambda: w.era_short(BIRTH),
        "code": lambda: w.era_code(BIRTH),
        "date": lambda: BIRTH.str.to_date("%Y-%m-%d", strict=False),
        "ticks": lambda: w.era_ticked(BIRTH),
    }
    style = style or dice.pick(
        ("iso", "slash", "compact", "wareki", "wide", "short", "code", "date", "wareki", "split")
    )
    if style == "split":
        cells = (w.era_name(BIRTH), w.era_year(BIRTH), w.part(BIRTH, 5), w.part(BIRTH, 8))
        return Column(("元号", "年", "月", "日"), cells, {"birth_date": BIRTH}, "生年月日")
    head = dice.pick((*BIRTH_HEADS, "生年月日（和暦）") if style in ("wareki", "short") else BIRTH_HEADS)
    return _one(head, ways[style](), "birth_date")


def sex(dice: Dice, style: str = "") -> Column:
    """The sex, as a word, a letter, a code or a tick."""
    pairs = {
        "kanji": ("男", "女"),
        "word": ("男性", "女性"),
        "letter": ("M", "F"),
        "code": ("1", "2"),
        "ticks": ("☑男　□女", "□男　☑女"),
    }
    man, woman = pairs[style or dice.pick(("kanji", "kanji", "word", "letter", "code"))]
    cell = pl.when(pl.col("sex") == "M").then(pl.lit(man)).when(pl.col("sex") == "F").then(pl.lit(woman))
    return _one(dice.pick(("性別", "性別", "男女", "性　別")), cell, "sex")


def postal(dice: Dice, style: str = "") -> Column:
    """The postal code with its hyphen, with its mark, or as seven digits."""
    code = pl.col("postal_code")
    ways = {"hyphen": code, "mark": "〒" + code, "plain": code.str.replace("-", "")}
    return _one(
        dice.pick(("郵便番号", "郵便番号", "〒")), ways[style or dice.pick(tuple(ways))], "postal_code", group="住所"
    )


def address_text(style: str) -> tuple[pl.Expr, pl.Expr]:
    """What follows the prefecture as written, and in normal form."""
    lot = {
        "hyphen": pl.format("{}-{}-{}", "chome", "banchi", "go"),
        "wide": pl.format("{}-{}-{}", "chome", "banchi", "go"),
        "chome": pl.format("{}丁目{}番{}号", "chome", "banchi", "go"),
        "banchi": pl.format("{}番地{}", "banchi", "go"),
    }[style]
    house = pl.when(pl.col("building") == "").then(pl.lit("")).otherwise(pl.format(" {}{}号室", "building", "room"))
    known = pl.concat_str("city", "town", lot, house)
    written = w.wide(known).str.replace(" ", "　") if style == "wide" else known
    return written, known


def address(dice: Dice, style: str = "") -> Column:
    """The address whole, with its postal code, or split into prefecture and rest."""
    style = style or dice.pick(("whole", "whole", "split"))
    written, known = address_text(dice.pick(("hyphen", "wide", "chome", "banchi")))
    prefecture = pl.col("prefecture")
    truth = {"address": prefecture + known}
    if style == "split":
        heads = dice.pick((("都道府県", "住所"), ("都道府県", "市区町村以下"), ("住所１", "住所２")))
        return Column(heads, (prefecture, written), truth, "住所")
    head = dice.pick(ADDRESS_HEADS)
    if style == "with_postal":
        text = pl.concat_str(pl.lit("〒"), "postal_code", pl.lit(" "), prefecture, written)
        return Column((head,), (text,), truth | {"postal_code": pl.col("postal_code")}, "住所")
    return Column((head,), (prefecture + written,), truth, "住所")


def phone(dice: Dice, style: str = "") -> Column:
    """The phone number with hyphens."""
    return _one(dice.pick(PHONE_HEADS), pl.col("phone"), "phone", group="連絡先")


def email(dice: Dice, style: str = "") -> Column:
    """The mail address."""
    return _one(dice.pick(("メールアドレス", "E-mail", "電子メール")), pl.col("email"), "email", group="連絡先")


def certificate(dice: Dice, style: str = "") -> Column:
    """The number of the pension certificate: 10 + 4 digits."""
    code = pl.col("certificate_number")
    ways = {"hyphen": code, "plain": code.str.replace_all("-", "")}
    head = dice.pick(("年金証書番号", "年金証書記号番号", "証書番号"))
    return _one(head, ways[style or dice.pick(tuple(ways))], "certificate_number", group="番号")


def my_number(dice: Dice, style: str = "") -> Column:
    """The My Number, twelve digits."""
    return _one(
        dice.pick(("個人番号", "マイナンバー", "個人番号（マイナンバー）")),
        pl.col("my_number"),
        "my_number",
        group="番号",
    )


def name_and_kana(dice: Dice, style: str = "") -> Column:
    """Name and kana in one cell."""
    kana_text = pl.concat_str("last_kana", "first_kana", separator=" ")
    cell = dice.pick(
        (
            pl.format("{}（{}）", full_name("　"), kana_text),
            pl.format("{} {}", full_name(" "), w.half_kana(kana_text)),
            pl.format("{}\n{}", full_name("　"), kana_text),
        )
    )
    return Column(
        (dice.pick(("氏名（フリガナ）", "氏名・フリガナ")),), (cell,), {"name": NAME, "name_kana": KANA}, "本人"
    )


def birth_and_sex(dice: Dice, style: str = "") -> Column:
    """Birth date and sex in one cell."""
    sign = pl.when(pl.col("sex") == "M").then(pl.lit("男")).otherwise(pl.lit("女"))
    cell = pl.format("{}　{}", dice.pick((w.wareki(BIRTH), w.era_short(BIRTH))), sign)
    return Column(("生年月日・性別",), (cell,), {"birth_date": BIRTH, "sex": pl.col("sex")}, "本人")


COLUMNS: Mapping[str, Callable[..., Column]] = {
    "number": number, "name": name, "kana": kana, "birth": birth, "sex": sex, "postal": postal, "address": address,
    "phone": phone, "email": email, "certificate": certificate, "my_number": my_number,
    "name_and_kana": name_and_kana, "birth_and_sex": birth_and_sex,
}  # fmt: skip
