"""What the register knows of a holder that they can be asked, to show that it is them."""

from __future__ import annotations

from sekisho.register.home import Home
from sekisho.register.lookup import Life
from sekisho.register.profile import Profile
from sekisho.register.rows import PENSION


def values(about: Profile, lived: Home) -> dict[str, str]:
    """What they can be asked: the home from before the first infection, never one that was changed since."""
    found = {
        "number": about.number,
        "birth_date": about.birth_date,
        "address": lived.address if lived.certain else None,
        "postal_code": lived.postal_code if lived.certain else None,
        "former_address": _former_home(about, lived),
        "former_name": next((fact.value.get("name") for fact in about.names if fact.kind == "former"), None),
        "address_from": lived.since if lived.certain else None,
        "first_insured": _first_insured(about.periods),
    }
    return {name: value for name, value in found.items() if value}


def _former_home(about: Profile, lived: Home) -> str | None:
    """Where they lived before that home; of nobody whose address was changed since, as it may be the former one now."""
    if lived.changed:
        return None
    former = [fact.value["address"] for fact in about.addresses if fact.kind == "former" and "address" in fact.value]
    return next((one for one in former if one != lived.address), None)


def _first_insured(periods: str | None) -> str | None:
    """The month in which the earliest period begins."""
    begun = [one.strip()[:7] for one in (periods or "").replace(",", ";").split(";") if one.strip()]
    return min(begun, default=None)


def pension(life: Life) -> str | None:
    """What the last state says of their pension."""
    last = life.states.filter(place=0, holder=life.holder).tail(1)
    return last[PENSION].item() if last.height and PENSION in last.columns else None
