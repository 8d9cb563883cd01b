"""The named SQL steps from records to persons, made by pure functions; `settle` runs them.

A profile is a distinct set of folded items: records that say the same are one profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sekisho.model import Item
from sekisho.persons import judge
from sekisho.vault.analytics import Step

ITEMS = ("number", "my_number", "name", "kana", "birth", "sex", "address", "phone", "email")
SEPARATOR = "chr(31)"
FIRST_KANJI = "\u3400"  # kana stand before it
NUMBER_LENGTH = len("NNNN-NNNNNN")  # a certificate number begins with it
MOST_OF_A_KIND = 50  # holders of one number, or of one name and birth date; where there are more it is a placeholder
MOST_OF_ONE_NAME = 2000  # holders


def settled_as_written() -> list[Step]:
    """``as_written``: records that give the number of one holder and agree with them in all, as it is written.

    That is nearly every record where there is a register; nothing of them needs to be folded or weighed.
    ``shared``: numbers that stand on several rows of the register.
    """
    number = f"coalesce(r.{Item.BASIC_PENSION_NUMBER}, left(r.{Item.CERTIFICATE_NUMBER}, {NUMBER_LENGTH}))"
    return [
        Step(
            "shared",
            f"""SELECT {Item.BASIC_PENSION_NUMBER} AS number, count(*) AS rows FROM register
                WHERE {Item.BASIC_PENSION_NUMBER} IS NOT NULL GROUP BY ALL HAVING count(*) > 1""",
        ),
        Step(
            "as_written",
            f"""SELECT r.record_id, h.{Item.BASIC_PENSION_NUMBER} AS number
                FROM records r JOIN register h ON h.{Item.BASIC_PENSION_NUMBER} = {number}
                WHERE h.{Item.BASIC_PENSION_NUMBER} NOT IN (SELECT number FROM shared) AND {_as_written_alike()}""",
        ),
    ]


def _as_written_alike() -> str:
    """A name in kana is a reading too: where only one side gives a reading the name must be in kanji."""
    name, kana = f"r.{Item.NAME} = h.{Item.NAME}", f"r.{Item.NAME_KANA} = h.{Item.NAME_KANA}"
    agree = " AND ".join(f"coalesce(r.{item} = h.{item}, true)" for item in (Item.BIRTH_DATE, Item.SEX))
    return f"""{agree} AND CASE
        WHEN {name} THEN coalesce({kana}, r.{Item.NAME} >= '{FIRST_KANJI}')
        WHEN r.{Item.NAME} IS NULL OR h.{Item.NAME} IS NULL
        THEN coalesce({kana}, r.{Item.NAME} IS NULL AND r.{Item.NAME_KANA} IS NULL)
        ELSE false END"""


def open_records() -> str:
    """The records that have to be folded and weighed."""
    return "SELECT * FROM records WHERE record_id NOT IN (SELECT record_id FROM as_written)"


def profiles() -> list[Step]:
    """``marks``: record -> what it says, as one number. ``profiles``: each of these once, numbered by its content."""
    content = f" || {SEPARATOR} || ".join(f"coalesce({item}, '')" for item in ITEMS)
    columns = ", ".join(ITEMS)
    return [
        Step("marks", f"SELECT record_id, md5_number({content}) AS mark FROM evidence"),
        Step(
            "profiles",
            f"""SELECT n.profile, n.mark, {columns} FROM evidence
                JOIN (SELECT row_number() OVER (ORDER BY mark) AS profile, mark, min(record_id) AS record_id
                      FROM marks GROUP BY mark) n USING (record_id)""",
        ),
    ]


def who_may_be_meant() -> str:
    """The rows of the folded register that share a number, a name or a reading with a profile."""
    return "SELECT * FROM folded WHERE " + " OR ".join(
        f"{item} IN (SELECT {item} FROM profiles WHERE {item} IS NOT NULL)" for item in ("number", "name", "kana")
    )


def holders() -> list[Step]:
    """``holders``: the rows of ``meant`` with the person each is about.

    Rows of one number are one person under several names, unless their birth dates differ. A row without a number is
    a person of its own. What too many holders share (0000-000000, a birth date for all) is no number or name at all.
    """
    return [
        _crowded("name"),
        _crowded("kana"),
        Step(
            "known",
            f"""SELECT r.holder_row, r.birth, r.sex, r.address,
                      CASE WHEN n.rows IS NULL OR n.rows <= {MOST_OF_A_KIND} THEN r.number END AS number,
                      CASE WHEN m.many IS NULL THEN r.name END AS name,
                      CASE WHEN k.many IS NULL THEN r.kana END AS kana
               FROM meant r LEFT JOIN shared n USING (number)
                    LEFT JOIN crowded_name m ON m.name = r.name AND m.birth = r.birth
                    LEFT JOIN crowded_kana k ON k.kana = r.kana AND k.birth = r.birth""",
        ),
        Step(
            "several_persons",
            """SELECT number FROM folded WHERE number IN (SELECT number FROM shared)
               GROUP BY number HAVING count(DISTINCT birth) > 1""",
        ),
        Step(
            "holders",
            """SELECT r.*, CASE
                   WHEN r.number IS NULL THEN 'row' || r.holder_row
                   WHEN s.number IS NULL THEN r.number
                   ELSE r.number || ' ' || coalesce(r.birth, '') END AS person
               FROM known r LEFT JOIN several_persons s USING (number)""",
        ),
    ]


def _crowded(item: str) -> Step:
    return Step(
        f"crowded_{item}",
        f"""SELECT {item}, birth, true AS many FROM folded
            WHERE {item} IN (SELECT {item} FROM meant WHERE {item} IS NOT NULL) AND birth IS NOT NULL
            GROUP BY {item}, birth HAVING count(*) > {MOST_OF_A_KIND}""",
    )


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
    """``judged`` hits whose profile another holder fits better: name or reading, and birth date."""
    fits = " UNION ALL ".join(
        f"""SELECT p.profile, h.person FROM profiles p JOIN holders h ON p.{item} = h.{item} AND p.birth = h.birth
            WHERE NOT contains(p.birth, '?')"""
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
        Step("met", _met([join for item in ("name", "kana") for join in _weak_joins(item)])),
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
               min(m.number) FILTER (NOT m.learned) AS holder_number,
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
        ) m JOIN rest r USING (profile)
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


def settled_by_name(weak: bool) -> list[Step]:
    """``settled`` grows by ``chosen``; ``named`` holds what `judge` said of those on which an item disagrees.

    ``weak``: a birth date of which a part is unknown is asked about unless the address agrees too.
    """
    doubt = "OR (contains(c.birth, '?') AND NOT c.same_address)" if weak else ""
    return [
        Step(
            "settled",
            f"""SELECT profile, person, ask, conflict FROM settled
                UNION ALL
                SELECT c.profile, c.person, c.tied OR coalesce(n.ask, false) {doubt}, coalesce(n.conflict, '')
                FROM chosen c LEFT JOIN named n USING (profile)""",
        )
    ]


def open_choices() -> str:
    """The chosen candidates on which an item disagrees."""
    agree = " AND ".join(f"coalesce({item} = holder_{item}, true)" for item in ("name", "kana", "sex"))
    number = "coalesce(number = holder_number OR same_number, true)"
    return f"""SELECT profile, number, name, kana, birth, sex, holder_number, holder_name, holder_kana, holder_birth,
                      holder_sex, same_number, NOT coalesce(likely, true) AS of_a_stranger
               FROM chosen LEFT JOIN refused USING (profile) WHERE NOT ({agree} AND {number})"""
