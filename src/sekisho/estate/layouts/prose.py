"""Running text: letters to one person, memos about several, mails with a signature."""

from __future__ import annotations

import polars as pl

from sekisho.estate import writing as w
from sekisho.estate.columns import BIRTH, KANA, NAME, NUMBER, address_text
from sekisho.estate.content import NOTICE_LONG, Draft, Letter
from sekisho.estate.layouts.listing import WITH_ADDRESS, Hand
from sekisho.estate.layouts.office import CLERKS, signature, telephone


def letter(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A letter to each person: address and name on top, number and birth date in the text, the clerk below."""
    blocks: list[str] = []
    for row in _texts(rows, hand):
        blocks += [*_head(row, hand), *_body(row, hand), ""]
    return Draft(Letter((*blocks, NOTICE_LONG), hand.title), _said(rows, hand, postal=True))


def memo(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A memo that names several persons, each in a sentence or two."""
    dice = hand.dice
    blocks = [
        f"{hand.title}（打合せメモ）",
        f"日時：平成27年{dice.between(1, 5)}月{dice.between(1, 28)}日　出席：{'、'.join(dice.some(CLERKS, 3))}",
        "",
    ]
    for row in _texts(rows, hand):
        blocks.append(dice.pick(_SENTENCES[hand.items]).format(**row))
    blocks += ["", "以上、来週までに処理すること。", NOTICE_LONG]
    return Draft(Letter(tuple(blocks), hand.title), _said(rows, hand))


def mail(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A mail: greeting, one line a person, a signature with the office's telephone."""
    dice = hand.dice
    clerk = dice.pick(CLERKS)
    lines = [
        f"{dice.pick(CLERKS)}様",
        "",
        f"お疲れさまです。{clerk}です。",
        "下記の方の記録について確認をお願いします。",
        "",
    ]
    lines += [dice.pick(_LINES[hand.items]).format(**row) for row in _texts(rows, hand)]
    lines += [
        "",
        "よろしくお願いいたします。",
        *signature(dice, clerk),
        NOTICE_LONG,
    ]
    return Draft(Letter(tuple(lines), hand.title), _said(rows, hand))


def word_parts(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Persons in the text, the header, a text box, a comment and a paragraph struck out with changes tracked."""
    said = [f"対象者：{row['name']}（{row['birth']}生）　基礎年金番号{row['number']}" for row in _texts(rows, hand)]
    header, box, comment, deleted, *body = said
    letter = Letter(
        (hand.title, "", *body, NOTICE_LONG), hand.title, header=header, comment=comment, deleted=deleted, box=box
    )
    return Draft(letter, _said(rows, hand))


def items(rows: pl.DataFrame, hand: Hand) -> Draft:
    """One block of labelled lines a person."""
    blocks = [hand.title, ""]
    for row in _texts(rows, hand):
        blocks += [f"基礎年金番号：{row['number']}", f"氏　　名：{row['name']}"]
        blocks += [f"生年月日：{row['birth']}"] if hand.items != "name" else []
        blocks += [f"住　　所：〒{row['postal']} {row['address']}"] if hand.items == WITH_ADDRESS else []
        blocks.append("")
    return Draft(Letter((*blocks, NOTICE_LONG), hand.title), _said(rows, hand, postal=True))


_SENTENCES = {
    "name": (
        "・{name}さん（基礎年金番号{number}）は資格記録の照会中である。",
        "・{number}　{name}様より電話あり、折り返し済み。",
    ),
    "birth": (
        "・{name}さん（{birth}生、基礎年金番号{number}）は資格記録の照会中である。",
        "・基礎年金番号{number}の{name}様（生年月日：{birth}）から電話あり、折り返し済み。",
        "・{number} {name}（{birth}生）　未統合記録あり。",
    ),
    "address": (
        "・{address}にお住まいの{name}さん（{birth}生、基礎年金番号{number}）は宛所なしで返戻された。",
        "・{name}様（基礎年金番号：{number}、生年月日：{birth}、住所：{address}）は転居の届出あり。",
    ),
}  # fmt: skip
_LINES = {
    "name": ("・{number}　{name}様", "・{name}様（{number}）"),
    "birth": ("・{number}　{name}様　{birth}生", "・{name}様（年金番号：{number}、生年月日：{birth}）"),
    "address": ("・{number}　{name}様　{birth}生　{address}",),
}


def _head(row: dict[str, str], hand: Hand) -> list[str]:
    if hand.items != WITH_ADDRESS:
        return [f"{row['name']}　様", ""]
    return [f"〒{row['postal']}", row["address"], f"{row['name']}　様", ""]


def _body(row: dict[str, str], hand: Hand) -> list[str]:
    clerk = hand.dice.pick(CLERKS)
    born = f"（{row['birth']}生）" if hand.items != "name" else ""
    return [
        f"{hand.title}について",
        "",
        "平素より年金事業の運営にご理解をいただき、厚くお礼申し上げます。",
        f"あなた様の基礎年金番号{row['number']}{born}の記録について、下記のとおりお知らせいたします。",
        "ご不明の点は、下記までお問い合わせください。",
        f"担当：{clerk}　電話 {telephone(hand.dice)}",
    ]


def _texts(rows: pl.DataFrame, hand: Hand) -> list[dict[str, str]]:
    rest, _ = address_text("hyphen")
    birth = hand.dice.pick((w.wareki(BIRTH), w.wareki(BIRTH), w.era_short(BIRTH)))
    return rows.select(
        number=NUMBER, name=pl.concat_str("last", "first", separator="　"), birth=birth,
        postal="postal_code", address=pl.col("prefecture") + rest, kana=KANA,
    ).to_dicts()  # fmt: skip


def _said(rows: pl.DataFrame, hand: Hand, postal: bool = False) -> pl.DataFrame:
    said = {"basic_pension_number": NUMBER, "name": NAME}
    if hand.items != "name":
        said["birth_date"] = BIRTH
    if hand.items == WITH_ADDRESS:
        said["address"] = pl.col("prefecture") + address_text("hyphen")[1]
        said |= {"postal_code": pl.col("postal_code")} if postal else {}
    return rows.select("person", **said)
