"""The named SQL steps that find whom a profile may mean: a few holders each, to be weighed by `weigh`.

What is small is looked up in the register, never the other way round: profiles whose number or whole name and birth
date leave nothing open meet nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.persons.profiles import MOST_OF_A_KIND
from sekisho.vault.analytics import Step

MOST_OF_ONE_NAME = 2000  # holders; whoever is known by such a name alone is not looked for
PARTS = (("name", 2), ("kana", 3))  # characters of a surname or given name that say something
SAMPLE = 100_000  # holders by whom it is told how common a part of a name is
_ITEMS = ("name", "kana", "birth", "sex")


def hits() -> list[Step]:
    """``hits``: profiles and rows of the register that share a number, and what agrees."""
    called = "coalesce(p.name = f.name, false) OR coalesce(p.kana = f.kana, false)"
    differ = ", ".join(f"coalesce(p.{item} <> f.{item}, false) AS other_{item}" for item in _ITEMS)
    return [
        Step(
            "hits",
            f"""SELECT p.profile, f.holder_row, {called} AS called,
                       coalesce(p.birth = f.birth, false) AS dated, {differ}
                FROM profiles p JOIN folded f USING (number)
                WHERE number NOT IN (SELECT number FROM shared WHERE rows > {MOST_OF_A_KIND})""",
        )
    ]


def opened() -> list[Step]:
    """``open``: profiles that no row of their number fits in all."""
    agree = " OR ".join(f"other_{item}" for item in _ITEMS)
    return [Step("open", f"SELECT * FROM profiles WHERE profile NOT IN (SELECT profile FROM hits WHERE NOT ({agree}))")]


def named() -> list[Step]:
    """``named``: open profiles and rows of one name or reading and full birth date. ``lost``: open ones without any.

    ``bearers_name``...: how many holders share what an open profile says. ``outside``: lost ones whose number no holder
    has; ``elsewhere``: profiles that may be one of those. ``learned``: what a profile under the right number and birth
    date says of its holder beyond the register: a former name.
    """
    return [
        *(_bearers(item, item, "open") for item in _ITEMS[:3]),
        *(_crowded(item) for item, _ in PARTS),
        Step("named", " UNION ".join(_same_name_and_birth(item) for item, _ in PARTS)),
        Step(
            "lost",
            """SELECT * FROM open WHERE coalesce(name, kana) IS NOT NULL AND profile NOT IN (SELECT profile FROM named)
               AND profile NOT IN (SELECT profile FROM hits WHERE called OR dated)""",
        ),
        Step(
            "outside",
            """SELECT * FROM lost WHERE number IS NOT NULL AND birth IS NOT NULL
               AND profile NOT IN (SELECT profile FROM hits)""",
        ),
        Step(
            "elsewhere",
            " UNION ".join(
                f"""SELECT o.profile FROM open o
                    JOIN {_few("outside", item)} e ON o.{item} = e.{item} AND o.birth = e.birth
                    WHERE NOT {_near("o.number", "e.number")}"""
                for item, _ in PARTS
            ),
        ),
        Step(
            "learned",
            """SELECT h.holder_row, o.name, o.kana, o.birth, o.sex, o.address FROM hits h JOIN open o USING (profile)
               WHERE dated AND NOT called AND NOT other_sex AND profile NOT IN (SELECT profile FROM named)
               AND profile NOT IN (SELECT profile FROM elsewhere)""",
        ),
    ]


def _crowded(item: str) -> Step:
    """Names and birth dates that too many holders bear together are placeholders."""
    return Step(
        f"crowded_{item}",
        f"""SELECT {item}, birth FROM folded
            SEMI JOIN (SELECT part AS {item} FROM bearers_{item} WHERE holders > {MOST_OF_A_KIND}) USING ({item})
            GROUP BY ALL HAVING count(*) > {MOST_OF_A_KIND}""",
    )


def _same_name_and_birth(item: str) -> str:
    return f"""SELECT o.profile, f.holder_row FROM (SELECT * FROM open ANTI JOIN crowded_{item} USING ({item}, birth)) o
               JOIN folded f ON o.{item} = f.{item} AND o.birth = f.birth WHERE NOT contains(o.birth, '?')"""


def alike(holders: int) -> list[Step]:
    """``alike``: lost profiles and rows that fit nearly, or fit what was learned of a holder (``learned``).

    ``sampled``: the holders by whom it is told how common a part of a name is, of so many in all.
    """
    return [
        Step("sampled", f"SELECT name, kana FROM folded WHERE holder_row % {max(holders // SAMPLE, 1)} = 0"),
        Step("of_a_day", "SELECT holder_row, name, kana, birth FROM folded SEMI JOIN lost USING (birth)"),
        *(step for item, length in PARTS for side in ("left", "right") for step in _part(item, side, length)),
        Step("alike", " UNION ALL ".join([*_by_name(), *_by_part(), *_by_what_was_learned()])),
    ]


def _bearers(called: str, part: str, of: str, holders: str = "folded") -> Step:
    """How many of the ``holders`` share a part of a name with a profile."""
    return Step(
        f"bearers_{called}",
        f"""SELECT {part} AS part, count(*) AS holders FROM {holders}
            WHERE {part} IN (SELECT {part} FROM {of}) GROUP BY part""",
    )


def _by_name() -> Iterator[str]:
    fits = "(l.birth LIKE replace(f.birth, '?', '_') OR f.birth LIKE replace(l.birth, '?', '_'))"
    partly = f"left(l.birth, 4) = left(f.birth, 4) AND {fits}"
    near = f"{_near('l.number', 'f.number')} AND coalesce({fits}, true)"
    at_home = f"l.address IS NOT NULL AND coalesce({fits}, true)"
    ways = " OR ".join(f"coalesce({way}, false)" for way in (partly, near, at_home, _dates_alike("l.birth", "f.birth")))
    for item, _ in PARTS:
        yield f"""SELECT l.profile, f.holder_row, '{item}' AS way FROM lost l JOIN folded f USING ({item})
                  JOIN bearers_{item} b ON b.part = l.{item} AND b.holders <= {MOST_OF_ONE_NAME} WHERE {ways}
                  QUALIFY count(*) OVER (PARTITION BY l.profile) <= {MOST_OF_A_KIND}"""


def _dates_alike(one: str, other: str) -> str:
    """Two of year, month and day agree, or month and day are exchanged."""
    return f"""(left({one}, 7) = left({other}, 7) OR substr({one}, 6) = substr({other}, 6)
                OR left({one}, 4) = left({other}, 4) AND right({one}, 2) = right({other}, 2)
                OR left({one}, 4) || substr({one}, 8, 3) || substr({one}, 5, 3) = {other})"""


def _near(one: str, other: str) -> str:
    """Two digits differ at most: a slip, or two that are exchanged."""
    return f"coalesce(CASE WHEN length({one}) = length({other}) THEN hamming({one}, {other}) <= 2 END, false)"


def _few(table: str, item: str) -> str:
    """The rows whose name and birth date not too many share."""
    return f"(SELECT * FROM {table} QUALIFY count(*) OVER (PARTITION BY {item}, birth) <= {MOST_OF_A_KIND})"


def _part(item: str, side: str, length: int) -> Iterator[Step]:
    """``met_<item>_<side>``: rows of the birth date and the beginning or end of the name of some lost profile."""
    part = f"{side}({item}, {length})"
    yield _bearers(f"{item}_{side}", part, "lost", "sampled")
    yield Step(
        f"met_{item}_{side}",
        f"""SELECT l.profile, f.holder_row, '{item}_{side}' AS way
            FROM (SELECT profile, birth, {part} AS part FROM lost) l
            JOIN (SELECT holder_row, birth, {part} AS part FROM of_a_day) f USING (birth, part)
            WHERE l.profile NOT IN (SELECT profile FROM elsewhere)""",
    )


def _by_part() -> Iterator[str]:
    for item, _ in PARTS:
        for side in ("left", "right"):
            yield f"""SELECT * FROM met_{item}_{side}
                      QUALIFY count(*) OVER (PARTITION BY profile) <= {MOST_OF_A_KIND}"""


def _by_what_was_learned() -> Iterator[str]:
    for item, _ in PARTS:
        yield f"""SELECT l.profile, k.holder_row, 'learned' AS way
                  FROM lost l JOIN {_few("learned", item)} k USING ({item}, birth)"""


def holders() -> list[Step]:
    """``met``: who met whom, and how. ``holders``: number and ``person`` of each row of the register that was met.

    Rows of one number are one person under several names, unless their birth dates differ. A row without a number is
    a person of its own; so is one whose number too many share (0000-000000).
    """
    return [
        Step(
            "met",
            """SELECT profile, holder_row, 'number' AS way FROM hits
               UNION ALL SELECT profile, holder_row, 'named' FROM named
               UNION ALL SELECT profile, holder_row, way FROM alike""",
        ),
        Step(
            "several_persons",
            """SELECT number FROM folded WHERE number IN (SELECT number FROM shared)
               GROUP BY number HAVING count(DISTINCT birth) > 1""",
        ),
        Step(
            "holders",
            f"""SELECT *, min(holder_row) OVER (PARTITION BY person) AS person_row FROM (
                    SELECT holder_row, CASE WHEN n.rows > {MOST_OF_A_KIND} THEN NULL ELSE f.number END AS number, CASE
                   WHEN f.number IS NULL OR n.rows > {MOST_OF_A_KIND} THEN 'row' || holder_row
                   WHEN s.number IS NULL THEN f.number
                   ELSE f.number || ' ' || coalesce(f.birth, '') END AS person
               FROM (SELECT * FROM folded SEMI JOIN met USING (holder_row)) f
                    LEFT JOIN several_persons s USING (number) LEFT JOIN shared n USING (number))""",
        ),
    ]


def met() -> str:
    """Each profile beside each row of the register that it may mean, with what both say and how common it is.

    ``way``: how they met: ``number``, ``named``, a whole ``name`` or ``kana`` that fits nearly otherwise, a part of one
    (``name_left``), or ``learned``. ``person``: the holder, under all of their rows.
    """
    mine = ", ".join(f"p.{item}" for item in ("number", *_ITEMS, "address"))
    theirs = ", ".join(f"f.{item} AS {item}_right" for item in _ITEMS)
    counts = ", ".join(f"b_{item}.holders AS of_{item}" for item in _ITEMS[:3])
    joins = " ".join(f"LEFT JOIN bearers_{item} b_{item} ON b_{item}.part = p.{item}" for item in _ITEMS[:3])
    parts = [f"{item}_{side}" for item, _ in PARTS for side in ("left", "right")]
    of_part = "CASE way " + " ".join(f"WHEN '{part}' THEN b_{part}.holders" for part in parts) + " END AS of_part"
    for_part = " ".join(
        f"LEFT JOIN bearers_{item}_{side} b_{item}_{side} ON b_{item}_{side}.part = {side}(p.{item}, {length})"
        for item, length in PARTS
        for side in ("left", "right")
    )
    return f"""
        WITH f AS (SELECT holder_row, name, kana, birth, sex, false AS learned
                   FROM folded SEMI JOIN met USING (holder_row)
                   UNION ALL SELECT holder_row, name, kana, birth, sex, true FROM learned)
        SELECT m.profile, m.holder_row, m.way, {mine}, {theirs}, r.number AS holder, r.person, r.person_row,
               {_near("p.number", "r.number")} AS near, {counts}, {of_part}
        FROM met m JOIN f ON m.holder_row = f.holder_row AND f.learned = (m.way = 'learned')
             JOIN profiles p USING (profile) JOIN holders r ON r.holder_row = m.holder_row {joins} {for_part}
        WHERE m.way <> 'learned' OR coalesce(p.name = f.name, false) OR coalesce(p.kana = f.kana, false)"""


def whoever() -> str:
    """The profiles that say enough to be some holder's: ``profile``, ``group`` (0 no number, 1 one that no holder has,
    2 a holder's), ``open`` (whether their holder would have been met without the number), ``elsewhere``.
    """
    return """
        SELECT profile, profile IN (SELECT profile FROM elsewhere) AS elsewhere,
               profile IN (SELECT profile FROM open WHERE number IS NULL OR birth IS NOT NULL) AS open,
               CASE WHEN number IS NULL THEN 0 WHEN profile IN (SELECT profile FROM hits) THEN 2 ELSE 1 END AS "group"
        FROM profiles WHERE number IS NOT NULL
             OR coalesce(name, kana) IS NOT NULL AND coalesce(birth, address) IS NOT NULL"""
