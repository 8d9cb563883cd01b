"""The design for persons as Japanese offices know them: names in kana and kanji, birth date, sex and more."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl
from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist

from sekisho.countries import fold
from sekisho.persons.linkage import characters, kinds, names, splits
from sekisho.persons.linkage.design import Block, Comparison, Design, Level
from sekisho.wording import Text

_CLOSE = 0.85
_FEWEST_IN_A_CUT = 2

NAME_LEVELS = (
    Level("missing", Text("not known on one side", "一方が不明"), 0.0),
    Level("same", Text("kana and kanji agree", "カナ・漢字とも一致"), 0.50, rare=True),
    Level("kana", Text("kana agree", "カナが一致"), 0.30, rare=True),
    Level("homophone", Text("kana agree, kanji differ", "カナは一致、漢字が不一致"), 0.01, rare=True),
    Level(
        "spelling",
        Text("kana agree but for small kana, ヅ/ズ, long marks", "小書き・ヅ/ズ・長音を除き一致"),
        0.05,
        rare=True,
    ),
    Level("voicing", Text("kana agree but for voicing marks", "濁点・半濁点を除き一致"), 0.02, rare=True),
    Level("kanji", Text("kanji agree, kana do not", "漢字が一致、カナは不一致"), 0.02),
    Level("variant", Text("kanji are variants of each other", "異体字として一致"), 0.01),
    Level("reading", Text("a known reading of the kanji", "漢字の読みとして知られる"), 0.03),
    Level("characters", Text("readings of the single characters", "各漢字の読みとしてあり得る"), 0.02),
    Level("edit", Text("one letter apart", "1文字違い"), 0.03),
    Level("cut", Text("cut off at the width of the field", "桁あふれで途中まで一致"), 0.01),
    Level("close", Text("alike", "類似"), 0.02),
    Level("others", Text("kana and kanji differ", "カナ・漢字とも不一致"), 0.01, differs=True),
    Level("differ", Text("different", "不一致"), 0.03, differs=True),
)
FAMILY_LEVELS = (
    *NAME_LEVELS,
    Level("neither", Text("neither this nor a former name agrees", "現姓・旧姓とも不一致"), 0.01, differs=True),
)


def _name(part: str) -> Comparison:
    kana, kanji = f"{part}_kana", f"{part}_kanji"

    def compare(pairs: pl.DataFrame) -> pl.Series:
        renamed = {kana: "kana", kanji: "kanji", f"{kana}_right": "kana_right", f"{kanji}_right": "kanji_right"}
        level = name_level(pairs.rename(renamed))
        return _of_changed(level, pairs["changed_right"]) if part == "family" else level

    def key(values: pl.DataFrame) -> pl.Series:
        return pl.select(pl.coalesce(names.key(values[kana]), "?" + fold.names(values[kanji]))).to_series()

    title = Text("surname", "姓") if part == "family" else Text("given name", "名")
    cohort = ("alias",) if part == "family" else ("sex_code", "years")
    if part == "family":
        return Comparison(part, title, (kana, kanji, "changed"), FAMILY_LEVELS, compare, key, True, cohort)
    return Comparison(part, title, (kana, kanji), NAME_LEVELS, compare, key, cohort=cohort)


def _of_changed(level: pl.Series, changed: pl.Series) -> pl.Series:
    """Surnames that differ, of a holder whose former name is known: no change of name explains it."""
    differ = [at for at, one in enumerate(FAMILY_LEVELS) if one.differs]
    neither = level.is_in(differ) & changed.is_not_null()
    return level.set(neither, len(FAMILY_LEVELS) - 1)


def name_level(pairs: pl.DataFrame) -> pl.Series:
    """``kana``, ``kanji`` and the same with ``_right``, distinct pairs -> place in the levels of a name."""
    texts = pairs.select(
        "kana",
        "kana_right",
        plain=fold.once(names.plain, pairs["kana"]),
        plain_right=fold.once(names.plain, pairs["kana_right"]),
        kanji=fold.once(fold.names, pairs["kanji"]),
        kanji_right=fold.once(fold.names, pairs["kanji_right"]),
        raw=pairs["kanji"],
        raw_right=pairs["kanji_right"],
    )
    keys = {f"key{side}": fold.once(names.key, pairs[f"kana{side}"]) for side in ("", "_right")}
    known = names.plausible_readings()
    texts = texts.with_columns(**keys, read=_may_be_read(texts["kanji_right"], keys["key"], known))
    back = _may_be_read(texts["kanji"], keys["key_right"], known)
    composed = characters.composed(pl.concat([texts["kanji"], texts["kanji_right"]]))
    by_character = _may_be_read(texts["kanji_right"], keys["key"], composed)
    by_character |= _may_be_read(texts["kanji"], keys["key_right"], composed)
    edits, close = _distances(texts)
    same_kana, same_kanji = pl.col("kana") == pl.col("kana_right"), pl.col("raw") == pl.col("raw_right")
    shorter = pl.min_horizontal(pl.col("plain").str.len_chars(), pl.col("plain_right").str.len_chars())
    is_cut = (pl.col("plain").str.starts_with(pl.col("plain_right"))) | (
        pl.col("plain_right").str.starts_with(pl.col("plain"))
    )
    ways = {
        "same": same_kana & (same_kanji | (pl.col("kanji") == pl.col("kanji_right"))),
        "homophone": same_kana & pl.col("kanji").ne(pl.col("kanji_right")),
        "kana": same_kana,
        "spelling": pl.col("plain") == pl.col("plain_right"),
        "voicing": pl.col("key") == pl.col("key_right"),
        "kanji": same_kanji,
        "variant": pl.col("kanji") == pl.col("kanji_right"),
        "others": pl.col("plain").ne(pl.col("plain_right")) & pl.col("kanji").ne(pl.col("kanji_right")),
        "reading": pl.col("read") | pl.lit(back),
        "characters": pl.lit(by_character),
        "edit": pl.lit(edits),
        "cut": is_cut & (shorter >= _FEWEST_IN_A_CUT),
        "close": pl.lit(close),
    }
    place = {level.name: at for at, level in enumerate(NAME_LEVELS)}
    told = pl.any_horizontal(
        pl.col("kana").is_not_null() & pl.col("kana_right").is_not_null(),
        pl.col("raw").is_not_null() & pl.col("raw_right").is_not_null(),
    )
    level = pl.coalesce(
        *(pl.when(way.fill_null(value=False)).then(pl.lit(place[name])) for name, way in ways.items()),
        pl.when(told).then(pl.lit(place["differ"])),
        pl.lit(0),
    )
    return texts.select(level.cast(pl.UInt8)).to_series()


def _may_be_read(kanji: pl.Series, key: pl.Series, readings: pl.DataFrame) -> pl.Series:
    """Whether ``key`` is one of the ``readings`` of ``kanji``."""
    pairs = pl.DataFrame({"kanji": kanji, "key": key})
    known = readings.with_columns(read=pl.lit(value=True))
    return pairs.join(known, on=["kanji", "key"], how="left", maintain_order="left")["read"].fill_null(value=False)


def _distances(texts: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Which pairs are one edit apart (of three letters and more), and which are close."""
    left, right = texts["plain"].fill_null("").to_list(), texts["plain_right"].fill_null("").to_list()
    edits = cpdist(left, right, scorer=Levenshtein.distance, score_cutoff=1, dtype=np.uint8) == 1
    close = cpdist(left, right, scorer=JaroWinkler.similarity, score_cutoff=_CLOSE, dtype=np.float32) > 0
    long = (texts["plain"].str.len_chars() + texts["plain_right"].str.len_chars() >= 5).fill_null(value=False)
    return pl.Series(edits) & long, pl.Series(close)


