"""What a country's numbers and addresses say about where: who issued a number, where a person lives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from sekisho.countries import known
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the numbers that begin with ``code``. ``confirmed``: a published source says so of these numbers."""

    code: str
    name: Text
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Regions:
    """A country's regions.

    ``issuers``: by the first two digits of the basic pension number. ``residences``: what an address begins with ->
    its name, in the official order. ``of_postal_codes``: postal codes -> how the address there begins.
    """

    issuers: Mapping[str, Issuer]
    residences: Mapping[str, Text]
    of_postal_codes: Callable[[Iterable[str]], Mapping[str, str]]


@cache
def regions() -> tuple[Regions, ...]:
    """The regions of every country that knows them: a module ``_regions`` in its folder with ``REGIONS``."""
    rooms = (f"sekisho.countries.{country}._regions" for country in known.names())
    return tuple(import_module(room).REGIONS for room in rooms if find_spec(room))


def issuer(code: str) -> Issuer:
    """Who issues the numbers that begin with ``code``; without a name where that is not known."""
    for country in regions():
        if code in country.issuers:
            return country.issuers[code]
    return Issuer(code, Text("", ""))


@cache
def residences() -> dict[str, Text]:
    """What an address begins with -> the region, of all countries."""
    return {start: name for country in regions() for start, name in country.residences.items()}


def of_postal_codes(codes: Iterable[str]) -> dict[str, str]:
    """Postal codes -> what an address there begins with; a code that nobody knows is left out."""
    asked = list(codes)
    return {code: start for country in regions() for code, start in country.of_postal_codes(asked).items()}
