"""What is announced of a leak: figures that nobody can work a few persons out of, facts, and the words of the house.

An announcement is a value that says everything; what it looks like is made from it (`announcement`), again and again
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sekisho.disclosure import BELOW, Name, Told, is_small, told, told_together
from sekisho.figures import Leaked, Shield
from sekisho.wording import Text

_APART: tuple[Name, ...] = ((Shield.UNPROTECTED,), (Shield.UNDETERMINED,), (Shield.PROTECTED,))
CHOICES: tuple[tuple[Name, ...], ...] = (
    _APART,
    ((Shield.UNPROTECTED, Shield.UNDETERMINED), (Shield.PROTECTED,)),
    ((Shield.UNPROTECTED, Shield.UNDETERMINED, Shield.PROTECTED),),
)
"""Ways to put the shields together, the finest first; the worse stand together before the better do."""
ALONE: tuple[tuple[Name, ...], ...] = ((("all",),),)
"""The only column of what is counted without shields."""
NOTHING = Text("", "")

Rows = Mapping[Name, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something counted, as it may be told.

    ``table``: None where no exact number may be told; ``near`` is then the number that was told before and that it is
    close to, None where it is itself a few. ``named``: the rows that are large enough to be called by their name.
    ``shares``: all rows together, in the finest columns; ``few_in``: the columns that hold a few.
    ``few``: of a class, whether its persons are so few that their number is not told.
    """

    table: Told | None
    near: int | None = None
    named: tuple[Name, ...] = ()
    few: bool = False
    shares: Told | None = None
    few_in: Name = ()

    @property
    def total(self) -> int | None:
        """The exact number, where it may be told."""
        return None if self.table is None else self.table.total

    @property
    def of_class(self) -> int | None:
        """Of a class, the exact number of its persons, where it may be told."""
        lines = zip(self.table.lines, self.table.cells, strict=True) if self.table else ()
        return next((cells[0] for line, cells in lines if line == (("with",),)), None)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of an announcement. ``below``: the least number, but for nought, that is told of persons.

    ``hidden``: items that leaked and stand in no row that is called by its name; whether they are of a few persons.
    """

    files: Mapping[str, int]
    records: Quantity
    persons: Quantity
    undecided: Quantity
    also: Mapping[str, Quantity] = field(default_factory=dict)
    open_documents: int = 0
    below: int = BELOW
    hidden: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to ask; ``value``: the number or address."""

    title: Text
    value: str
    hours: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Words:
    """What only people can say. Everything may be missing in a draft; `missing` names what may not in a notice."""

    organisation: Text = NOTHING
    title: Text = NOTHING
    summary: Text = NOTHING
    cause: Text = NOTHING
    doing: tuple[Text, ...] = ()
    contacts: tuple[Contact, ...] = ()
    next: Text = NOTHING
    invented: bool = False

    def missing(self) -> list[str]:
        """What has to be said before anything is published, by name; in both languages."""
        needed = {"organisation": self.organisation, "summary": self.summary}
        lacking = [name for name, text in needed.items() if not (text.en and text.ja)]
        spoken = (self.title, self.cause, self.next, *self.doing, *self._of_contacts())
        given = (text for text in spoken if text != NOTHING)
        half = ["translation"] if any(not (text.en and text.ja) for text in given) else []
        return [*lacking, *half, *([] if self.contacts else ["contact"])]

    def filled(self) -> Words:
        """The same with the one language for the other where that is missing, so that a draft can be read."""
        texts = {name: _filled(getattr(self, name)) for name in ("organisation", "title", "summary", "cause", "next")}
        contacts = tuple(Contact(_filled(one.title), one.value, _filled(one.hours)) for one in self.contacts)
        return Words(**texts, doing=tuple(map(_filled, self.doing)), contacts=contacts, invented=self.invented)

    def _of_contacts(self) -> list[Text]:
        return [text for one in self.contacts for text in (one.title, one.hours)]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the incident, as far as it is for everybody; times as people write them, empty where unknown.

    ``uncounted``: whether documents came since the leak master was counted.
    """

    kind: str = ""
    first_infection: Text = NOTHING
    known_at: Text = NOTHING
    systems_not_known: int = 0
    uncounted: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """The announcement that this one takes the place of."""

    number: int
    day: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement: its number among those of the incident, its day, and the version of the leak master it tells.

    ``at``: when that version was made, ISO 8601; ``program``: which version of sekisho made this; ``zone``: whose time.
    """

    incident: int
    number: int
    day: str
    version: int
    at: str
    program: str
    figures: Figures
    facts: Facts
    words: Words
    before: Before | None = None
    zone: str = "Asia/Tokyo"

    def as_json(self) -> dict[str, Any]:
        """Everything, also what is not for the public: which small groups stand together."""
        return asdict(self)


def figures(counts: Leaked, before: Sequence[Figures], below: int = BELOW) -> Figures:
    """What may be told of ``counts`` after what was told ``before``."""
    undecided = _alone({("undecided",): counts.undecided}, [one.undecided for one in before], below)
    persons = sum(sum(row.values()) for row in counts.persons.values())
    return Figures(
        files=dict(counts.files),
        records=_quantity(counts.records, CHOICES, [one.records for one in before], below),
        persons=_quantity(counts.persons, CHOICES, [one.persons for one in before], below),
        undecided=undecided,
        also={name: _class(n, persons - n, _also(before, name), below) for name, n in counts.also.items()},
        open_documents=counts.open_documents,
        below=below,
        hidden=_hidden(counts.persons, below),
    )


