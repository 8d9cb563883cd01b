"""The public variant of a scan's table (`disclosure`): no small cell, and none that can be worked out.

Tables whose parts overlap (persons by folder, files) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.disclosure import BELOW, is_small, partition
from sekisho.figures import Breakdown, Line, Public, Shield
from sekisho.incidents import steps


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
        if not any(is_small(sum(totals[shield] for shield in column), below) for column in choice):
            return choice
    return (tuple(Shield),)


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


def _shown(count: int, below: int) -> int | None:
    return None if is_small(count, below) else count
