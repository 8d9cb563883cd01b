"""Where people leave passwords: in memos and mails, in cells beside the word, in names of files, folders and sheets.

What comes out are candidates: they cost a try, so that it matters more to miss none than to be sure of one. Their
number is bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import polars as pl

from sekisho.model import Content, Grid, Prose

MOST_IN_CONTENT = 400
_LONGEST = 64
_SHORT_FILE, _FEW_WORDS = 3, 2  # a document of so few lines, of so few words each, may be nothing but a password
_LABEL = 40  # characters of a cell that is the label of another
_BELOW, _BESIDE = 500, 4  # cells that a label may stand for
_NODES = 100_000

_GATE = "(?i)パス|ﾊﾟｽ|暗証|合い?言葉|解凍|開封|鍵|キー|pass|pw|p/w|pin|keyword|ｐ"  # cheap: most texts go no further
_WORD = re.compile(
    r"パスワ[ーァ]ド|パスコード|パスフレーズ|パス(?![ポタテカトチ])|暗証番号|暗証|合い?言葉|解凍キー|解凍|開封キー|鍵|キー(?=[はが:=「])"
    r"|pass\s?(?:word|wd|code|phrase|key)s?|(?<![a-z])(?:pass|psw?d|pwd|pw|p/w|pin)(?![a-z])",
    re.IGNORECASE,
)
_REFERS = re.compile(r"以下|下記|次の|つぎ|below|following|follows", re.IGNORECASE)
_QUOTED = re.compile(r"[「『【《〈\"'“‘`\[(<]([^「」『』【】《》〈〉\"'“”‘’`\[\]()<>]{1,64})[」』】》〉\"'”’`\])>]")
_SEPARATED = re.compile(r"^[^:=→⇒は]{0,30}?(?:[:=→⇒]|は|\bis\b)[\s:=]*(\S{1,80})")
_PLAIN = re.compile(r"[!-~]{2,64}")
_ENDINGS = re.compile(
    r"(?:です|でございます|となります|になります|となっています|とします|になっています|でお願いします|にしました|に設定|にて|と入力"
    r"|でした|でひらきます|で開きます|で解凍|が|を|に|で|と|の).*$"
)
_OPENING = " 　\t:：=＝→⇒「『【《〈“‘（([<＜■●・※"
_CLOSING = " 　\t。、，」』】》〉”’）)]>＞"
_PARTICLES = re.compile(r"[ぁ-ん]{1,3}|is|are|the|for|file|this|of|to|です")
_EDGES = "、。,.，．;:!！?？ 　\t「」『』【】()（）[]<>《》〈〉\"'“”‘’`*＊※■●・→⇒=＝:：-－_＿"
_BETWEEN_NAMES = re.compile(r"[/!]")
_NAME_PART = re.compile(r"[\s_＿()（）\[\]【】「」『』、,]+")


def in_name(document: str) -> Iterator[str]:
    """Candidates in the name of a document and of the folders it lies in (``名簿（PW：abc123）.xlsx``)."""
    for part in _BETWEEN_NAMES.split(document):
        stem = part.rpartition(".")[0] or part
        rest = _after_word(stem)
        if rest is not None:
            yield from _in_line(stem)
            yield from _spelled(_NAME_PART.split(rest))


class Hints:
    """Candidates in the contents of one document, which may as a whole be nothing but a password."""

    def __init__(self) -> None:
        self._whole: list[str] | None = []

    def seen(self, content: Content) -> Iterator[str]:
        """Candidates in one content."""
        if isinstance(content, Grid):
            texts = [cell for column in content.cells.head(_SHORT_FILE + 1).get_columns() for cell in column if cell]
            found = _in_grid(content)
        elif isinstance(content, Prose):
            texts = [line for line in islice(content.lines, 4 * _SHORT_FILE) if line.strip()]
            found = _in_lines(content.lines)
        else:
            texts = [""] * (_SHORT_FILE + 1)
            found = _in_tree(content.value)
        if self._whole is not None:
            self._whole = [*self._whole, *texts] if len(self._whole) + len(texts) <= _SHORT_FILE else None
        return islice(found, MOST_IN_CONTENT)

    def whole(self) -> Iterator[str]:
        """Candidates in all that was seen, once it is seen: a file of a few short lines."""
        short = [line.strip() for line in self._whole or () if len(line.split()) <= _FEW_WORDS]
        return _spelled(line for line in short if len(line) <= _LONGEST)


def _in_lines(lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    for at in _worded(pl.Series(lines, dtype=pl.String)):
        line = lines[at]
        yield from _in_line(line)
        rest = _after_word(line)
        if rest is not None and (not rest.strip(_EDGES + "は") or _REFERS.search(rest)):
            yield from _in_short(_following(lines, at))


def _worded(texts: pl.Series) -> list[int]:
    """Where the word may stand."""
    return texts.str.contains(_GATE).fill_null(value=False).arg_true().to_list()


def _following(lines: list[str], at: int) -> Iterator[str]:
    return islice((line for line in lines[at + 1 : at + 6] if line.strip()), 2)


def _in_short(lines: Iterable[str]) -> Iterator[str]:
    """Lines that are nothing but a password."""
    for line in lines:
        yield from _spelled([line.strip(), *line.split()[:3]])


def _in_line(line: str) -> Iterator[str]:
    """Candidates before and after the word for it."""
    plain = unicodedata.normalize("NFKC", line)
    words = list(islice(_WORD.finditer(plain), 4))
    if not words:
        return
    same_length = len(plain) == len(line)
    for word in words:
        after = (line if same_length else plain)[word.end() : word.end() + 120]
        yield from _spelled(_after(unicodedata.normalize("NFKC", after), after))
    yield from _spelled(_PLAIN.findall(plain[: words[0].start()])[-2:])


def _after(plain: str, written: str) -> Iterator[str]:
    for text in dict.fromkeys((written, plain)):
        yield from _QUOTED.findall(text)[:3]
        if separated := _SEPARATED.match(unicodedata.normalize("NFKC", text)):
            yield separated[1]
            yield _ENDINGS.sub("", separated[1])
        first = text.strip(_EDGES).split(maxsplit=1)[:1]
        yield from first
        yield from (_ENDINGS.sub("", each) for each in first)
        yield from _PLAIN.findall(text)[:4]


def _after_word(line: str) -> str | None:
    """What follows the first word for a password; None where there is none."""
    plain = unicodedata.normalize("NFKC", line)
    word = _WORD.search(plain)
    return plain[word.end() :] if word else None


def _spelled(candidates: Iterable[str]) -> Iterator[str]:
    """Each without what clings to it in a sentence, with and without signs at its end, and in half-width characters."""
    for written in candidates:
        signed = written.lstrip(_OPENING).rstrip(_CLOSING)
        for each in (signed, signed.strip(_EDGES)):
            for spelling in dict.fromkeys((each, unicodedata.normalize("NFKC", each))):
                if 0 < len(spelling) <= _LONGEST and not _PARTICLES.fullmatch(spelling):
                    yield spelling


def _in_grid(grid: Grid) -> Iterator[str]:
    yield from in_name(grid.place.base)
    for note in grid.notes.values():
        yield from _in_lines(note.split("\n"))
    columns = grid.cells.get_columns()
    for number, column in enumerate(columns):
        for row in _worded(column)[:_BELOW]:
            cell = column[row]
            yield from _in_line(cell)
            if len(cell) <= _LABEL and _WORD.search(unicodedata.normalize("NFKC", cell)):
                yield from _in_short(_labelled(columns, number, row))


def _labelled(columns: list[pl.Series], number: int, row: int) -> Iterator[str]:
    """The cells right of a label, and those below it."""
    beside = (column[row] for column in columns[number + 1 :])
    yield from islice((cell for cell in beside if cell), _BESIDE)
    yield from (cell for cell in columns[number].slice(row + 1, _BELOW) if cell)


def _in_tree(value: Any) -> Iterator[str]:
    todo: list[tuple[bool, Any]] = [(False, value)]
    for _ in range(_NODES):
        if not todo:
            return
        named, node = todo.pop()
        if isinstance(node, dict):
            todo += [(bool(_WORD.search(str(key))), child) for key, child in node.items()]
        elif isinstance(node, list | tuple):
            todo += [(named, child) for child in node]
        elif named and isinstance(node, str | int):
            yield from _in_short([str(node)])
        elif isinstance(node, str) and len(node) > 3:
            yield from _in_line(node)
