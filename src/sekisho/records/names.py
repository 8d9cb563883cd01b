"""Finds names of people in running text and judges whether a text is one: dictionary, honorific, neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.countries.dictionary import folded, given_names, surnames
from sekisho.countries.headers import UNKNOWN, meaning
from sekisho.countries.scripts import CAPITALS, HIRAGANA_OF, KANJI, KATAKANA, SMALL
from sekisho.countries.speech import any_of, letters, listed

HONORIFICS = any_of("honorifics")

_NO_GIVEN_END = letters("no_given_name_ends")
_NO_NAMES = frozenset(listed("nobody"))
_HONOURED = re.compile(
    rf"(?P<name>[{KANJI}]{{1,5}}[ \u3000]{{1,3}}[{KANJI}ぁ-ん{KATAKANA}]{{1,6}}"
    rf"|[{KANJI}]{{1,9}}[ぁ-んァ-ヴー]{{0,5}}"
    rf"|[{KATAKANA}]{{2,10}}(?:[・=＝･ \u3000][{KATAKANA}]{{1,12}}){{0,3}}"
    rf"|[{CAPITALS}][{CAPITALS}{SMALL}.'’-]+(?:[ ,]{{1,2}}[{CAPITALS}][{CAPITALS}{SMALL}.'’-]*){{0,3}})"
    rf"(?P<tail>[ \u3000]{{0,3}}(?:{HONORIFICS}))"
)
_SPACED = re.compile(
    rf"(?<![{KANJI}])([{KANJI}]{{1,4}})[ \u3000]{{1,3}}([{KANJI}ぁ-んァ-ヴー]{{1,4}})(?![{KANJI}ぁ-んァ-ヴー])"
)
_RUN = re.compile(rf"[{KANJI}]+[ぁ-んァ-ヴ]{{0,3}}")
_TITLES = any_of("titles")
_LATIN = re.compile(
    rf"(?:(?P<title>\b(?:{_TITLES}|{any_of('greetings')})\b\.?[ ]{{1,2}}(?:(?:{_TITLES})\b\.?[ ])?))?"
    rf"(?P<name>\b[{CAPITALS}][{SMALL}'’-]+(?:[ ][{CAPITALS}]\.)?(?:[ ][{CAPITALS}][{SMALL}'’-]+){{1,3}}"
    rf"|\b[{CAPITALS}]{{2,}}(?:[ ,]{{1,2}}[{CAPITALS}]{{2,}}){{1,3}})\b"
)
_KATAKANA_NAME = re.compile(rf"[{KATAKANA}]{{2,10}}(?:[・＝=･ \u3000][{KATAKANA}]{{1,12}}){{1,3}}")
_KANA_VALUE = re.compile(r"[ァ-ヴーｦ-ﾟぁ-んゝ・･.\-]+(?:[ \u3000]+[ァ-ヴーｦ-ﾟぁ-んゝ・･.\-]+){0,4}")
_LATIN_VALUE = re.compile(
    r"[A-ZÀ-ÞŁŚŻ][A-Za-zÀ-ɏ'’-]+"
    rf"(?:,? +(?:[A-ZÀ-ÞŁŚŻ][A-Za-zÀ-ɏ.'’-]*|{any_of('name_particles')})){{1,4}}"
)
_PLAIN_HONORIFIC = rf"[ \u3000]*(?:{any_of('plain_honorifics')})"
_HONORIFIC_END = re.compile(f"{_PLAIN_HONORIFIC}$")
_BEGINS_IN_KANJI = re.compile(f"[{KANJI}]")
_GAP, _PARTED = re.compile(r"[ \u3000]+"), re.compile(r"[ \u3000・]")
_KANJI_VALUE = re.compile(rf"[{KANJI}]{{1,5}}[ \u3000]*[{KANJI}ぁ-んァ-ヴー]{{1,8}}(?:{_PLAIN_HONORIFIC})?")


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name in a text: where it stands, how sure that is (0..1) and why."""

    start: int
    end: int
    sure: float
    why: str