_ERA_SLIPS = (12, 14, 30, 44, 58, 63)
"""Years between the firsts of two eras (大正 and 昭和 14, 昭和 and 平成 63, ...), and the twelve of the zodiac."""


BIRTH = kinds.date(_ERA_SLIPS)

_OFFICE_LEVELS = (
    Level("missing", Text("not known on one side", "一方が不明"), 0.0),
    Level("same", Text("the same office", "一致"), 0.5),
    Level("prefecture", Text("the same first two digits", "上2桁が一致"), 0.2),
    Level("differ", Text("different", "不一致"), 0.3),
)


def office_level(pairs: pl.DataFrame) -> pl.Series:
    """``office``: the first four digits of a pension number."""
    one, other = pl.col("office"), pl.col("office_right")
    near = one.str.slice(0, 2) == other.str.slice(0, 2)
    level = pl.when(one == other).then(1).when(near).then(2).when(~near).then(3).otherwise(0)
    return pairs.select(level.cast(pl.UInt8)).to_series()


PLACE_LEVELS = (
    Level("missing", Text("not known on one side", "一方が不明"), 0.0),
    Level("same", Text("the same address", "一致"), 0.5),
    Level("postal", Text("the same postal code", "郵便番号が一致"), 0.1),
    Level("area", Text("the same area (three digits)", "郵便番号の上3桁が一致"), 0.1),
    Level("differ", Text("different", "不一致"), 0.3),
)


