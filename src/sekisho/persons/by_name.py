"""The named SQL steps that settle profiles by name and birth date, address or a number nearly right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sekisho.vault.analytics import Step

MOST_OF_ONE_NAME = 2000  # holders


def learned() -> Step:
    """What a settled record that nobody doubts says of its holder beyond the register: a former name."""
    return Step(
        "learned",
        """SELECT DISTINCT s.person, p.number, p.name, p.kana, p.birth, p.sex, p.address
           FROM settled s JOIN profiles p USING (profile) WHERE s.conflict <> '' AND NOT s.ask""",
    )


def named_candidates() -> list[Step]:
    """``candidates``: holders whose name or reading and full birth date a profile of ``rest`` bears."""
    joins = [
        (table, f"r.{item} = f.{item} AND r.birth = f.birth AND NOT contains(r.birth, '?')")
        for table in ("holders", "learned")
        for item in ("name", "kana")
    ]
    return [learned(), Step("met", _met(joins)), Step("candidates", _one_row_a_person()), Step("chosen", _chosen())]


def weak_candidates() -> list[Step]:
    """``candidates``: holders of the same name or reading whose address agrees, whose birth date as far as known
    agrees, or whose number is nearly the same. They count only where they are the only ones.
    """
    return [
        Step("rest", "SELECT * FROM rest WHERE profile NOT IN (SELECT profile FROM settled)"),
        *(_common(item) for item in ("name", "kana")),
        *(_alone_at_an_address(item) for item in ("name", "kana")),
        *only_candidates(join for item in ("name", "kana") for join in _weak_joins(item)),
    ]


def only_candidates(joins: Iterable[tuple[str, str]]) -> list[Step]:
    """``chosen``: the candidates by ``joins`` (table, condition) of profiles that have just one."""
    return [
        Step("met", _met(joins)),
        Step("candidates", _one_row_a_person()),
        Step("several", "SELECT profile FROM candidates GROUP BY profile HAVING count(DISTINCT person) > 1"),
        Step("chosen", f"SELECT * FROM ({_chosen()}) WHERE profile NOT IN (SELECT profile FROM several)"),
    ]


def _weak_joins(item: str) -> Iterator[tuple[str, str]]:
    same = f"r.{item} = f.{item}"
    fits = "(r.birth LIKE replace(f.birth, '?', '_') OR f.birth LIKE replace(r.birth, '?', '_'))"
    partly = "(contains(r.birth, '?') OR contains(f.birth, '?'))"
    near = f"""length(r.number) = length(f.number) AND hamming(r.number, f.number) <= 2 AND coalesce({fits}, true)
               AND r.{item} NOT IN (SELECT {item} FROM common_{item})"""
    for table in ("holders", "learned"):
        yield table, f"{same} AND left(r.birth, 4) = left(f.birth, 4) AND {partly} AND {fits}"
        yield table, f"{same} AND left(r.number, 4) = left(f.number, 4) AND {near}"
        yield table, f"{same} AND right(r.number, 6) = right(f.number, 6) AND {near}"
    yield f"alone_by_{item}", f"{same} AND r.address = f.address AND coalesce({fits}, true)"


def _common(item: str) -> Step:
    """Names that so many bear that a number nearly right proves nothing, nor could all be looked at."""
    return Step(
        f"common_{item}",
        f"""SELECT {item} FROM holders WHERE {item} IS NOT NULL
            GROUP BY {item} HAVING count(*) > {MOST_OF_ONE_NAME}""",
    )


def _alone_at_an_address(item: str) -> Step:
    """Holders who are the only ones of their name at their address: not father and son of one name."""
    others = ", ".join(
        f"min({other}) AS {other}" for other in ("number", "name", "kana", "birth", "sex") if other != item
    )
    return Step(
        f"alone_by_{item}",
        f"""SELECT min(person) AS person, {item}, address, {others} FROM holders
            WHERE {item} IS NOT NULL AND address IS NOT NULL AND {item} IN (SELECT {item} FROM rest)
            GROUP BY {item}, address HAVING count(DISTINCT person) = 1""",
    )


def _met(joins: Iterable[tuple[str, str]]) -> str:
    """Profiles and what is known of holders that meet one of the conditions; each is a hash join of its own."""
    columns = "r.profile, f.person, f.number, f.name, f.kana, f.birth, f.sex, f.address"
    return " UNION ".join(
        f"SELECT {columns}, {table == 'learned'} AS learned FROM rest r JOIN {table} f ON {condition}"
        for table, condition in joins
    )


def _one_row_a_person() -> str:
    return """
        SELECT m.profile, m.person, r.number, r.name, r.kana, r.birth, r.sex,
               arg_max(m.name, m.points) AS holder_name, arg_max(m.kana, m.points) AS holder_kana,
               arg_max(m.birth, m.points) AS holder_birth, arg_max(m.sex, m.points) AS holder_sex,
               min(h.number) AS holder_number,
               bool_or(coalesce(m.number = r.number, false)) AS same_number,
               bool_or(m.same_address) AS same_address, max(m.points) AS strength
        FROM (
            SELECT met.*, coalesce(met.address = rest.address, false) AS same_address,
                   4 * coalesce((met.name = rest.name)::INT * 2 - 1, 0)
                   + 4 * coalesce((met.kana = rest.kana)::INT * 2 - 1, 0)
                   + 3 * same_address::INT
                   + coalesce((met.sex = rest.sex)::INT * 2 - 1, 0)
                   + 3 * coalesce((met.number = rest.number)::INT, 0) AS points
            FROM met JOIN rest USING (profile)
        ) m JOIN rest r USING (profile) JOIN (SELECT DISTINCT person, number FROM holders) h USING (person)
        GROUP BY ALL"""


def _chosen() -> str:
    """The best candidate of each profile, and whether another is as good."""
    return """
        SELECT * EXCLUDE (place), count(*) FILTER (strength = most) OVER (PARTITION BY profile) > 1 AS tied
        FROM (
            SELECT *, max(strength) OVER (PARTITION BY profile) AS most,
                   row_number() OVER (PARTITION BY profile ORDER BY strength DESC, person) AS place
            FROM candidates)
        QUALIFY place = 1"""


PARTLY_KNOWN = "contains(c.birth, '?') AND NOT c.same_address"
"""A birth date of which a part is unknown is asked about unless the address agrees too."""


def settled_by_name(doubt: str = "false") -> list[Step]:
    """``settled`` grows by ``chosen``; ``named`` holds what `judge` said of those on which an item disagrees.

    ``doubt``: which of the chosen are asked about besides.
    """
    return [
        Step(
            "settled",
            f"""SELECT profile, person, ask, conflict FROM settled
                UNION ALL
                SELECT c.profile, c.person, c.tied OR coalesce(n.ask, false) OR ({doubt}), coalesce(n.conflict, '')
                FROM chosen c LEFT JOIN named n USING (profile)""",
        )
    ]


def open_choices() -> str:
    """The chosen candidates on which an item disagrees."""
    items = ("name", "kana", "birth", "sex")
    agree = " AND ".join(f"coalesce({item} = holder_{item}, true)" for item in items)
    number = "coalesce(number = holder_number OR same_number, true)"
    return f"""SELECT profile, number, name, kana, birth, sex, holder_number, holder_name, holder_kana, holder_birth,
                      holder_sex, same_number, NOT coalesce(likely, true) AS of_a_stranger
               FROM chosen LEFT JOIN refused USING (profile) WHERE NOT ({agree} AND {number})"""