def known_parts(text: str) -> tuple[bool, bool]:
    """Whether ``text`` (a name without blanks) begins with a known surname, and whether a known given name follows."""
    name = folded(text)
    heads = [n for n in range(min(len(name) - 1, 5), 0, -1) if name[:n] in surnames()]
    return bool(heads), any(_is_given(name[n:]) for n in heads)


def sureness(text: str) -> float:
    """How surely ``text``, a whole cell or label's value, is a person's name (0..1)."""
    value = _unspaced(text.strip())
    if not 2 <= len(value) <= 40 or value in _NO_NAMES:
        return 0.0
    if _KANJI_VALUE.fullmatch(value):
        return _kanji_sureness(_HONORIFIC_END.sub("", value))
    if _KANA_VALUE.fullmatch(value):
        return 0.6 if _PARTED.search(value) else 0.4
    return 0.5 if _LATIN_VALUE.fullmatch(value) else 0.0


def _unspaced(text: str) -> str:
    """山　田　　太　郎 with its letters together."""
    parts = text.split()
    return "".join(parts) if len(parts) > 2 and all(len(part) == 1 for part in parts) else text


def _is_given(text: str) -> bool:
    """Whether the dictionary holds a given name, also where it is written in katakana."""
    return text in given_names() or text.translate(HIRAGANA_OF) in given_names()


def _kanji_sureness(value: str) -> float:
    parts = value.split()
    if len(parts) == 2:
        family, called = (folded(part) for part in parts)
        surname, given = family in surnames(), _is_given(called)
        return 0.3 + 0.4 * surname + 0.3 * given
    surname, given = known_parts(value)
    if surname and given and value[-1] not in _NO_GIVEN_END:
        return 0.95
    return 0.5 if surname and len(value) <= 6 else 0.2


def names_in(text: str) -> Iterator[NameSpan]:
    """The names of people in ``text`` (normal form NFKC), left to right, none overlapping another."""
    end = 0
    found = sorted(
        (*_honoured(text), *_spaced(text), *_runs(text), *_latin(text), *_katakana(text)),
        key=lambda span: (span.start, -span.sure, -span.end),
    )
    taken = _best(found)
    for span in taken:
        if span.start >= end:
            end = span.end
            yield span


def _best(found: list[NameSpan]) -> list[NameSpan]:
    """Where spans overlap, the surest, and of equals the longest."""
    kept: list[NameSpan] = []
    for span in sorted(found, key=lambda s: (-s.sure, s.start - s.end)):
        if all(span.end <= k.start or span.start >= k.end for k in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)


def _honoured(text: str) -> Iterator[NameSpan]:
    for match in _HONOURED.finditer(text):
        start, end = match.span("name")
        name = match["name"]
        trimmed = _name_at_end(name)
        if trimmed is None:
            continue
        alone = not (text[:start] + text[match.end() :]).strip() and known_parts(trimmed) == (True, True)
        if alone and _is_rare_surname(name, trimmed):
            trimmed = name
        yield NameSpan(end - len(trimmed), end, 0.9 if start == end - len(trimmed) else 0.85, "honorific")


def _name_at_end(run: str) -> str | None:
    """The name at the end of ``run``, which an honorific follows: 被保険者山田太郎 -> 山田太郎."""
    if not _BEGINS_IN_KANJI.match(run):
        return run if len(run) >= 2 else None
    compact = run.strip()
    if " " not in compact and "\u3000" not in compact:
        return _longest_known_tail(compact)
    head, tail = _GAP.split(compact, maxsplit=1)
    if _RELATION.fullmatch(head) or _LEADS.fullmatch(head):
        return _longest_known_tail(tail)
    known = [head[i:] for i in range(len(head)) if folded(head[i:]) in surnames()]
    if not (known and known[0] == head) and head[-1] in _BODY_ENDS and known_parts(tail) == (True, True):
        return tail
    if known and not _is_rare_surname(head, known[0]):
        return compact[compact.index(head) + len(head) - len(known[0]) :]
    if tail in _NO_NAMES:
        return None
    rare = known or len(head) <= 3 or (_is_given(tail) and _is_rare_surname(head + tail, tail))
    return compact if rare and head not in _NO_NAMES else _longest_known_tail(tail)


