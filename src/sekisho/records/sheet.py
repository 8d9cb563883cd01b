"""The cells of a grid as a form's reader sees them: where labels stand, and what stands beside and below them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from sekisho.countries import columns, known, speech
from sekisho.countries.headers import Meaning, Whose, listed, normal
from sekisho.model import Item
from sekisho.records import names
from sekisho.records.cells import counted
from sekisho.records.labels import Pair, known_label, pairs
from sekisho.records.shapes import fold

_NEAR = 40
_SMALL = 400
_LONG = 400
_UNITS = speech.letters("units") | {"-"}
_ERAS = frozenset((*speech.listed("eras"), *speech.listed("first_years")))
IDENTITY = {Item.NAME, Item.NAME_KANA, Item.BASIC_PENSION_NUMBER, Item.CERTIFICATE_NUMBER, Item.MY_NUMBER}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with text. ``meaning`` is set where the whole cell is a label; ``inside`` where it holds its own value."""

    row: int
    column: int
    text: str
    meaning: Meaning | None = None
    inside: tuple[tuple[Pair, str], ...] = ()

    @property
    def speaks(self) -> bool:
        """Whether it is a label or holds one: no value of another label."""
        return self.meaning is not None or bool(self.inside)


@dataclass(slots=True)
class Sheet:
    """Cells by row, in order of columns."""

    rows: dict[int, list[Cell]] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: pl.DataFrame) -> Sheet:
        """The rows of a grid that stand near a label of a person's item; empty where there is none."""
        wanted = _rows_near_labels(cells)
        sheet = cls()
        if not wanted:
            return sheet
        taken = cells.with_row_index("__row").filter(pl.col("__row").is_in(wanted))
        for values in taken.iter_rows():
            row = [_cell(values[0], c, text) for c, text in enumerate(values[1:]) if text is not None and text.strip()]
            if row:
                sheet.rows[values[0]] = _told_apart(row)
        return sheet

    def after(self, cell: Cell) -> list[Cell]:
        """The cells to the right of a label, up to the next label."""
        run: list[Cell] = []
        for other in self.rows.get(cell.row, ()):
            if other.column <= cell.column:
                continue
            if other.speaks:
                break
            run.append(other)
        return run

    def answer(self, cell: Cell) -> list[Cell]:
        """The cells that answer a label: those after it, or of an address those behind its postal code."""
        run = self.after(cell)
        if run or cell.meaning is None or cell.meaning.key != Item.ADDRESS:
            return run
        follower = next((c for c in self.rows[cell.row] if c.column > cell.column), None)
        if follower is None or follower.meaning is None or follower.meaning.key != Item.POSTAL_CODE:
            return run
        behind = self.after(follower)
        return [c for c in behind if not re.fullmatch(r"[〒\d\s-]+", fold(c.text))]

    def below(self, cell: Cell, depth: int = 1) -> list[Cell]:
        """The cells under a label, up to the column where the next label of its row begins."""
        stop = min((c.column for c in self.rows[cell.row] if c.column > cell.column), default=cell.column + 12)
        row = self.rows.get(cell.row + depth, [])
        run = [c for c in row if cell.column <= c.column < stop]
        return run if run and run[0].column == cell.column and not run[0].speaks else []

    def under(self, row: int, column: int) -> Cell | None:
        """The cell right under another one, where it begins its row and is no label: the value goes on in it."""
        first = next(iter(self.rows.get(row + 1, ())), None)
        return first if first is not None and first.column == column and not first.speaks else None

    def empty(self) -> list[int]:
        """The rows between the first and the last that hold no text."""
        return [row for row in range(min(self.rows, default=0), max(self.rows, default=0)) if row not in self.rows]

    def texts(self, first: int, last: int) -> list[Cell]:
        """All cells of rows ``first`` to ``last``."""
        return [cell for row in range(first, last + 1) for cell in self.rows.get(row, ())]


_COLON, _LINE_ENDS = re.compile(r"[:：]\s*$"), re.compile(r"[\r\n]+")


