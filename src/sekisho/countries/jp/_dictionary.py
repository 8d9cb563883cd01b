"""The names of the dictionary of Japanese names: surnames, and given names in kanji, hiragana and Latin letters."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from sekisho.countries.dictionary import Dictionary

_VARIANTS = str.maketrans(
    "髙﨑邊邉濵濱齋齊澤嶋嶌廣櫻國德瀨惠眞龍檜舘壽榮實條萬與藏淺豐彌關鹽靜劔桒槇冨曾薗冏增橫黑神﨔",
    "高崎辺辺浜浜斎斉沢島島広桜国徳瀬恵真竜桧館寿栄実条万与蔵浅豊弥関塩静剣桑槙富曽園冏増横黒神欅",
)
"""Old and popular forms of the kanji of surnames."""


def _surnames() -> Iterator[str]:
    return (cells[0] for cells in _rows("last_name_org"))


def _given_names() -> Iterator[str]:
    for table in ("first_name_man_org", "first_name_woman_org"):
        for hiragana, _, *kanji in _rows(table):
            yield from (hiragana, *kanji)


def _latin_given_names() -> Iterator[str]:
    for table in ("first_name_man_opti", "first_name_woman_opti"):
        yield from (cells[1] for cells in _rows(table))


def _rows(table: str) -> Iterator[list[str]]:
    """The rows of a table in cells."""
    folder = files("japanese_personal_name_dataset") / "dataset"
    return (row.split(",") for row in (folder / f"{table}.csv").read_text(encoding="utf-8").split())


DICTIONARY = Dictionary(
    surnames=_surnames, given_names=_given_names, latin_given_names=_latin_given_names, variants=_VARIANTS
)
