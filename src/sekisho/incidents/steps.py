"""The named SQL steps from records to the table, made by pure functions; `breakdown` runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sekisho.figures import Shield
from sekisho.model import Item, Protection, State
from sekisho.vault.analytics import Step

ITEMS = tuple(str(item) for item in Item)
LOCKS_THAT_COUNT = (Protection.WEAK.name, Protection.STRONG.name)
STATES = tuple(str(state) for state in State)
WORST_FIRST = (Shield.UNPROTECTED, Shield.UNDETERMINED, Shield.PROTECTED)
ITEM_BITS, STATE_BITS = len(ITEMS), 2
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
    """``sources``: each document's file, top folder and shield; ``side``: folder and shield in one number."""
    locks = ", ".join(f"'{lock}'" for lock in LOCKS_THAT_COUNT)
    return Step(
        "sources",
        f"""SELECT *, dense_rank() OVER (ORDER BY centre, shield) AS side FROM (
                SELECT document_id, dense_rank() OVER (ORDER BY file) AS file,
                       CASE WHEN contains(file, '/') THEN split_part(file, '/', 1) ELSE '' END AS centre,
                       CASE WHEN password_beside THEN {_rank(Shield.UNPROTECTED)}
                            WHEN protection IN ({locks}) THEN {_rank(Shield.PROTECTED)}
                            WHEN protection = '{Protection.UNDETERMINED.name}' THEN {_rank(Shield.UNDETERMINED)}
                            ELSE {_rank(Shield.UNPROTECTED)} END::TINYINT AS shield
                FROM documents)""",
    )


def _rank(shield: Shield) -> int:
    return WORST_FIRST.index(shield)


def facts(classes: Sequence[str]) -> Step:
    """``facts``: one row a record, with its items as a mask; ``classes``: keys of ``other`` that are told apart.

    ``cell``: all that a record is counted by, in one number.
    """
    mask = " + ".join(f"(({item} IS NOT NULL)::INT << {place})" for place, item in enumerate(ITEMS))
    keys = "coalesce(map_keys(other), [])"
    notes = " + ".join(f"(list_contains({keys}, '{name}')::INT << {place})" for place, name in enumerate(classes))
    rest = f"((len(list_filter({keys}, lambda key: starts_with(key, 'other:'))) > 0)::INT << {len(classes)})"
    state = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(STATES))
    return Step(
        "facts",
        f"""SELECT *, (((((side << {STATE_BITS}) | (CASE state {state} END)) << 1) | coalesce(ask, false)::INT)
                      << {ITEM_BITS}) | mask AS cell
            FROM (
                SELECT r.record_id, ({mask})::INT AS mask, ({notes} + {rest})::INT AS notes,
                       hash({", ".join(f"r.{item}" for item in ITEMS)}, r.other::VARCHAR) AS content,
                       left(coalesce(r.basic_pension_number, r.certificate_number), 2) AS code,
                       s.file, s.side, s.shield, m.person, m.holder, m.state, m.ask, m.conflict
                FROM records r JOIN sources s USING (document_id) JOIN matches m USING (record_id))""",
    )


def cells() -> list[Step]:
    """``heaps``: records by cell, file and notes. ``cells``: what each cell stands for."""
    mask = f"(cell & {(1 << ITEM_BITS) - 1})"
    announced = " + ".join(
        f"(({mask} & {sum(1 << ITEMS.index(part) for part in parts)} <> 0)::INT << {place})"
        for place, parts in enumerate(ANNOUNCED.values())
    )
    rest = f"(cell >> {ITEM_BITS})"
    state = " ".join(f"WHEN {place} THEN '{state}'" for place, state in enumerate(STATES))
    return [
        Step(
            "heaps",
            """SELECT cell, file, notes, count(*) AS records, count(*) FILTER (person IS NULL) AS unmatched
               FROM facts GROUP BY ALL""",
        ),
        Step(
            "cells",
            f"""SELECT cell, mask, ({announced})::INT AS announced, state, ask, s.centre, s.shield
                FROM (SELECT cell, {mask}::INT AS mask, ({rest} & 1)::BOOL AS ask,
                             CASE ({rest} >> 1) & {(1 << STATE_BITS) - 1} {state} END AS state,
                             {rest} >> {1 + STATE_BITS} AS side
                      FROM (SELECT DISTINCT cell FROM heaps))
                     JOIN (SELECT DISTINCT side, centre, shield FROM sources) s USING (side)""",
        ),
    ]


