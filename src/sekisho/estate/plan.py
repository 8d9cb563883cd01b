"""From the catalogue to a list of files: how many of each, where, with how many records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from sekisho.estate.catalogue import CELLS, CENTRES, COPIES, LOCKED, OKINAWA, TOKYO, WAKAYAMA, Entry
from sekisho.estate.dice import Dice
from sekisho.estate.layouts.listing import WITH_BIRTH

# of twenty files that belong to no centre of their own
_TURN = (0, 1, 0, 1, 0, 0, 1, 0, 1, 2, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1)
SMALL = 0.5  # of the records of the small centre: what its small files hold at most
COPIED = 400  # records that a copied file holds at most

Cell = tuple[str, str, bool]  # centre, items, whether it is locked


@dataclass(frozen=True, slots=True)
class Task:
    """One file to make, or (``copy_of``, an index) to lay down a second time."""

    index: int
    entry: Entry
    centre: str
    records: int
    copy_of: int | None = None

    @property
    def own_records(self) -> int:
        """The records for which it takes persons of its own."""
        return 0 if self.entry.aside or self.copy_of is not None else self.records

    @property
    def counted_records(self) -> int:
        """The records that the truth counts in it."""
        return 0 if self.entry.aside else self.records


def plan(entries: Sequence[Entry], scale: float, dice: Dice) -> list[Task]:
    """The files of an estate of ``scale``.

    Every entry gives its files times the scale, but at least one; their records times the scale, but at least
    ``least`` a file. Some small files lie twice. The entries that fill take, for each centre, items and lock,
    what is left of its share of the records; where the floors have used it up, they take their own floor and
    the sum is larger than its share.
    """
    used: Counter[Cell] = Counter()
    turns = cycle(_TURN)
    tasks = _numbered(t for e in entries if not e.fill for t in _spread(e, scale, turns, used, dice))
    tasks += _copies(tasks, scale, used, dice)
    for cell, group in _fillers(entries).items():
        left = max(0, round(_target(cell) * scale) - used[cell])
        tasks += _fill(group, left, scale, dice)
    return _numbered(tasks)


def _numbered(tasks: Iterable[Task]) -> list[Task]:
    return [replace(task, index=i) for i, task in enumerate(tasks)]


def _count(files: int, scale: float) -> int:
    return max(1, round(files * scale))


def _cell(centre: str, entry: Entry) -> Cell:
    return centre, entry.items, entry.shut


def _target(cell: Cell) -> int:
    centre, items, locked = cell
    share = LOCKED[centre] if items == WITH_BIRTH else 0
    return share if locked else CELLS[centre, items] - share


def _spread(entry: Entry, scale: float, turns: Iterator[int], used: Counter[Cell], dice: Dice) -> Iterator[Task]:
    for size in _shares(round(entry.records * scale), _count(entry.files, scale), entry.least, dice):
        cell = _cell(entry.centre or CENTRES[next(turns)], entry)
        if cell[0] == WAKAYAMA and used[cell] + size > SMALL * scale * _target(cell):
            cell = _cell(OKINAWA, entry)
        task = Task(0, entry, cell[0], size)
        used[cell] += task.counted_records
        yield task


def _copies(tasks: Sequence[Task], scale: float, used: Counter[Cell], dice: Dice) -> list[Task]:
    fit = [t for t in tasks if _may_lie_twice(t)]
    copies = []
    for task in dice.some(fit, _count(COPIES, scale)):
        centre = OKINAWA if task.centre == TOKYO else TOKYO
        copies.append(Task(0, task.entry, centre, task.records, task.index))
        used[_cell(centre, task.entry)] += task.records
    return copies


def _may_lie_twice(task: Task) -> bool:
    return task.records <= COPIED and not task.entry.shut and not task.entry.aside and task.entry.items == WITH_BIRTH


def _fillers(entries: Sequence[Entry]) -> dict[Cell, list[Entry]]:
    groups: dict[Cell, list[Entry]] = {}
    for entry in entries:
        if entry.fill:
            groups.setdefault(_cell(entry.centre, entry), []).append(entry)
    return groups


def _fill(group: Sequence[Entry], left: int, scale: float, dice: Dice) -> list[Task]:
    files = [entry for entry in group for _ in range(_count(entry.files, scale))]
    sizes = _shares(left, len(files), max(e.least for e in group), dice)
    return [Task(0, entry, entry.centre, size) for entry, size in zip(files, sizes, strict=True)]


def _shares(total: int, parts: int, least: int, dice: Dice) -> list[int]:
    """``total`` in uneven ``parts``, none below ``least``; more than ``total`` where that cannot be."""
    spare = max(0, total - least * parts)
    weights = [dice.between(20, 200) for _ in range(parts)]
    shares = [spare * w // sum(weights) for w in weights]
    shares[0] += spare - sum(shares)
    return [least + s for s in shares]
