"""Takes the outcome of a matching up: what each record is now said to be, as far as that is new.

Records and candidates are too many to be held at once: both are first put by ranges of keys, each range small enough,
and then one range after the other is worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sekisho.errors import InputError
from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.asking.standing import ASK, AUTO, NONE, OUTCOMES, UNRESOLVED
from sekisho.persons.asking.states import COMPARED, ITEMS, KEY_BITS, STATES, TABLE, WHO, Reader, keyed
from sekisho.vault import Merges, Part, Span
from sekisho.wording import Tell, Text, unheard

RANGE_ROWS = 500_000  # records that are worked out at once
GATHERED_ROWS = 1_000_000  # that are put by ranges at once
PART_ROWS = 50_000  # of a part that is kept: showing one record opens one
CANDIDATES = ("record", "holder", "probability", "outcome", "rank", "reasons")
_READING = Text("{rows:,} {rows|row|rows}", "{rows:,}行")
_HELD = Text("{n} of {ranges} {ranges|range|ranges}", "{n}/{ranges}区分")
_NUMBER = pl.col("holder").str.replace_all("-", "", literal=True).cast(pl.Int64, strict=False)


@dataclass(slots=True)
class Counts:
    """What became of the records of a matching: each is ``new``, ``changed`` or the ``same`` as known already.

    ``auto``, ``ask``, ``unresolved``, ``none``: what is said of them now. Of those that were known: ``moved``, merged
    by the program with another holder now; ``unmerged``, not merged any more; ``other``: they name another person.
    ``expected_wrong``: of the automatic merges, by their probabilities; ``auto_from``: the least of these.
    ``numberless``: candidates without a number, whom nobody can be asked about.
    """

    records: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    auto: int = 0
    ask: int = 0
    unresolved: int = 0
    none: int = 0
    moved: int = 0
    unmerged: int = 0
    other: int = 0
    expected_wrong: float = 0.0
    auto_from: float | None = None
    numberless: int = 0


@dataclass(slots=True)
class Taken:
    """``standing``: how many of all records ever taken up are said to be what, changes of this one counted in.

    ``touched``: the rows of `STATES` that are new or changed, of records that acts have touched.
    """

    spans: list[Span] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    standing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    touched: list[pl.DataFrame] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A matching: batches of records (``record``, `ITEMS`, ``more``), of `CANDIDATES`, about how many rows there are.

    ``numbers``: Int64, in order: every number that leads to a holder.
    """

    records: Iterable[pl.DataFrame]
    candidates: Iterable[pl.DataFrame]
    rows: int
    numbers: np.ndarray