def spans() -> list[Step]:
    """``persons_spans`` and ``contents_spans``: each person and each content, with the ends of the cells it lies in."""
    return [
        Step(
            "persons_spans",
            """SELECT person, min(cell) AS low, max(cell) AS high, count(*) AS records, min(code) AS written,
                      any_value(holder) AS holder
               FROM facts WHERE person IS NOT NULL GROUP BY person""",
        ),
        Step("contents_spans", "SELECT content, min(cell) AS low, max(cell) AS high FROM facts GROUP BY content"),
        _sets("persons", "person"),
        _sets("contents", "content"),
    ]


def _sets(name: str, key: str) -> Step:
    """How many ``n`` lie in exactly the same cells: a row for each cell of such a ``set``.

    There are few sets where there are many persons, so that distinct ones are counted in any grouping at once.
    """
    return Step(
        f"{name}_sets",
        f"""SELECT set, unnest(cells) AS cell, n FROM (
                SELECT row_number() OVER () AS set, cells, n FROM (
                    SELECT [low] AS cells, count(*) AS n FROM {name}_spans WHERE low = high GROUP BY low
                    UNION ALL
                    SELECT cells, count(*) FROM (
                        SELECT list_sort(list(DISTINCT cell)) AS cells FROM facts JOIN {name}_spans USING ({key})
                        WHERE low <> high GROUP BY {key})
                    GROUP BY cells))""",
    )


def persons(residence: str) -> list[Step]:
    """``persons``: how many, and their records, by the number's first digits and the home, else the postal code.

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
            "shared",
            """SELECT basic_pension_number AS holder FROM holders WHERE basic_pension_number IS NOT NULL
               GROUP BY basic_pension_number HAVING count(*) > 1""",
        ),
        Step(
            "persons",
            f"""SELECT code, home, CASE WHEN home IS NULL THEN postal_code END AS postal_code, count(*) AS persons,
                       sum(records)::BIGINT AS records
                FROM (SELECT p.records, coalesce(left(p.holder, 2), p.written, '') AS code,
                             coalesce(r.home, a.home) AS home, coalesce(r.postal_code, a.postal_code) AS postal_code
                      FROM persons_spans p LEFT JOIN ({_register(residence)}) r USING (holder)
                           LEFT JOIN addresses a USING (person))
                GROUP BY ALL""",
        ),
    ]


def _register(residence: str) -> str:
    """Where each number's holder lives; only numbers on several rows need to be put together."""
    rows = f"SELECT basic_pension_number AS holder, {_home('address', residence)} AS home, postal_code FROM holders"
    shared = "(SELECT holder FROM shared)"
    return f"""{rows} WHERE basic_pension_number NOT IN {shared}
               UNION ALL
               SELECT holder, max(home), max(postal_code) FROM ({rows}) WHERE holder IN {shared} GROUP BY holder"""


def _home(address: str, residence: str) -> str:
    return f"nullif(regexp_extract({address}, '{residence}'), '')"


def counts(by: Sequence[str]) -> str:
    """`Count` by some columns, and for each of these by shield (null: all of them)."""
    keys = (*by, "shield")
    same = " AND ".join(f"heaps.{key} IS NOT DISTINCT FROM {{0}}.{key}" for key in keys)
    return f"""
        SELECT {", ".join(f"heaps.{key}" for key in keys)}, files, records, coalesce(persons.n, 0),
               coalesce(contents.n, 0), unmatched
        FROM (SELECT {", ".join(keys)}, count(DISTINCT file) AS files, coalesce(sum(records), 0)::BIGINT AS records,
                     coalesce(sum(unmatched), 0)::BIGINT AS unmatched
              FROM heaps JOIN cells USING (cell)
              GROUP BY GROUPING SETS (({", ".join(by)}), ({", ".join(keys)}))) heaps
             LEFT JOIN ({_once("persons", by)}) persons ON {same.format("persons")}
             LEFT JOIN ({_once("contents", by)}) contents ON {same.format("contents")}
        ORDER BY ALL"""


