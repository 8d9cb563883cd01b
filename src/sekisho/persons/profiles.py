"""The named SQL steps that make profiles and holders, made by pure functions; `settle` runs them.

A profile is a distinct set of folded items: records that say the same are one profile.
"""

from __future__ import annotations

from sekisho.countries.fold import NUMBER_LENGTH
from sekisho.model import Item
from sekisho.vault.analytics import Step

ITEMS = ("number", "my_number", "name", "kana", "birth", "sex", "address", "phone", "email")
SEPARATOR = "chr(31)"
_WRITTEN = {"name": Item.NAME, "kana": Item.NAME_KANA, "birth": Item.BIRTH_DATE, "sex": Item.SEX}
FIRST_KANJI = "\u3400"  # kana stand before it
MOST_OF_A_KIND = 50  # holders of one number, or of one name and birth date; where there are more it is a placeholder


def settled_as_written() -> list[Step]:
    """``as_written``: records that give the number of one holder and agree with them in all, as it is written.

    That is nearly every record where there is a register; nothing of them needs to be folded or weighed.
    Texts are held against each other by hashes of 64 bits, which is cheaper than to carry them along.
    ``shared``: numbers that stand on several rows of the register.
    """
    alike = ", ".join(
        f"CASE WHEN {item} IS NOT NULL THEN hash({item}) END AS {called}" for called, item in _WRITTEN.items()
    )
    number = f"coalesce(r.{Item.BASIC_PENSION_NUMBER}, left(r.{Item.CERTIFICATE_NUMBER}, {NUMBER_LENGTH}))"
    return [
        Step(
            "shared",
            f"""SELECT {Item.BASIC_PENSION_NUMBER} AS number, count(*) AS rows FROM register
                WHERE {Item.BASIC_PENSION_NUMBER} IS NOT NULL GROUP BY ALL HAVING count(*) > 1""",
        ),
        Step(
            "as_written",
            f"""SELECT r.place, r.record_id, h.number, r.birth IS NOT NULL AS birth, r.sex IS NOT NULL AS sex,
                       coalesce(r.name, r.kana) IS NOT NULL AS called
                FROM (SELECT place, record_id, {number} AS number, {Item.NAME} >= '{FIRST_KANJI}' AS kanji, {alike}
                      FROM records r) r
                JOIN (SELECT {Item.BASIC_PENSION_NUMBER} AS number, {alike} FROM register) h USING (number)
                WHERE {_as_written_alike()} AND number NOT IN (SELECT number FROM shared)""",
        ),
    ]


def _as_written_alike() -> str:
    """A name in kana is a reading too: where only one side gives a reading the name must be in kanji."""
    agree = " AND ".join(f"coalesce(r.{item} = h.{item}, true)" for item in ("birth", "sex"))
    return f"""{agree} AND CASE
        WHEN r.name = h.name THEN coalesce(r.kana = h.kana, r.kanji)
        WHEN r.name IS NULL OR h.name IS NULL
        THEN coalesce(r.kana = h.kana, r.name IS NULL AND r.kana IS NULL)
        ELSE false END"""


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
