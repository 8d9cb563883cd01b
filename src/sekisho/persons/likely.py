"""The named SQL steps for what fits a holder only nearly: taken where chance would hardly bring one that fits as well.

How many holders fit by chance is counted on the register: those who share what the profile shares, times the share of
them whose birth date agrees as well. The same rule is careful where names are common and holders many.
"""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.persons import by_name
from sekisho.vault.analytics import Step

PARTS = (("name", 2), ("kana", 3))  # characters of a surname or given name that say something
MOST_BY_CHANCE = 0.15  # holders who fit as well
NUMBER_FAR = "number IS NULL OR coalesce(levenshtein(number, holder_number), 9) NOT BETWEEN 1 AND 2"
"""What fits nearly is asked about, unless the number does so too."""
_GIVEN_NAME_STAYS = 3  # times as many holders by chance, where only the surname agrees: given names hardly ever change
_NOBODYS_NUMBER = "r.number NOT IN (SELECT number FROM holders WHERE number IS NOT NULL)"
_WITHOUT_NUMBER = "(r.number IS NULL OR r.profile IN (SELECT profile FROM refused WHERE NOT likely))"
_ALIKE_BY_CHANCE = 0.005  # of birth dates: differ from a given one in no more than year, month or day
_SLIP_BY_CHANCE = {"name": 0.1, "kana": 0.03}  # of names that begin or end alike: one character differs


def parts() -> Iterator[tuple[str, str, str]]:
    """Called, side and length: the beginnings and ends of names and readings."""
    for item, length in PARTS:
        for side in ("left", "right"):
            yield f"{item}_{side}", item, f"{side}({{}}.{item}, {length})"


def who_may_be_meant() -> str:
    """The rows of the folded register that share the birth date and part of a name with a profile without a holder's
    number.
    """
    lost = "number IS NULL OR number NOT IN (SELECT number FROM folded WHERE number IS NOT NULL)"
    return " OR ".join(
        f"(f.birth, {part.format('f')}) IN (SELECT (p.birth, {part.format('p')}) FROM profiles p WHERE {lost})"
        for _, _, part in parts()
    )


def candidates() -> list[Step]:
    """``candidates``: holders who fit a profile of ``rest`` nearly, and whom chance would hardly bring."""
    return [
        Step("open", "SELECT * FROM rest WHERE profile NOT IN (SELECT profile FROM settled)"),
        Step("outside", f"SELECT name, kana, birth FROM open r WHERE birth IS NOT NULL AND {_NOBODYS_NUMBER}"),
        Step("lost", f"SELECT * FROM open r WHERE {_NOBODYS_NUMBER} OR ({_WITHOUT_NUMBER} AND NOT ({_of_others()}))"),
        *(_bearers(called, part) for called, _, part in (*_wholes(), *parts(), _births())),
        Step("rest", _with_bearers()),
        *by_name.only_candidates(_joins()),
        Step("rest", "SELECT * FROM open"),
    ]


def _of_others() -> str:
    """Somebody of that name and birth date has a number that no holder has."""
    return " OR ".join(
        f"coalesce(({item}, birth) IN (SELECT ({item}, birth) FROM outside WHERE {item} IS NOT NULL), false)"
        for item in dict(PARTS)
    )


def _wholes() -> Iterator[tuple[str, str, str]]:
    for item, _ in PARTS:
        yield item, item, f"{{}}.{item}"


def _births() -> tuple[str, str, str]:
    return "birth", "birth", "{}.birth"


def _bearers(called: str, part: str) -> Step:
    return Step(
        f"bearers_{called}",
        f"""SELECT {part.format("f")} AS part, count(*) AS holders FROM folded f
            WHERE part IN (SELECT {part.format("r")} FROM lost r) GROUP BY part""",
    )


def _with_bearers() -> str:
    names = [(called, part) for called, _, part in (*_wholes(), *parts(), _births())]
    columns = ", ".join(f"b_{called}.holders AS of_{called}" for called, _ in names)
    joins = " ".join(
        f"LEFT JOIN bearers_{called} b_{called} ON b_{called}.part = {part.format('r')}" for called, part in names
    )
    columns += f", {_WITHOUT_NUMBER} AS numberless"
    return f"SELECT r.*, {columns}, (SELECT count(*) FROM folded) AS everybody FROM lost r {joins}"


def _joins() -> Iterator[tuple[str, str]]:
    """Table and condition of each way to fit nearly."""
    near = "coalesce(levenshtein(r.number, f.number) <= 2, false)"
    sexes = "coalesce(r.sex = f.sex, true)"
    for called, item, _ in _wholes():
        other = "kana" if item == "name" else "name"
        hardly = f"coalesce(r.{other} = f.{other}, true) AND r.of_{called} * {_ALIKE_BY_CHANCE} <= {MOST_BY_CHANCE}"
        same = f"r.{item} = f.{item} AND {_alike('r.birth', 'f.birth')} AND {sexes}"
        yield "holders", f"{same} AND (r.numberless AND {hardly} OR {near})"
    for called, item, part in parts():
        slip = f"levenshtein(r.{item}, f.{item}) <= 1"
        else_ = _GIVEN_NAME_STAYS if part.startswith("left") else 1
        share = f"CASE WHEN {slip} THEN {_SLIP_BY_CHANCE[item]} ELSE {else_} END"
        hardly = f"{share} * r.of_{called} * r.of_birth / everybody <= {MOST_BY_CHANCE}"
        same = f"r.birth = f.birth AND {part.format('r')} = {part.format('f')} AND {sexes}"
        yield "holders", f"{same} AND (r.numberless AND {hardly} OR {near})"


def _alike(one: str, other: str) -> str:
    """Two of year, month and day agree, or month and day are exchanged."""
    two = (
        f"left({one}, 7) = left({other}, 7)",
        f"substr({one}, 6) = substr({other}, 6)",
        f"left({one}, 4) = left({other}, 4) AND right({one}, 2) = right({other}, 2)",
        f"left({one}, 4) || substr({one}, 8, 3) || substr({one}, 5, 3) = {other}",
    )
    return "(" + " OR ".join(f"({way})" for way in two) + ")"
