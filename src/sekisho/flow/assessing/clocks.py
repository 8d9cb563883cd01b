"""`sekisho incident clocks`: what the laws ask for after an incident, and what time is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sekisho.countries.law import profiles
from sekisho.errors import InputError
from sekisho.flow.assessing.case import SHOW, known
from sekisho.incidents.answers import Answer
from sekisho.incidents.clocks import Clock, clocks
from sekisho.incidents.counted import Counted
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.moment import written
from sekisho.vault import Vault
from sekisho.vault.leak import Version
from sekisho.wording import Text, printable

_FIRST = (Answer.YES, Answer.NOT_KNOWN, Answer.NO)


def clocks_of(vault: Vault, incident: int, now: datetime | None = None) -> list[Clock]:
    """Every duty, as of ``now``; raises InputError, RightsError, VaultError."""
    vault.demand(SHOW)
    opened = datetime.fromisoformat(vault.incidents().incident(incident).opened)
    return clocks(known(vault, incident), opened, counted(vault, incident), now or datetime.now(UTC))


def clocks_as_of(vault: Vault, incident: int, at: str = "", law: str = "") -> list[Clock]:
    """The same as of a time that somebody wrote, and of one law only; raises InputError where there is none such.

    Laws that apply come first, then those of which nobody knows; of alike ones those of the incident's time zone.
    """
    place = known(vault, incident).place
    now = written(at, place).at if at else None
    if law and law not in profiles():
        raise InputError(
            Text("There is no law {law}.", "法令 {law} はありません。").fill(law=printable(law)),
            Text("There are: {all}.", "選べるのは: {all}。").fill(all=", ".join(profiles())),
        )
    found = [one for one in clocks_of(vault, incident, now) if law in ("", one.profile.name)]
    return sorted(found, key=lambda one: (_FIRST.index(one.applies.answer), one.profile.zone != str(place)))


def counted(vault: Vault, incident: int) -> list[Counted]:
    """What each version of the leak master counted, and whether the last one counted all that belongs by now."""
    versions = vault.leak(incident).versions()
    found = [_counted(one) for one in versions]
    if found:
        found[-1] = replace(found[-1], stale=not is_counted(known(vault, incident), versions[-1]))
    return found


def _counted(one: Version) -> Counted:
    said = one.account
    coming = said["may_still_come"]
    return Counted(
        version=one.number,
        at=one.at,
        persons=said["persons"],
        records=said["records"],
        classes=said["persons_by_class"],
        undecided=coming["records"],
        unread=coming["documents"],
    )
