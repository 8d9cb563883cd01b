"""How a clerk's dictionary reads the kanji of a name, where the person reads them otherwise.

The readings come from MeCab's IPA dictionary (Debian package mecab-ipadic), not from the list that holders get
their names and matching its readings from. Where it is not installed, and for names that it does not know, names
are read character by character.
"""

from __future__ import annotations

import csv
from functools import cache
from itertools import islice, product
from pathlib import Path

import polars as pl

from benchmarks.linkage.data import lines

DICTIONARY = Path("/usr/share/mecab/dic/ipadic/Noun.name.csv")
MISSING = (
    f"{DICTIONARY} is not there (Debian: apt-get install mecab-ipadic): "
    "misreadings are made character by character, which is poorer"
)
_CHOICES = 4  # readings kept for a name
_WHOLE_NAME = 3  # moras of a character's reading from which on it is a name by itself


@cache
def characters() -> dict[str, tuple[str, ...]]:
    """Readings of characters in names, the likeliest first."""
    entries = (entry.split("=") for line in lines("characters.txt") for entry in line.split())
    return {character: tuple(readings.split("・")) for character, readings in entries}


@cache
def _dictionary() -> dict[tuple[str, bool], list[str]]:
    """(kanji, is a surname) -> readings, the likeliest first; empty where the dictionary is not installed."""
    if not DICTIONARY.exists():
        return {}
    found: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    with DICTIONARY.open(encoding="euc_jp", newline="") as lines:
        for row in csv.reader(lines):
            if row[7] in {"姓", "名"}:
                found.setdefault((row[0], row[7] == "姓"), []).append((int(row[3]), row[11]))
    return {key: list(dict.fromkeys(reading for _, reading in sorted(readings))) for key, readings in found.items()}


def installed() -> bool:
    """Whether the dictionary is there."""
    return DICTIONARY.exists()


def _moras(kana: str) -> int:
    return sum(c not in "ャュョァィゥェォ" for c in kana)


@cache
def _in_compounds() -> dict[str, tuple[str, ...]]:
    """`characters` without readings that are a given name by themselves: 太 is Futoshi only where it stands alone."""
    return {c: tuple(r for r in readings if _moras(r) < _WHOLE_NAME) for c, readings in characters().items()}


def _by_character(kanji: str, surname: bool) -> list[str]:
    known = characters() if surname or len(kanji) == 1 else _in_compounds()
    parts = [known.get(character, ()) for character in kanji]
    return ["".join(choice) for choice in islice(product(*parts), 2 * _CHOICES)] if all(parts) else []


def _others(kanji: str, kana: str, surname: bool) -> list[str]:
    readings = dict.fromkeys([*_dictionary().get((kanji, surname), []), *_by_character(kanji, surname)])
    return [reading for reading in readings if reading != kana][:_CHOICES]


def misreadings(names: pl.DataFrame, *, surname: bool) -> pl.Series:
    """For each row of ``names`` (kanji, kana): a list of readings that are not the person's, the likeliest first."""
    rows = [_others(kanji, kana, surname) for kanji, kana in names.select("kanji", "kana").iter_rows()]
    return pl.Series(rows, dtype=pl.List(pl.String))
