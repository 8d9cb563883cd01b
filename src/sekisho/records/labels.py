"""Finds labels and their values in one line or one cell: 氏　名： 山田 太郎   生年月日：昭和23年4月6日."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sekisho.countries.dictionary import surnames
from sekisho.countries.headers import UNKNOWN, Meaning, meaning
from sekisho.countries.scripts import KANJI
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records.names import sureness
from sekisho.records.shapes import DATE, fold

_LONGEST = 24
_SURE = 0.7
_COLON = re.compile(
    r"(?<![0-9])\s{0,3}[::：](?!//)\s*|[::：](?=\s*\D)(?!//)\s*|\s{0,2}[=→⇒](?!=)\s*|\s…+\s*|\s?\.{4,}\s*|・{4,}\s*"
)
_BRACKET = re.compile(
    r"[【\[〔《≪＜<「『]\s*([^【】\[\]〔〕《》≪≫＜＞<>「」『』]{1,20}?)\s*[】\]〕》≫＞>」』]\s*[:：]?\s*"
)
_BORDER = re.compile(
    r"\s{2,}|[\t、，,。；;／/|│┃・（(「『【●■◆◇○▼▽※*>＞»）)】\]」]|^\s*[-–—]\s|^\s*[(（]?\d{1,2}[)）.．、]\s*|\s"
)
_STRONG_BORDER = re.compile(
    r"\s{2,}|[\t、，,。；;|│┃（(「『【●■◆◇▼▽※*>＞»）)】\]」]|^\s*[-–—・○]\s*|^\s*[(（]?\d{1,2}[)）.．、]\s*"
)
_LETTER_SPACED = re.compile(rf"(?:[{KANJI}ぁ-んァ-ヴーＡ-ｚ・]{{1,2}}[ \u3000]+){{1,6}}[{KANJI}ぁ-んァ-ヴー]{{1,3}}")
_NOT_LABEL = re.compile(
    rf"[。!?！？]|https?$|{any_of('sentence_ends', 'told_ends', 'no_label_has')}"
    rf"|(?:{any_of('no_label_ends')})$|\d{{3,}}|@"
)
_NO_LABEL = re.compile(r"[□☐☑☒■✓✔]|[:：].|[\d０-９]{3}|〒\s?[\d０-９]|[。@]|[^0-9()（）]\d{2}$")
_LETTERS = re.compile(r"(?:[^\W\d]|[ \u3000・()（）/.])*[^\W\d_)）.]")
_PARTED = re.compile(r"[\s\d+(（〒０-９…‥/／]|\.{3}|・{3}|-{2}|─|―")
_TRAIL = re.compile(r"[\s、，,;；／/|│┃・]+$")


_TWO_WORDS_IN_KANA = re.compile(r"([ぁ-ゖァ-ヺー]{2,})[ \u3000]+[ぁ-ゖァ-ヺー]{2,}")
"""やまもと せいご: a name, although もと and せい are words of labels; ふりがな せい begins with a label."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the text that stands behind it in the same line: where both begin and end."""

    label: str
    meaning: Meaning
    start: int
    value_start: int
    value_end: int

    def value(self, line: str) -> str:
        """The value as written."""
        return line[self.value_start : self.value_end]


@lru_cache(maxsize=65536)
def known_label(text: str) -> Meaning | None:
    """What the whole of ``text`` means as a label, None where it is not one that we know."""
    bare = text.strip().strip("：:").strip()
    if not bare or len(bare) > _LONGEST or _NO_LABEL.search(bare):
        return None
    name = _TWO_WORDS_IN_KANA.fullmatch(bare)
    if name and meaning(name[1]) == UNKNOWN:
        return None
    found = meaning(bare)
    if found == UNKNOWN or (found.key == Item.BIRTH_DATE and DATE.search(fold(bare))):  # 昭和57年9月25日生まれ
        return None
    return found


def pairs(line: str) -> list[Pair]:
    """Labels with their values, left to right; a value ends where the next label begins."""
    heads = _heads(line)
    found: list[Pair] = []
    for index, (start, value_start, label, what) in enumerate(heads):
        end = heads[index + 1][0] if index + 1 < len(heads) else len(line)
        trimmed = _TRAIL.sub("", _within_bracket(line[value_start:end]))
        lead = len(trimmed) - len(trimmed.lstrip())
        found.append(Pair(label, what, start, value_start + lead, value_start + len(trimmed)))
    return found


_CLOSING = {"）": "（", ")": "(", "】": "【", "」": "「", "』": "『", "］": "［", "]": "["}


def _within_bracket(value: str) -> str:
    """The value up to a bracket that closes what was opened before it."""
    for at, char in enumerate(value):
        opening = _CLOSING.get(char)
        if opening is None:
            continue
        opened = sum(value.count(mark, 0, at) for mark in {opening, fold(opening)})
        closed = sum(value.count(mark, 0, at) for mark in {char, fold(char)})
        if opened <= closed:
            return value[:at]
    return value


_Head = tuple[int, int, str, Meaning]


