"""The named SQL steps from records to the table, made by pure functions; `breakdown` runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sekisho.figures import Shield
from sekisho.model import Item, Protection, State
from sekisho.vault.analytics import Step

ITEMS = tuple(str(item) for item in Item)
LOCKS_THAT_COUNT = (Protection.WEAK.name, Protection.STRONG.name)
WORST_FIRST = (Shield.UNPROTECTED, Shield.UNDETERMINED, Shield.PROTECTED)
COUNTS = """count(DISTINCT file) AS files, count(*) AS records, count(DISTINCT person) AS persons,
            count(DISTINCT content) AS contents, count(*) FILTER (person IS NULL) AS unmatched"""


ANNOUNCED = {  # what a reader of an announcement takes for one item
    "number": (Item.BASIC_PENSION_NUMBER, Item.CERTIFICATE_NUMBER),
    "my_number": (Item.MY_NUMBER,),
    "name": (Item.NAME, Item.NAME_KANA),
    "birth_date": (Item.BIRTH_DATE,),
    "sex": (Item.SEX,),
    "address": (Item.POSTAL_CODE, Item.ADDRESS),
    "phone": (Item.PHONE,),
    "email": (Item.EMAIL,),
}


def announced(items: Iterable[str]) -> tuple[str, ...]:
    """Items as they are announced: a reading is a name, a postal code an address, a certificate number a number.

    >>> announced(["certificate_number", "name", "name_kana"])
    ('number', 'name')
    """
    there = set(items)
    return tuple(name for name, parts in ANNOUNCED.items() if there.intersection(parts))


def announced_of(mask: int) -> tuple[str, ...]:
    """The announced items that a mask of the column ``announced`` stands for."""
    return tuple(name for place, name in enumerate(ANNOUNCED) if mask >> place & 1)


def items_of(mask: int) -> tuple[str, ...]:
    """The items that a mask stands for."""
    return tuple(item for place, item in enumerate(ITEMS) if mask >> place & 1)


def sources() -> Step:
    """``sources``: each document's file, top folder and shield, as small numbers."""
    locks = ", ".join(f"'{lock}'" for lock in LOCKS_THAT_COUNT)
    return Step(
        "sources",
        f"""SELECT document_id, dense_rank() OVER (ORDER BY file) AS file,
                   CASE WHEN contains(file, '/') THEN split_part(file, '/', 1) ELSE '' END AS centre,
                   CASE WHEN password_beside THEN {_rank(Shield.UNPROTECTED)}
                        WHEN protection IN ({locks}) THEN {_rank(Shield.PROTECTED)}
                        WHEN protection = '{Protection.UNDETERMINED.name}' THEN {_rank(Shield.UNDETERMINED)}
                        ELSE {_rank(Shield.UNPROTECTED)} END::TINYINT AS shield
            FROM documents""",
    )


def _rank(shield: Shield) -> int:
    return WORST_FIRST.index(shield)


def facts(classes: Sequence[str]) -> Step:
    """``facts``: one row a record, with its items as a mask; ``classes``: keys of ``other`` that are told apart."""
    mask = " + ".join(f"(({item} IS NOT NULL)::INT << {place})" for place, item in enumerate(ITEMS))
    announced = " + ".join(
        f"((coalesce({', '.join(parts)}) IS NOT NULL)::INT << {place})"
        for place, parts in enumerate(ANNOUNCED.values())
    )
    keys = "coalesce(map_keys(other), [])"
    notes = " + ".join(f"(list_contains({keys}, '{name}')::INT << {place})" for place, name in enumerate(classes))
    rest = f"((len(list_filter({keys}, lambda key: starts_with(key, 'other:'))) > 0)::INT << {len(classes)})"
    return Step(
        "facts",
        f"""SELECT r.record_id, ({mask})::INT AS mask, ({announced})::INT AS announced,
                   ({notes} + {rest})::INT AS notes,
                   hash({", ".join(f"r.{item}" for item in ITEMS)}, r.other::VARCHAR) AS content,
                   left(coalesce(r.basic_pension_number, r.certificate_number), 2) AS code,
                   s.file, s.centre, s.shield, m.person, m.state, m.ask, m.conflict
            FROM records r JOIN sources s USING (document_id) JOIN matches m USING (record_id)""",
    )


