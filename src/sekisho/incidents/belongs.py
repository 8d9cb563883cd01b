"""Which documents belong to an incident, each once however many scans saw it, and which of them nobody has read."""

from __future__ import annotations

import unicodedata
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
    """``places``: `PLACES` with `size`, in a row each; ``twice``: how many documents another scan saw as well.

    ``in_doubt``: of those that were read, which rows may be persons though they were taken for none.
    """

    places: pl.DataFrame
    twice: int

    def of_scan(self, scan: int) -> pl.DataFrame:
        """``document_id`` and ``doc`` of the documents that count in a scan."""
        return self.places.filter(scan=scan).select("document_id", "doc").drop_nulls()

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
        """A link is counted where it points; what was read in doubt was read in part."""
        read = (pl.col("outcome") == str(Outcome.READ)) | (pl.col("reason") == str(Reason.LINK))
        in_doubt = read & pl.col("in_doubt")
        return self.places.filter(~read | in_doubt).with_columns(
            outcome=pl.when(in_doubt).then(pl.lit(str(Outcome.PARTLY_READ))).otherwise("outcome"),
            reason=pl.when(in_doubt).then(pl.lit(str(Reason.IN_DOUBT))).otherwise("reason"),
        )


def belonging(
    scans: Iterable[tuple[int, str, pa.Table]], scopes: Sequence[Scope], nobody: Sequence[Scope] = ()
) -> Belonging:
    """The documents of ``scopes``; ``scans``: number, root, and documents (`COLUMNS`, ``in_doubt``) of each, in order.

    ``nobody``: documents of which somebody found out that they hold no person.

    A document is the same where it is called so, in whichever normal form, and has the same content; one whose content
    nobody saw, where another scan saw it under that name. What a list of hashes names and no scan saw belongs too:
    nobody has read it.
    """
    found = [_chosen(number, root, _frame(documents), scopes, nobody) for number, root, documents in scans]
    every = pl.concat([_NOTHING, *found], how="vertical_relaxed")
    rank = pl.col("outcome").replace_strict(
        {str(one): at for at, one in enumerate(READ_BETTER)}, default=len(READ_BETTER)
    )
    ordered = every.with_columns(rank=rank.cast(pl.Int32)).sort("rank", "scan", descending=[False, True])
    kept = pl.concat([_once(ordered).drop("rank"), _unseen(scopes, nobody, every["sha256"])])
    dense = kept.sort("scan", "document_id").with_row_index("doc").with_columns(pl.col("doc").cast(pl.Int64))
    return Belonging(dense, every.height - dense.drop_nulls("document_id").height)


def is_somewhere(scope: Scope, documents: pa.Table) -> bool:
    """Whether any of the documents (document, sha256) of its scan is in it."""
    there = _normal(from_arrow(documents))
    return bool(there.select(_in(scope, there).any()).item())


_NOTHING = pl.DataFrame(
    schema={
        "scan": pl.Int64, "document_id": pl.Int64, "document": pl.String, "file": pl.String, "sha256": pl.String,
        "outcome": pl.String, "reason": pl.String, "shield": pl.String, "size": pl.Int64, "records": pl.Int64,
        "modified": pl.Datetime("us", "UTC"), "place": pl.String, "called": pl.String, "nobody": pl.Boolean,
        "in_doubt": pl.Boolean,
    }
)  # fmt: skip


def _once(ordered: pl.DataFrame) -> pl.DataFrame:
    """The first of each content under a name; of none whose content nobody saw, where it was seen in its place."""
    seen = ordered.filter(pl.col("sha256").is_not_null())
    for name in ("place", "called"):
        seen = seen.unique([name, "sha256"], keep="first", maintain_order=True)
    unseen = ordered.filter(pl.col("sha256").is_null()).unique("place", keep="first", maintain_order=True)
    met = ordered.filter(pl.col("sha256").is_not_null())
    return pl.concat([seen, unseen.join(met, on="place", how="anti")])


def _unseen(scopes: Sequence[Scope], nobody: Sequence[Scope], seen: pl.Series) -> pl.DataFrame:
    """What lists of hashes name and no document that was seen is."""
    ruled_out = {one for scope in nobody for one in scope.hashes or ()}
    named = {one: scope.scan for scope in scopes for one in scope.hashes or ()}
    missing = sorted(named.keys() - set(seen))
    rows = [
        {
            "scan": named[one], "document": one, "file": one, "sha256": one, "outcome": str(Outcome.VANISHED),
            "reason": str(Reason.NOT_SEEN), "shield": str(Shield.UNDETERMINED), "records": 0, "place": one,
            "called": one, "nobody": one in ruled_out, "in_doubt": False,
        }
        for one in missing
    ]  # fmt: skip
    return pl.DataFrame(rows, _NOTHING.schema)


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
            pl.concat_str(pl.lit(unicodedata.normalize("NFC", root).rstrip("/") + "/"), "called").alias("place"),
        )
    )
    return told.select(_NOTHING.columns)


def _in(scope: Scope, documents: pl.DataFrame) -> pl.Expr:
    """A folder holds all below it; what has a hash belongs with all that lies in it."""
    inside = pl.lit(value=True)
    if scope.folder is not None:
        folder = unicodedata.normalize("NFC", scope.folder).removeprefix("./").strip("/")
        below = [f"{folder}/", f"{folder}!"] if folder else [""]
        inside = pl.any_horizontal(pl.col("called") == folder, *(pl.col("called").str.starts_with(b) for b in below))
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
    frame = from_arrow(documents.select([*COLUMNS, "in_doubt"]))
    texts = ("outcome", "reason", "protection", "file")
    return _normal(frame).with_columns(pl.col(name).cast(pl.String) for name in texts)


def _normal(documents: pl.DataFrame) -> pl.DataFrame:
    """With ``called``: the document's name as other machines write it too, told apart where a scan saw several such."""
    texts = documents.with_columns(pl.col("document", "sha256").cast(pl.String))
    called = pl.col("document").str.normalize("NFC")
    turn = pl.col("document").rank("dense").over(called)
    return texts.with_columns(
        called=pl.when(turn == 1).then(called).otherwise(pl.concat_str(called, pl.lit("\n"), turn))
    )
