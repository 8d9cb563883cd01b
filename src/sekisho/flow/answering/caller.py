"""Who a caller is taken for: what the register knows of them, what leaked of them, and how the master stands to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow.compute as pc

from sekisho.actions.helpline import Standing
from sekisho.flow.answering.whom import Whom
from sekisho.flow.assessing.doubts import Doubts, doubts, numbers_of
from sekisho.incidents.master import Exposure, Master
from sekisho.register import lookup
from sekisho.register.asked import pension, values
from sekisho.register.home import home
from sekisho.register.lookup import Life
from sekisho.register.profile import profile
from sekisho.vault import Vault


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, as far as they are known. ``values``: what can be asked for, from before the first infection.

    ``reachable``: whether there is an address from before to which an answer can go. ``by_phone``: whether they may be
    answered on the telephone at all: not who is dead, or must not be found. ``leaked``: items and classes.
    """

    holder: int | None
    person: int | None
    number: str | None
    name: str | None
    name_kana: str | None
    birth_date: str | None
    values: Mapping[str, str]
    reachable: bool
    by_phone: bool
    pension_paid: bool
    leaked: frozenset[str]
    standing: Standing


def known(vault: Vault, master: Master, whom: Whom, before: datetime | None, *, current: bool) -> Known:
    """What is known of somebody who was found. ``before``: the first infection; ``current``: as in `Standing`."""
    if not whom.is_holder:
        return _of_records(master, whom, current=current)
    register = vault.register()
    life = lookup.lives(register, [whom.person.holder])[0]
    about = profile(life, protected_too=True)
    numbers = _numbers(whom, life)
    exposure = master.of_holder(numbers)
    unsure = Doubts() if exposure else doubts(vault, master, life, numbers)
    came = {act.number: act.when for act in register.acts()}
    lived = home(life, before or datetime.now(UTC), came)
    return Known(
        *(whom.person.holder, exposure.person if exposure else None, about.number),
        *(whom.person.name, whom.person.name_kana, about.birth_date),
        values=values(about, lived),
        reachable=bool(lived.address) and "abroad" not in about.flags,
        by_phone=not about.flags.keys() & {"deceased", "protected_address"},
        pension_paid=pension(life) == "paid",
        leaked=_leaked([exposure, *unsure.alike]),
        standing=Standing(exposure is not None, bool(unsure.alike), unsure.could_be, current),
    )


def items_of_anybody(master: Master) -> frozenset[str]:
    """Items and classes that leaked of anybody."""
    joined = (pc.unique(master.table[name]).to_pylist() for name in ("items", "other_items"))
    return frozenset(item for some in joined for one in some if one for item in one.split("+"))


def _of_records(master: Master, whom: Whom, *, current: bool) -> Known:
    """Somebody whom only records know: there is nothing to ask them, and no address that they gave us."""
    one = whom.person
    exposure = master.of_holder([*one.numbers, *([one.number] if one.number else [])])
    could = master.could_be(one.numbers, one.name, one.name_kana, one.birth_date)
    return Known(
        *(None, exposure.person if exposure else None, one.number, one.name, one.name_kana, one.birth_date, {}),
        reachable=False,
        by_phone=False,
        pension_paid=False,
        leaked=_leaked([exposure]),
        standing=Standing(exposure is not None, doubts=could or (True,), current=current),
    )


def _numbers(whom: Whom, life: Life) -> list[str]:
    """Every number that ever led to them, in its normal form."""
    digits = lookup.numbers_in([*whom.person.numbers, *numbers_of(life)])
    return list(dict.fromkeys(_normal(one) for one in digits))


def _normal(digits: str) -> str:
    written = digits.zfill(10)
    return f"{written[:4]}-{written[4:]}"


def _leaked(exposures: Iterable[Exposure | None]) -> frozenset[str]:
    return frozenset(item for one in exposures if one for item in (*one.items, *one.other_items))
