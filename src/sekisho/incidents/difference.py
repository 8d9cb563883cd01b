"""What differs between two versions of a leak master: who came, whose items grew, who turned out to be whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from sekisho.errors import AccountError
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.facts import NOTES, legal, mask, names
from sekisho.incidents.steps import ITEMS
from sekisho.wording import Text

KINDS = {
    "new": Text("came", "新規"),
    "gone": Text("no longer in it", "対象外"),
    "merged": Text("turned out to be another exposed person", "同一人と判明"),
    "grown": Text("items grew", "項目の追加"),
    "less": Text("fewer items", "項目の減少"),
    "renumbered": Text("another number", "番号の変更"),
    "identified": Text("found in the register", "台帳で特定"),
    "unlisted": Text("no longer found in the register", "台帳で特定できなくなった"),
    "forgotten": Text("forgotten", "消去済み"),
}
DIFFERENCE = pa.schema(
    [
        ("person", pa.int64()),
        ("what", pa.string()),  # one of `KINDS`; a person may have several
        ("into", pa.int64()),  # of merged ones: who they turned out to be
        ("holder", pa.string()),  # their current number, or the last one
        ("items", pa.string()),  # that were added or are no longer there, joined by +
    ]
)
_MASKED = {"items": ITEMS, "other_items": NOTES}


@dataclass(frozen=True, slots=True)
class Difference:
    """``rows``: `DIFFERENCE`; ``before`` and ``after``: how many persons there were and are."""

    rows: pa.Table
    before: int
    after: int

    def counts(self) -> Mapping[str, int]:
        """How many of each kind."""
        found = dict(from_arrow(self.rows).group_by("what").len().iter_rows())
        return {kind: int(found.get(kind, 0)) for kind in KINDS}


def difference(old: pa.Table, new: pa.Table) -> Difference:
    """Between two `MASTER` tables, the later one second; raises AccountError where the persons do not add up.

    Persons after = before + new - gone - merged.
    """
    one, other = from_arrow(old), from_arrow(new)
    was = other.filter(pl.col("was") != "").select(into="person", person=pl.col("was").str.split("+"))
    led = was.explode("person").with_columns(pl.col("person").cast(pl.Int64))
    left = one.join(other, on="person", how="anti")
    merged = left.join(led, on="person").with_columns(what=pl.lit("merged"))
    gone = left.join(led, on="person", how="anti").with_columns(what=pl.lit("gone"))
    came = other.join(one, on="person", how="anti").with_columns(what=pl.lit("new"))
    both = other.join(one, on="person", suffix="_then")
    rows = [came, gone, merged, *_grown(both), *_known(both)]
    found = pl.concat([_shaped(some) for some in rows]).sort("what", "person")
    table = to_arrow(found, DIFFERENCE)
    made = Difference(table, one.height, other.height)
    _add_up(made)
    return made


def _add_up(made: Difference) -> None:
    counts = made.counts()
    expected = made.before + counts["new"] - counts["gone"] - counts["merged"]
    if expected != made.after:
        raise AccountError(
            Text(
                "The versions do not add up: {before:,} + {new:,} - {gone:,} - {merged:,} is not {after:,}.",
                "版の差が一致しません: {before:,}＋{new:,}－{gone:,}－{merged:,} が {after:,} になりません。",
            ).fill(before=made.before, after=made.after, **counts),
            Text("This is a fault of the program: report it.", "プログラムの不具合です。報告してください。"),
        )


def _grown(both: pl.DataFrame) -> list[pl.DataFrame]:
    now = {name: mask(bits, pl.col(name)) for name, bits in _MASKED.items()}
    then = {name: mask(bits, pl.col(f"{name}_then")) for name, bits in _MASKED.items()}
    told = []
    for kind, one, other in (("grown", now, then), ("less", then, now)):
        extra = {name: one[name] - (one[name] & other[name]) for name in _MASKED}
        words = [names(bits, pl.col(f"extra_{name}")) for name, bits in _MASKED.items()]
        some = both.with_columns(**{f"extra_{name}": extra[name] for name in _MASKED})
        some = some.filter(pl.any_horizontal(pl.col(f"extra_{name}") > 0 for name in _MASKED))
        joined = pl.concat_str(words, separator="+").str.strip_chars("+")
        told.append(some.with_columns(joined.alias("extra"), what=pl.lit(kind)))
    more = mask(legal(), pl.col("classes")) & ~mask(legal(), pl.col("classes_then"))
    classed = both.filter(more > 0).join(told[0], on="person", how="anti")
    told.append(classed.with_columns(names(legal(), more).alias("extra"), what=pl.lit("grown")))
    return told


def _known(both: pl.DataFrame) -> list[pl.DataFrame]:
    holder, then = pl.col("holder"), pl.col("holder_then")
    forgotten = pl.col("state") == "forgotten"
    kinds = {
        "renumbered": (holder != then).fill_null(value=False),
        "identified": holder.is_not_null() & then.is_null(),
        "unlisted": holder.is_null() & then.is_not_null() & ~forgotten,
        "forgotten": forgotten & (pl.col("state_then") != "forgotten"),
    }
    return [both.filter(which).with_columns(what=pl.lit(kind)) for kind, which in kinds.items()]


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    into = pl.col("into") if "into" in rows.columns else pl.lit(None, pl.Int64).alias("into")
    extra = pl.col("extra") if "extra" in rows.columns else pl.lit("")
    holder = pl.coalesce("holder", "holder_then") if "holder_then" in rows.columns else pl.col("holder")
    return rows.select("person", "what", into, holder.alias("holder"), extra.alias("items"))
