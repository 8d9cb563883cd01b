"""Where actions leave the house. One file = one kind of sink, found by lying here (`SINK`).

A sink hands a parcel over so that the receiver has it once, however often it is handed over: a kill may come between
their receipt and our noting it. What cannot be handed over now is a `RetryableError`, what never can a `FinalError`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from sekisho import parts
from sekisho.errors import FinalError, RetryableError
from sekisho.vault.parcels import Parcel
from sekisho.wording import Text

__all__ = [
    "OPTIONAL",
    "FinalError",
    "Form",
    "Kind",
    "Parcel",
    "Receipt",
    "RetryableError",
    "Setting",
    "Sink",
    "backoff",
    "kinds",
    "wait_after",
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receiver said when they had it; no personal data."""

    said: str


class Sink(Protocol):
    """A sink that leads somewhere."""

    def send(self, parcel: Parcel) -> Receipt:
        """Hand a parcel over; once they have it, handing it over again gives them nothing new.

        Raises RetryableError, FinalError.
        """


class Form(Enum):
    """How a setting is given: as it is, or as a file whose content is kept and not shown again."""

    WORD = "word"
    FILE = "file"


OPTIONAL = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What a kind of sink must be told, or may be."""

    name: str
    about: Text
    needed: bool = True
    form: Form = Form.WORD


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sink: what it is, what it must be told, and how it is made of that.

    ``make`` raises UsageError for settings that cannot be; it touches nothing outside. ``seals``: whether what it hands
    over can be read by the receiver only.
    """

    about: Text
    settings: tuple[Setting, ...]
    make: Callable[[Mapping[str, str]], Sink]
    seals: bool = False


def kinds() -> dict[str, Kind]:
    """Every kind of sink, by name."""
    found = parts.find(__name__, "SINK")
    return {name: kind for name, kind in found.items() if isinstance(kind, Kind)}


def wait_after(tries: int, asked_for: int = 0) -> timedelta | None:
    """How long to wait after a try that failed, the first being 0; None where there is no further one."""
    waits = backoff()["wait_seconds"]
    if tries >= len(waits):
        return None
    return timedelta(seconds=max(waits[tries], min(asked_for, backoff()["longest_seconds"])))


@cache
def backoff() -> dict[str, Any]:
    """How long to wait, as data."""
    return tomllib.loads(files("sekisho.sinks").joinpath("backoff.toml").read_text("utf-8"))
