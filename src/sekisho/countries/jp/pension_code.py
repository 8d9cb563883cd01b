"""Which pension it is; 1350, 5350, 6350 and 2650 stand for disability and so say something of health."""

from __future__ import annotations

from sekisho.countries.jp._kept import kept
from sekisho.model import Identifier
from sekisho.wording import Text

IDENTIFIER = Identifier(
    item="pension_code",
    title=Text("pension code", "年金コード"),
    headers=(
        "年金コード",
        "年金種別コード",
        "年金種類コード",
        "年金種別",
        "年金種類",
        "年金の種類",
        "年金cd",
        "受給年金種別",
        "給付種別",
        "給付コード",
        "給付種類",
        "年金の種別",
        "年金区分",
        "受給種別",
        "ネンキンコード",
        "pensioncode",
        "pensiontype",
        "pensionkind",
        "benefitcode",
        "benefittype",
    ),
    normalise=kept,
    examples={"1350": "1350"},
    counter_examples=("なし", "-", "不明"),
)
