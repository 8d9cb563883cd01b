"""Makes what the case of 2015 needs beside the estate: later files, a register, changes, callers, new numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from sekisho.estate.aftermath import callers, changes, holders, hurried
from sekisho.estate.aftermath.exposed import exposed
from sekisho.estate.aftermath.facts import FIRST_INFECTION, REGISTER_AFTER, REGISTER_BEFORE
from sekisho.estate.catalogue import TOKYO
from sekisho.estate.columns import KANA, NAME
from sekisho.estate.dice import Dice
from sekisho.estate.make import Estate, Invented, invent
from sekisho.estate.people import numbers
from sekisho.estate.plan import Task

LATE = (TOKYO,)
"""The centres whose files come later."""
WORDS = ("announcement.toml", "letter.toml", "regulator.toml")
"""What only people can say."""
STRANGERS = 4
"""Exposed persons at least who are not in the register."""
SPARE = 1.05  # new numbers for each exposed person
_POOL_OFFICE, _POOL_OFFICES = 61, 30  # of which no number was ever issued


@dataclass(frozen=True, slots=True)
class Case:
    """What was made, in counts: ``exposed`` persons by the first files, and by all; planted ``changes``; ``calls``."""

    estate: Estate
    exposed_first: int
    exposed: int
    changes: int
    calls: int


def make(folder: Path, scale: float, seed: int, tell: Callable[[Task], None] = lambda _: None) -> Case:
    """Write ``folder``/estate, later (the files of `LATE`), passwords.txt, and beside them what `_write` says."""
    made = invent(folder, scale, seed, tell, STRANGERS)
    (folder / "later").mkdir()
    for centre in LATE:
        if (folder / "estate" / centre).exists():
            (folder / "estate" / centre).rename(folder / "later" / centre)
    return _write(folder, made, Dice(seed).stream("aftermath"))


def _write(folder: Path, made: Invented, dice: Dice) -> Case:
    """What a user is handed beside the files, and the truth."""
    known = exposed(pl.read_parquet(folder / "truth" / "records.parquet"), LATE, made.everybody, made.holders)
    before = holders.history(made.holders, made.everybody, dice.stream("history"))
    before = holders.with_odd_names(before, _to_be_odd(before, known))
    between = changes.planted(before, known, made.shut_in, dice.stream("changes"))
    changed = between.after["person"]
    calling = callers.planted(before, made.everybody, known, made.shut_in, changed, dice.stream("callers"))
    holders.write(folder / f"register-{REGISTER_BEFORE}.csv", before)
    holders.write(folder / f"register-{REGISTER_AFTER}.csv", between.after)
    changes.write(folder / "changes.csv", between.rows)
    callers.write(folder / "callers.csv", calling)
    listed = hurried.hurried(before, known, dice.stream("hurried"))
    hurried.write(folder / "helpline-list.csv", listed)
    (folder / "proxy.log").write_text("".join(_traffic()), "utf-8")
    fresh = numbers(
        round(SPARE * known["holder"].drop_nulls().len()) + 20, dice.stream("pool"), _POOL_OFFICE, _POOL_OFFICES
    )
    fresh.to_frame("基礎年金番号").write_csv(folder / "new-numbers.csv", include_bom=True)
    for name in WORDS:
        words = files("sekisho.estate.aftermath") / name
        (folder / name).write_text(words.read_text("utf-8"), "utf-8")
    truth = folder / "truth"
    known.write_parquet(truth / "exposed.parquet")
    made.shut_in.to_frame("person").write_parquet(truth / "shut_in.parquet")
    between.rows.write_parquet(truth / "changes.parquet")
    between.after.select("person", "basic_pension_number", "address").write_parquet(truth / "changed.parquet")
    calling.write_parquet(truth / "callers.parquet")
    listed.write_parquet(truth / "hurried.parquet")
    before.write_parquet(truth / "holders.parquet")
    _called(made.everybody).write_parquet(truth / "everybody.parquet")
    planted = int((between.rows["why"] == "planted").sum())
    first = int((known["since"] == 1).sum())
    return Case(made.counts, first, known.height, planted, calling.height)


def _traffic() -> Iterator[str]:
    """A proxy's log: a terminal asks the same host again and again, until its cable is pulled."""
    first = FIRST_INFECTION.timestamp()
    for minute in range(0, 240, 5):
        answer = f"TCP_MISS/404 {300 + minute} POST http://kakuu.example.jp/index.php?id={minute}"
        yield f"{first + 60 * minute:.3f} {120 + minute} 192.0.2.31 {answer} - HIER_DIRECT/203.0.113.7 text/html\n"


def _called(everybody: pl.DataFrame) -> pl.DataFrame:
    return everybody.select("person", "basic_pension_number", "birth_date", name=NAME, name_kana=KANA)


def _to_be_odd(before: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Exposed holders who get letters, so that odd names come to be written."""
    lettered = before.filter(changes.can_be_reached())["person"]
    first = known.filter("plain", pl.col("person").is_in(lettered.implode()))
    return first["person"]
