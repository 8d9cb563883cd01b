"""Which documents belong to an incident, each once however many scans saw it, and which of them nobody has read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from sekisho.figures import Shield
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.case import Scope
from sekisho.incidents.master import PLACES, UNREAD
from sekisho.incidents.steps import LOCKS_THAT_COUNT
from sekisho.model import Outcome, Protection, Reason

COLUMNS = (
    "document_id", "document", "file", "outcome", "reason", "protection", "password_beside", "size", "sha256",
    "records", "modified",
)  # fmt: skip
READ_BETTER = (Outcome.READ, Outcome.PARTLY_READ, Outcome.LOCKED)
"""Of two readings of one document the earlier in this order counts, then the later scan."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """``places``: `PLACES` with `size`, in a row each; ``twice``: how many documents another scan saw as well."""

    places: pl.DataFrame
    twice: int

    def of_scan(self, scan: int) -> pl.DataFrame:
        """``document_id`` and ``doc`` of the documents that count in a scan."""
        return self.places.filter(scan=scan).select("document_id", "doc")

    def table(self) -> pa.Table:
        """`PLACES`."""
        return to_arrow(self.places, PLACES)

    def unread(self) -> pa.Table:
        """`UNREAD`: what was not read to its end, and where nobody found out that it holds no person."""
        return to_arrow(self._unread().filter(~pl.col("nobody")), UNREAD)

    def ruled_out(self) -> int:
        """How many documents nobody read to their end, but somebody found out that they hold no person."""
        return self._unread().filter("nobody").height

    def _unread(self) -> pl.DataFrame:
        """A link is counted where it points."""
        read = (pl.col("outcome") == str(Outcome.READ)) | (pl.col("reason") == str(Reason.LINK))
        return self.places.filter(~read)


def belonging(
    scans: Iterable[tuple[int, str, pa.Table]], scopes: Sequence[Scope], nobody: Sequence[Scope] = ()
) -> Belonging:
    """The documents of ``scopes``; ``scans``: number, root and documents (at least `COLUMNS`) of each, oldest first.

    ``nobody``: documents of which somebody found out that they hold no person.

    A document is the same where it is called so and has the same content; one whose content nobody saw, where another
    scan saw it under that name.
    """
    found = [_chosen(number, root, _frame(documents), scopes, nobody) for number, root, documents in scans]
    every = pl.concat([_NOTHING, *found], how="vertical_relaxed")
    rank = pl.col("outcome").replace_strict(
        {str(one): at for at, one in enumerate(READ_BETTER)}, default=len(READ_BETTER)
    )
    ordered = every.with_columns(rank=rank.cast(pl.Int32)).sort("rank", "scan", descending=[False, True])
    kept = _once(ordered)
    dense = kept.sort("scan", "document_id").with_row_index("doc").with_columns(pl.col("doc").cast(pl.Int64))
    return Belonging(dense, every.height - dense.height)


_NOTHING = pl.DataFrame(
    schema={
        "scan": pl.Int64, "document_id": pl.Int64, "document": pl.String, "file": pl.String, "sha256": pl.String,
        "outcome": pl.String, "reason": pl.String, "shield": pl.String, "size": pl.Int64, "records": pl.Int64,
        "modified": pl.Datetime("us", "UTC"), "place": pl.String, "nobody": pl.Boolean,
    }
)  # fmt: skip


def _once(ordered: pl.DataFrame) -> pl.DataFrame:
    """The first of each content under a name; of none whose content nobody saw, where it was seen in its place."""
    seen = ordered.filter(pl.col("sha256").is_not_null())
    for called in ("place", "document"):
        seen = seen.unique([called, "sha256"], keep="first", maintain_order=True)
    unseen = ordered.filter(pl.col("sha256").is_null()).unique("place", keep="first", maintain_order=True)
    met = ordered.filter(pl.col("sha256").is_not_null())
    return pl.concat([seen, unseen.join(met, on="place", how="anti")])


def _chosen(
    number: int, root: str, documents: pl.DataFrame, scopes: Sequence[Scope], nobody: Sequence[Scope]
) -> pl.DataFrame:
    chosen, without = (
        pl.any_horizontal(pl.lit(value=False), *(_in(scope, documents) for scope in some if scope.scan == number))
        for some in (scopes, nobody)
    )
    locked = pl.col("protection").is_in(LOCKS_THAT_COUNT)
    shield = (
        pl.when(pl.col("password_beside").fill_null(value=False))
        .then(pl.lit(str(Shield.UNPROTECTED)))
        .when(locked)
        .then(pl.lit(str(Shield.PROTECTED)))
        .when(pl.col("protection") == Protection.UNDETERMINED.name)
        .then(pl.lit(str(Shield.UNDETERMINED)))
        .otherwise(pl.lit(str(Shield.UNPROTECTED)))
    )
    told = (
        documents.with_columns(without.alias("nobody"))
        .filter(chosen)
        .with_columns(
            pl.lit(number, pl.Int64).alias("scan"),
            shield.alias("shield"),
            pl.concat_str(pl.lit(root.rstrip("/") + "/"), "document").alias("place"),
        )
    )
    return told.select(_NOTHING.columns)


def _in(scope: Scope, documents: pl.DataFrame) -> pl.Expr:
    """A folder holds all below it; what has a hash belongs with all that lies in it."""
    inside = pl.lit(value=True)
    if scope.folder is not None:
        folder = scope.folder.strip("/")
        below = [f"{folder}/", f"{folder}!"] if folder else [""]
        inside = pl.any_horizontal(
            pl.col("document") == folder, *(pl.col("document").str.starts_with(b) for b in below)
        )
    if scope.hashes is not None:
        wanted = sorted(one.lower() for one in scope.hashes)
        holding = documents.filter(pl.col("sha256").str.to_lowercase().is_in(wanted))["document"].to_list()
        inside = inside & pl.lit(_lies_in(documents["document"], frozenset(holding)))
    return inside


def _lies_in(called: pl.Series, wanted: frozenset[str]) -> pl.Series:
    """Boolean: which of some documents are wanted, or lie in one that is."""
    ways = (name.split("!") for name in called)
    found = [any("!".join(way[:end]) in wanted for end in range(1, len(way) + 1)) for way in ways]
    return pl.Series(found, dtype=pl.Boolean)


def _frame(documents: pa.Table) -> pl.DataFrame:
    texts = ("outcome", "reason", "protection", "document", "file", "sha256")
    return from_arrow(documents.select(COLUMNS)).with_columns(pl.col(name).cast(pl.String) for name in texts)
