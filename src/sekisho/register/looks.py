"""What holders are looked up by when somebody types a name: hashes of its parts and of the birth date."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from sekisho.countries import known
from sekisho.model import Item

LOOKS = pa.schema(
    [
        ("holder", pa.int64()),
        *((name, pa.uint32()) for name in ("first", "last", "kana_first", "kana_last", "birth")),
    ]
)
"""A row for each row of `STATES` and, where it has other names, one more for each of them; 0 where there is nothing."""
RECURRING = ("first", "last", "kana_first", "kana_last", "birth")
_OTHERS = (("former_name", "former_name_kana"), ("alias", "alias_kana"), ("name_latin", None))
_SEED = 11
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def of(states: pl.DataFrame) -> pl.DataFrame:
    """The rows of `LOOKS` for some states, in order of holders."""
    birth = hashed(states[Item.BIRTH_DATE])
    found = [_under(states, birth, Item.NAME, Item.NAME_KANA)]
    for name, kana in _OTHERS:
        has = states[name].is_not_null()
        if has.any():
            found.append(_under(states.filter(has), birth.filter(has), name, kana))
    return found[0] if len(found) == 1 else pl.concat(found).sort("holder")


def folded(word: str) -> str:
    """As words are held against the register: kana as katakana where the word is nothing else."""
    text = unicodedata.normalize("NFKC", word).casefold().replace("・", "")
    katakana = text.translate(_HIRAGANA)
    return katakana if all("ァ" <= letter <= "ー" for letter in katakana) else text


def found_by(words: Sequence[str]) -> pl.Expr:
    """Which rows of `LOOKS` have each of the words: as a surname, a given name, a whole name or the birth date."""
    return pl.all_horizontal(_has(word) for word in words)


def _has(word: str) -> pl.Expr:
    text = folded(word)
    date = known.normalise(Item.BIRTH_DATE, pl.Series([text], dtype=pl.String))[0] if text[:1].isdigit() else None
    cuts = [(text[:at], text[at:]) for at in range(1, len(text))]
    values = hashed(pl.Series([date or text, text, *(part for cut in cuts for part in cut)], dtype=pl.String)).to_list()
    birth, whole, *parts = values
    ways = [pl.col("birth") == birth, *(pl.col(name) == whole for name in RECURRING[:-1])]
    for at in range(0, len(parts), 2):
        for first, last in (RECURRING[:2], RECURRING[2:4]):
            ways.append((pl.col(first) == parts[at]) & (pl.col(last) == parts[at + 1]))
    return pl.any_horizontal(ways)


def hashed(column: pl.Series) -> pl.Series:
    """UInt32, by `states.dialect`; 0 for null."""
    mixed = (column.hash(_SEED).to_frame("hash")).select((pl.col("hash") // 2**32).cast(pl.UInt32)).to_series()
    return mixed.set(column.is_null(), 0) if column.null_count() else mixed


def _under(states: pl.DataFrame, birth: pl.Series, name: str, kana: str | None) -> pl.DataFrame:
    none = pl.Series([None], dtype=pl.String).new_from_index(0, states.height)
    parts = [*_parts(states[name]), *(_parts(states[kana]) if kana else (none, none))]
    columns = (hashed(part).alias(title) for part, title in zip(parts, RECURRING, strict=False))
    return pl.DataFrame([states["holder"], *columns, birth.alias("birth")])


def _parts(names: pl.Series) -> tuple[pl.Series, pl.Series]:
    """What stands before the first blank, and what after it."""
    if names.str.contains("[A-Za-z・]").any():
        names = names.str.replace_all("・", " ", literal=True).str.to_lowercase()
    parts = names.str.splitn(" ", 2).struct.unnest()
    last = parts.to_series(1)
    return parts.to_series(0), last.str.replace_all(" ", "", literal=True) if last.str.contains(" ").any() else last