def _hidden(persons: Rows, below: int) -> dict[str, bool]:
    sums = {key: sum(row.values()) for key, row in persons.items()}
    named = {item for key, n in sums.items() if n >= below for item in key}
    items = sorted({item for key, n in sums.items() if n for item in key} - named)
    return {item: is_small(sum(n for key, n in sums.items() if item in key), below) for item in items}


def _class(persons: int, others: int, before: Sequence[Quantity], below: int) -> Quantity:
    made = _alone({("with",): persons, ("without",): others}, before, below)
    return replace(made, few=is_small(persons, below))


def _also(before: Iterable[Figures], name: str) -> list[Quantity]:
    """What was told of a class before: where it was not spoken of, all persons were without it."""
    found = []
    for one in before:
        spoken = one.also.get(name)
        if spoken is None and one.persons.total is not None:
            spoken = Quantity(Told(((("without",),),), ALONE[0], ((one.persons.total,),)))
        found += [spoken] if spoken else []
    return found


def _alone(rows: Mapping[Name, int], before: Sequence[Quantity], below: int) -> Quantity:
    return _quantity({key: {"all": n} for key, n in rows.items()}, ALONE, before, below)


def _quantity(rows: Rows, choices: Sequence[Sequence[Name]], before: Sequence[Quantity], below: int) -> Quantity:
    """A table of rows and columns, and beside it the columns alone, which can often be told in finer ones.

    Both are held against both of every earlier one. Beside each other they are the margins of one table: what stands in
    it can be told from them no nearer than to ``below``.
    """
    tables = [one.table for one in before if one.table is not None]
    every = tuple(dict.fromkeys([*rows, *(key for table in tables for line in table.lines for key in line)]))
    shares = [_over_rows(one, one.shares, every) for one in before if one.shares is not None]
    sums = {key: sum(row.values()) for key, row in rows.items()}
    table = told(rows, choices, [*tables, *shares], below)
    whole = told_together(rows, choices, [*tables, *shares], below)
    made = Quantity(
        table,
        named=tuple(key for key, n in sums.items() if n >= below),
        shares=replace(whole, lines=((_ALL,),) if whole.lines else ()) if whole else None,
        few_in=tuple(name for name, n in _by_column(rows).items() if is_small(n, below)),
    )
    if table is not None:
        return made
    everybody = sum(sums.values())
    close = [one.total for one in (*tables, *shares) if is_small(everybody - one.total, below)]
    return Quantity(None, near=close[-1] if close else None)


_ALL: Name = ("all",)


def _by_column(rows: Rows) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows.values():
        for name, n in row.items():
            found[name] = found.get(name, 0) + n
    return found


def _over_rows(one: Quantity, shares: Told, every: tuple[Name, ...]) -> Told:
    """The shares of an earlier quantity over the rows that they sum up: those that were not nought in its table."""
    stood = every if one.table is None else tuple(key for line in one.table.lines for key in line)
    return replace(shares, lines=(stood,)) if shares.lines else shares


def read(said: Mapping[str, Any]) -> Announcement:
    """What `Announcement.as_json` gave."""
    before = said["before"]
    return Announcement(
        **{name: said[name] for name in ("incident", "number", "day", "version", "at", "program", "zone")},
        figures=_figures(said["figures"]),
        facts=Facts(
            kind=said["facts"]["kind"],
            first_infection=_text(said["facts"]["first_infection"]),
            known_at=_text(said["facts"]["known_at"]),
            systems_not_known=said["facts"]["systems_not_known"],
            uncounted=said["facts"]["uncounted"],
        ),
        words=_words(said["words"]),
        before=Before(before["number"], before["day"], _figures(before["figures"])) if before else None,
    )


def _figures(said: Mapping[str, Any]) -> Figures:
    return Figures(
        files=said["files"],
        records=_quantity_of(said["records"]),
        persons=_quantity_of(said["persons"]),
        undecided=_quantity_of(said["undecided"]),
        also={name: _quantity_of(one) for name, one in said["also"].items()},
        open_documents=said["open_documents"],
        below=said["below"],
        hidden=said["hidden"],
    )


def _quantity_of(said: Mapping[str, Any]) -> Quantity:
    return Quantity(
        table=_told_of(said["table"]),
        near=said["near"],
        named=tuple(tuple(key) for key in said["named"]),
        few=said["few"],
        shares=_told_of(said["shares"]),
        few_in=tuple(said["few_in"]),
    )


def _told_of(said: Mapping[str, Any] | None) -> Told | None:
    if said is None:
        return None
    return Told(
        lines=tuple(tuple(tuple(key) for key in line) for line in said["lines"]),
        columns=tuple(tuple(column) for column in said["columns"]),
        cells=tuple(tuple(row) for row in said["cells"]),
    )


def _words(said: Mapping[str, Any]) -> Words:
    return Words(
        **{name: _text(said[name]) for name in ("organisation", "title", "summary", "cause", "next")},
        doing=tuple(_text(one) for one in said["doing"]),
        contacts=tuple(Contact(_text(one["title"]), one["value"], _text(one["hours"])) for one in said["contacts"]),
        invented=said["invented"],
    )


def _text(said: Mapping[str, str]) -> Text:
    return Text(said["en"], said["ja"])


def _filled(text: Text) -> Text:
    return Text(text.en or text.ja, text.ja or text.en)
