"""Finds holders in the vault's register, by any number they ever had or by what was ever written of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from sekisho.countries import known
from sekisho.frames import from_arrow
from sekisho.model import Item
from sekisho.register import looks
from sekisho.register.roots import Roots
from sekisho.register.rows import NAMES
from sekisho.register.states import (
    JOINED,
    NUMBER,
    SPLITS,
    STATES,
    as_number,
    compact,
    dialect,
    empty,
    old_numbers,
    widened,
)
from sekisho.vault import Register, Span

_SEARCHED = (*map(str, NAMES), NUMBER, Item.BIRTH_DATE, Item.POSTAL_CODE, Item.ADDRESS, "former_address")


@dataclass(frozen=True, slots=True)
class Life:
    """All that the register ever said of one holder.

    ``states``: rows of `STATES` with ``act``, in order; ``undone``: what acts took back, by act. ``joined``:
    ``holder``, ``into``, ``act``, of those who turned out to be this one, or did for a time. ``splits``: `SPLITS` with
    ``act``, of numbers that were split from this holder, or of which this holder was made. ``holder``: who it is now;
    ``group``: with everybody who turned out to be this one.
    """

    holder: int
    group: tuple[int, ...]
    states: pl.DataFrame
    joined: pl.DataFrame
    splits: pl.DataFrame
    undone: dict[int, int]


def number_in(text: str) -> int | None:
    """The number, however it is written; None where it is none as holders have them."""
    written = known.normalise(Item.BASIC_PENSION_NUMBER, pl.Series([text], dtype=pl.String))
    number: int | None = pl.select(as_number(pl.lit(written))).item()
    return number


def numbers_in(texts: Iterable[str]) -> list[str]:
    """The numbers among some texts, in one form however they are written."""
    written = pl.Series(list(texts), dtype=pl.String)
    digits = pl.select(as_number(pl.lit(known.normalise(Item.BASIC_PENSION_NUMBER, written)))).to_series()
    return [str(number) for number in digits.drop_nulls()]


def by_number(register: Register, text: str, *, undone_too: bool = False) -> int | None:
    """The holder whom a number leads to, however it is written; None where nobody has it or it is no number.

    ``undone_too``: whom it led to once, where it leads to nobody now.
    """
    number = number_in(text)
    for every in (False, True) if undone_too else (False,):
        if number is not None and (found := leads_to(register, number, undone_too=every)) is not None:
            return found
    return None


def leads_to(register: Register, number: int, *, undone_too: bool = False) -> int | None:
    """The holder whom a number leads to; ``undone_too``: also by acts that were taken back."""
    for span in reversed(register.spans("numbers", undone_too=undone_too)):
        if span.may_hold(number):
            found = from_arrow(register.rows_of(span.part)).filter(number=number)["holder"]
            if len(found):
                return int(Roots(register).now(found.to_numpy())[0])
    return None


def numbers_said(life: Life) -> set[int]:
    """Numbers that files said were a holder's, in rows of their own; another one's, too, where several claim one."""
    own = life.states.filter(pl.col("holder").is_in(list(life.group)))
    now = set(own.select(as_number(pl.col(NUMBER))).to_series().drop_nulls())
    return now | set(old_numbers(own).explode(empty_as_null=True).drop_nulls())


def search(register: Register, text: str, *, anywhere: bool = False) -> list[int]:
    """The holders of whom every word of ``text`` was ever written: their names and birth date.

    Where nobody has them so, or ``anywhere``, also as a part of a name or of an address, which takes far longer.
    """
    found = [] if anywhere else list(_by_looks(register, text.split()))
    if not any(len(some) for some in found):
        found = list(_by_text(register, [looks.folded(word) for word in text.split()]))
    holders = pl.concat([pl.Series("holder", dtype=pl.Int64), *found]).unique()
    return sorted(set(Roots(register).now(holders.to_numpy()).tolist()))


def called(register: Register, names: Sequence[str], birth_date: str) -> list[int]:
    """The holders who may ever have been called one of some names, or read so, and born on a day."""
    return written(register, [[name, birth_date] for name in names])


def written(register: Register, ways: Sequence[Sequence[str]]) -> list[int]:
    """The holders of whom all words of one of some ``ways`` were ever written as a whole name, or as the birth date."""
    by_looks = _has_looks(register)
    found = [
        some
        for words in ways
        for some in (_by_looks(register, words) if by_looks else _by_text(register, [*map(looks.folded, words)]))
    ]
    holders = pl.concat([pl.Series("holder", dtype=pl.Int64), *found]).unique()
    return sorted(set(Roots(register).now(holders.to_numpy()).tolist()))


def _has_looks(register: Register) -> bool:
    """Whether this program can read the hashes of all that was imported."""
    return all(act.account.get("hash", dialect()) == dialect() for act in register.imports())


def _by_looks(register: Register, words: Sequence[str]) -> Iterator[pl.Series]:
    if not _has_looks(register):
        return
    wanted = looks.found_by(words)
    for span in register.spans("looks"):
        yield from_arrow(register.rows_of(span.part)).filter(wanted)["holder"]


def _by_text(register: Register, words: Sequence[str]) -> Iterator[pl.Series]:
    for span in register.spans("states"):
        rows = from_arrow(register.rows_of(span.part, ["holder", *_SEARCHED]))
        written = pl.concat_str(pl.col(_SEARCHED), separator="\n", ignore_nulls=True)
        bare = written.str.replace_all(r"[^\S\n]+|・", "").str.to_lowercase()
        yield rows.filter(pl.all_horizontal(bare.str.contains(word, literal=True) for word in words))["holder"]


def lives(register: Register, holders: Sequence[int]) -> list[Life]:
    """All that was ever said of some holders; only parts that hold them are opened."""
    roots = Roots(register)
    groups = {holder: roots.all_of([holder]) for holder in holders}
    joined, splits = _with_acts(register, "joined", JOINED), _with_acts(register, "splits", SPLITS)
    told = {holder: splits.filter(_concerns(group, "holder", "source")) for holder, group in groups.items()}
    wanted = {one for group in groups.values() for one in group} | {s for t in told.values() for s in t["source"]}
    states = _states(register, sorted(wanted))
    undone = register.undone()
    return [
        Life(
            holder,
            tuple(group),
            _own(states, group, told[holder]),
            joined.filter(_concerns(group, "holder", "into") & (pl.col("holder") != pl.col("into"))),
            told[holder],
            undone,
        )
        for holder, group in groups.items()
    ]


def _concerns(group: Sequence[int], *columns: str) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).is_in(list(group)) for name in columns)


def _own(states: pl.DataFrame, group: Sequence[int], splits: pl.DataFrame) -> pl.DataFrame:
    """The rows of a holder, and those under a number of theirs that were taken for another's."""
    number = as_number(pl.col(NUMBER))
    was = [
        (pl.col("holder") == source) & (number == split) & (pl.col("act") < act)
        for split, holder, source, act in splits.iter_rows()
        if holder in group and source not in group
    ]
    return states.filter(pl.any_horizontal(pl.col("holder").is_in(list(group)), *was))


