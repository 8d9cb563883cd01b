"""How dates, addresses and phone numbers look in running text, as each country writes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from sekisho.countries import known
from sekisho.countries.speech import NOTHING


@dataclass(frozen=True, slots=True)
class Shapes:
    """One country's shapes: regular expressions without numbered groups, for text whose letters, digits, blanks and
    hyphens are narrow. They propose; words beside them and normal forms decide. Empty: the country has none.

    ``date``: dates that not every country writes so; ``coded_date``: those in digits alone.
    ``postal_code``; ``phone``; ``phone_digits``: a phone number that only a word beside it tells from other numbers.
    ``region``: what a whole address begins with; ``address``: a whole address; ``city_address``: one that begins with
    a city; ``address_start``: enough of either to tell a postal code before it.
    ``building``: a house by its name, with a flat in it.
    """

    date: str = ""
    coded_date: str = ""
    postal_code: str = ""
    phone: str = ""
    phone_digits: str = ""
    region: str = ""
    address: str = ""
    city_address: str = ""
    address_start: str = ""
    building: str = ""


@cache
def shape(name: str) -> str:
    """The shape of one name in any country: a module ``_shapes`` in its folder with ``SHAPES``."""
    rooms = (f"sekisho.countries.{country}._shapes" for country in known.names())
    found = (getattr(import_module(room).SHAPES, name) for room in rooms if find_spec(room))
    return "|".join(filter(None, found)) or NOTHING
