"""The groups for which a matching is measured apart: sex, birth cohort, changed names, foreign names."""

from __future__ import annotations

import numpy as np
import polars as pl

from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.model import Patterns

OWN, ANOTHER, DIFFERS = MET = ("own", "another", "differs")
"""Under which name a pair met: the one both sides have, another one of the person, or two that do not agree."""
FOREIGN, JAPANESE = "foreign", "japanese"
UNKNOWN = "unknown"


def met_under(design: Design, patterns: Patterns) -> pl.Series:
    """Of each pattern, one of `MET`."""
    met = np.zeros(len(patterns.code), dtype=np.uint8)
    for one in design.comparisons:
        if one.name == design.renamed:
            differ = [place for place, level in enumerate(one.levels) if level.differs]
            met[np.isin(patterns.level[one.name], differ)] = MET.index(DIFFERS)
    met[patterns.alias > 0] = MET.index(ANOTHER)
    return pl.Series(met).replace_strict(dict(enumerate(MET)), return_dtype=pl.Enum(MET))


def facts(rows: pl.DataFrame) -> pl.DataFrame:
    """``record``, ``sex``, ``cohort`` (decade of birth) and ``script`` of records, a row each."""
    year = pl.col("birth_date").str.slice(0, 4).cast(pl.Int32, strict=False)
    return rows.select(
        "record",
        sex=pl.col("sex").fill_null(UNKNOWN),
        cohort=(year // 10 * 10).cast(pl.String).fill_null(UNKNOWN),
        script=pl.when(foreign()).then(pl.lit(FOREIGN)).otherwise(pl.lit(JAPANESE)),
    )


def foreign() -> pl.Expr:
    """Whether a row has a name in Latin letters, or one in katakana where kanji stand."""
    latin = pl.concat_str("name", "name_kana", ignore_nulls=True).str.contains("[A-Za-zＡ-Ｚａ-ｚ]")
    kana = pl.col("name").str.contains(r"^[ァ-ヺー・･\s\x{3000}]+$") & pl.col("name_kana").is_not_null()
    return (latin | kana).fill_null(value=False)
