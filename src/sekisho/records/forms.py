"""Records in forms: a label with its value beside it, below it or in the same cell; many forms on a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sekisho.countries.headers import UNKNOWN, Meaning, Whose
from sekisho.model import Decision, Grid, Item
from sekisho.records import cards, form_rows, runs
from sekisho.records.addressees import addressees
from sekisho.records.block import Block, Found
from sekisho.records.entries import Entry, is_offices, is_sample, sections
from sekisho.records.leftovers import looks_like_label, unnamed
from sekisho.records.mentions import Mention, blocks, in_cells, valid
from sekisho.records.sheet import Cell, Sheet, is_clerks
from sekisho.records.tables import Tables
from sekisho.records.values import likely, may_be_name, part_of, pieces

_CONFIDENCE = 0.95
_UNLABELLED = 0.8
_LINES = 4
_MANY = 5
Decisions = Mapping[tuple[str, str], Decision]
_UNDECIDED: Decisions = {}


def forms(grid: Grid, decisions: Decisions = _UNDECIDED) -> Iterator[Found]:
    """The records of the forms in a grid, each with the cells that it covers, and of the lists inside them."""
    sheet = Sheet.of(grid.cells)
    for rows in form_rows.lists(sheet):
        found, _ = Tables(decisions).find(_part(grid, rows))
        if any(isinstance(one, Block) for one in found):
            yield from found
            for row in rows:
                sheet.rows.pop(row, None)
    entries = read(sheet)
    if not entries:
        yield from blocks("form", grid.place, addressees(grid.cells), in_cells, _UNLABELLED)
        return
    taken = {(m.row, m.column) for e in entries for m in e.mentions} | {at for e in entries for at in e.cells}
    if _says_the_same(entries):
        return
    people = cards.apart(sections(sheet, entries), sheet.empty())
    people = [sheaf for sheaf in people if not is_sample(sheet, grid.place.base, sheaf)]
    for sheaf in people:
        unnamed(sheet, sheaf, taken)
    yield from blocks("form", grid.place, people, in_cells, _CONFIDENCE)


def _says_the_same(entries: Sequence[Entry]) -> bool:
    """Whether many labels have one value, as in a list of columns with their types (string, int64)."""
    said = Counter(entry.mentions[0].text for entry in entries)
    labels = {entry.label for entry in entries}
    most = max(said.values())
    return len(labels) >= _MANY and most * 3 >= len(entries) and most > len(entries) // len(labels) + 1


def _part(grid: Grid, rows: range) -> Grid:
    place = replace(grid.place, first=grid.place.first + rows.start)
    return Grid(grid.cells.slice(rows.start, len(rows)), place, grid.hidden)


def read(sheet: Sheet) -> list[Entry]:
    """Every known label with what it says, in reading order."""
    entries: list[Entry] = []
    open_labels: list[Cell] = []
    for row in sheet.rows.values():
        for cell in row:
            if cell.inside:
                entries.extend(_inside(cell))
            elif cell.meaning is not None and _wanted(cell.meaning):
                beside = _entry(cell, sheet.answer(cell), "beside")
                if beside is None:
                    open_labels.append(cell)
                else:
                    entries.append(_continued(sheet, beside))
    entries = _valid(entries, open_labels)
    claimed = {at for entry in entries for at in entry.cells}
    below = [_below(sheet, cell, claimed) for cell in open_labels]
    entries += _valid([entry for entry in below if entry is not None], [])
    kept = [entry for entry in entries if not is_offices(sheet, entry)]
    return sorted(kept, key=lambda e: (e.row, e.column))


def _wanted(what: Meaning) -> bool:
    return what.whose not in (Whose.CLERK, Whose.RUNNING)


def _below(sheet: Sheet, cell: Cell, claimed: set[tuple[int, int]]) -> Entry | None:
    for depth in (1, 2) if cell.row + 1 in sheet.rows else ():
        run = sheet.below(cell, depth)
        if run and not any((c.row, c.column) in claimed for c in run):
            return _entry(cell, run, "above")
        if cell.row + depth in sheet.rows and run:
            return None
    return None


def _entry(cell: Cell, run: Sequence[Cell], way: str) -> Entry | None:
    """What a label says by the cells of ``run``; None where they say nothing that fits."""
    what = cell.meaning or UNKNOWN
    if not run:
        return None
    text, count = runs.together(what.key, run)
    found = pieces(what, cell.text, text)
    if not found:
        return None
    first, last = run[0], run[count - 1]
    why = f"label {' '.join(cell.text.split())} {way}"
    mentions = [
        Mention(
            p.key,
            p.text,
            first.row,
            first.column,
            last.row,
            last.column,
            why,
            cell.text,
            part_of(what, p.text),
            what.group,
        )
        for p in found
    ]
    at = tuple((c.row, c.column) for c in run[:count])
    return Entry(cell.row, cell.column, cell.text, what, mentions, at)


def _continued(sheet: Sheet, entry: Entry) -> Entry:
    """An address that goes on in the cells under it."""
    what, cells = entry.meaning, list(entry.cells)
    if what.key != Item.ADDRESS or what.part or not what.is_item:
        return entry
    run = [cell for cell in sheet.rows[entry.row] if (cell.row, cell.column) in cells]
    while (more := sheet.under(*cells[-1])) and not looks_like_label(more.text) and len(cells) < _LINES:
        run.append(more)
        cells.append((more.row, more.column))
    if len(run) == len(entry.cells):
        return entry
    joined = Cell(run[0].row, run[0].column, " ".join(cell.text.strip() for cell in run))
    longer = _entry(Cell(entry.row, entry.column, entry.label, what), [joined], "beside")
    if longer is None:
        return entry
    mentions = [replace(m, end_row=run[-1].row, end_column=run[-1].column) for m in longer.mentions]
    return replace(longer, mentions=mentions, cells=tuple(cells))


def _inside(cell: Cell) -> Iterator[Entry]:
    """The labels that stand in one cell with their values."""
    for pair, line in cell.inside:
        if not _wanted(pair.meaning):
            continue
        found = pieces(pair.meaning, pair.label, pair.value(line))
        why = f"label {pair.label} in the cell"
        place = (cell.row, cell.column, cell.row, cell.column)
        what = pair.meaning
        mentions = [Mention(p.key, p.text, *place, why, pair.label, part_of(what, p.text), what.group) for p in found]
        yield Entry(cell.row, cell.column, pair.label, what, mentions, ((cell.row, cell.column),))


def _valid(entries: Iterable[Entry], refused: list[Cell]) -> list[Entry]:
    """The entries with only those mentions that are what they say; labels left without any go to ``refused``."""
    entries = list(entries)
    good = {id(m) for m in valid([m for e in entries for m in e.mentions]) if _likely(m)}
    kept: list[Entry] = []
    for entry in entries:
        mentions = [m for m in entry.mentions if id(m) in good]
        if mentions:
            kept.append(Entry(entry.row, entry.column, entry.label, entry.meaning, mentions, entry.cells))
        elif not is_clerks(entry.meaning) and (entry.row, entry.column) not in entry.cells:
            refused.append(Cell(entry.row, entry.column, entry.label, entry.meaning))
    return kept


def _likely(mention: Mention) -> bool:
    if mention.part:
        return True
    if mention.key == Item.ADDRESS:
        return likely(mention.key, mention.text)
    return mention.key != Item.NAME or may_be_name(mention.text)
