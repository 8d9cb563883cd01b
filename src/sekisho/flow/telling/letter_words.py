"""What the house says in its letters: read from a file that people write, and kept with them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sekisho.errors import InputError, not_opened
from sekisho.report.letter import Words
from sekisho.wording import Text, printable

BOTH, LISTS = ("organisation", "hours"), ("sender", "happened")
_LONGEST = 600


def read(path: Path) -> Words:
    """The words in a TOML file: each text as ``{ en = "...", ja = "..." }``, or alike in both. Raises InputError.

    ``organisation``, ``helpline`` and ``hours`` must be there; ``sender`` and ``happened`` are lists.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise not_opened(path, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _no_words(path, Text("it is no TOML", "TOML ではありません")) from error
    unknown = sorted(said.keys() - {*BOTH, *LISTS, "helpline"})
    missing = [name for name in (*BOTH, "helpline") if not said.get(name)]
    if unknown or missing:
        lacks = Text("missing: {missing}; unknown: {unknown}", "不足: {missing}、不明: {unknown}")
        raise _no_words(
            path, lacks.fill(missing=", ".join(missing) or "-", unknown=printable(", ".join(unknown)) or "-")
        )
    try:
        return of(said)
    except (TypeError, KeyError, ValueError) as error:
        raise _no_words(
            path, Text("texts are { en = ..., ja = ... }", "文は { en = ..., ja = ... } で書きます")
        ) from error


def of(said: Mapping[str, Any]) -> Words:
    """The words from what `as_json` gave."""
    return Words(
        organisation=_text(said["organisation"]),
        helpline=_line(said["helpline"]),
        hours=_text(said["hours"]),
        sender=tuple(map(_text, said.get("sender", ()))),
        happened=tuple(map(_text, said.get("happened", ()))),
    )


def as_json(words: Words) -> dict[str, Any]:
    """The words as plain values."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(words).items()}


def _text(said: Any) -> Text:
    if isinstance(said, str):
        return Text(_line(said), _line(said))
    return Text(_line(said["en"]), _line(said["ja"]))


def _line(said: Any) -> str:
    if not isinstance(said, str) or not 0 < len(said) <= _LONGEST:
        raise ValueError(len(said) if isinstance(said, str) else type(said).__name__)
    return printable(said).strip()


def _no_words(path: Path, why: Text) -> InputError:
    return InputError(
        Text("{file} does not say what letters need: {why}.", "{file} は通知書の文言として使えません: {why}。").fill(
            file=path, why=why
        ),
        Text("docs/letters.md shows one.", "docs/letters.md の例を参照してください。"),
    )
