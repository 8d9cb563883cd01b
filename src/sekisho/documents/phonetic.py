"""Phonetic guides that old Word writes as an equation: the reading small above the base."""

from __future__ import annotations

import re
from typing import NamedTuple

_GUIDE = re.compile(r"\\s\s*\\up\s*[\d.]+\s*\((?P<reading>[^()]*)\)\s*[,;]\s*(?P<base>[^()]*)\)", re.IGNORECASE)


_OPEN, _BETWEEN, _CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"  # no characters: they stand in no text
_MARKED = re.compile(f"(?:{_OPEN}[^{_CLOSE}]*{_CLOSE})+")
_ONE = re.compile(f"{_OPEN}([^{_BETWEEN}{_CLOSE}]*){_BETWEEN}([^{_CLOSE}]*){_CLOSE}")


class Guide(NamedTuple):
    """``base`` with its ``reading``."""

    base: str
    reading: str

    def __str__(self) -> str:
        return f"{_OPEN}{self.base}{_BETWEEN}{self.reading}{_CLOSE}"


def guide(code: str) -> Guide | None:
    r"""The guide that the code of a field draws, if it draws one.

    >>> guide(r"EQ \* jc2 \o\ad(\s\up 9(とうきょう),東京)")
    Guide(base='東京', reading='とうきょう')
    """
    match = _GUIDE.search(code)
    return Guide(match["base"], match["reading"]) if match else None


def settled(text: str) -> str:
    """The text with its guides as words: neighbours together, their readings behind them, so that names stay whole.

    >>> settled(f"{Guide('山田', 'やまだ')}{Guide('花子', 'はなこ')}様")
    '山田花子（やまだはなこ）様'
    """
    return _MARKED.sub(_words, text) if _OPEN in text else text


def _words(guides: re.Match[str]) -> str:
    found = _ONE.findall(guides[0])
    return f"{''.join(base for base, _ in found)}（{''.join(reading for _, reading in found)}）"