def _heads(line: str) -> list[_Head]:
    """Start of the label, start of its value, label, meaning."""
    heads: list[_Head] = []
    ends = sorted({*((m.start(), m.end()) for m in _COLON.finditer(fold(line)))})
    done = 0
    for bracket in _BRACKET.finditer(line):
        known = known_label(bracket[1]) or (UNKNOWN if _opens_with(line, bracket) else None)
        if known is not None:
            heads.append((bracket.start(), bracket.end(), bracket[1].strip(), known))
    for at, value_start in ends:
        head = _label_before(line, done, at, only_known=line[at:value_start].strip() not in "::：")
        if head is not None and not any(s <= head[0] < v for s, v, _, _ in heads):
            heads.append((head[0], value_start, head[2], head[3]))
            done = value_start
    heads.extend(_without_colon(line, heads))
    return sorted(heads)


def _opens_with(line: str, bracket: re.Match[str]) -> bool:
    """Whether a line is words in thick brackets and what they say: 【ご要望】午前中."""
    begins = not line[: bracket.start()].strip() and line[bracket.start()] == "【"
    return begins and bool(line[bracket.end() :].strip()) and not _NOT_LABEL.search(fold(bracket[1]))


def _label_before(line: str, done: int, at: int, *, only_known: bool) -> _Head | None:
    """The label that ends at ``at``: the longest one that surely is one, else what stands behind the last border."""
    start = max(done, at - _LONGEST - 12)
    text = line[start:at]
    candidates = [
        border for border in dict.fromkeys([0, *(m.end() for m in _BORDER.finditer(text))]) if text[border:].strip()
    ]
    candidates = [border for border in candidates if _one_label(text[border:].strip())]
    known = [(border, what) for border in candidates if (what := known_label(text[border:]))]
    for border, what in [*(k for k in known if k[1].sure), *reversed(known)]:
        return start + border + _lead(text[border:]), at, text[border:].strip(), what
    if only_known or not candidates:
        return None
    strong = max((m.end() for m in _STRONG_BORDER.finditer(text)), default=0)
    border = next((c for c in candidates if c >= strong), candidates[-1])
    candidate = text[border:].strip()
    if not 1 <= len(candidate) <= 16 or _NOT_LABEL.search(fold(candidate)) or _is_somebody(candidate):
        return None
    return start + border + _lead(text[border:]), at, candidate, UNKNOWN


def _is_somebody(text: str) -> bool:
    """Who speaks in a chat is no label of what is said."""
    return text in surnames() or sureness(text) >= _SURE


def _one_label(text: str) -> bool:
    """Whether blanks in a text only space its letters (氏　名) or its Latin words."""
    return (
        not re.search(r"\s", text)
        or (text.isascii() and "  " not in text)
        or _LETTER_SPACED.fullmatch(text) is not None
    )


def _lead(text: str) -> int:
    return len(text) - len(text.lstrip())


_OPEN = re.compile(
    rf"(?:^[\s・●■◆◇○※*>＞-]*(?:(?:{any_of('parties')})[ \u3000]+|[(（]?[0-9０-９]{{1,2}}[)）.．、]\s*|[①-⑳]\s*)?"
    r"|\s{2,}|\t|[|│┃、，,／/(（]\s*)"
    rf"(?=[{KANJI}ァ-ヴA-Z〒])"
)


def _without_colon(line: str, heads: list[_Head]) -> Iterator[_Head]:
    """Known labels that a blank, or nothing, parts from their value: 氏名　山田太郎, TEL03-1234-5678."""
    found: list[_Head] = []
    for border in _OPEN.finditer(line):
        found.extend(_label_at(line, border.end(), [*heads, *found]))
    if any(not line[:start].strip(" \u3000・●■◆◇○") for start, _, _, _ in (*heads, *found)):
        for blank in re.finditer(r"(?<=\S)[ \u3000](?=\S)", line):
            more = _label_at(line, blank.end(), [*heads, *found])
            found.extend(head for head in more if len(head[2]) > 1 and head[3].is_item and line[head[1] - 1].isspace())
    yield from found


def _label_at(line: str, at: int, heads: Sequence[_Head]) -> list[_Head]:
    """The known label that begins at ``at``, unless another one is there."""
    if any(start <= at < value_start for start, value_start, _, _ in heads):
        return []
    found = split_label(line[at:])
    if found is None:
        return []
    label, length, what = found
    if any(at <= start < at + length for start, _, _, _ in heads):
        return []
    return [(at, at + length, label, what)]


_LEADERS = " \u3000\t…‥/／.・-─―"


def split_label(text: str) -> tuple[str, int, Meaning] | None:
    """The longest known label that ``text`` begins with, where its value begins, and what it means.

    A blank, a digit or dots must follow the label.
    """
    for end in range(min(len(text), _LONGEST), 0, -1):
        label, rest = text[:end], text[end:]
        if not _PARTED.match(rest) or not rest.strip() or not _LETTERS.fullmatch(label) or not _one_label(label):
            continue
        known = known_label(label)
        if known is None or not known.sure or known.part or _is_joined(rest):
            continue
        if known.is_item or rest[0].isspace():
            return label, end + len(rest) - len(rest.lstrip(_LEADERS)), known
    return None


def _is_joined(rest: str) -> bool:
    """氏名／生年月日 names two items and says neither."""
    return rest[0] in "/／" and known_label(rest[1:]) is not None
