"""What shows that a record is somebody's: the kinds of evidence that countries declare, and what people call them."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from sekisho.countries import known
from sekisho.wording import Text


@cache
def kinds() -> dict[str, Text]:
    """Every kind of every country, with its name."""
    return {kind: Text(words[0], words[1]) for kind, words in _declared().items()}


def kind_of(written: str) -> str | None:
    """The kind that somebody wrote, by its key or any of its names; None where it is none."""
    return _by_word().get(_folded(written))


@cache
def _by_word() -> dict[str, str]:
    return {_folded(word): kind for kind, words in _declared().items() for word in (kind, *words)}


@cache
def _declared() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for country in known.names():
        file = files("sekisho.countries") / country / "evidence.toml"
        found |= tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return found


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())
