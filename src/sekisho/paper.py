"""A page as it is handed out, in both languages: headings, paragraphs, tables, forms. How it looks is `report`'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sekisho.wording import Text

NOTHING = Text("", "")


class Mark(StrEnum):
    """How something is to be taken."""

    PLAIN = "plain"
    WARNING = "warning"  # what a reader must not miss
    UNKNOWN = "unknown"  # what nobody knows yet
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: Text
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Points:
    """Points that stand beside each other, under a title where it is not empty."""

    points: tuple[Text, ...]
    title: Text = NOTHING
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit, what it counts, and what else is to be said of it."""

    title: Text
    value: Text
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Figures:
    """The few numbers that count most."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: what it is of, and its numbers."""

    title: Text
    cells: tuple[Text, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by rows and columns. ``head``: of the first column, then of each number; ``note`` stands below."""

    caption: Text
    head: tuple[Text, ...]
    rows: tuple[Row, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole: its ``share`` (0..1), and what is written beside it."""

    kind: str
    share: float
    says: Text


@dataclass(frozen=True, slots=True)
class Rate:
    """A whole in its parts; without parts ``note`` says why they are not told."""

    title: Text
    parts: tuple[Part, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates that are shown together, never one without the other."""

    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form: its number, what is asked, what is to be entered, and how well that is known.

    ``choices``: what the form offers, with whether it is chosen; ``note``: what whoever enters it must know.
    """

    number: str
    title: Text
    value: Text
    mark: Mark = Mark.PLAIN
    choices: tuple[tuple[Text, bool], ...] = ()
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in the order in which they are to be entered."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to ask: what it is, the number or address itself, and when somebody is there."""

    title: Text
    value: Text
    hours: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Contacts:
    """Where to ask."""

    contacts: tuple[Contact, ...]


Block = Paragraph | Points | Figures | Table | Rates | Form | Contacts


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: Text
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. ``stamp``: what it is (a draft, for the public), empty for nothing; ``details``: who, when, which.

    ``ends``: the last lines, small.
    """

    title: Text
    author: Text
    sections: tuple[Section, ...]
    stamp: Text = NOTHING
    details: tuple[Text, ...] = ()
    lead: tuple[Block, ...] = ()
    ends: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be entered in a field of a form: text, which of its choices, and how well that is known."""

    text: Text = NOTHING
    chosen: tuple[str, ...] = ()
    mark: Mark = Mark.PLAIN
    note: Text = NOTHING


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def moment(at: datetime, *, whole_day: bool = False) -> Text:
    """A day, or a minute of it, in its own offset from UTC; in Japanese Japan's own is not said.

    >>> moment(datetime.fromisoformat("2015-05-08T10:28+09:00"))
    Text(en='8 May 2015, 10:28 (UTC+9)', ja='2015年5月8日 10時28分')
    """
    said = day(at.date())
    if whole_day:
        return said
    offset = at.utcoffset() or timedelta()
    zone = _offset(offset)
    ja = "" if offset == timedelta(hours=9) else f"（{zone}）"
    return Text(f"{said.en}, {at:%H:%M} ({zone})", f"{said.ja} {at.hour}時{at.minute:02}分{ja}")


def day(on: date) -> Text:
    """A day."""
    return Text(f"{on.day} {_MONTHS[on.month - 1]} {on.year}", f"{on.year}年{on.month}月{on.day}日")


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