def take(merges: Merges, number: int, incoming: Incoming, tell: Tell = unheard) -> Taken:
    """Work a matching out as taking up ``number``; nothing counts before it is committed. Raises InputError."""
    bits = max(0, (max(incoming.rows - 1, 0) // RANGE_ROWS).bit_length())
    records = _by_range(merges, "records", incoming.records, bits, tell)
    candidates = _by_range(merges, "candidates", incoming.candidates, bits, tell)
    before = merges.takes()[-1:]
    taken = Taken()
    taken.standing |= dict(before[0].account["standing"]) if before else {}
    touched = pl.Series("key", merges.keys(), dtype=pl.Int64)
    for at in range(1 << bits):
        tell(_HELD.fill(n=at, ranges=1 << bits))
        first, last = at << (KEY_BITS - bits), ((at + 1) << (KEY_BITS - bits)) - 1
        now = _joined(_read(merges, records[at]), _read(merges, candidates[at]), incoming.numbers, taken.counts)
        merges.discard((*records[at], *candidates[at]))
        fresh = _fresh(merges, now, (first, last), number, taken)
        if fresh.height:
            taken.spans += _parts(merges, fresh, (first, last), number)
            taken.touched.append(fresh.filter(pl.col("key").is_in(touched.implode())))
    return taken


def _parts(merges: Merges, rows: pl.DataFrame, within: tuple[int, int], number: int) -> Iterator[Span]:
    """The rows of a range, which is halved until each half is small enough for a part."""
    first, last = within
    if rows.height <= PART_ROWS or first == last:
        if rows.height:
            yield Span(merges.write(TABLE, to_arrow(rows, STATES)), number, first, last)
        return
    middle = (first + last) // 2
    yield from _parts(merges, rows.filter(pl.col("key") <= middle), (first, middle), number)
    yield from _parts(merges, rows.filter(pl.col("key") > middle), (middle + 1, last), number)


def _by_range(merges: Merges, table: str, batches: Iterable[pl.DataFrame], bits: int, tell: Tell) -> list[list[Part]]:
    """Drafts of each range of keys."""
    parts: list[list[Part]] = [[] for _ in range(1 << bits)]
    done = 0
    for rows in _gathered(batches):
        done += rows.height
        tell(_READING.fill(rows=done))
        with_keys = keyed(rows)
        place = with_keys["key"].to_numpy() >> (KEY_BITS - bits) if bits else np.zeros(rows.height, np.int64)
        for (at,), some in with_keys.with_columns(range=pl.Series(place)).group_by("range"):
            draft = to_arrow(some.drop("range"))
            parts[at].append(merges.write(table, draft))
    return parts


def _gathered(batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    waiting: list[pl.DataFrame] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.height for one in waiting) >= GATHERED_ROWS:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)


def _read(merges: Merges, parts: Sequence[Part]) -> pl.DataFrame | None:
    return pl.concat([from_arrow(merges.rows_of(part)) for part in parts]) if parts else None


def _joined(
    records: pl.DataFrame | None, candidates: pl.DataFrame | None, numbers: np.ndarray, counts: Counts
) -> pl.DataFrame:
    """Rows of `STATES` without ``since``; raises InputError where the two do not belong together."""
    if records is None:
        records = from_arrow(STATES.empty_table()).select("key", "record", *ITEMS, "more")
    if records["record"].is_duplicated().any():
        raise _twice(int(records["record"].is_duplicated().sum()))
    counts.records += records.height
    if candidates is None:
        return records.with_columns(
            outcome=pl.lit(NONE),
            candidates=from_arrow(STATES.empty_table())["candidates"].extend_constant([], records.height),
        )
    ranked = _checked(candidates, records, numbers).sort("record", "rank")
    counts.numberless += ranked["holder"].null_count()
    best = ranked.group_by("record").agg(pl.col("outcome").first(), nobody=pl.col("holder").first().is_null())
    named = ranked.filter(pl.col("holder").is_not_null())
    listed = named.group_by("record", maintain_order=True).agg(candidates=pl.struct("holder", "probability", "reasons"))
    told = records.join(best, on="record", how="left").join(listed, on="record", how="left")
    outcome = pl.when(pl.col("nobody")).then(pl.lit(UNRESOLVED)).otherwise(pl.col("outcome")).fill_null(NONE)
    return told.with_columns(outcome=outcome, candidates=pl.col("candidates").fill_null([])).drop("nobody")


def _checked(candidates: pl.DataFrame, records: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """Candidates with numbers as numbers; raises InputError where they are none, or of other records or holders."""
    told = candidates.with_columns(
        pl.col("probability").cast(pl.Float64, strict=False), pl.col("rank").cast(pl.Int32, strict=False)
    )
    probable = pl.col("probability").is_between(0.0, 1.0) & pl.col("outcome").is_in([AUTO, ASK, UNRESOLVED])
    if not told.select((probable & pl.col("rank").is_not_null()).fill_null(value=False).all()).item():
        raise no_matching()
    strays = told.join(records, on="record", how="anti").height
    if strays:
        raise _other_records(strays)
    told = told.with_columns(holder=pl.when(_NUMBER.is_not_null()).then("holder"))
    asked = told.select(_NUMBER).to_series().drop_nulls().to_numpy()
    at = np.minimum(np.searchsorted(numbers, asked), max(len(numbers) - 1, 0))
    unknown = int((numbers[at] != asked).sum()) if len(numbers) else len(asked)
    if unknown:
        raise _unknown_holders(unknown)
    return told


def _fresh(merges: Merges, now: pl.DataFrame, within: tuple[int, int], number: int, taken: Taken) -> pl.DataFrame:
    """The rows that say something new, with ``since``; counts them all."""
    before = Reader(merges).between(*within)
    best = pl.col("candidates").list.get(0, null_on_oob=True).struct
    told = now.with_columns(best=best.field("holder"), probability=best.field("probability"))
    both = told.join(before, on="record", how="left", suffix="_before", maintain_order="left")
    known = pl.col("key_before").is_not_null()
    others = [name for name in COMPARED if name != "record"]
    equal = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in others)
    holder, holder_before = (pl.when(pl.col(f"outcome{when}") == AUTO).then(f"best{when}") for when in ("", "_before"))
    stays = holder.is_not_null() & (holder == holder_before).fill_null(value=False)
    since = pl.when(stays).then("since").when(holder.is_not_null()).then(pl.lit(number, pl.Int32))
    marked = both.with_columns(known=known, equal=known & equal, since=since)
    _count(marked, holder, holder_before, taken)
    return marked.filter(~pl.col("equal")).select(STATES.names).sort("key")


def _count(marked: pl.DataFrame, holder: pl.Expr, holder_before: pl.Expr, taken: Taken) -> None:
    counts = taken.counts
    known, equal = pl.col("known"), pl.col("equal")
    was = holder_before.is_not_null()
    items = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in WHO)
    sums = marked.select(
        new=(~known).sum(),
        changed=(known & ~equal).sum(),
        same=equal.sum(),
        moved=(was & (holder != holder_before)).sum(),
        unmerged=(was & holder.is_null()).sum(),
        other=(known & ~items).sum(),
    )
    for name, value in sums.row(0, named=True).items():
        setattr(counts, name, getattr(counts, name) + value)
    for outcome in OUTCOMES:
        now, before = (int((marked[name] == outcome).sum()) for name in ("outcome", "outcome_before"))
        setattr(counts, outcome, getattr(counts, outcome) + now)
        taken.standing[outcome] += now - before
    sure = marked.filter(outcome=AUTO)["probability"]
    if len(sure):
        counts.expected_wrong += float((1.0 - sure).clip(0.0).sum())
        counts.auto_from = min(float(sure.min()), 1.0 if counts.auto_from is None else counts.auto_from)  # type: ignore[arg-type]


