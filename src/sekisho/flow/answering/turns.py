"""The turns of a call to the helpline: what the operator says and asks next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.actions import helpline as line
from sekisho.actions.helpline import Answer
from sekisho.countries.helpline import Question, helpline
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes next in a call: what the operator says, and the ``questions`` to ask, whose answers they type.

    ``answer``: what the caller was told, None as long as nothing was; ``version``: of the leak master.
    """

    call: int
    says: tuple[Text, ...]
    questions: tuple[Question, ...] = ()
    answer: Answer | None = None
    version: int | None = None


def turn_of(
    call: int, keys: Sequence[str], questions: Sequence[Question] = (), *, version: int = 0, day: str = ""
) -> Turn:
    """What the paragraphs of the script that are named say, and what is asked."""
    return Turn(call, tuple(line.script(helpline(), keys, version, day)), tuple(questions))


def as_json(turn: Turn) -> dict[str, Any]:
    """A turn, JSON-able, in both languages."""
    return {
        "call": turn.call,
        "says": [{"en": one.en, "ja": one.ja} for one in turn.says],
        "questions": [{"name": one.name, "en": one.says.en, "ja": one.says.ja} for one in turn.questions],
        "answer": turn.answer,
        "version": turn.version,
    }
