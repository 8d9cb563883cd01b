"""`sekisho incident`: incidents, as far as the vault keeps them apart, each under a key of its own."""

from __future__ import annotations

from sekisho.errors import InputError
from sekisho.flow.assessing.case import known, say
from sekisho.flow.assessing.clocks import clocks_of
from sekisho.incidents.clocks import Clock, State
from sekisho.incidents.moment import zone_of
from sekisho.vault import Vault
from sekisho.vault.incidents import Incident
from sekisho.wording import Text

OPEN_STILL = frozenset({State.RUNNING, State.OVERDUE, State.PROMPT, State.WAITING})


def begin(vault: Vault, title: str, kind: str = "", zone: str = "") -> Incident:
    """A new incident, with its kind and time zone where they are said; raises InputError, RightsError, VaultError."""
    if zone:
        zone_of(zone)
    opened = vault.incidents().open(title)
    if zone:
        say(vault, opened.number, "zone", zone=zone)
    if kind:
        say(vault, opened.number, "kind", kind=kind)
    return opened


def end(vault: Vault, number: int, what: str = "") -> Incident:
    """Say that an incident is over, which needs a measure with its owner and date; ``what``: how it ended.

    Raises InputError, RightsError.
    """
    vault.demand("incident.close")
    if not known(vault, number).measures:
        raise InputError(
            Text("No measure is said, with its owner and date.", "責任者と期日のある措置が記録されていません。"),
            Text(
                "As: sekisho incident add measure {n} WHAT --owner WHO --due DAY.",
                "例: sekisho incident add measure {n} 内容 --owner 責任者 --due 期日。",
            ).fill(n=number),
        )
    if what:
        say(vault, number, "closing", what=what)
    return vault.incidents().close(number)


def go_on(vault: Vault, number: int) -> Incident:
    """Have a closed incident be open again, for what came to light later; raises InputError, RightsError."""
    vault.demand("incident.reopen")
    return vault.incidents().reopen(number)


def not_met(vault: Vault, number: int) -> list[Clock]:
    """The legal duties of an incident of which nobody said that they were met."""
    return [one for one in clocks_of(vault, number) if one.state in OPEN_STILL]


def every(vault: Vault) -> list[Incident]:
    """All incidents, oldest first."""
    return vault.incidents().all()