def _longest_known_tail(run: str) -> str | None:
    relation = _RELATION.match(run)
    if relation and _is_given_or_full(run[relation.end() :]):
        return run[relation.end() :]
    tails = [run[i:] for i in range(len(run))]
    both = [t for t in tails if len(t) >= 2 and known_parts(t) == (True, True) and t not in _NO_NAMES]
    if both and len(both[0]) <= 8:
        rare = len(run) - len(both[0]) == 1 and run[0] not in _SAID_BEFORE and len(run) <= 6
        return run if rare else both[0]  # 中曽根: surnames that no dictionary has end like those that it has
    alone = [t for t in tails if folded(t) in surnames()]
    if alone and run not in _NO_NAMES:
        return alone[0]
    started = [t for t in tails if known_parts(t)[0] and 3 <= len(t) <= 5]
    if started and started[0] == run and run not in _NO_NAMES:
        return run
    ends_badly = any(run.endswith(word) for word in _NO_NAMES if len(word) > 1)
    return run if 2 <= len(run) <= 5 and run not in _NO_NAMES and not ends_badly else None


_SAID_BEFORE = letters("before_surnames")
_LONGEST_SURNAME, _LONGEST_NAME = 5, 7


def _is_rare_surname(text: str, known: str) -> bool:
    """Whether ``text`` is one name, though only its end is known: 中曽根, 勅使河原; none of 会員根本, 福祉課根本."""
    before = text[: len(text) - len(known)]
    if not before or len(text) > _LONGEST_NAME or (len(before) > 1 and before[-1] in _BODY_ENDS):
        return False
    said = before in _SAID_BEFORE or _LEADS.search(before) or meaning(before) != UNKNOWN or before in _NO_NAMES
    return not said and len(before) < _LONGEST_SURNAME


_BODY_ENDS = letters("body_ends")
_RELATION = re.compile(f"(?:{any_of('relations')})(?:{any_of('possessives')})?")


def _is_given_or_full(text: str) -> bool:
    return _is_given(folded(text)) or known_parts(text) == (True, True)


def _spaced(text: str) -> Iterator[NameSpan]:
    for match in _SPACED.finditer(text):
        surname, given = (folded(part) for part in match.groups())
        if surname in surnames() and _is_given(given) and given[-1] not in _NO_GIVEN_END:
            yield NameSpan(*match.span(), 0.9, "surname and given name of the dictionary")


def _runs(text: str) -> Iterator[NameSpan]:
    for match in _RUN.finditer(text):
        run = match[0]
        for start in range(len(run) - 1):
            length = _full_name_at(run, start)
            if length:
                at = match.start() + start
                sure = 0.8 if start == 0 and length == len(run) else 0.6
                if _INTRODUCED.match(text, at + length):
                    sure = 0.85
                yield NameSpan(at, at + length, sure, "surname and given name of the dictionary")
                break


_INTRODUCED = re.compile(any_of("introduces"))
_LEADS = re.compile(f"(?:{any_of('leads')})$")
_FOLLOWS = re.compile(f"[ぁ-ん]|{any_of('honorifics', 'follows_names')}")


def _full_name_at(run: str, start: int) -> int:
    """Length of surname and given name at ``start`` of a run of kanji; 0 where there is none or no border before."""
    if start and not _LEADS.search(run[:start]):
        return 0
    plain = folded(run)
    for head in range(4, 0, -1):
        if plain[start : start + head] not in surnames():
            continue
        for tail in range(4, 0, -1):
            end = start + head + tail
            given = plain[start + head : end]
            if end > len(run) or not _is_given(given) or given[-1] in _NO_GIVEN_END:
                continue
            if head + tail >= 3 and _may_end(run, end):
                return head + tail
    return 0


def _may_end(run: str, end: int) -> bool:
    rest = run[end:]
    return not rest or _FOLLOWS.match(rest) is not None


def _latin(text: str) -> Iterator[NameSpan]:
    for match in _LATIN.finditer(text):
        yield NameSpan(*match.span("name"), 0.85 if match["title"] else 0.4, "Latin name")


def _katakana(text: str) -> Iterator[NameSpan]:
    for match in _KATAKANA_NAME.finditer(text):
        yield NameSpan(*match.span(), 0.4, "katakana name")
