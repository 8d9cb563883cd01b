"""What only people can say of a leak to the public, read from a file (TOML); every text in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sekisho.actions.announce import NOTHING, Contact, Words
from sekisho.errors import InputError
from sekisho.wording import Text, printable

LONGEST = 20_000
"""Characters of a text."""
MOST = 100
"""Points and contacts."""
_TEXTS = ("organisation", "title", "summary", "cause", "next")
_LANGUAGES = {"en", "ja"}


def words_of(written: str) -> Words:
    """The words in a file; raises InputError, which names the place that is wrong."""
    try:
        said = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise _wrong("", str(error)) from error
    known = {*_TEXTS, "doing", "contact", "invented"}
    for name in said:
        if name not in known:
            raise _wrong(name, "?")
    invented = said.get("invented", False)
    if not isinstance(invented, bool):
        raise _wrong("invented", "true | false")
    return Words(
        **{name: _text(said.get(name), name) for name in _TEXTS},
        doing=tuple(_each(said.get("doing"), "doing", _text)),
        contacts=tuple(_each(said.get("contact"), "contact", _contact)),
        invented=invented,
    )


def _each(said: Any, name: str, read: Callable[[Any, str], Any]) -> Sequence[Any]:
    if said is None:
        return ()
    if not isinstance(said, list) or len(said) > MOST:
        raise _wrong(name, f"[[{name}]]")
    return [read(one, f"{name} {place}") for place, one in enumerate(said, 1)]


def _contact(said: Any, name: str) -> Contact:
    if not isinstance(said, Mapping) or set(said) - {"title", "value", "hours"}:
        raise _wrong(name, "title, value, hours")
    value = said.get("value")
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{name}.value", '"..."')
    return Contact(_text(said.get("title"), f"{name}.title"), value.strip(), _text(said.get("hours"), f"{name}.hours"))


def _text(said: Any, name: str) -> Text:
    if said is None:
        return NOTHING
    if not isinstance(said, Mapping) or set(said) - _LANGUAGES:
        raise _wrong(name, '{ en = "...", ja = "..." }')
    values = {language: said.get(language, "") for language in _LANGUAGES}
    if not all(isinstance(one, str) and len(one) <= LONGEST for one in values.values()):
        raise _wrong(name, '{ en = "...", ja = "..." }')
    return Text(values["en"].strip(), values["ja"].strip())


def _wrong(name: str, wanted: str) -> InputError:
    return InputError(
        Text(
            'The words cannot be used at "{name}": {wanted}.', "文言ファイルの「{name}」が正しくありません: {wanted}。"
        ).fill(name=printable(name), wanted=printable(wanted)),
        Text("docs/announcement.md shows such a file.", "書き方は docs/announcement.md にあります。"),
    )
