from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.countries.headers import UNKNOWN, Meaning, Whose, meaning


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("氏　名", "name"),
        ("被保険者氏名", "name"),
        ("受給者の氏名", "name"),
        ("氏名（漢字）", "name"),
        ("氏名(カナ)", "name_kana"),
        ("ﾌﾘｶﾞﾅ", "name_kana"),
        ("お名前（フリガナ）", "name_kana"),
        ("※生年月日（西暦）", "birth_date"),
        ("③ 生年月日", "birth_date"),
        ("基礎年金番号（10桁）", "basic_pension_number"),
        ("被保険者の基礎年金番号", "basic_pension_number"),
        ("電話番号（自宅）", "phone"),
        ("自宅電話番号", "phone"),
        ("ＴＥＬ", "phone"),
        ("現住所", "address"),
        ("Date of Birth", "birth_date"),
        ("date_of_birth", "birth_date"),
        ("PatientName", "name"),
        ("customer_name", "name"),
        ("E-mail", "email"),
        ("振込先銀行名", "bank_account"),
        ("henkilötunnus", "national_id"),
        ("asiakkaan nimi", "name"),
    ],
)
def test_a_label_names_an_item_of_the_subject(label: str, key: str) -> None:
    found = meaning(label)
    assert (found.key, found.whose) == (key, Whose.SUBJECT)


@pytest.mark.parametrize(
    ("label", "whose"),
    [
        ("配偶者氏名", Whose.RELATIVE),
        ("氏名（配偶者）", Whose.RELATIVE),
        ("緊急連絡先電話番号", Whose.RELATIVE),
        ("事業所所在地住所", Whose.OFFICE),
        ("勤務先電話番号", Whose.OFFICE),
        ("電話番号（勤務先）", Whose.OFFICE),
        ("配偶者の勤務先電話番号", Whose.OFFICE),
        ("company name", Whose.OFFICE),
        ("旧氏名", Whose.FORMER),
        ("変更前住所", Whose.FORMER),
        ("通称", Whose.FORMER),
        ("担当者", Whose.CLERK),
        ("担当者氏名", Whose.CLERK),
        ("受付日", Whose.CLERK),
        ("No.", Whose.RUNNING),
        ("№", Whose.RUNNING),
        ("項番", Whose.RUNNING),
        ("品番", Whose.THING),
        ("商品コード", Whose.THING),
        ("ProductName", Whose.THING),
    ],
)
def test_a_label_says_whose_it_is(label: str, whose: Whose) -> None:
    assert meaning(label).whose is whose


@pytest.mark.parametrize("label", ["備考", "資格取得日", "続柄", "等級", "filename", "username", ""])
def test_other_labels_name_no_item_of_ours(label: str) -> None:
    assert meaning(label).key == ""


def test_parts_and_counts_are_said() -> None:
    assert meaning("姓") == Meaning("name", "family")
    assert meaning("元号") == Meaning("birth_date", "era")
    assert meaning("氏名2") == Meaning("name", number="2")
    assert meaning("第2子氏名").whose is Whose.RELATIVE
    assert meaning("") == UNKNOWN


LABELS = [
    line.partition(": ")[::2]
    for line in (Path(__file__).parent / "labels.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("item", "labels"), LABELS, ids=[item for item, _ in LABELS])
def test_labels_of_offices_mean_their_items(item: str, labels: str) -> None:
    meant = {label: meaning(label) for label in labels.split("|")}
    wrong = {
        label: found.key
        for label, found in meant.items()
        if (str(found.key) if found.is_item and not found.part else "-") != item
    }
    assert not wrong


@pytest.mark.parametrize(
    "label", ["住所カナ", "住所（カナ）", "カナ住所", "フリガナ（住所）", "市区町村カナ", "住所フリガナ"]
)
def test_the_reading_of_something_else_is_no_name(label: str) -> None:
    assert not meaning(label).key
