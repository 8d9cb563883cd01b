"""The Finnish personal identity code: birth date, century sign, serial and check character."""

from __future__ import annotations

import polars as pl
from stdnum.fi import hetu

from sekisho.countries import columns
from sekisho.model import Identifier, Proof
from sekisho.wording import Text

_SHAPE = r"^\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]$"


def normalise(column: pl.Series) -> pl.Series:
    """The code in capitals where its check character fits."""
    bare = columns.of(column, columns.matching(columns.text().str.to_uppercase().str.replace_all(" ", ""), _SHAPE))
    codes = bare.drop_nulls().unique()
    fits = pl.Series([hetu.is_valid(code, allow_temporary=True) for code in codes], dtype=pl.Boolean)
    valid = codes.filter(fits)
    return bare.set(~bare.is_in(valid.implode()).fill_null(value=False), None)


IDENTIFIER = Identifier(
    item="national_id",
    title=Text("Finnish personal identity code", "フィンランド個人識別番号"),
    headers=("henkilötunnus", "hetu", "sosiaaliturvatunnus", "sotu", "personbeteckning"),
    normalise=normalise,
    proof=Proof.STRONG,
    examples={"131052-308T": "131052-308T", "131052-308t": "131052-308T"},
    counter_examples=("131052-308U", "310252-308Y", "1234567890"),
)
