"""What may be told to everybody: no cell so small that it points at somebody, and none that can be worked out.

Small cells are not blanked but put together with others until each cell is nought or large enough, and every published
table is such a partition of its own. So nothing that is left out is a difference of things that are printed.
Tables whose parts overlap (persons by folder, files) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sekisho.figures import Breakdown, Line, Public, Shield
from sekisho.incidents import steps

BELOW = 10

Key = TypeVar("Key")


def public(made: Breakdown, below: int = BELOW) -> Public:
    """The breakdown as it may be published: every number of records or persons is nought or at least ``below``."""
    records = {shield: made.totals.of(shield).records for shield in Shield}
    persons = {shield: sum(getattr(one, shield) for one in made.combinations) for shield in Shield}
    record_columns, person_columns = columns(records, below), columns(persons, below)
    by_items = {row.items: [row.counts.of(shield).records for shield in Shield] for row in made.announced}
    by_centre = {(one.name,): [one.counts.of(shield).records for shield in Shield] for one in made.centres}
    return Public(
        below=below,
        files=made.files,
        files_with_records=made.totals.all.files,
        worst_files=made.worst_files,
        records=_shown(made.totals.all.records, below),
        persons=_shown(made.totals.all.persons, below),
        record_columns=record_columns,
        person_columns=person_columns,
        records_by_items=_lines(_in_columns(by_items, record_columns), below),
        persons_by_items=_lines(_in_columns(_announced_persons(made), person_columns), below),
        records_by_centre=_lines(_in_columns(by_centre, record_columns), below),
        persons_by_issuer=_lines({(one.code,): (one.persons,) for one in made.issuers}, below),
        persons_by_residence=_lines({(one.code,): (one.persons,) for one in made.residences}, below),
    )


def columns(totals: Mapping[Shield, int], below: int) -> tuple[tuple[str, ...], ...]:
    """The finest columns whose totals are all nought or at least ``below``."""
    unprotected, protected, undetermined = Shield.UNPROTECTED, Shield.PROTECTED, Shield.UNDETERMINED
    apart: tuple[tuple[Shield, ...], ...] = ((unprotected,), (protected,), (undetermined,))
    at_worst: tuple[tuple[Shield, ...], ...] = ((unprotected, undetermined), (protected,))
    for choice in (apart, at_worst):
        if not any(_is_small(sum(totals[shield] for shield in column), below) for column in choice):
            return choice
    return (tuple(Shield),)


def partition(rows: Mapping[Key, Sequence[int]], below: int) -> list[tuple[tuple[Key, ...], tuple[int, ...]]]:
    """Rows as they are, and in the last place all that had to be put together, with its sums.

    Every cell is nought or at least ``below``. No rows at all where even their sum has a small cell.
    """
    waiting = sorted(rows, key=lambda key: (sum(rows[key]), str(key)))
    together = [key for key in waiting if any(_is_small(cell, below) for cell in rows[key])]
    alone = [key for key in waiting if key not in together]
    while alone and together and (len(together) < 2 or _has_small(rows, together, below)):
        together.append(alone.pop(0))
    if together and _has_small(rows, together, below):
        return []
    kept = [((key,), tuple(rows[key])) for key in rows if key in alone and any(rows[key])]
    return kept + ([(tuple(together), _sums(rows, together))] if together else [])


def _has_small(rows: Mapping[Key, Sequence[int]], keys: Sequence[Key], below: int) -> bool:
    return any(_is_small(cell, below) for cell in _sums(rows, keys))


def _sums(rows: Mapping[Key, Sequence[int]], keys: Sequence[Key]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(rows[key] for key in keys), strict=True)))


def _lines(rows: Mapping[tuple[str, ...], Sequence[int]], below: int) -> tuple[Line, ...]:
    return tuple(Line(keys[0] if len(keys) == 1 else None, cells) for keys, cells in partition(rows, below))


def _announced_persons(made: Breakdown) -> dict[tuple[str, ...], list[int]]:
    """Persons by all that lies about them, as it is announced, by their worst shield."""
    found: dict[tuple[str, ...], list[int]] = {}
    for one in made.combinations:
        cells = found.setdefault(steps.announced(one.items), [0] * len(Shield))
        for place, shield in enumerate(Shield):
            cells[place] += getattr(one, shield)
    return dict(sorted(found.items(), key=lambda row: (len(row[0]), -sum(row[1]))))


def _in_columns(
    rows: Mapping[Any, Sequence[int]], chosen: Sequence[Sequence[str]]
) -> dict[tuple[str, ...], tuple[int, ...]]:
    place = {str(shield): at for at, shield in enumerate(Shield)}
    return {key: tuple(sum(cells[place[s]] for s in column) for column in chosen) for key, cells in rows.items()}


def _is_small(count: int, below: int) -> bool:
    return 0 < count < below


def _shown(count: int, below: int) -> int | None:
    return None if _is_small(count, below) else count
