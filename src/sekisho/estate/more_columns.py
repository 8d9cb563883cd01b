"""The other items about a person: money, work, health, and what else an office keeps beside a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from sekisho.estate.columns import Column
from sekisho.estate.dice import Dice

BANKS = ("沖縄銀行", "琉球銀行", "紀陽銀行", "みずほ銀行", "ゆうちょ銀行", "三菱東京UFJ銀行", "コザ信用金庫")
BRANCHES = ("那覇支店", "本店営業部", "新宿支店", "浦添支店", "和歌山支店", "高井戸支店")
FIRMS = (
    "琉球物産(株)",
    "(有)大城建設",
    "東都精機(株)",
    "紀州製材(株)",
    "みどり介護(株)",
    "日の出運輸(株)",
    "(株)青葉食品",
)
ILLS = ("右大腿骨骨折", "脳梗塞後遺症", "慢性腎不全", "うつ病", "糖尿病性網膜症", "関節リウマチ", "人工関節")
REMARKS = ("住所変更届あり", "要再照会", "氏名変更（婚姻）", "本人来所", "過誤納あり", "第三号期間あり", "宛所なし返戻")
RELATIONS = ("本人", "世帯主", "妻", "夫", "子", "母")
GRADES = ("１級", "２級", "３級")


def _drawn(choices: Sequence[str], salt: int) -> pl.Expr:
    """One of ``choices`` for each person, the same in every file."""
    index = (pl.col("person") * 7_919 + salt * 104_729) // 13 % len(choices)
    return index.replace_strict(dict(enumerate(choices)), return_dtype=pl.String)


def _spread(low: int, high: int, salt: int) -> pl.Expr:
    return low + (pl.col("person") * 48_271 + salt * 15_485_863) // 7 % (high - low)


def _nfkc(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.String).str.normalize("NFKC").str.strip_chars()


def _other(head: str, cell: pl.Expr, key: str = "", group: str = "その他") -> Column:
    return Column((head,), (cell,), {key or f"other:{_plain(head)}": _nfkc(cell)}, group)


def _plain(head: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", head).strip()


def bank(dice: Dice) -> Column:
    """The account that a pension is paid to."""
    account = _spread(1_000_000, 9_999_999, 1).cast(pl.String)
    whole = pl.concat_str(_drawn(BANKS, 2), pl.lit("　"), _drawn(BRANCHES, 3), pl.lit("　普通　"), account)
    return _other(dice.pick(("振込先口座", "年金受取口座", "受取口座")), whole, "bank_account", "口座")


def amount(dice: Dice) -> Column:
    """The pension a year, in yen."""
    value = _spread(3_800, 21_000, 4) * 100
    text = value.cast(pl.String)
    with_comma = text.str.replace(r"^(\d+)(\d{3})$", "$1,$2").str.replace(r"^(\d+)(\d{3}),", "$1,$2,")
    return _other(
        dice.pick(("年金額", "年金額（年額）", "支給年額")),
        dice.pick((value, with_comma, with_comma + "円")),
        "pension_amount",
    )


def code(dice: Dice) -> Column:
    """The code of the pension; 1350 and 5350 stand for disability."""
    return _other(dice.pick(("年金コード", "年金コード")), pl.col("pension_code"), "pension_code")


def work(dice: Dice) -> Column:
    """Where somebody worked, and from when to when."""
    year = _spread(35, 55, 5)
    text = pl.format("S{}.4～S{}.3 {}", year, year + 1 + _spread(0, 7, 6), _drawn(FIRMS, 7))
    return _other(dice.pick(("職歴", "勤務歴")), text, "work_history")


def health(dice: Dice) -> Column:
    """An illness or the degree of a disability."""
    return dice.pick((_other("傷病名", _drawn(ILLS, 8), "health"), _other("障害等級", _drawn(GRADES, 9), "health")))


def remark(dice: Dice) -> Column:
    """A remark that most persons do not have."""
    some = pl.when(pl.col("person") * 31 % 7 == 0).then(_drawn(REMARKS, 10))
    return _other(dice.pick(("備考", "摘要", "備考欄")), some)


def qualified(dice: Dice) -> Column:
    """The day on which somebody became insured."""
    text = pl.format("S{}.{}.{}", _spread(36, 63, 11), _spread(1, 13, 12), _spread(1, 28, 13))
    return _other(dice.pick(("資格取得日", "資格取得年月日")), text, group="資格")


def firm(dice: Dice) -> Column:
    """The employer."""
    return _other(dice.pick(("事業所名", "事業所名称")), _drawn(FIRMS, 14), group="資格")


def relation(dice: Dice) -> Column:
    """What somebody is to the head of the household."""
    return _other("続柄", _drawn(RELATIONS, 15))


def salary(dice: Dice) -> Column:
    """The monthly standard salary in thousands of yen."""
    return _other(dice.pick(("標準報酬月額", "標準報酬月額（千円）")), _spread(98, 620, 16), group="資格")


def alias(dice: Dice) -> Column:
    """The second name of one person: the name in use beside the legal one, or the name before marriage."""
    head = dice.pick(("通称", "旧姓", "通称名"))
    other = _drawn(("金城", "比嘉", "佐藤", "岡本", "吉田", "森", "和田"), 17)
    given = pl.when(pl.col("foreign")).then("first_kana").otherwise("first")
    text = other if head == "旧姓" else pl.coalesce("alias", pl.concat_str(other, given))
    return _other(head, pl.when(pl.col("foreign") | (pl.col("person") * 17 % 5 < 2)).then(text))


MORE_COLUMNS: Mapping[str, Callable[[Dice], Column]] = {
    "bank": bank, "amount": amount, "code": code, "work": work, "health": health, "remark": remark,
    "qualified": qualified, "firm": firm, "relation": relation, "salary": salary, "alias": alias,
}  # fmt: skip
