"""The named SQL steps that find what was entered in place of a number or date nobody knew: it says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.vault.analytics import Step

MOST_OF_A_KIND = 50  # persons with one number, or whose birth date is another one than what is written


def numbers() -> Iterator[Step]:
    """``profiles`` without the numbers that no holder has and too many persons stand under (0000-000000)."""
    yield Step(
        "dummies",
        f"""SELECT number FROM profiles WHERE number IS NOT NULL AND number NOT IN (SELECT number FROM holders
                WHERE number IS NOT NULL)
            GROUP BY number HAVING count(DISTINCT coalesce(name, kana) || coalesce(birth, '')) > {MOST_OF_A_KIND}""",
    )
    yield _without("number")


def births() -> Iterator[Step]:
    """``profiles`` without the birth dates that stand for many holders' own ones (1900-01-01)."""
    yield Step(
        "dummies",
        f"""SELECT p.birth FROM profiles p JOIN holders h USING (number)
            WHERE (p.name = h.name OR p.kana = h.kana) AND p.birth <> h.birth
            GROUP BY p.birth HAVING count(DISTINCT h.person) > {MOST_OF_A_KIND}""",
    )
    yield _without("birth")


def _without(item: str) -> Step:
    kept = f"CASE WHEN {item} NOT IN (SELECT {item} FROM dummies) THEN {item} END AS {item}"
    return Step("profiles", f"SELECT * REPLACE ({kept}) FROM profiles")
