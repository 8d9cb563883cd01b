"""Given names: what children were called in each cohort.

The fashion is modelled in two parts. The head (data/given.txt): the leading names of each cohort about in the order
of the surveys that life insurers publish by year of birth (the best known is Meiji Yasuda's, from 1912 on), with a
top share that falls from cohort to cohort. The shares are assumed; what is published to hold them against: the first
hundred spellings have a little over 20 % of the children of 2011. The tail: all spellings of
japanese-personal-name-dataset; a reading weighs as much as it has spellings, a spelling by how common its characters
are, and endings (子, 夫, 美, 太) rise and fall with the cohort (assumed, after the well-known share of names in 子:
over 80 % of the girls of 1935, a fifth to a quarter in 1985, a few in 2003).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import polars as pl

from benchmarks.linkage.data import lines
from benchmarks.linkage.draw import Groups
from sekisho.estate.people import _katakana, _writable

COHORTS = (1926, 1935, 1945, 1955, 1965, 1975, 1985, 1995, 2003)  # a person belongs to the nearest
SEXES = ("F", "M")
_HEAD_SLOPE = 0.5  # the share of a leading name falls with this power of its rank
_SPELLING_SLOPE = 1.0

# the share of the first name of each cohort; assumed
TOP = {
    "F": (0.022, 0.032, 0.030, 0.024, 0.019, 0.013, 0.010, 0.008, 0.006),
    "M": (0.015, 0.017, 0.016, 0.015, 0.016, 0.013, 0.012, 0.009, 0.006),
}

# endings of the tail, and their shares of it by cohort; what has none of them is the last share
ENDINGS = {
    "F": ("子", "[江枝代世野恵栄]", "[美香穂子紀]"),
    "M": ("[夫男雄郎一二三治司次吉蔵]", "[之彦明弘幸]", "[也樹介輔平]", "[太斗翔人大真]"),
}
TAIL = {
    "F": (
        (0.72, 0.18, 0.04, 0.06), (0.82, 0.10, 0.04, 0.04), (0.80, 0.09, 0.06, 0.05), (0.72, 0.08, 0.12, 0.08),
        (0.58, 0.06, 0.22, 0.14), (0.40, 0.05, 0.28, 0.27), (0.22, 0.03, 0.25, 0.50), (0.08, 0.02, 0.18, 0.72),
        (0.05, 0.02, 0.12, 0.81),
    ),
    "M": (
        (0.45, 0.12, 0.02, 0.03, 0.38), (0.45, 0.15, 0.02, 0.03, 0.35), (0.42, 0.18, 0.02, 0.03, 0.35),
        (0.34, 0.25, 0.04, 0.03, 0.34), (0.25, 0.30, 0.12, 0.03, 0.30), (0.20, 0.22, 0.26, 0.06, 0.26),
        (0.12, 0.12, 0.34, 0.16, 0.26), (0.10, 0.08, 0.30, 0.28, 0.24), (0.07, 0.05, 0.24, 0.40, 0.24),
    ),
}  # fmt: skip


def _spellings(sex: str) -> pl.DataFrame:
    """Every spelling of the dataset with a weight that knows no time: kanji, kana, tail."""
    from japanese_personal_name_dataset import load_dataset

    men, women = load_dataset("org")
    rows = [
        (kanji, _katakana(reading))
        for reading, entry in (men if sex == "M" else women).items()
        for kanji in dict.fromkeys(entry["kanji"])
        if kanji and _writable(kanji + reading)
    ]
    names = pl.DataFrame(rows, schema=["kanji", "kana"], orient="row")
    characters = names.with_row_index("row").with_columns(pl.col("kanji").str.split("").alias("one")).explode("one")
    common = characters.filter(pl.col("one") != "").with_columns(n=pl.len().over("one")).group_by("row")
    likely = common.agg(likely=pl.col("n").log().mean()).sort("row")["likely"]
    rank = pl.col("likely").rank("ordinal", descending=True).over("kana").cast(pl.Float64)
    shared = rank.pow(-_SPELLING_SLOPE)
    return names.with_columns(likely).select(
        "kanji", "kana", tail=pl.len().over("kana") * shared / shared.sum().over("kana")
    )


def _head(sex: str) -> pl.DataFrame:
    """The leading names: kanji, kana, cohort (number), head (share)."""
    lists = [line.split()[2:] for line in lines("given.txt") if line.startswith(sex)]
    ranked = [
        (cohort, top / rank**_HEAD_SLOPE, name)
        for cohort, (names, top) in enumerate(zip(lists, TOP[sex], strict=True))
        for rank, name in enumerate(names, 1)
    ]
    parts = pl.col("name").str.extract_groups(r"^(?<kanji>[^ァ-ヶー]+)(?<kana>[ァ-ヶー]+)$")
    return (
        pl.DataFrame(ranked, schema=["cohort", "head", "name"], orient="row")
        .select(parts, "cohort", "head")
        .unnest("name")
    )


def _weights(names: pl.DataFrame, head: pl.DataFrame, sex: str, cohort: int) -> pl.Series:
    """The share of each of ``names`` in one cohort."""
    ending = pl.lit(len(ENDINGS[sex]))
    for i, pattern in reversed(list(enumerate(ENDINGS[sex]))):
        ending = pl.when(pl.col("kanji").str.contains(pattern + "$")).then(i).otherwise(ending)
    shares = dict(enumerate(TAIL[sex][cohort]))
    mine = head.filter(cohort=cohort)
    rest = 1 - mine["head"].sum()
    return (
        names.join(mine, on=["kanji", "kana"], how="left", maintain_order="left")
        .with_columns(ending=ending)
        .with_columns(
            mass=pl.col("tail").sum().over("ending"),
            share=pl.col("ending").replace_strict(shares, return_dtype=pl.Float64),
        )
        .select(pl.col("tail") / pl.col("mass") * pl.col("share") * rest + pl.col("head").fill_null(0.0))
        .to_series()
    )


@cache
def given() -> tuple[pl.DataFrame, Groups]:
    """The given names (kanji, kana; women's first, each in the order of their kana) and their draw by `group`."""
    frames, groups, at = [], [], 0
    for sex in SEXES:
        head = _head(sex)
        names = (
            pl.concat([_spellings(sex), head.select("kanji", "kana", tail=pl.lit(0.0)).unique()])
            .group_by("kanji", "kana")
            .agg(pl.col("tail").max())
            .sort("kana", "kanji")
        )
        rows = pl.int_range(at, at + names.height, eager=True)
        groups += [(rows, _weights(names, head, sex, c)) for c in range(len(COHORTS))]
        frames.append(names.select("kanji", "kana"))
        at += names.height
    return pl.concat(frames), Groups(groups)


def group(woman: pl.Series, birth: pl.Series) -> pl.Series:
    """The group number of `given` by sex and birth date."""
    edges = pl.Series([(a + b + 1) // 2 for a, b in pairwise(COHORTS)], dtype=pl.Int32)
    cohort = edges.search_sorted(birth.dt.year(), side="right").cast(pl.Int64)
    return cohort + (~woman).cast(pl.Int64) * len(COHORTS)
