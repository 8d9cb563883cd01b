"""How exposed persons are told, and the letters that they get, said as a plan of letters says it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sekisho.flow.assessing.count import load
from sekisho.flow.telling.letter_words import as_json
from sekisho.frames import from_arrow, to_arrow
from sekisho.report.letter import Words
from sekisho.vault import Vault
from sekisho.vault.letters import CONTENT, TABLE, State
from sekisho.vault.tellings import Way
from sekisho.wording import Text

OFFICE = Text("Invented Pension Office", "架空年金事務所")
WORDS = Words(OFFICE, "0120-000-000", Text("every day", "毎日"), (Text("1-1 Nowhere", "架空町1-1"),))


def tell(vault: Vault, incident: int, ways: Mapping[int, Way], version: int = 1) -> None:
    """Say of persons how they are told; who is told by letter, and has none yet, gets one."""
    letters = vault.letters(incident)
    has_one = set(letters.standing()["person"].to_pylist())
    due = [one for one, way in ways.items() if way is Way.LETTER and one not in has_one]
    master = from_arrow(load(vault, incident).table).filter(pl.col("person").is_in(due))
    first = letters.next_number()
    new = master.with_columns(letter=pl.int_range(pl.len(), dtype=pl.Int64) + first)
    letters.begin()
    parts = [letters.write(TABLE, to_arrow(_content(new), CONTENT))]
    with vault.act("letters.plan", incident=incident):
        if letters.words() is None:
            letters.say({**as_json(WORDS), "as_of": ""})
        letters.keep(parts)
        letters.add((letter, one, version, State.CREATED, "") for letter, one in new.select("letter", "person").rows())
        vault.tellings(incident).put([(one, way, "", version) for one, way in ways.items()], "2026-01-01")


def _content(new: pl.DataFrame) -> pl.DataFrame:
    told = new.select(
        *("letter", "holder", "items", "other_items"),
        language=pl.lit("ja"),
        large_from=pl.lit("2100-01-01"),
        more=pl.lit(value=False),
        paid=pl.lit(value=True),
        name=pl.concat_str(pl.lit("架空 "), pl.col("holder").str.slice(-1), pl.lit("郎")),
        postal_code=pl.lit("900-0029"),
        address=pl.concat_str(pl.lit("沖縄県那覇市架空"), pl.col("holder").str.slice(-1), pl.lit("-1")),
        size=pl.lit(11.0),
        family=pl.lit("Noto Sans CJK JP"),
        mark=pl.col("letter").cast(pl.UInt64),
    )
    return told.select(CONTENT.names)
