"""Takes back what was done to the register: a whole act, the newest first; or that a number is somebody's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.clock import utc_now
from sekisho.errors import InputError
from sekisho.frames import from_arrow, to_arrow
from sekisho.register import looks
from sekisho.register.columns import MANY
from sekisho.register.current import total
from sekisho.register.known import Known
from sekisho.register.lookup import Life, by_number, lives, number_in
from sekisho.register.roots import Roots
from sekisho.register.states import (
    ITEMS,
    JOINED,
    LISTED,
    NUMBER,
    NUMBERS,
    RECURRING,
    SPLITS,
    STATES,
    as_number,
    as_text,
    dialect,
    marks,
    old_numbers,
)
from sekisho.vault import Entry, Kind, Register, Span
from sekisho.wording import Text


def undo(register: Register, number: int, reason: str, program: str) -> Entry:
    """Take act ``number`` back, which must be the newest that counts; it stays in the history. Raises InputError."""
    undone = register.undone()
    left = [act for act in register.acts() if act.kind is not Kind.UNDO and act.number not in undone]
    if not left:
        raise InputError(
            Text("There is nothing to take back.", "取り消せる取り込みがありません。"),
            Text("`sekisho register show` lists the imports.", "`sekisho register show` で一覧を確認できます。"),
        )
    if left[-1].number != number:
        said = Text("{n} is not the newest: {newest} is.", "{n}は最新ではありません。最新は{newest}です。")
        raise InputError(
            said.fill(n=number, newest=left[-1].number),
            Text(
                "Later ones build on earlier ones: take the newest back first.",
                "後の取り込みは前のものに基づくため、新しいものから順に取り消してください。",
            ),
        )
    made = Entry(register.next_number(), "", "", utc_now("microseconds"), program, {}, Kind.UNDO, number, reason)
    register.commit(made, [])
    return made


@dataclass(frozen=True, slots=True)
class Split:
    """``made``: the act; ``number``: what was split off, with the ``others`` that go along; ``source``: from whom."""

    made: Entry
    number: str
    others: tuple[str, ...]
    source: str | None


def split(register: Register, text: str, reason: str, program: str) -> Split:
    """Say that a number is not its holder's: whoever had it is a holder again, with what was said under it.

    The other numbers that they had go along. Raises InputError.
    """
    number = number_in(text)
    source = by_number(register, text)
    if number is None or source is None:
        raise _nobody(text)
    (life,) = lives(register, [source])
    now_rows = _last_rows(life)
    lead = now_rows.filter(place=0)[NUMBER][0]
    if number_in(lead or "") == number:
        raise InputError(
            Text("{number} is the current number of its holder.", "{number} は現在の番号です。").fill(number=lead),
            Text(
                "Name the old number that is not theirs; the current one stays.",
                "その人のものでない旧番号を指定してください。現在の番号は残ります。",
            ),
        )
    who = _who_before(register, number, life)
    gone = _numbers_of(register, who, number, life) - {number_in(lead or "") or 0}
    with_them = as_number(pl.col(NUMBER)).is_in(list(gone)).fill_null(value=False)
    theirs = _rows_of(who, number, life, now_rows.filter(with_them))
    rest = now_rows.filter(~with_them)
    act = register.next_number()
    spans = _Writer(register, act).parts(theirs, who, rest, source, gone)
    account = {"number": str(pl.select(as_text(pl.lit(number))).item()), "source": lead, "columns": []}
    account |= {"hash": dialect()}
    made = Entry(act, "", "", utc_now("microseconds"), program, account, Kind.SPLIT, None, reason)
    register.commit(made, spans)
    others = pl.DataFrame({"n": sorted(gone - {number})}, schema={"n": pl.Int64}).select(as_text(pl.col("n")))
    return Split(made, account["number"] or "", tuple(others.to_series()), lead)


def _last_rows(life: Life) -> pl.DataFrame:
    """The rows of the last state of who the holder is now."""
    mine = life.states.filter((pl.col("holder") == life.holder) & ~pl.col("act").is_in(list(life.undone)))
    return mine.filter(pl.col("act") == mine["act"].max())


def _numbers_of(register: Register, who: int, number: int, life: Life) -> set[int]:
    """What goes with the number, of all that lead to the holder: what ``who`` had, else what was said beside it."""
    if who == total(register):
        beside = _olds(life.states.filter(as_number(pl.col(NUMBER)) == number))
    else:
        every = _olds(life.states) | set(life.states.select(as_number(pl.col(NUMBER))).to_series().drop_nulls())
        beside = _had(register, who, every)
    asked = np.array(sorted({number, *beside}), np.int64)
    return set(asked[Known(register).find(asked) == life.holder].tolist())


def _rows_of(who: int, number: int, life: Life, now: pl.DataFrame) -> pl.DataFrame:
    """What is said of those who are split off: now, or when they last stood alone; else just the number."""
    if now.height:
        return now
    counted = life.states.filter(~pl.col("act").is_in(list(life.undone)))
    for alone in (pl.col("holder") == who, as_number(pl.col(NUMBER)) == number):
        last = counted.filter(alone)
        if last.height:
            return last.filter(pl.col("act") == last["act"].max())
    nothing = dict.fromkeys(ITEMS, pl.lit(None, pl.String)) | {NUMBER: as_text(pl.lit(number))}
    return life.states.head(1).with_columns(**nothing)


def _had(register: Register, holder: int, numbers: set[int]) -> set[int]:
    """Those of some numbers that a file said were the holder's."""
    found: set[int] = set()
    for span in register.spans("numbers"):
        if any(span.may_hold(number) for number in numbers):
            rows = from_arrow(register.rows_of(span.part)).filter(pl.col("number").is_in(list(numbers)), holder=holder)
            found |= set(rows["number"])
    return found


