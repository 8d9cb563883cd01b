"""From the catalogue to a list of files: how many of each, where, with how many records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from sekisho.estate.catalogue import CELLS, CENTRES, LOCKED, WAKAYAMA, Entry
from sekisho.estate.dice import Dice

# of twenty files that belong to no centre of their own
_TURN = (0, 1, 0, 1, 0, 0, 1, 0, 1, 2, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1)
SMALL = 120  # records a file of the small centre holds at most


@dataclass(frozen=True, slots=True)
class Task:
    """One file to make."""

    index: int
    entry: Entry
    centre: str
    records: int


def plan(entries: Sequence[Entry], scale: float, dice: Dice) -> list[Task]:
    """The files of an estate of ``scale``.

    Every entry gives its files times the scale, but at least one; their records times the scale, but at least
    ``least`` a file. The entries that fill take, for each centre, items and lock, what is left of its share
    of the records; where the floors have used it up, they take their floor and the sum is larger.
    """
    tasks: list[Task] = []
    turns = cycle(_TURN)
    for entry in entries:
        if not entry.fill:
            tasks += _spread(entry, _count(entry, scale), round(entry.records * scale), turns, dice)
    used: Counter[tuple[str, str, bool]] = Counter()
    for task in tasks:
        used[_cell(task.centre, task.entry)] += task.records
    for key, group in _fillers(entries).items():
        left = max(0, round(_target(key) * scale) - used[key])
        tasks += _fill(group, left, scale, dice)
    return [replace(task, index=i) for i, task in enumerate(tasks)]


def _count(entry: Entry, scale: float) -> int:
    return max(1, round(entry.files * scale))


def _cell(centre: str, entry: Entry) -> tuple[str, str, bool]:
    return centre, entry.items, bool(entry.lock)


def _target(key: tuple[str, str, bool]) -> int:
    centre, items, locked = key
    share = LOCKED[centre] if items == "birth" else 0
    return share if locked else CELLS[centre, items] - share


def _fillers(entries: Sequence[Entry]) -> dict[tuple[str, str, bool], list[Entry]]:
    groups: dict[tuple[str, str, bool], list[Entry]] = {}
    for entry in entries:
        if entry.fill:
            groups.setdefault(_cell(entry.centre, entry), []).append(entry)
    return groups


def _fill(group: Sequence[Entry], left: int, scale: float, dice: Dice) -> list[Task]:
    files = [entry for entry in group for _ in range(_count(entry, scale))]
    sizes = _shares(left, len(files), max(e.least for e in group), dice)
    return [Task(0, entry, entry.centre, size) for entry, size in zip(files, sizes, strict=True)]


def _spread(entry: Entry, files: int, records: int, turns: cycle[int], dice: Dice) -> list[Task]:
    sizes = _shares(records, files, entry.least, dice)
    tasks = []
    for size in sizes:
        centre = entry.centre or CENTRES[next(turns)]
        tasks.append(Task(0, entry, CENTRES[0] if centre == WAKAYAMA and size > SMALL else centre, size))
    return tasks


def _shares(total: int, parts: int, least: int, dice: Dice) -> list[int]:
    """``total`` in uneven ``parts``, none below ``least``; more than ``total`` where that cannot be."""
    spare = max(0, total - least * parts)
    weights = [dice.between(20, 200) for _ in range(parts)]
    shares = [spare * w // sum(weights) for w in weights]
    shares[0] += spare - sum(shares)
    return [least + s for s in shares]
