"""How often operators may search, and callers try: counted in the vault, whoever asks at the same time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sekisho.countries.helpline import Caps
from sekisho.errors import RightsError
from sekisho.flow.answering.whom import Sought, Whom
from sekisho.register import lookup
from sekisho.vault import Vault, looks
from sekisho.vault.calls import ANSWERED, FAILED, MISSED, SEARCHED, Calls
from sekisho.wording import Text

SEARCH = "helpline.search"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def tries_left(kept: Calls, marks: Sequence[bytes], caps: Caps) -> bool:
    """Whether a try is left at a person today. Who was not found by what was said of them was tried, too."""
    since = datetime.now(UTC) - DAY
    return sum(kept.count_of(kind, mark, since) for kind in (FAILED, MISSED) for mark in marks) < caps.tries_a_person


def may_try(kept: Calls, call: int, marks: Sequence[bytes], caps: Caps) -> bool:
    """Whether a try is left, in the call and at the person, whoever else asked about them meanwhile."""
    kinds = [kind for kind, _ in kept.kinds(call)]
    return ANSWERED not in kinds and kinds.count(FAILED) < caps.tries_a_call and tries_left(kept, marks, caps)


def sought_mark(vault: Vault, sought: Sought) -> bytes:
    """What stands for whom somebody looks for: a number, else a name. Whoever guesses the rest looks for them again."""
    numbers, name = lookup.numbers_in([sought.number]), _bare(sought.name)
    return next(iter(_marks(vault, numbers, [name])), b"")


def marks_of(vault: Vault, whom: Whom) -> list[bytes]:
    """What tries at a person are counted by: themselves first, then whatever they may be looked for by."""
    person = whom.person
    names = [_bare(name) for name in (person.name, person.name_kana) if name]
    return [vault.looks().mark(looks.holder(person.holder)), *_marks(vault, whom.numbers(), names)]


def _marks(vault: Vault, numbers: Iterable[str], names: Iterable[str]) -> Iterator[bytes]:
    for said in (*(str(int(number)) for number in numbers), *names):
        if said:
            yield vault.looks().mark(f"sought:{said}")


def _bare(name: str) -> str:
    return unicodedata.normalize("NFKC", "".join(name.split())).casefold()


def within_caps(vault: Vault, kept: Calls, call: int, caps: Caps) -> None:
    """Raises RightsError, and says so in the ledger, where an operator searches for more than callers bring."""
    if named := over(kept, call, vault.acting.actor, caps):
        vault.refused(SEARCH, why="cap", over=named)
        raise too_many()


def over(kept: Calls, call: int, operator: str, caps: Caps, now: int = 0) -> list[str]:
    """Which caps leave no search over; ``now``: how many of those that are counted are being made."""
    in_call = sum(kind == SEARCHED for kind, _ in kept.kinds(call))
    last_hour = kept.count(SEARCHED, operator, datetime.now(UTC) - HOUR)
    last_day = kept.count(SEARCHED, operator, datetime.now(UTC) - DAY)
    made = {"call": in_call, "hour": last_hour, "day": last_day}
    most = {"call": caps.searches_a_call, "hour": caps.searches_an_hour, "day": caps.searches_a_day}
    return [name for name, count in made.items() if count - now >= most[name]]


def too_many() -> RightsError:
    """The error for an operator who searches too much."""
    return RightsError(
        Text("That is more searches than an operator may make.", "検索回数の上限を超えています。"),
        Text("Ask an officer; it stands in the ledger.", "責任者に連絡してください（証跡に記録されました）。"),
        "cap",
    )