def _olds(rows: pl.DataFrame) -> set[int]:
    return set(old_numbers(rows).explode(empty_as_null=True).drop_nulls())


def _who_before(register: Register, number: int, life: Life) -> int:
    """Whose the number was before they turned out to be this one, by what a file said; else a new holder."""
    others = [holder for holder in life.group if holder != life.holder]
    for span in reversed(register.spans("numbers")):
        if span.may_hold(number):
            rows = from_arrow(register.rows_of(span.part)).filter(pl.col("holder").is_in(others), number=number)
            if rows.height:
                return Roots(register).before(int(rows["holder"][0]), life.holder)
    return total(register)


class _Writer:
    """Writes both holders of a split."""

    def __init__(self, register: Register, act: int) -> None:
        self._register, self._act = register, act

    def parts(self, theirs: pl.DataFrame, who: int, rest: pl.DataFrame, source: int, gone: set[int]) -> list[Span]:
        """``theirs``: rows of the holder ``who``; ``rest``: those of the ``source``, who loses the numbers ``gone``."""
        states = pl.concat([self._placed(theirs, who), self._placed(_without(rest, gone), source)])
        states = states.sort("holder", "place")
        numbers = pl.DataFrame({"number": sorted(gone), "holder": who}, schema=["number", "holder"])
        splits = numbers.with_columns(source=pl.lit(source, pl.Int64))
        put = self._register.put
        spans = [
            put("states", to_arrow(states, STATES), self._act, "holder", RECURRING),
            put("looks", to_arrow(looks.of(states), looks.LOOKS), self._act, "holder", looks.RECURRING),
            put("holders", to_arrow(_listed(states), LISTED), self._act, "holder"),
            put("numbers", to_arrow(numbers, NUMBERS), self._act, "number"),
            put("splits", to_arrow(splits, SPLITS), self._act, "number"),
        ]
        if who < total(self._register):
            itself = pl.DataFrame({"holder": [who], "into": [who]})
            spans.append(put("joined", to_arrow(itself, JOINED), self._act, "holder"))
        return spans

    def _placed(self, rows: pl.DataFrame, holder: int) -> pl.DataFrame:
        placed = rows.sort("place").with_columns(
            holder=pl.lit(holder, pl.Int64), place=pl.int_range(pl.len(), dtype=pl.Int32)
        )
        return placed.select(STATES.names)


def _without(rows: pl.DataFrame, gone: set[int]) -> pl.DataFrame:
    """The rows without some of their old numbers."""
    names = pl.DataFrame({"n": sorted(gone)}, schema={"n": pl.Int64}).select(as_text(pl.col("n"))).to_series()
    kept = pl.col(MANY).str.split(";").list.eval(pl.element().filter(~pl.element().is_in(names.implode())))
    joined = kept.list.join(";")
    return rows.with_columns(pl.when(joined != "").then(joined).alias(MANY))


def _listed(states: pl.DataFrame) -> pl.DataFrame:
    """The rows of `LISTED` for a part of states."""
    holders, mark = states["holder"].to_numpy(), marks(states)
    whole = {holder: np.add.reduce(mark[holders == holder]) for holder in np.unique(holders)}
    first = states["place"].to_numpy() == 0
    return states.select(
        "holder",
        "place",
        number=as_number(pl.col(NUMBER)),
        mark=pl.Series(np.where(first, [whole[holder] for holder in holders], np.uint64(0)), dtype=pl.UInt64),
        part=pl.lit(0, pl.Int32),
    )


def _nobody(text: str) -> InputError:
    return InputError(
        Text("No holder has the number.", "該当する番号の人は台帳にいません。"),
        Text("Give an old or temporary number.", "旧番号または仮番号を指定してください。"),
    )
