"""A helpline for incidents whose holders can be told apart in every way, and whoever calls it."""

from __future__ import annotations

from tests.flow.leaked import leaked, scanned

from sekisho.actions.helpline import Caller
from sekisho.flow.answering.helpline import begin, open_line, search
from sekisho.flow.answering.turns import Turn
from sekisho.flow.answering.whom import Sought
from sekisho.flow.assessing.case import say
from sekisho.flow.assessing.count import count
from sekisho.flow.registering import register
from sekisho.vault import Secret, Vault

HEAD = (
    "基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,郵便番号,住所,住定日,旧郵便番号,前住所,死亡年月日,"
    "支援措置,国外転出,受給区分"
)
HELD = (
    "4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,900-0001,沖縄県那覇市架空1-1,"
    "2001-02-03,,那覇市昔9-9,,,,受給",
    "4702-000005,,仮名 花子,カメイ ハナコ,1950-01-02,900-0002,沖縄県那覇市仮名2-2,2002-03-04,,,,,,被保険者",
    "4703-000009,,台帳 三郎,ダイチョウ サブロウ,1970-05-06,900-0003,沖縄県那覇市台帳4-4,2003-04-05,,,,,,被保険者",
    "4704-000002,,死亡 四郎,シボウ シロウ,1930-05-06,900-0004,沖縄県那覇市台帳5-5,2003-04-05,,,2014-01-01,,,受給者",
    "4705-000003,,秘匿 五子,ヒトク イツコ,1980-05-06,900-0005,沖縄県那覇市台帳6-6,2003-04-05,,,,対象,,被保険者",
    "4706-000004,,無住 六郎,ムジュウ ロクロウ,1981-05-06,,,,,,,,,被保険者",
    "4707-000005,,架空 太郎,カクウ タロウ,1948-04-06,900-0007,沖縄県那覇市別7-7,2003-04-05,,,,,,被保険者",
)
SECRET = Secret.passphrase("a long enough one")
SABURO = Sought(number="4703-000009")
TAROS = 1
"""An incident by which Taro alone is exposed, its helpline open, in the vault of `conftest.line`."""
TARO_KNOWS = {
    "address": "那覇市架空1番1号",
    "postal_code": "900-0001",
    "former_address": "那覇市昔9-9",
    "living_there_since": "2001年2月",
}


def brought_in(vault: Vault, *holders: str) -> None:
    file = vault.folder.parent / "holders.csv"
    file.write_text("\n".join((HEAD, *holders)), "utf-8")
    register.import_file(vault, file, shown=False)


def opened(vault: Vault, *records: dict[str, object], **outcomes: dict[str, object]) -> int:
    incident = leaked(vault, scanned(vault, {"a.csv": list(records)}, **outcomes))
    say(vault, incident, "infected", at="2015-05-08T10:28")
    count(vault, incident, shown=False)
    open_line(vault, incident)
    return incident


def asked(vault: Vault, incident: int, sought: Sought, caller: Caller = Caller.SELF) -> Turn:
    turn = begin(vault, incident, caller)
    return search(vault, incident, turn.call, sought)
