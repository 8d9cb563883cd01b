"""How much the person receives."""

from __future__ import annotations

from sekisho.countries.jp._kept import kept
from sekisho.model import Identifier
from sekisho.wording import Text

IDENTIFIER = Identifier(
    item="pension_amount",
    title=Text("pension amount", "年金額"),
    headers=(
        "年金額",
        "年金月額",
        "年金年額",
        "支給額",
        "支給年額",
        "支給月額",
        "支払額",
        "支払金額",
        "年金支払額",
        "年金支給額",
        "基本年金額",
        "基本額",
        "基礎年金額",
        "厚生年金額",
        "老齢基礎年金額",
        "老齢厚生年金額",
        "遺族年金額",
        "障害年金額",
        "年額",
        "受給額",
        "受給年額",
        "年金受給額",
        "裁定額",
        "加給年金額",
        "見込額",
        "年金見込額",
        "支給停止額",
        "差引支払額",
        "控除後振込額",
        "振込額",
        "年金振込額",
        "ネンキンガク",
        "pensionamount",
        "annualpension",
        "monthlypension",
        "benefitamount",
        "pensionpayment",
        "annualamount",
        "monthlyamount",
    ),
    normalise=kept,
    examples={"780,900": "780,900"},
    counter_examples=("なし", "-", "不明"),
)
