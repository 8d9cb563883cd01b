"""All that a report is made of, and how its fields are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sekisho.countries.announcements import wording
from sekisho.figures import Leaked
from sekisho.incidents.answers import Sure
from sekisho.incidents.case import Known
from sekisho.incidents.clocks import Clock
from sekisho.incidents.counted import Counted
from sekisho.paper import Given, Mark, moment
from sekisho.wording import Text

MARKS = {Sure.KNOWN: Mark.PLAIN, Sure.ESTIMATED: Mark.ESTIMATED, Sure.UNKNOWN: Mark.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a report is made of. ``clock``: of the duty that it serves. ``leaked``: None where nobody counted.

    ``uncounted``: whether documents came since. ``told``: persons by the way in which they are told, ``posted``: those
    of them whose letter was posted; ``published``: days of the notices; ``earlier``: receipts of earlier reports,
    oldest first; ``now``: when it is made.
    """

    known: Known
    clock: Clock
    versions: Sequence[Counted]
    now: datetime
    leaked: Leaked | None = None
    told: Mapping[str, int] = field(default_factory=dict)
    posted: int = 0
    published: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    uncounted: bool = False

    @property
    def last(self) -> Counted | None:
        """The last version of the leak master."""
        return self.versions[-1] if self.versions else None


Fill = Callable[[Situation], Given | None]
"""What a field is to be entered with; None where nobody knows."""


def may_rise(here: Situation) -> Mark:
    """How sure a number is: an estimate as long as more may come."""
    return Mark.ESTIMATED if here.uncounted or (here.last and here.last.may_rise) else Mark.PLAIN


def named(key: Sequence[str]) -> Text:
    """A combination of announced items."""
    texts = [wording().items[item] for item in key] or [wording().items["nothing"]]
    return Text(", ".join(one.en for one in texts), "・".join(one.ja for one in texts))


def at(one: Counted, here: Situation) -> Text:
    """When a version was made."""
    return moment(datetime.fromisoformat(one.at).astimezone(ZoneInfo(here.known.zone)))


def stacked(texts: Sequence[Text]) -> Text:
    """Texts below each other."""
    return Text("\n".join(one.en for one in texts), "\n".join(one.ja for one in texts))


def same(text: str) -> Text:
    """What somebody said, in whatever language."""
    return Text(text, text)


def number(number: int) -> str:
    """Thousands apart."""
    return f"{number:,}"


def joined(said: Given, found: Given | None) -> Given:
    """What somebody said, and under it what the records show."""
    if found is None or not found.text.en:
        return said
    both = Text(f"{said.text.en}\n{found.text.en}", f"{said.text.ja}\n{found.text.ja}")
    return Given(both, found.chosen, said.mark, found.note)
