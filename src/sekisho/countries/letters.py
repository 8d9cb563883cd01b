"""The letter to a person whose data leaked, in the words and measures of a country (``letter.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.countries import known

LANGUAGES = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """``say``: by language, single texts and lists of them; ``items``: by language, what items are called.

    ``sheet``: places on the sheet, millimetres. ``points``: sizes of print. ``large_print_from``: years of age.
    ``weekends``: whether print shops work then.
    """

    say: Mapping[str, Mapping[str, Any]]
    items: Mapping[str, Mapping[str, str]]
    sheet: Mapping[str, Any]
    points: Mapping[str, float]
    large_print_from: int
    weekends: bool


@cache
def wording() -> Wording:
    """The words of the first country that has any."""
    files_ = (files("sekisho.countries") / name / "letter.toml" for name in known.names())
    said = next(tomllib.loads(file.read_text("utf-8")) for file in files_ if file.is_file())
    return Wording(
        say={language: said[language] for language in LANGUAGES},
        items={language: said[language].pop("items") for language in LANGUAGES},
        sheet=said["sheet"],
        points=said["points"],
        large_print_from=said["large_print_from"],
        weekends=said["weekends"],
    )


@cache
def notice() -> Mapping[str, Mapping[str, str]]:
    """What the notice of a new number says, by language (``notice.toml``), where it is another than the letter."""
    files_ = (files("sekisho.countries") / name / "notice.toml" for name in known.names())
    found = next(tomllib.loads(file.read_text("utf-8")) for file in files_ if file.is_file())
    return {language: found[language] for language in LANGUAGES}
