"""Finds holders in the vault's register, by any number they ever had or by what was ever written of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sekisho.countries import known
from sekisho.model import Item
from sekisho.register.rows import NAMES
from sekisho.register.states import JOINED, NUMBER, as_number, frame
from sekisho.vault import Register

_SEARCHED = (*map(str, NAMES), NUMBER, Item.BIRTH_DATE, Item.POSTAL_CODE, Item.ADDRESS, "former_address")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_BLANKS = r"[\s・]+"


@dataclass(frozen=True, slots=True)
class Life:
    """All that the register ever said of one holder.

    ``states``: rows of `STATES` with ``import``, in order; ``joined``: ``holder``, ``into``, ``import`` of those who
    turned out to be this one. ``holder``: who it is now.
    """

    holder: int
    states: pl.DataFrame
    joined: pl.DataFrame


def by_number(register: Register, text: str) -> int | None:
    """The holder whom a number leads to, however it is written; None where nobody has it or it is no number."""
    written = known.normalise(Item.BASIC_PENSION_NUMBER, pl.Series([text], dtype=pl.String))
    number = pl.select(as_number(pl.lit(written))).item()
    if number is None:
        return None
    for span in reversed(register.spans("numbers")):
        if span.may_hold(number):
            found = frame(register.rows_of(span.part)).filter(number=number)["holder"]
            if len(found):
                return _now(found[0], _joined(register))
    return None


def is_number(text: str) -> bool:
    """Whether the text is a number as holders have them."""
    written = known.normalise(Item.BASIC_PENSION_NUMBER, pl.Series([text], dtype=pl.String))
    return written[0] is not None


def search(register: Register, text: str) -> list[int]:
    """The holders of whom every word of ``text`` was ever written: in a name, a date, an address."""
    words = [_folded(word) for word in text.split()]
    found: list[pl.Series] = []
    for part in register.parts("states"):
        rows = frame(register.rows_of(part, ["holder", *_SEARCHED]))
        written = pl.concat_str(pl.col(_SEARCHED), separator="\n", ignore_nulls=True)
        bare = written.str.replace_all(r"[^\S\n]+|・", "").str.to_lowercase()
        hits = rows.filter(pl.all_horizontal(bare.str.contains(word, literal=True) for word in words))
        found.append(hits["holder"])
    joined = _joined(register)
    holders = pl.concat(found).unique().sort().to_list() if found else []
    return list(dict.fromkeys(_now(holder, joined) for holder in holders))


def _folded(word: str) -> str:
    """As `search` holds it against the register: kana as katakana where the word is nothing else."""
    text = unicodedata.normalize("NFKC", word).casefold().replace("・", "")
    katakana = text.translate(_HIRAGANA)
    return katakana if all("ァ" <= letter <= "ー" for letter in katakana) else text


def lives(register: Register, holders: Sequence[int]) -> list[Life]:
    """All that was ever said of some holders; only parts that may hold them are opened."""
    joined = _joined(register)
    groups = {holder: _ever(holder, joined) for holder in holders}
    wanted = sorted({one for group in groups.values() for one in group})
    some = []
    for span in register.spans("states"):
        if any(span.may_hold(holder) for holder in wanted):
            rows = frame(register.rows_of(span.part)).filter(pl.col("holder").is_in(wanted))
            some.append(rows.with_columns(pl.lit(span.number).alias("import")))
    states = pl.concat(some).sort("import", "holder", "place")
    return [
        Life(
            holder,
            states.filter(pl.col("holder").is_in(group)),
            joined.filter(pl.col("holder").is_in(group) & (pl.col("holder") != holder)),
        )
        for holder, group in groups.items()
    ]


def _joined(register: Register) -> pl.DataFrame:
    """``holder``, ``into``, ``import``: who turned out to be whom."""
    none = pl.DataFrame(schema={**dict.fromkeys(JOINED.names, pl.Int64), "import": pl.Int32})
    spans = register.spans("joined")
    told = (frame(register.rows_of(s.part)).with_columns(pl.lit(s.number, pl.Int32).alias("import")) for s in spans)
    return pl.concat([none, *told]).unique("holder", keep="last", maintain_order=True)


def _now(holder: int, joined: pl.DataFrame) -> int:
    """Who the holder is now."""
    into = joined.filter(holder=holder)["into"]
    return _now(into[0], joined) if len(into) else holder


def _ever(holder: int, joined: pl.DataFrame) -> set[int]:
    """The holder and everybody who turned out to be this one."""
    group = {holder}
    while more := set(joined.filter(pl.col("into").is_in(list(group)))["holder"]) - group:
        group |= more
    return group
