"""The named SQL steps that settle profiles by their number."""

from __future__ import annotations

from sekisho.persons import judge
from sekisho.vault.analytics import Step


def number_hits() -> list[Step]:
    """``hits``: profiles and holders that share a number. ``open_hits``: the ones on which an item disagrees."""
    pairs = ", ".join(f"p.{item}, h.{item} AS holder_{item}" for item in ("name", "kana", "birth", "sex"))
    return [
        Step(
            "hits",
            f"""SELECT p.profile, h.holder_row, h.person, {_all_agree()} AS agree,
                       (p.name = h.name OR p.kana = h.kana)::INT + (p.birth = h.birth)::INT AS same_items
                FROM profiles p JOIN holders h USING (number)""",
        ),
        Step(
            "open_hits",
            f"""SELECT profile, hits.person, {pairs} FROM hits
                JOIN profiles p USING (profile) JOIN holders h USING (holder_row) WHERE NOT agree""",
        ),
    ]


def _all_agree() -> str:
    return " AND ".join(f"coalesce(p.{item} = h.{item}, true)" for item in ("name", "kana", "birth", "sex"))


def settled_by_number() -> list[Step]:
    """``settled`` and ``refused`` from ``hits`` and ``judged``; several holders under one number are asked about.

    A number that only nearly fits is refused where another holder fits in name and birth date: the twin's, or the
    father's of the same name. ``likely``: it would have been settled on.
    """
    return [
        Step("contested", _contested()),
        Step(
            "verified",
            """SELECT profile, person, 9 + coalesce(same_items, 0) AS strength, false AS ask, '' AS conflict
               FROM hits WHERE agree
               UNION ALL
               SELECT profile, person, strength, ask, conflict FROM judged
               WHERE same AND (profile, person) NOT IN (SELECT (profile, person) FROM contested)""",
        ),
        Step("settled", _strongest("verified")),
        Step(
            "refused",
            """SELECT profile, bool_or(same) AS likely FROM judged
               WHERE profile NOT IN (SELECT profile FROM settled) GROUP BY profile""",
        ),
        Step("rest", "SELECT * FROM profiles WHERE profile NOT IN (SELECT profile FROM settled)"),
    ]


def _contested() -> str:
    """``judged`` hits whose profile fits another holder better: in name or reading, and birth date; or others who
    have a number that no holder has.
    """
    fits = " UNION ALL ".join(
        f"""SELECT p.profile, h.person FROM profiles p JOIN holders h ON p.{item} = h.{item} AND p.birth = h.birth
            WHERE NOT contains(p.birth, '?')
            UNION ALL
            SELECT p.profile, '' FROM profiles p JOIN profiles o ON p.{item} = o.{item} AND p.birth = o.birth
            WHERE o.number NOT IN (SELECT number FROM holders WHERE number IS NOT NULL)
                  AND levenshtein(p.number, o.number) > 2"""
        for item in ("name", "kana")
    )
    return f"""SELECT DISTINCT j.profile, j.person FROM judged j JOIN ({fits}) f USING (profile)
               WHERE f.person <> j.person AND j.strength < {judge.ALL_AGREE}"""


def _strongest(table: str) -> str:
    """The strongest person of each profile; where several are equally strong the first, to be asked about."""
    return f"""
        SELECT profile, min(person) AS person, bool_or(ask) OR count(DISTINCT person) > 1 AS ask,
               min(conflict) AS conflict
        FROM (SELECT *, max(strength) OVER (PARTITION BY profile) AS most FROM {table})
        WHERE strength = most GROUP BY profile"""