def _once(name: str, by: Sequence[str]) -> str:
    """How many persons or contents by some columns, and for each of these by shield; each once in its group."""
    keys = ", ".join((*by, "shield"))
    return f"""SELECT {keys}, sum(n)::BIGINT AS n FROM (
                   SELECT {keys}, any_value(n) AS n FROM {name}_sets JOIN cells USING (cell)
                   GROUP BY GROUPING SETS (({", ".join((*by, "set"))}), ({keys}, set)))
               GROUP BY {keys}"""


def notes(column: str, classes: Sequence[str]) -> str:
    """By a column of masks: how many records hold each class of other items, and any that is of no class."""
    columns = ", ".join(
        f"sum(records * ((notes >> {place}) & 1))::BIGINT AS n{place}" for place in range(len(classes) + 1)
    )
    return f"SELECT {column}, {columns} FROM heaps JOIN cells USING (cell) GROUP BY {column}"


def combinations() -> str:
    """Persons by the union of their items and their worst shield."""
    columns = ", ".join(f"coalesce(sum(n) FILTER (shield = {rank}), 0)::BIGINT" for rank in range(len(WORST_FIRST)))
    return f"""SELECT mask, sum(n)::BIGINT, {columns}
               FROM (SELECT bit_or(mask) AS mask, min(shield) AS shield, any_value(n) AS n
                     FROM persons_sets JOIN cells USING (cell) GROUP BY set)
               GROUP BY mask ORDER BY mask"""


def endings() -> str:
    """Documents by outcome and reason."""
    return """SELECT outcome, reason, count(*), count(*) FILTER (document = file), coalesce(sum(size), 0)::BIGINT
              FROM documents GROUP BY outcome, reason ORDER BY outcome, reason"""


def worst_files() -> str:
    """Files with records by their weakest document that has any."""
    return """SELECT shield, count(*)
              FROM (SELECT min(shield) AS shield FROM heaps JOIN cells USING (cell) GROUP BY file) GROUP BY shield"""


def locks() -> str:
    """Documents with records by protection."""
    return """SELECT protection, coalesce(password_beside, false), count(*), count(DISTINCT file), sum(records)::BIGINT
              FROM documents WHERE records > 0 GROUP BY ALL ORDER BY ALL"""


def issuers() -> str:
    """By the first digits of the number: records by their own, persons by the holder's, else by the least they bear."""
    return """SELECT code, coalesce(records, 0), coalesce(persons, 0)
              FROM (SELECT coalesce(code, '') AS code, count(*) AS records FROM facts GROUP BY 1)
                   FULL JOIN (SELECT code, sum(persons)::BIGINT AS persons FROM persons GROUP BY code) USING (code)
              ORDER BY code"""


def residences() -> str:
    """Persons and their records by where they live; ``homes`` says which postal codes lie where."""
    return """SELECT coalesce(p.home, h.home, ''), sum(records)::BIGINT, sum(persons)::BIGINT
              FROM persons p LEFT JOIN homes h USING (postal_code) GROUP BY 1 ORDER BY 1"""


def standings() -> str:
    """Records and persons by state, and of these the ones to be asked about."""
    return """SELECT state, records, coalesce(persons, 0), ask_records, coalesce(ask_persons, 0)
              FROM (SELECT state, sum(records)::BIGINT AS records,
                           coalesce(sum(records) FILTER (ask), 0)::BIGINT AS ask_records
                    FROM heaps JOIN cells USING (cell) GROUP BY state)
                   LEFT JOIN (SELECT state, sum(n)::BIGINT AS persons,
                                     coalesce(sum(n) FILTER (ask), 0)::BIGINT AS ask_persons
                              FROM (SELECT state, any_value(n) AS n, bool_or(ask) AS ask
                                    FROM persons_sets JOIN cells USING (cell) GROUP BY state, set)
                              GROUP BY state) USING (state)"""


def conflicts() -> str:
    """Records by the items that disagree."""
    return """SELECT item, count(*) FROM (SELECT unnest(string_split(conflict, ',')) AS item FROM facts)
              WHERE item <> '' GROUP BY item ORDER BY item"""