def _with_acts(register: Register, table: str, schema: pa.Schema) -> pl.DataFrame:
    """All rows of a small table with ``act``, those that were undone too."""
    none = empty(schema).with_columns(act=pl.lit(0, pl.Int64))
    spans = register.spans(table, undone_too=True)
    told = (from_arrow(register.rows_of(s.part)).with_columns(act=pl.lit(s.number, pl.Int64)) for s in spans)
    return pl.concat([none, *told])


def _states(register: Register, holders: Sequence[int]) -> pl.DataFrame:
    """Every row of `STATES` of some holders with ``act``, in order."""
    some = [empty(STATES).with_columns(act=pl.lit(0, pl.Int64))]
    for number, span in _holding(register, holders):
        rows = widened(register.rows_of(span.part), STATES.names).filter(pl.col("holder").is_in(list(holders)))
        some.append(compact(rows).with_columns(act=pl.lit(number, pl.Int64)))
    return pl.concat(some).sort("act", "holder", "place")


def _holding(register: Register, holders: Sequence[int]) -> Iterator[tuple[int, Span]]:
    """The parts of `STATES` that hold some holders, and their acts."""
    states = register.spans("states", undone_too=True)
    of_act = {number: [s for s in states if s.number == number] for number in {s.number for s in states}}
    wanted: dict[int, set[int]] = {}
    for span in register.spans("holders", undone_too=True):
        if any(span.may_hold(holder) for holder in holders):
            listed = from_arrow(register.rows_of(span.part, ["holder", "part"]))
            parts = listed.filter(pl.col("holder").is_in(list(holders)))["part"].unique()
            wanted.setdefault(span.number, set()).update(parts)
    for number, places in sorted(wanted.items()):
        yield from ((number, of_act[number][at]) for at in sorted(places))
