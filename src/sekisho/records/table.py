"""One table, found: names its columns, says whether its rows are persons, and makes records and doubts of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from sekisho.countries.headers import Whose, meaning
from sekisho.model import Decision, Item, Place
from sekisho.records import assemble, bodies, columns, decided, evidence, groups, locators, pieces, stacked, verdict
from sekisho.records.block import NUMBERS, Block, Doubt, Found, fingerprint
from sekisho.records.bodies import END, ROW
from sekisho.records.columns import IDENTITY, STACK, TELLS, Column
from sekisho.records.heads import Head
from sekisho.records.turned import Turned

Labels = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and the labels over them. ``rows``: columns named by number, and `ROW`; ``at``: the header's row."""

    rows: pl.DataFrame
    labels: Labels
    where: pl.Series
    at: str
    title: str
    place: Place
    top: int
    bottom: int
    is_bare: bool = False
    codes: Mapping[int, str] = field(default_factory=dict)

    @staticmethod
    def below(head: Head, rows: pl.DataFrame, at: str, title: str, place: Place) -> Table:
        """The rows below a header."""
        stack, labels = stacked.stack(rows, head)
        return Table(
            stack, labels, _where(stack, place, head.labels), at, title, place, head.rows[0], _last(rows, head.rows[-1])
        )

    @staticmethod
    def turned(found: Turned, title: str, place: Place) -> Table:
        """Persons in columns."""
        where = locators.columns(place, found.columns, found.top, found.bottom)
        return Table(found.rows, found.labels, where, "", title, place, found.top, found.bottom)

    @staticmethod
    def bare(rows: pl.DataFrame, title: str, place: Place) -> Table:
        """Rows without any header, or below one of codes that say nothing."""
        top, bottom = (int(rows[ROW][0]) if rows.height else 0), _last(rows, 0)
        codes = _codes(rows)
        rows = rows.slice(1) if codes else rows
        labels = {column: (code,) for column, code in codes.items() if meaning(code).is_another}
        return Table(rows, labels, _where(rows, place), "", title, place, top, bottom, is_bare=True, codes=codes)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table gave; ``taken``: whether it is a table, so that nobody else need look at its rows."""

    found: list[Found] = field(default_factory=list)
    taken: bool = False


def _where(rows: pl.DataFrame, place: Place, labels: Iterable[int] = ()) -> pl.Series:
    indices = [*(int(name) % STACK for name in rows.columns if name not in (ROW, END)), *labels]
    ends = rows[END] if END in rows.columns else None
    span = (min(indices), max(indices)) if indices else (0, 0)
    return locators.rows(place, rows[ROW], ends, span)


def _last(rows: pl.DataFrame, otherwise: int) -> int:
    return int(rows[END if END in rows.columns else ROW][-1]) if rows.height else otherwise


_TELLING = (Item.NAME, Item.NAME_KANA, Item.BIRTH_DATE, Item.ADDRESS, Item.EMAIL, Item.POSTAL_CODE)


def _codes(rows: pl.DataFrame) -> dict[int, str]:
    """The first row, where it is none of what the rows below it plainly are: names of fields."""
    if rows.height < 3:
        return {}
    telling = 0
    for name in rows.columns:
        below = evidence.sample(rows[name].slice(1)) if name != ROW else ()
        item = next((item for item in _TELLING if evidence.looks(item, below) >= TELLS), None)
        first = evidence.sample(rows[name].head(1)) if item else below
        if item and evidence.looks(item, first) > 0:
            return {}
        telling += item is not None
    return {int(n): rows[n][0] for n in rows.columns if n != ROW and rows[n][0] is not None} if telling > 1 else {}


def names_a_person(found: Sequence[Head]) -> bool:
    """Whether any of the headers names a person."""
    meant = [meaning(texts[-1]) for head in found for texts in head.labels.values()]
    return any(m.key in IDENTITY and m.whose is Whose.SUBJECT for m in meant)


def goes_on(head: Head, rows: pl.DataFrame) -> bool:
    """Whether rows without a header are more of the table that the header stood over; totals and notes may follow."""
    total, _ = bodies.marked(rows)
    cells = _without_notes(rows.filter(~total).drop(ROW))
    if not {int(name) for name in cells.columns} <= set(head.labels):
        return False
    shares = []
    for index, texts in head.labels.items():
        key = meaning(texts[-1]).key
        if key and str(index) in cells.columns and not meaning(texts[-1]).part:
            values = evidence.sample(cells[str(index)])
            shares.extend([evidence.share(key, values)] if values else [])
    return bool(shares) and sum(shares) / len(shares) >= 0.8


def read(one: Table, decisions: Mapping[tuple[str, str], Decision]) -> Reading:
    """The records and doubts of a table."""
    total, sample = bodies.marked(one.rows)
    marked = total | sample
    plain = one.rows.filter(~marked) if not marked.all() else one.rows
    named, layout = _name(one, _without_notes(plain.select(bodies.cells_of(plain))), decisions)
    marked &= ~bodies.called_so(one.rows, marked, _names_in_parts(named))
    marked &= ~(total & _numbered(one.rows, total, named))
    rows, where = one.rows.filter(~marked), one.where.filter(~marked)
    if not rows.height:
        return Reading(taken=not one.is_bare)
    found: list[Found] = []
    for person in assemble.persons(named):
        found.extend(_of_person(one, person, named, rows, where, layout, decisions))
    blocks = [f for f in found if isinstance(f, Block)]
    at = str(where[0])
    if blocks:
        found.extend(_unnamed(named, layout, at, rows.height))
    is_table = bool(blocks) or (not one.is_bare and (bool(found) or any(c.whose is Whose.THING for c in named)))
    if one.is_bare and not blocks:
        found = _numbers_alone(named, layout, at, rows.height)
    doubts = [f for f in found if isinstance(f, Doubt)]
    if blocks or decided.is_worth_asking(one.is_bare, len(named), rows.height):
        found.extend(decided.of_table(named, layout, at, rows.height, doubts))
        if not blocks and not doubts:
            found.append(decided.of_no_persons(layout, at, rows.height))
    return Reading(found, is_table)


def _names_in_parts(named: Sequence[Column]) -> list[list[str]]:
    """The columns that hold the parts of a name, for every name of a row that stands in more than one."""
    names: dict[tuple[str, str], list[str]] = {}
    for column in named:
        if column.key in (Item.NAME, Item.NAME_KANA) and column.part:
            names.setdefault((column.group, column.key), []).append(str(column.index))
    return [columns for columns in names.values() if len(columns) > 1]


def _numbered(rows: pl.DataFrame, total: pl.Series, named: Sequence[Column]) -> pl.Series:
    """Which rows of totals are persons so called (平均, read ヒラ ヒトシ): they have a number or a birth date."""
    at = {item: [str(c.index) for c in named if c.key == item] for item in (*NUMBERS, Item.BIRTH_DATE)}
    some = rows.filter(total).iter_rows(named=True)
    told = [any(_is_one(item, [row[name] for name in names]) for item, names in at.items()) for row in some]
    return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(total.arg_true(), told)


def _is_one(item: str, parts: Sequence[str | None]) -> bool:
    """Whether the cells of an item hold one in its full form, together."""
    whole = evidence.sample_of(["".join(filter(None, parts))])
    return bool(whole) and (evidence.looks if item == Item.BIRTH_DATE else evidence.share)(item, whole) == 1


def _without_notes(body: pl.DataFrame) -> pl.DataFrame:
    """The rows that have more than one cell, if there are any: remarks below a table say nothing of its columns."""
    several = body.select((pl.sum_horizontal(pl.all().is_not_null()) > 1).alias("s")).to_series()
    return body.filter(several) if several.any() else body


def _name(one: Table, body: pl.DataFrame, decisions: Mapping[tuple[str, str], Decision]) -> tuple[list[Column], str]:
    """The columns, and the fingerprint of the layout, which does not change by what was decided about it."""
    seen = columns.by_header(body, one.labels, one.at)
    layout = fingerprint("table", columns.layout_labels(columns.by_content(seen) if not one.labels else seen))
    answers = {subject: d for (block, subject), d in decisions.items() if block == layout and subject}
    seen = pieces.under_one_answer(columns.by_decision(seen, answers))
    seen = columns.by_content(pieces.settled(pieces.dates_without_header(pieces.under_merged_labels(seen))))
    seen = [replace(c, label=one.codes[c.index]) if not c.key and c.index in one.codes else c for c in seen]
    return columns.others(groups.grouped(seen)), layout


def _of_person(
    one: Table,
    person: assemble.Person,
    named: Sequence[Column],
    rows: pl.DataFrame,
    where: pl.Series,
    layout: str,
    decisions: Mapping[tuple[str, str], Decision],
) -> list[Found]:
    beside = [c for c in named if not c.key and c.label]
    judged = verdict.judge([*person.columns, *beside], one.title)
    decision = decisions.get((layout, ""))
    if not judged.persons and not (decision and decision.answer == "person"):
        doubt = Doubt("no_person_table", str(where[0]), layout, "", "no_person", rows.height)
        return [doubt] if judged.doubt and not decision else []
    if one.is_bare and not decision and not _is_enough(person, rows):
        return []
    keep = ~_samples(person, rows, one.title)
    confidence = judged.confidence * (0.9 if one.is_bare else 1.0)
    return [assemble.block(person, rows.filter(keep), where.filter(keep), layout, confidence)]


def _is_enough(person: assemble.Person, rows: pl.DataFrame) -> bool:
    """A table without header needs a name by content and another item; of one row or two, two others."""
    items = {key for c in person.columns if c.is_known for key in (c.key, *c.apart)}
    return bool(items & {Item.NAME, Item.NAME_KANA}) and len(items) >= (2 if rows.height > 2 else 3)


def _samples(person: assemble.Person, rows: pl.DataFrame, title: str) -> pl.Series:
    """Which rows are the sample to copy, by its name; a name that may be real only in a form to fill in."""
    maybe = rows.height <= 3 and bodies.is_sample_word(title)
    names = list(bodies.sample_names(maybe=maybe))
    whole = [[str(c.index)] for c in person.columns if c.key in (Item.NAME, Item.NAME_KANA) and not c.part]
    told = [pl.concat_str(at, ignore_nulls=True) for at in (*whole, *_names_in_parts(person.columns))]
    if not told:
        return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    plain = [one.str.normalize("NFKC").str.replace_all(r"\s", "").str.to_lowercase().is_in(names) for one in told]
    return rows.select(pl.any_horizontal(plain).fill_null(value=False).alias("s")).to_series()


def _numbers_alone(named: Sequence[Column], layout: str, where: str, rows: int) -> list[Found]:
    """Numbers in the shape of a pension number with nothing that says so: no records, but a human should look."""
    guess = Item.BASIC_PENSION_NUMBER
    shape = r"^[0-9]{4}-[0-9]{6}$"
    alone = rows >= 3 and any(not c.key and evidence.match(c.values, shape) >= 0.9 for c in named)
    return [Doubt("no_person_table", where, layout, "", guess, rows)] if alone else []


def _unnamed(named: Sequence[Column], layout: str, where: str, rows: int) -> list[Found]:
    """Columns that could not be named but look personal: a human should say what they are."""
    found: list[Found] = []
    for column in named:
        guess = columns.looks_personal(column) if not column.key and column.whose is Whose.SUBJECT else ""
        if guess and column.reason != columns.SECOND:
            found.append(Doubt("unnamed_column", where, layout, columns.subject(column), guess, rows))
    return found
