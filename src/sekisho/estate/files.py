"""One file of the plan, from its persons to its bytes and its truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from sekisho.estate.catalogue import Entry
from sekisho.estate.content import Book, Content, Draft
from sekisho.estate.dice import Dice
from sekisho.estate.dress import Setting, dressed, memo, password
from sekisho.estate.layouts.listing import NAMES_ONLY, Hand
from sekisho.estate.made import Document, Made
from sekisho.estate.naming import TOPICS, folder, stem
from sekisho.estate.plan import Task
from sekisho.estate.slips import with_slips
from sekisho.estate.writers.formats import WRITERS


@dataclass(frozen=True, slots=True)
class Placed:
    """Files that lie in one folder (``/`` between its parts)."""

    folder: str
    files: tuple[Made, ...]


def make_files(task: Task, rows: pl.DataFrame, dice: Dice) -> Placed:
    """The file of ``task`` about the persons ``rows``, and the memo with its password if there is one."""
    entry, writer = task.entry, WRITERS[task.entry.kind]
    topic = dice.pick(TOPICS)
    rows = _as_typed(entry, rows, dice)
    name = stem(_about(entry, rows, topic), task.index, dice)
    if writer.narrow:
        rows = rows.with_columns(pl.col("last", "first").str.replace_many(dict(writer.narrow)))
    draft = entry.make(rows, _hand(entry, topic, dice))
    data = writer.write(_protected(draft.content) if "sheet" in entry.dress else draft.content)
    made = Made(name + (entry.ending or writer.suffix), data, (_document(entry, draft),))
    setting = Setting(dice, name, password(dice, task.index))
    files = memo(dressed(made, entry.dress, setting), entry.memo, setting)
    return Placed(folder(task.centre, dice), tuple(files))


def copied(original: Placed, task: Task, dice: Dice) -> Placed:
    """The same file in a folder of another centre; a memo stays where it is."""
    return Placed(folder(task.centre, dice), original.files[:1])


def _about(entry: Entry, rows: pl.DataFrame, topic: str) -> str:
    """The topic; a letter to one person goes by its name."""
    if entry.layout != "letter" or rows.height != 1:
        return topic
    last, first = rows.select("last", "first").row(0)
    return f"{last}{first}様_{topic}"


def _as_typed(entry: Entry, rows: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """With slips; a number is never missing where nothing but it and the name stands."""
    slips = replace(entry.slips, number_missing=0) if entry.items == NAMES_ONLY else entry.slips
    return with_slips(rows, slips, dice)


def _hand(entry: Entry, topic: str, dice: Dice) -> Hand:
    return Hand(
        dice, topic, entry.items, entry.extras, entry.styles, entry.shown, numbered=entry.numbered, clerk=entry.clerk
    )


def _document(entry: Entry, draft: Draft) -> Document:
    writer = WRITERS[entry.kind]
    return Document("", writer.kind, entry.layout, draft.says, writer.frame, draft.outcome, draft.reason)


def _protected(content: Content) -> Content:
    """The same with its sheets protected against edits."""
    if not isinstance(content, Book):
        return content
    return replace(content, sheets=tuple(replace(sheet, protected=True) for sheet in content.sheets))