def place_level(pairs: pl.DataFrame) -> pl.Series:
    """``postal`` and ``address``, which is folded here: distinct pairs are fewer than rows."""
    one, other = pl.col("postal"), pl.col("postal_right")
    same = (fold.addresses(pairs["address"]) == fold.addresses(pairs["address_right"])).fill_null(value=False)
    area = one.str.slice(0, 3) == other.str.slice(0, 3)
    told = area.is_not_null() | (pl.col("address").is_not_null() & pl.col("address_right").is_not_null())
    level = pl.when(pl.lit(same)).then(1).when(one == other).then(2).when(area).then(3).when(told).then(4).otherwise(0)
    return pairs.select(level.cast(pl.UInt8)).to_series()


PERIOD_LEVELS = (
    Level("missing", Text("not known on one side", "一方が不明"), 0.0),
    Level("apart", Text("do not overlap", "重複なし"), 0.99),
    Level("overlap", Text("overlap: one person pays once", "重複あり"), 0.01),
)


def period_level(pairs: pl.DataFrame) -> pl.Series:
    """``periods``: ``1971-04/1975-03;...`` on both sides; months in common are an overlap."""
    both = pairs.select("periods", "periods_right").with_row_index("pair")
    spans = [
        both.select("pair", pl.col(side).str.split(";"))
        .explode(side, empty_as_null=True)
        .select("pair", pl.col(side).str.splitn("/", 2).struct.rename_fields([f"from_{side}", f"to_{side}"]).alias("s"))
        .unnest("s")
        for side in ("periods", "periods_right")
    ]
    met = (
        spans[0]
        .join(spans[1], on="pair")
        .with_columns(
            overlap=(pl.col("from_periods") <= pl.col("to_periods_right"))
            & (pl.col("from_periods_right") <= pl.col("to_periods"))
        )
    )
    found = both.join(
        met.group_by("pair").agg(pl.col("overlap").any(ignore_nulls=False)),
        on="pair",
        how="left",
        maintain_order="left",
    )
    level = pl.when(pl.col("overlap")).then(2).when(~pl.col("overlap")).then(1).otherwise(0)
    return found.select(level.cast(pl.UInt8)).to_series()


_FORMER = ("former_name", "former_name_kana")
_LATIN = r"^[A-Za-zＡ-Ｚａ-ｚ][A-Za-zＡ-Ｚａ-ｚ\s　.,'’-]+$"
_TAKEN = ("name", "name_kana", "birth_date", "sex", "office", "postal_code", "address", "periods", *_FORMER)


