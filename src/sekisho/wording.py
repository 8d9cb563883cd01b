"""Text that a user reads, in English and Japanese side by side, shown in the language of the run."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LANGUAGES = ("en", "ja")

_language: ContextVar[str] = ContextVar("language", default="en")


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages; ``str()`` gives the one of the run.

    In English ``{n|one|many}`` is the word that fits the number ``n``.

    >>> said = Text("{n} {n|file|files}", "ファイル{n}個")
    >>> [str(said.fill(n=1)), str(said.fill(n="1,000"))]
    ['1 file', '1,000 files']
    """

    en: str
    ja: str

    def fill(self, **values: object) -> Text:
        """Both languages with their ``{names}`` filled in; a value that is a Text is filled by language."""
        return Text(
            _in_number(self.en, values).format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
            self.ja.format(**{k: v.ja if isinstance(v, Text) else v for k, v in values.items()}),
        )

    def __str__(self) -> str:
        return self.ja if _language.get() == "ja" else self.en


def listed(things: Iterable[object]) -> str:
    """Several things in one line, parted as the language of the run parts them."""
    return ("、" if language() == "ja" else ", ").join(map(str, things))


def minute(at: str) -> str:
    """A time as it is kept (ISO 8601 with its offset), to the minute, in this machine's zone, which is said."""
    here = datetime.fromisoformat(at).astimezone()
    offset = here.strftime("%z")
    return f"{here:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


class Tell(Protocol):
    """Hears which phase a long piece of work is in, and how much of it is done: of a ``total``, where that is known."""

    def __call__(self, phase: Text, done: int = 0, total: int = 0) -> None:
        """``phase`` is the same text as long as it lasts."""


def unheard(phase: Text, done: int = 0, total: int = 0) -> None:
    """Nobody listens."""


_BY_NUMBER = re.compile(r"\{(\w+)\|([^|{}]*)\|([^|{}]*)\}")


def _in_number(text: str, values: Mapping[str, object]) -> str:
    """``text`` with its words for one or many chosen by the numbers, which may be written out already."""
    return _BY_NUMBER.sub(lambda found: found[2] if str(values[found[1]]) == "1" else found[3], text)


def speak(language: str) -> None:
    """Use ``language`` (``en`` or ``ja``) from here on."""
    if language not in LANGUAGES:
        raise ValueError(language)
    _language.set(language)


def language() -> str:
    """The language of the run."""
    return _language.get()


def language_of_locale() -> str:
    """The language that the user's environment asks for; English where it asks for neither."""
    asked = next((os.environ[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(v)), None)
    name = asked if asked is not None else (locale.getlocale()[0] or "")
    return "ja" if name.lower().startswith("ja") else "en"


_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


def printable(text: str) -> str:
    """``text`` safe to show: control, bidirectional and invisible characters are spelled out, as ``\\u202e``.

    Line feeds and tabs stay. Joiners and variation selectors, which names use, stay too.
    """
    return _UNPRINTABLE.sub(lambda found: _spelled(ord(found.group())), text)


def _spelled(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