def persons(residence: str) -> list[Step]:
    """``persons``: one row a person: the union of the items, the worst shield, the number's first digits, the home.

    ``residence``: a pattern for what an address may begin with.
    """
    return [
        Step(
            "addresses",
            f"""SELECT m.person, min({_home("r.address", residence)}) AS home, min(r.postal_code) AS postal_code
                FROM records r JOIN matches m USING (record_id)
                WHERE m.person IS NOT NULL AND (r.address IS NOT NULL OR r.postal_code IS NOT NULL)
                GROUP BY m.person""",
        ),
        Step(
            "register",
            f"""SELECT basic_pension_number AS holder, max({_home("address", residence)}) AS home,
                       max(postal_code) AS postal_code
                FROM holders WHERE basic_pension_number IS NOT NULL GROUP BY basic_pension_number""",
        ),
        Step(
            "persons",
            """SELECT f.*, coalesce(left(h.holder, 2), f.written, '') AS code,
                      coalesce(r.home, a.home) AS home, coalesce(r.postal_code, a.postal_code) AS postal_code
               FROM (SELECT person, bit_or(mask) AS mask, min(shield) AS shield, min(code) AS written,
                            count(*) AS records
                     FROM facts WHERE person IS NOT NULL GROUP BY person) f
                    LEFT JOIN (SELECT person, min(holder) AS holder FROM matches
                               WHERE holder IS NOT NULL GROUP BY person) h USING (person)
                    LEFT JOIN register r ON r.holder = h.holder LEFT JOIN addresses a ON a.person = f.person""",
        ),
    ]


def _home(address: str, residence: str) -> str:
    return f"nullif(regexp_extract({address}, '{residence}'), '')"


def counts(by: Sequence[str]) -> str:
    """`Count` by some columns, and for each of these by shield (null: all of them)."""
    together = ", ".join(by)
    return f"""SELECT {together}{", " if by else ""}shield, {COUNTS} FROM facts
               GROUP BY GROUPING SETS (({together}), ({together}{", " if by else ""}shield)) ORDER BY ALL"""


def notes(column: str, classes: Sequence[str]) -> str:
    """By a column of masks: how many records hold each class of other items, and any that is of no class."""
    columns = ", ".join(f"sum((notes >> {place}) & 1)::BIGINT AS n{place}" for place in range(len(classes) + 1))
    return f"SELECT {column}, {columns} FROM facts GROUP BY {column}"


def combinations() -> str:
    """Persons by the union of their items and their worst shield."""
    columns = ", ".join(f"count(*) FILTER (shield = {rank})" for rank in range(len(WORST_FIRST)))
    return f"SELECT mask, count(*), {columns} FROM persons GROUP BY mask ORDER BY mask"


def endings() -> str:
    """Documents by outcome and reason."""
    return """SELECT outcome, reason, count(*), count(*) FILTER (document = file), coalesce(sum(size), 0)::BIGINT
              FROM documents GROUP BY outcome, reason ORDER BY outcome, reason"""


def worst_files() -> str:
    """Files with records by their weakest document that has any."""
    return "SELECT shield, count(*) FROM (SELECT min(shield) AS shield FROM facts GROUP BY file) GROUP BY shield"


def locks() -> str:
    """Documents with records by protection."""
    return """SELECT protection, coalesce(password_beside, false), count(*), count(DISTINCT file), sum(records)::BIGINT
              FROM documents WHERE records > 0 GROUP BY ALL ORDER BY ALL"""


def issuers() -> str:
    """By the first digits of the number: records by their own, persons by the holder's, else by the least they bear."""
    return """SELECT code, coalesce(records, 0), coalesce(persons, 0)
              FROM (SELECT coalesce(code, '') AS code, count(*) AS records FROM facts GROUP BY 1)
                   FULL JOIN (SELECT code, count(*) AS persons FROM persons GROUP BY code) USING (code)
              ORDER BY code"""


def residences() -> str:
    """Persons and their records by where they live; ``homes`` says which postal codes lie where."""
    return """SELECT coalesce(p.home, h.home, ''), sum(records)::BIGINT, count(*)
              FROM persons p LEFT JOIN homes h USING (postal_code) GROUP BY 1 ORDER BY 1"""


def standings() -> str:
    """Records and persons by state, and of these the ones to be asked about."""
    return """SELECT state, count(*), count(DISTINCT person), count(*) FILTER (ask),
                     count(DISTINCT person) FILTER (ask)
              FROM facts GROUP BY state"""


def conflicts() -> str:
    """Records by the items that disagree."""
    return """SELECT item, count(*) FROM (SELECT unnest(string_split(conflict, ',')) AS item FROM facts)
              WHERE item <> '' GROUP BY item ORDER BY item"""


STATES = tuple(str(state) for state in State)
