"""A small invented population whose truth is known: wrong and missing numbers, twins, namesakes, copies, marriages."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pyarrow as pa
import pytest

from sekisho.model import HOLDERS, Item
from sekisho.persons.settle import settle

SURNAMES = ("佐藤", "鈴木", "高橋", "渡邉", "伊藤", "山本", "中村", "小林", "加藤", "吉田", "斎藤", "濵田")
GIVEN = (
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("一郎", "イチロウ"),
    ("京子", "キョウコ"),
    ("正", "タダシ"),
    ("裕子", "ユウコ"),
)
READINGS = dict(
    zip(
        SURNAMES,
        (
            *("サトウ", "スズキ", "タカハシ", "ワタナベ", "イトウ", "ヤマモト"),
            *("ナカムラ", "コバヤシ", "カトウ", "ヨシダ", "サイトウ", "ハマダ"),
        ),
        strict=True,
    )
)
PLAIN = str.maketrans("邉濵高", "辺浜髙")
RECORD = pa.schema([("record_id", pa.int64()), *((str(item), pa.string()) for item in Item)])


@dataclass(frozen=True)
class Person:
    number: str
    surname: str
    given: str
    kana: str
    birth: str
    address: str

    def row(self) -> dict[str, str | None]:
        return {
            "basic_pension_number": self.number,
            "name": self.surname + self.given,
            "name_kana": self.kana,
            "birth_date": self.birth,
            "address": self.address,
        }


def population(chance: random.Random, size: int) -> list[Person]:
    """Persons, among them a twin for every 20th and a son of the same name for every 25th."""
    persons: list[Person] = []
    for at in range(size):
        surname, (given, kana) = chance.choice(SURNAMES), chance.choice(GIVEN)
        birth = f"{chance.randrange(1930, 1990)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        number = f"{chance.randrange(1, 48):02}{chance.randrange(1, 40):02}-{chance.randrange(10**6):06}"
        person = Person(number, surname, given, READINGS[surname] + kana, birth, f"那覇市旭町{at + 1}-{at % 9 + 1}")
        persons.append(person)
        next_number = f"{number[:5]}{(int(number[5:]) + 1) % 10**6:06}"
        if at % 20 == 0:
            persons.append(replace(person, number=next_number, given="双葉", kana=READINGS[surname] + "フタバ"))
        if at % 25 == 0:
            son = f"{int(birth[:4]) + 27}{birth[4:]}"
            persons.append(replace(person, number=f"{number[:2]}99-{number[5:]}", birth=son))
    return list({(p.surname, p.given, p.birth): p for p in persons}.values())


def mistyped(number: str, chance: random.Random) -> str:
    at = chance.randrange(5, 11)
    return number[:at] + str((int(number[at]) + chance.randrange(1, 10)) % 10) + number[at + 1 :]


def written(person: Person, chance: random.Random) -> dict[str, str | None]:
    """What an office wrote about a person: items left out, old hosts' kana, variant kanji, a slip in the number."""
    row = person.row()
    kind = chance.random()
    if kind < 0.05:
        row["basic_pension_number"] = None
    elif kind < 0.09:
        row["basic_pension_number"] = mistyped(person.number, chance)
    elif kind < 0.3:
        row["birth_date"] = None
    if chance.random() < 0.6:
        row["name_kana"] = None
    elif chance.random() < 0.5:
        row["name_kana"] = person.kana.replace("ョ", "ヨ").replace("ー", "")
    if chance.random() < 0.3:
        row["name"] = (row["name"] or "").translate(PLAIN)
    if chance.random() < 0.8:
        row["address"] = None
    return row


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_persons_of_a_population_are_found_again(seed: int, known: bool) -> None:
    chance = random.Random(seed)
    persons = population(chance, 400)
    owners = list(range(len(persons))) + [chance.randrange(len(persons)) for _ in range(300)]
    rows = [written(persons[owner], chance) for owner in owners]
    copies = [chance.randrange(len(rows)) for _ in range(100)]
    owners, rows = owners + [owners[at] for at in copies], rows + [rows[at] for at in copies]
    records = pa.Table.from_pylist(
        [dict.fromkeys(RECORD.names) | row | {"record_id": at} for at, row in enumerate(rows)], RECORD
    )
    register = [dict.fromkeys(HOLDERS.names) | person.row() for person in persons[: len(persons) * 19 // 20]]
    holders = pa.Table.from_pylist(register, HOLDERS) if known else None

    matches = settle(records, holders).sort_by("record_id").to_pylist()

    met: dict[int, set[int]] = {}
    for owner, match in zip(owners, matches, strict=True):
        if match["person"] is not None and not match["ask"]:
            met.setdefault(match["person"], set()).add(owner)
    assert all(len(of) == 1 for of in met.values()), "two persons taken for one, and nobody asked"
    numbers = {p.number: at for at, p in enumerate(persons)}
    wrong = [
        m for o, m in zip(owners, matches, strict=True) if m["holder"] and numbers[m["holder"]] != o and not m["ask"]
    ]
    assert wrong == []
    found = len({match["person"] for match in matches} - {None})
    assert abs(found - len(set(owners))) <= len(set(owners)) * (0.005 if known else 0.02)


def test_placeholders_in_a_register_tie_nobody_together() -> None:
    shared = {"basic_pension_number": "0000-000000", "birth_date": "1900-01-01"}
    everybody = [dict.fromkeys(HOLDERS.names) | shared | {"name": f"山{at}田"} for at in range(120)]
    rows = [dict.fromkeys(RECORD.names) | row | {"record_id": at} for at, row in enumerate(everybody)]
    matches = settle(pa.Table.from_pylist(rows, RECORD), pa.Table.from_pylist(everybody, HOLDERS)).to_pylist()
    assert len({match["person"] for match in matches}) == 120
