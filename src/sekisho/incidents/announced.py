"""What a version of the leak master counts, in the items in which it is announced: files, records, persons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl
import pyarrow as pa

from sekisho.errors import AccountError
from sekisho.figures import Leaked
from sekisho.frames import from_arrow
from sekisho.incidents import steps
from sekisho.incidents.master import MASTER, PLACED, PLACES, UNREAD, parted, version_of
from sekisho.vault.leak import Leak
from sekisho.wording import Text

_PERSONS = ["items", "other_items", "worst_protection"]
_RANKS = {str(shield): rank for rank, shield in enumerate(steps.WORST_FIRST)}
Rows = dict[tuple[str, ...], dict[str, int]]


def leaked(leak: Leak, version: int) -> Leaked:
    """The counts of a version of the leak master; raises VaultError, AccountError where they are not its account's."""
    made = _leaked(leak.of(version))
    about = version_of(leak, version).account
    found = {"persons": _sum(made.persons), "records": _sum(made.records)}
    for name, n in found.items():
        if n != about[name]:
            raise _differs(name, n, about[name])
    return made


def _sum(rows: Mapping[tuple[str, ...], Mapping[str, int]]) -> int:
    return sum(sum(row.values()) for row in rows.values())


def _differs(name: str, found: int, said: int) -> AccountError:
    return AccountError(
        Text(
            "{name}: {found:,} in the tables of the leak master, {said:,} in its account.",
            "{name}: 対象者名簿の表では{found:,}、集計では{said:,}。",
        ).fill(name=name, found=found, said=said),
        Text("Check the vault: `sekisho vault check`.", "`sekisho vault check` で保管庫を検査してください。"),
    )


def _leaked(leak: Leak) -> Leaked:
    places = _frame(leak.read("places", PLACES, ["doc", "scan", "file", "shield", "records"]))
    placed = _frame(leak.read("placed", PLACED, ["doc", "person", "items"]))
    persons = _frame(leak.read("master", MASTER, _PERSONS)).group_by(_PERSONS).len().rows()
    by_mask = placed.join(places, on="doc").group_by("items", "shield").len()
    return Leaked(
        files=_files(places),
        records=_by_items((steps.items_of(mask), shield, n) for mask, shield, n in by_mask.iter_rows()),
        persons=_by_items((parted(items), shield, n) for items, _, shield, n in persons),
        also=_also((parted(others), n) for _, others, _, n in persons),
        undecided=placed["person"].null_count(),
        open_documents=leak.read("unread", UNREAD, ["doc"]).num_rows,
    )


def _files(places: pl.DataFrame) -> dict[str, int]:
    """Files with records, by the worst shield of a document in them that has any."""
    with_records = places.filter(pl.col("records") > 0)
    worst = with_records.group_by("scan", "file").agg(
        rank=pl.col("shield").replace_strict(_RANKS, return_dtype=pl.Int8).min()
    )
    found = dict(worst.group_by("rank").len().iter_rows())
    return {shield: found.get(rank, 0) for shield, rank in _RANKS.items()}


def _by_items(some: Iterable[tuple[Sequence[str], str, int]]) -> Rows:
    """Counts by announced items and shield."""
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for items, shield, n in some:
        found[steps.announced(items)][shield] += n
    return {key: dict(counts) for key, counts in sorted(found.items())}


def _also(some: Iterable[tuple[Sequence[str], int]]) -> dict[str, int]:
    """Persons by each class of other items; one person may be of several."""
    found: Counter[str] = Counter()
    for classes, n in some:
        found.update(dict.fromkeys(classes, n))
    return dict(sorted(found.items()))


def _frame(table: pa.Table) -> pl.DataFrame:
    return from_arrow(table).with_columns(pl.col(pl.Categorical).cast(pl.String))
