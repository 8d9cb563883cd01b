"""`sekisho helpline report | contacts`: persons who were approached in our name, counted by region and day."""

from __future__ import annotations

import unicodedata
from datetime import date

from sekisho.countries import regions
from sekisho.countries.helpline import helpline
from sekisho.errors import UsageError
from sekisho.vault import Vault
from sekisho.vault.calls import Contact
from sekisho.wording import Text

REPORT, LIST = "helpline.report", "helpline.contacts"


def report(vault: Vault, incident: int, day: str, region: str, way: str, said: str = "", lost: str = "") -> int:
    """Keep a report; gives its number. ``said``: what was said, ``lost``: what was given away or paid.

    The helpline need not be open for it. Raises UsageError, RightsError.
    """
    kept = vault.answers(incident)
    when, where = _day(day), region_of(region)
    if way not in helpline().contacts:
        raise UsageError(
            Text("That is no way to approach somebody that we count.", "接触の方法が正しくありません。"),
            Text("One of: {some}.", "次のいずれかです: {some}").fill(some=", ".join(helpline().contacts)),
        )
    with vault.act(REPORT, incident=incident, more={"way": way}):
        return kept.report(when, where, way, {"said": said, "lost": lost, "operator": vault.acting.actor})


def counts(vault: Vault, incident: int) -> dict[tuple[str, str], int]:
    """How many reports there are, by region (as addresses begin there; empty: not said) and day."""
    vault.incidents().incident(incident)
    return vault.answers(incident).contact_counts()


def reports(vault: Vault, incident: int) -> list[Contact]:
    """All reports with what was said, which the ledger says first; raises RightsError."""
    kept = vault.answers(incident)
    found = kept.contacts()
    vault.log(LIST, incident=incident, counts={"reports": len(found)})
    return found


def region_of(written: str) -> str:
    """How addresses begin in a region, by its name in any language, whole or as people shorten it; raises UsageError.

    >>> [region_of(one) for one in ("沖縄県", "沖縄", "Okinawa", "")]
    ['沖縄県', '沖縄県', '沖縄県', '']
    """
    text = unicodedata.normalize("NFKC", written).strip().casefold()
    if not text:
        return ""
    for start, name in regions.residences().items():
        if text in {start.casefold(), start[:-1].casefold(), name.en.casefold(), name.ja.casefold()}:
            return start
    raise UsageError(
        Text("That is no region that we know.", "都道府県として読み取れません。"),
        Text("As: 沖縄県, Okinawa", "例: 沖縄県"),
    )


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise UsageError(
            Text("That is no day.", "日付として読み取れません。"), Text("As: 2015-06-05", "例: 2015-06-05")
        ) from error