def _twice(count: int) -> InputError:
    return InputError(
        Text("{n:,} {n|record|records} share an id.", "{n:,}件の記録の記録番号（record）が重複しています。").fill(
            n=count
        ),
        Text("Give every record an id of its own.", "記録ごとに一意の record を付けてください。"),
    )


def _other_records(count: int) -> InputError:
    return InputError(
        Text(
            "{n:,} {n|row|rows} of the matches {n|is|are} of records that are not in the file of records.",
            "照合結果の{n:,}行が、記録ファイルにない記録のものです。",
        ).fill(n=count),
        Text("Give the records that were matched.", "照合に使った記録ファイルを指定してください。"),
    )


def _unknown_holders(count: int) -> InputError:
    return InputError(
        Text(
            "{n:,} {n|candidate|candidates} of the matches {n|is|are} no holder of the vault's register.",
            "照合結果の候補のうち{n:,}件が、保管庫の台帳にいない人です。",
        ).fill(n=count),
        Text(
            "`sekisho register import` the holders that were matched with, or match with --register vault.",
            "照合に使った台帳を `sekisho register import` で取り込むか、--register vault で照合してください。",
        ),
    )


def no_matching() -> InputError:
    """The error for a file that `match` did not write."""
    return InputError(
        Text("The file holds no outcome of a matching.", "照合結果として読み取れないファイルです。"),
        Text("Give the file that `sekisho match --to` wrote.", "`sekisho match --to` の出力を指定してください。"),
    )
