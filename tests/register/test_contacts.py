"""Where holders were to be written to before a given moment, and whether it was changed since."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sekisho.register.bring_in import bring_in
from sekisho.register.contacts import contacts
from sekisho.vault import Cost, Register, Secret, Vault
from sekisho.wording import unheard

HEAD = "基礎年金番号,旧番号,氏名,氏名カナ,生年月日,郵便番号,住所,住定日,前住所,死亡,支援措置,国外,受給区分"
NUMBER = "4701-000001"
OLD, NEW = "東京都杉並区高井戸西3-5-24", "大阪府大阪市北区梅田1-1"
NOW = datetime.now(UTC)
BEFORE, AFTER = NOW + timedelta(days=1), NOW - timedelta(days=1)
"""Moments: the files of these tests come before the one, and after the other."""
Take = Callable[..., Register]


@pytest.fixture
def take(tmp_path: Path) -> Iterator[Take]:
    """Imports some rows into a register of its own."""
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough passphrase"), Cost(64, 1, 1)) as vault:

        def one(*rows: str) -> Register:
            path = tmp_path / "holders.csv"
            path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
            bring_in(vault.register(), path, secrets.token_hex(32), "test", unheard)
            return vault.register()

        yield one


def row(address: str, since: str = "", former: str = "", number: str = NUMBER, **more: str) -> str:
    rest = (more.get(name, "") for name in ("deceased", "protected", "abroad", "pension"))
    return ",".join(
        [number, more.get("old", ""), "架空 花子", "カクウ ハナコ", "1950-04-06", "", address, since, former, *rest]
    )


def one(
    register: Register, before: datetime = BEFORE, as_of: date | None = None, asked: str = NUMBER
) -> dict[str, Any]:
    return contacts(register, [asked], before, as_of).to_dicts()[0]


def said(found: dict[str, Any]) -> tuple[Any, ...]:
    return found["address"], found["certain"], found["changed_since"]


def day(moment: datetime, days: int = 0) -> str:
    return (moment + timedelta(days=days)).date().isoformat()


def test_a_file_from_before_says_where_they_lived(take: Take) -> None:
    assert said(one(take(row(OLD)))) == (OLD, True, False)


def test_a_file_that_came_later_says_it_by_a_date_only(take: Take) -> None:
    assert said(one(take(row(OLD, "2010-04-01")), AFTER)) == (OLD, True, False)
    assert said(one(take(row(NEW, "", number="4701-000002")), AFTER, asked="4701-000002")) == (NEW, False, None)


def test_the_day_for_which_the_first_file_stands_may_be_said(take: Take) -> None:
    assert said(one(take(row(OLD)), AFTER, as_of=(AFTER - timedelta(days=30)).date())) == (OLD, True, False)


@pytest.mark.parametrize("days", [0, 1])
def test_who_moved_since_has_the_address_before(take: Take, days: int) -> None:
    register = take(row(NEW, day(AFTER, days), OLD))
    assert said(one(register, AFTER)) == (OLD, True, True)


def test_who_moved_in_since_from_nobody_knows_where_has_none(take: Take) -> None:
    assert said(
        one(take(row(NEW, day(AFTER)))),
    ) == (NEW, True, False)
    assert said(one(take(row(NEW, day(AFTER))), AFTER)) == (None, False, True)


def test_a_later_file_changes_nothing_of_what_was_known_before_whatever_date_it_gives(take: Take) -> None:
    take(row(OLD))
    register = take(row(NEW, "2001-01-01"))
    first, second = register.imports()
    between = datetime.fromisoformat(second.when)
    assert first.when <= second.when
    found = contacts(register, [NUMBER], between, as_of=date(2000, 1, 1)).to_dicts()[0]
    assert said(found) == (OLD, True, True)
    assert found["new_address"] == NEW


def test_who_moved_and_came_back_was_changed(take: Take) -> None:
    take(row(OLD))
    take(row(NEW))
    register = take(row(OLD))
    assert said(one(register, AFTER, as_of=date(2000, 1, 1))) == (OLD, True, True)


def test_the_day_is_the_one_of_the_clock_that_the_moment_was_read_from(take: Take) -> None:
    register = take(row(NEW, "2015-05-08", OLD))
    tokyo = timezone(timedelta(hours=9))
    assert one(register, datetime(2015, 5, 9, 0, 10, tzinfo=tokyo))["changed_since"] is False
    assert one(register, datetime(2015, 5, 8, 23, 50, tzinfo=tokyo))["changed_since"] is True


def test_what_else_stands_in_the_register(take: Take) -> None:
    register = take(row(OLD, deceased="2014-01-01", protected="あり", abroad="いいえ", pension="受給中"))
    found = one(register)
    assert [found[name] for name in ("deceased", "protected", "abroad", "pension")] == [True, True, False, "paid"]


def test_an_old_number_leads_to_its_holder_and_an_unknown_one_to_nobody(take: Take) -> None:
    register = take(row(OLD, old="4701-999999"))
    assert one(register, asked="4701-999999")["address"] == OLD
    nobody = one(register, asked="4701-123456")
    assert {nobody.pop("number"), nobody.pop("lost")} == {"4701-123456", False}
    assert set(nobody.values()) == {None}


def test_an_unknown_address_is_none(take: Take) -> None:
    found = one(take(row("居所不明")))
    assert (found["address"], found["lost"]) == (None, True)


def test_who_has_no_address_has_none(take: Take) -> None:
    found = one(take(row("")))
    assert (found["name"], found["address"], found["lost"]) == ("架空 花子", None, False)


def test_the_rows_come_in_the_order_in_which_they_were_asked_for(take: Take) -> None:
    register = take(*(row(f"{OLD}{n}", number=f"4701-00000{n}") for n in range(1, 6)))
    asked = [f"4701-00000{n}" for n in (3, 1, 5, 3)]
    assert contacts(register, asked, BEFORE)["address"].to_list() == [f"{OLD}{n}" for n in (3, 1, 5, 3)]
