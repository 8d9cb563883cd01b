"""An announcement for programs: what the public version says, as JSON-able values, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sekisho.actions.announce import Announcement, Figures, Quantity
from sekisho.countries.announcements import Wording
from sekisho.disclosure import Name, Told
from sekisho.wording import Text

FORMAT = 1


def public(made: Announcement, words: Wording, published: str | None) -> dict[str, Any]:
    """docs/announcement.md says what each value means."""
    said = made.words
    return {
        "format": FORMAT,
        "incident": made.incident,
        "number": made.number,
        "day": made.day,
        "published": published,
        "stamp": {"version": made.version, "at": made.at, "program": made.program},
        "replaces": {"number": made.before.number, "day": made.before.day} if made.before else None,
        "invented": said.invented,
        "organisation": _text(said.organisation),
        "what_happened": _text(said.summary),
        "cause": _text(said.cause),
        "doing": [_text(one) for one in said.doing],
        "contacts": [
            {"title": _text(one.title), "value": one.value, "hours": _text(one.hours)} for one in said.contacts
        ],
        "never": [_text(one) for one in words.lists["never"]],
        "facts": {
            "kind": made.facts.kind or None,
            "first_infection": _text(made.facts.first_infection),
            "known_at": _text(made.facts.known_at),
            "systems_not_known": made.facts.systems_not_known,
            "uncounted": made.facts.uncounted,
        },
        "figures": figures(made.figures),
        "before": figures(made.before.figures) if made.before else None,
    }


def figures(shown: Figures) -> dict[str, Any]:
    """The figures; rows without a name stand together in ``rest``."""
    return {
        "below": shown.below,
        "files": {"total": sum(shown.files.values()), "by_protection": dict(shown.files)},
        "records": _quantity(shown.records),
        "persons": _quantity(shown.persons),
        "persons_with": {name: {"exact": one.of_class, "few": one.few} for name, one in shown.also.items()},
        "items_in_no_row": {name: {"few": few} for name, few in shown.hidden.items()},
        "undecided_records": _amount(shown.undecided),
        "documents_not_wholly_read": shown.open_documents,
    }


def _quantity(one: Quantity) -> dict[str, Any]:
    shares = one.shares
    by_column = {"_or_".join(column): shares.column(column) for column in shares.columns} if shares else None
    table = _table(one.table, frozenset(one.named)) if one.table else None
    return {**_amount(one), "by_protection": by_column, "few_in": list(one.few_in), "table": table}


def _amount(one: Quantity) -> dict[str, Any]:
    """``exact``: None where it may not be told; ``near`` then is the earlier number that it is close to."""
    return {"exact": one.total, "near": one.near}


def _table(table: Told, named: frozenset[Name]) -> dict[str, Any]:
    return {
        "columns": [list(column) for column in table.columns],
        "lines": [
            {
                "items": sorted(list(key) for key in line if key in named),
                "rest": any(key not in named for key in line),
                "cells": list(cells),
            }
            for line, cells in zip(table.lines, table.cells, strict=True)
        ],
    }


def _text(text: Text) -> Mapping[str, str] | None:
    return {"en": text.en, "ja": text.ja} if text.en or text.ja else None
