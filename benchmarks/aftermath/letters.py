"""What was posted to whom, against the register from before first infection and the leak master of its version."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from benchmarks.aftermath.counted import Row, Truth

POSTED = ("queued", "printed", "sent")
NO_FONT = "[\ue000-\uf8ff]"  # characters that offices make for themselves
SURELY_65, BY_THEN = "1961-01-01", "2026-01-01"


def rows(
    truth: Truth, letters: pl.DataFrame, tellings: pl.DataFrame, masters: dict[int, pl.DataFrame]
) -> Iterator[Row]:
    """``letters``: each with where it stands and what stands in it; ``masters``: the tables by version."""
    posted = letters.filter(pl.col("state").is_in(POSTED))
    told = posted.join(truth.holders, left_on="holder", right_on="basic_pension_number", how="left", suffix="_so")

    def of(who: pl.Expr) -> int:
        return told.filter(who).height

    yield Row("letters posted", posted.height)
    yield Row("letters to nobody in the register", of(pl.col("person_so").is_null()), 0)
    exposed = pl.col("person_so").is_in(truth.exposed["person"].implode())
    yield Row("letters to persons who are not exposed", of(~exposed), 0)
    other = (pl.col("address") != pl.col("address_so")) | (pl.col("postal_code") != pl.col("postal_code_so"))
    yield Row("letters to another address than that from before", of(other.fill_null(value=True)), 0)
    moved = pl.col("person_so").is_in(truth.changed["person"].implode())
    yield Row("letters to persons whose address was changed since", of(moved), 0)
    gone = pl.any_horizontal(pl.col(name).is_not_null() for name in ("deceased", "protected_address", "abroad"))
    yield Row("letters to the dead, or who must not be found, or is abroad", of(gone), 0)
    yield Row(
        "letters that say that a pension is paid which is not", of(pl.col("paid") & (pl.col("pension") != "受給者")), 0
    )
    small = (pl.col("large_from") > BY_THEN) & (pl.col("birth_date") < SURELY_65)
    yield Row("letters in small print from 65 years", of(small), 0)
    yield Row("letters with a name that no font has", of(pl.col("name").str.contains(NO_FONT)), 0)
    yield Row("persons with two letters for one version", _twice(posted), 0)
    yield Row("letters that say other items than the master of their version", _other_items(posted, masters), 0)
    last = masters[max(masters)]
    yield Row("persons of the last version who are told in no way, or in two", _untold(last, tellings), 0)


def _twice(posted: pl.DataFrame) -> int:
    return int(posted.select("person", "version").is_duplicated().sum())


def _other_items(posted: pl.DataFrame, masters: dict[int, pl.DataFrame]) -> int:
    so = pl.concat([one.select("person", "items", "other_items", version=pl.lit(v)) for v, one in masters.items()])
    both = posted.join(so, on=["person", "version"], how="left", suffix="_so")
    return both.filter(
        pl.col("items").ne_missing(pl.col("items_so")) | pl.col("other_items").ne_missing(pl.col("other_items_so"))
    ).height


def _untold(last: pl.DataFrame, tellings: pl.DataFrame) -> int:
    found = last.select("person").join(tellings, on="person", how="left")
    return found.filter(pl.col("way").is_null() | pl.col("person").is_duplicated()).height
