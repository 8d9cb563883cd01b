"""Where and when the person worked and was insured."""

from __future__ import annotations

from sekisho.countries.jp._kept import kept
from sekisho.model import Identifier
from sekisho.wording import Text

IDENTIFIER = Identifier(
    item="work_history",
    title=Text("work history", "職歴・加入歴"),
    headers=(
        "職歴",
        "職務経歴",
        "勤務歴",
        "勤務履歴",
        "加入履歴",
        "加入歴",
        "加入記録",
        "年金加入記録",
        "被保険者期間",
        "加入期間",
        "厚生年金加入期間",
        "国民年金加入期間",
        "資格期間",
        "納付記録",
        "納付状況",
        "納付月数",
        "加入月数",
        "納付済月数",
        "免除月数",
        "就労歴",
        "経歴",
        "略歴",
        "在職期間",
        "勤務期間",
        "雇用歴",
        "workhistory",
        "employmenthistory",
        "career",
        "careerhistory",
        "insuredperiod",
        "enrolment",
        "enrollment",
    ),
    normalise=kept,
    examples={"1970.4 那覇商事 - 1985.3": "1970.4 那覇商事 - 1985.3"},
    counter_examples=("なし", "-", "不明"),
)