def _cell(row: int, column: int, text: str) -> Cell:
    what = known_label(_COLON.sub("", text))
    if what is not None:
        return Cell(row, column, text, what)
    lines = _LINE_ENDS.split(text) if len(text) <= _LONG else []
    inside = [(pair, line) for line in lines for pair in pairs(line)]
    filled = tuple((pair, line) for pair, line in inside if pair.value(line))
    if not filled and inside and inside[0][0].start == 0:
        return Cell(row, column, text, inside[0][0].meaning)
    return Cell(row, column, text, None, filled)


def _told_apart(row: list[Cell]) -> list[Cell]:
    """A row in which a role (被保険者, 妻) is a label only where a name stands beside it, and a unit never is."""
    return [
        Cell(cell.row, cell.column, cell.text) if _is_unit(row, i) or _is_mere_role(row, i) or _is_name(cell) else cell
        for i, cell in enumerate(row)
    ]


def _is_unit(row: list[Cell], index: int) -> bool:
    """年, 月, 日, 号 behind a number belong to it."""
    before = row[index - 1].text.strip() if index else ""
    return row[index].text.strip() in _UNITS and (before[-1:].isdigit() or before in _ERAS)


def _is_name(cell: Cell) -> bool:
    """ｵｶﾞﾜ ｶﾅ ends like a label and is somebody's name."""
    return (
        cell.meaning is not None
        and not cell.meaning.sure
        and " " in fold(cell.text)
        and names.sureness(cell.text) >= 0.5
    )


def _is_mere_role(row: list[Cell], index: int) -> bool:
    """被保険者 or 妻 with no name beside it: a section or a value."""
    what = row[index].meaning
    role = what is not None and not what.sure and what.key == Item.NAME and section_of(row[index].text) is not None
    return role and not _names_beside(row, index)


def _names_beside(row: list[Cell], index: int) -> bool:
    beside = row[index + 1] if index + 1 < len(row) else None
    return beside is not None and not beside.speaks and names.sureness(beside.text) >= 0.5


@cache
def identity_words() -> list[str]:
    """The words of labels that may name a person, without those too short to search for."""
    names_of_items = {
        normal(w) for one in known.identifiers() if one.item in IDENTITY for w in (*one.headers, *one.parts)
    }
    roles = {word for word in listed("subjects") | listed("relatives") if not word.isascii()}
    return sorted(word for word in names_of_items | roles if len(word) >= 2)


def _rows_near_labels(cells: pl.DataFrame) -> list[int]:
    """The rows within reach of a cell that names an item by which persons are told apart."""
    if not cells.width or not cells.height:
        return []
    hits = (counted(cells, _names_an_item()) > 0).arg_true().to_list()
    if cells.height <= _SMALL:
        return list(range(cells.height)) if hits else []
    near: set[int] = set()
    for row in hits:
        near.update(range(max(0, row - _NEAR), min(cells.height, row + _NEAR)))
    return sorted(near)


_SECTION_AROUND = re.compile(rf"^[\d①-⑳ⅠⅡⅢⅣⅤ.．、()（）【】\[\]■●◆□○◇・\s]+|(?:{speech.any_of('section_ends')})$")
_COUNTED = re.compile(rf"[\d①-⑳{''.join(speech.listed('numerals'))}]+(?:{speech.any_of('persons_counted')})?$")


OFFICES = "@"
"""What the group of an employer or a school begins with: no person."""


def section_of(text: str) -> str | None:
    """Whose section a cell opens: empty for the subject's, the words for another person's; None for no section."""
    bare = normal(_SECTION_AROUND.sub("", _SECTION_AROUND.sub("", text.strip().strip("】)）]"))))
    if bare in listed("relatives"):
        return bare
    numbered = _COUNTED.sub("", bare)
    if numbered and numbered in listed("relatives"):
        return bare
    if bare in listed("offices"):
        return OFFICES + bare
    return "" if bare in listed("subjects") else None


def is_clerks(what: Meaning | None) -> bool:
    """Whether a label speaks of the office's own work."""
    return what is not None and what.whose is Whose.CLERK


@cache
def _names_an_item() -> pl.Expr:
    bare = columns.text().str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", "")
    return (columns.text().str.len_chars() <= _LONG) & bare.str.contains_any(identity_words())