def prepare(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with any of `_TAKEN` -> the design's columns; an absent column is unknown."""
    absent = [pl.lit(None, pl.String).alias(c) for c in _TAKEN if c not in rows.columns]
    has = rows.select(pl.col(c).cast(pl.String) for c in _TAKEN if c in rows.columns).with_columns(absent)
    in_kana, in_latin = (
        has[column].str.contains(script).fill_null(value=False)
        for column, script in (("name", fold.KANA_ONLY), ("name_kana", _LATIN))
    )
    kana = has["name_kana"].set(in_latin, None).fill_null(has["name"].set(~in_kana, None))
    kanji = has["name"].set(in_kana, None).fill_null(has["name_kana"].set(~in_latin, None))
    kanas, kanjis = splits.apart(kana, "kana"), splits.apart(kanji, "kanji")
    changed = has.select(pl.when(pl.any_horizontal(pl.col(_FORMER).is_not_null())).then(pl.lit("y"))).to_series()
    return pl.DataFrame(
        {
            "family_kana": kanas["family"], "given_kana": kanas["given"],
            "family_kanji": kanjis["family"], "given_kanji": kanjis["given"],
            "changed": changed, "birth": has["birth_date"], "sex": has["sex"], "office": has["office"],
            "postal": has["postal_code"], "address": has["address"], "periods": has["periods"],
        }
    )  # fmt: skip


def other_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows once more under ``former_name`` and ``former_name_kana``, and in Latin letters alone."""
    return pl.concat([_under_former_names(rows), _in_latin(rows)])


def _under_former_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Former names are whole ones, or surnames alone."""
    columns = [c for c in _FORMER if c in rows.columns]
    if not columns:
        return rows.clear()
    named = rows.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    given = {
        "name": splits.apart(named["name"], "kanji")["given"],
        "name_kana": splits.apart(named["name_kana"], "kana")["given"],
    }
    renamed = [
        pl.when(former.str.contains(splits.SPACE))
        .then(former)
        .otherwise(pl.concat_str(former, pl.lit(" "), pl.lit(given[name])))
        .alias(name)
        for name in given
        if f"former_{name}" in columns and (former := pl.col(f"former_{name}").cast(pl.String)) is not None
    ]
    return named.with_columns(renamed)


def _in_latin(rows: pl.DataFrame) -> pl.DataFrame:
    """Whoever has a name in Latin letters and its kana may be written by the letters alone."""
    if not {"name", "name_kana"} <= set(rows.columns):
        return rows.clear()
    return rows.filter(pl.col("name").str.contains(_LATIN), pl.col("name_kana").is_not_null()).with_columns(
        name_kana=pl.lit(None, pl.String)
    )


def in_readings(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with kanji and no kana once more under each likely reading: names meet by their kana."""
    if not {"name", "name_kana"} <= set(rows.columns):
        return rows.clear()
    other_script = pl.col("name").str.contains(_LATIN) | pl.col("name").str.contains(fold.KANA_ONLY)
    own = rows.filter(pl.col("name_kana").is_null(), pl.col("name").is_not_null(), ~other_script)
    if own.is_empty():
        return rows.clear()
    read = own.drop("name_kana").join(splits.readings(own["name"]), on="name", maintain_order="left")
    return read.rename({"kana": "name_kana"}).select(rows.columns)


def other_ways(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows once more with their names taken apart in other ways that are likely, also with the given name first."""
    found = []
    for column, script in (("name_kana", "kana"), ("name", "kanji")):
        if column in rows.columns:
            own = (
                rows
                if column == "name_kana" or "name_kana" not in rows.columns
                else rows.filter(pl.col("name_kana").is_null())
            )
            ways = splits.others(own[column], script).rename({"whole": column})
            again = own.join(ways, on=column, maintain_order="left")
            written = pl.concat_str("family", pl.lit(" "), "given").alias(column)
            found.append(again.with_columns(written).select(rows.columns))
    return pl.concat([rows.clear(), *found])


_NEEDS = {
    "sex": {"sex"},
    "office": {"office", "basic_pension_number"},
    "place": {"postal_code", "address"},
    "periods": {"periods", "period_from", "period_to"},
}
_ALWAYS = {"record", "basic_pension_number", "name", "name_kana", "former_name", "former_name_kana", "birth_date"}


def design(holders: Collection[str], records: Collection[str]) -> Design:
    """`DESIGN` without what one of two tables, by the columns they have, does not tell."""
    told = (
        one.name
        for one in DESIGN.comparisons
        if one.name not in _NEEDS or (_NEEDS[one.name] & set(holders) and _NEEDS[one.name] & set(records))
    )
    return DESIGN.of(*told)


def columns(design: Design) -> set[str]:
    """The columns of a table that ``design`` looks at; the others need not be read."""
    return _ALWAYS.union(*(_NEEDS.get(one.name, set()) for one in design.comparisons))


_COHORT = 5
"""Years of birth in which given names are about equally in fashion."""


def _number(texts: pl.DataFrame, at: int, length: int) -> pl.Series:
    return texts["birth"].str.slice(at, length).cast(pl.Int32, strict=False)


DESIGN = Design(
    name="people of Japan",
    comparisons=(
        _name("family"),
        _name("given"),
        kinds.comparison("birth", Text("birth date", "生年月日"), BIRTH),
        kinds.comparison("sex", Text("sex", "性別"), kinds.CATEGORY),
        Comparison("office", Text("issuing office", "課所符号"), ("office",), _OFFICE_LEVELS, office_level),
        Comparison("place", Text("address", "住所"), ("postal", "address"), PLACE_LEVELS, place_level, many=True),
        Comparison("periods", Text("periods", "加入期間"), ("periods",), PERIOD_LEVELS, period_level, many=True),
    ),
    blocks=(
        Block(("birth", "given_key")),
        Block(("birth", "family_key")),
        Block(("family_key", "given_key", "year")),
        Block(("family_key", "given_key", "month_day")),
        Block(("family_key", "given_key"), most=20),
    ),
    prepare=prepare,
    renamed="family",
    apart_by="sex_code",
    together=("family", "given"),
    extras={
        "sex_code": lambda texts: (
            texts["sex"].replace_strict({"M": 1, "F": 2}, default=0, return_dtype=pl.Int32).fill_null(0)
        ),
        "year": lambda texts: _number(texts, 0, 4),
        "years": lambda texts: (_number(texts, 0, 4) // _COHORT).fill_null(0),
        "month_day": lambda texts: _number(texts, 5, 2) * 100 + _number(texts, 8, 2),
    },
)
