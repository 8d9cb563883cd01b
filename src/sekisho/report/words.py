"""What the report says, in both languages, with the terms of Japanese practice."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from sekisho.model import Outcome, Protection, State
from sekisho.wording import Text

SHIELDS: Mapping[str, Text] = {
    "protected": Text("Protected", "保護あり"),
    "unprotected": Text("Unprotected", "保護なし"),
    "undetermined": Text("Undetermined", "判定不能"),
}
ANNOUNCED: Mapping[str, Text] = {
    "number": Text("pension number", "基礎年金番号"),
    "my_number": Text("My Number", "個人番号"),
    "name": Text("name", "氏名"),
    "birth_date": Text("birth date", "生年月日"),
    "sex": Text("sex", "性別"),
    "address": Text("address", "住所"),
    "phone": Text("phone", "電話番号"),
    "email": Text("e-mail", "メール"),
}
OTHER_ITEMS: Mapping[str, Text] = {
    "bank_account": Text("bank account", "口座"),
    "pension_amount": Text("pension amount", "年金額"),
    "pension_code": Text("pension code", "年金コード"),
    "work_history": Text("work history", "職歴・加入歴"),
    "health": Text("health", "健康・障害"),
    "other": Text("other labelled values", "その他の項目"),
}
PROTECTIONS: Mapping[str, Text] = {
    Protection.NONE.name: Text("no lock", "なし"),
    Protection.OPEN_TO_ANYONE.name: Text("a lock that opens for anyone", "誰でも開ける鍵"),
    Protection.EDIT_ONLY.name: Text("editing is locked, reading is not", "編集のみ制限"),
    Protection.UNDETERMINED.name: Text("locked, scheme not known", "方式不明の鍵"),
    Protection.WEAK.name: Text("weak encryption", "弱い暗号"),
    Protection.STRONG.name: Text("strong encryption", "強い暗号"),
}
OUTCOMES: Mapping[str, Text] = {
    Outcome.READ: Text("read", "読み取り済み"),
    Outcome.PARTLY_READ: Text("partly read", "一部のみ読み取り"),
    Outcome.LOCKED: Text("locked", "施錠（開けず）"),
    Outcome.UNREADABLE: Text("unreadable", "読み取り不能"),
    Outcome.UNSUPPORTED: Text("not supported", "未対応の形式"),
    Outcome.OVER_LIMIT: Text("over a limit", "上限超過"),
    Outcome.VANISHED: Text("vanished", "消失"),
    Outcome.LEFT_OUT: Text("left out", "対象外"),
}
STATES: Mapping[str, Text] = {
    State.SETTLED: Text("settled on a holder of the register", "台帳の人と特定"),
    State.CLUSTERED: Text("a person known only from records", "台帳になく記録のみの人"),
    State.UNMATCHED: Text("too little to say whose", "誰のものか判定できない"),
}
BREACHES: Mapping[str, Text] = {
    "unprotected": Text("stands without the lock that is demanded", "求められる保護がない"),
    "password_beside": Text("locked, but its password lies about", "鍵はあるがパスワードが併置されている"),
    "too_wide": Text("called restricted, but others can read it", "限定とされるが実際の権限が広い"),
    "rights_unknown": Text("called restricted, rights not known", "限定とされるが権限を確認できない"),
    "overdue": Text("should have been deleted", "削除期限を超過"),
}


@cache
def _file() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(resources.files("sekisho.report").joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def words() -> Mapping[str, Text]:
    """Everything else that is said, by the names that the templates use."""
    return {name: Text(en, ja) for name, (en, ja) in _file()["say"].items()}


@cache
def definitions() -> tuple[tuple[Text, Text], ...]:
    """Terms and what they mean."""
    return tuple((Text(a, b), Text(c, d)) for a, b, c, d in _file()["define"].values())


@cache
def how() -> tuple[Text, ...]:
    """How it was counted, a sentence each."""
    return tuple(Text(en, ja) for en, ja in _file()["how"].values())
