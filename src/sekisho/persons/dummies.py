"""The named SQL steps that find what was entered in place of a number or date nobody knew: it says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.vault.analytics import Step

MOST_OF_A_KIND = 50  # persons with one number, or whose birth date is another one than what is written


def numbers() -> Iterator[Step]:
    """``profiles`` without the numbers that no holder has and too many persons stand under (0000-000000)."""
    yield Step(
        "dummies",
        f"""SELECT number FROM (
                SELECT number FROM profiles SEMI JOIN (
                    SELECT number FROM profiles GROUP BY number HAVING count(*) > {MOST_OF_A_KIND}) USING (number)
                GROUP BY number HAVING count(DISTINCT coalesce(name, kana) || coalesce(birth, '')) > {MOST_OF_A_KIND})
            ANTI JOIN folded USING (number)""",
    )
    yield _without("number")


def births() -> Iterator[Step]:
    """``profiles`` and ``hits`` without the birth dates that stand for many holders' own ones (1900-01-01)."""
    yield Step(
        "dummies",
        f"""SELECT birth FROM profiles JOIN hits USING (profile) WHERE called AND other_birth
            GROUP BY birth HAVING count(DISTINCT holder_row) > {MOST_OF_A_KIND}""",
    )
    yield _without("birth")
    yield Step(
        "hits",
        """SELECT h.* REPLACE (other_birth AND p.birth IS NOT NULL AS other_birth)
           FROM hits h JOIN profiles p USING (profile)""",
    )


def _without(item: str) -> Step:
    kept = f"CASE WHEN {item} NOT IN (SELECT {item} FROM dummies) THEN {item} END AS {item}"
    return Step("profiles", f"SELECT * REPLACE ({kept}) FROM profiles")
