"""The named SQL steps that make profiles and holders, made by pure functions; `settle` runs them.

A profile is a distinct set of folded items: records that say the same are one profile.
"""

from __future__ import annotations

from sekisho.model import Item
from sekisho.persons import likely
from sekisho.vault.analytics import Step

ITEMS = ("number", "my_number", "name", "kana", "birth", "sex", "address", "phone", "email")
SEPARATOR = "chr(31)"
FIRST_KANJI = "\u3400"  # kana stand before it
NUMBER_LENGTH = len("NNNN-NNNNNN")  # a certificate number begins with it
MOST_OF_A_KIND = 50  # holders of one number, or of one name and birth date; where there are more it is a placeholder


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
    """The rows of the folded register that share a number, a name or a reading with a profile, or nearly."""
    shared = " OR ".join(
        f"{item} IN (SELECT {item} FROM profiles WHERE {item} IS NOT NULL)" for item in ("number", "name", "kana")
    )
    return f"SELECT * FROM folded f WHERE {shared} OR {likely.who_may_be_meant()}"


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
