from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from sekisho.register.bring_in import bring_in
from sekisho.register.since import CHANGES
from sekisho.register.vaulted import Vaulted
from sekisho.vault import Cost, Register, Secret, Vault
from sekisho.wording import unheard

HEAD = "基礎年金番号,旧番号,氏名,生年月日,住所"
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


def changes(register: Register, number: int) -> set[tuple[str, str | None, str | None]]:
    told = pl.concat([pl.DataFrame(schema=CHANGES), *Vaulted(register).since(number)])
    return set(told.select("change", "number", "before").iter_rows())


def test_an_index_is_told_who_is_new_who_changed_and_who_is_gone(take: Take) -> None:
    take(*(f"4701-00000{n},,架空 {n},1950-01-0{n},沖縄県" for n in range(1, 6)), "9901-000001,,架空 6,1950-01-06,")
    register = take(
        "4701-000001,,架空 1,1950-01-01,沖縄県",  # the same
        "4701-000002,,架空 2,1950-01-02,東京都",  # moved
        "4701-000009,4701-000003,架空 3,1950-01-03,沖縄県",  # another number
        "4701-000004,9901-000001,架空 4,1950-01-04,沖縄県",  # whom a temporary number belongs to
        "4701-000007,,架空 7,1950-01-07,沖縄県",
    )
    assert Vaulted(register).number == 2
    assert changes(register, 1) == {
        ("changed", "4701-000002", "4701-000002"),
        ("changed", "4701-000009", "4701-000003"),
        ("changed", "4701-000004", "4701-000004"),
        ("gone", None, "9901-000001"),
        ("new", "4701-000007", None),
    }
    assert not changes(register, 2)


def test_the_rows_of_those_who_changed_can_be_read_alone(take: Take) -> None:
    take(*(f"4701-00000{n},,架空 {n},1950-01-0{n},沖縄県" for n in range(1, 6)))
    register = take("4701-000005,4701-000002,架空 5,1950-01-05,沖縄県")
    rows = pl.concat(list(Vaulted(register).batches(since=1)))
    assert sorted(rows.select("basic_pension_number", "name").iter_rows()) == [
        ("4701-000005", "架空 2"),
        ("4701-000005", "架空 5"),
    ]
