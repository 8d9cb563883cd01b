"""Notices of new numbers as PDF: one A4 for each person, whom a letter told before that their number leaked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from sekisho.countries.letters import notice
from sekisho.report.letter import Letter, Words, values
from sekisho.report.typeset import Press


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: to whom and under which control number (``letter``), the ``new`` number, and the ``old`` one, of
    which only the office is shown.
    """

    letter: Letter
    new: str = field(repr=False)
    old: str = field(repr=False)


def pdf(notices: Sequence[Notice], words: Words, language: str, day: date, at: datetime) -> bytes:
    """The notices in one language, a page each; ``at``: when they were made, for the same bytes again.

    Raises MissingPartError.
    """
    made = values([one.letter for one in notices], words, language, day)
    said = notice()[language]
    made["say"] |= said
    made["title"] = said["title"]
    for one, told in zip(made["letters"], notices, strict=True):
        one["new"], one["old"] = told.new, f"{told.old[:4]}-******"
        one["postal"] = f"{one['postal']}　{said['post']}".strip()
    return _press().pdf(made, at=at)


@cache
def _press() -> Press:
    return Press("notice")
