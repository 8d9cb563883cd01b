"""Reads what is circled, ticked or boxed: ☑男 □女, 明・大・○昭・平, 1.男 ②女."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sekisho.countries.speech import listed
from sekisho.records.shapes import fold

_ERAS = {
    wording: era
    for kind in ("eras", "era_signs", "era_letters")
    for wording, era in zip(listed(kind), listed("eras"), strict=True)
}
_SEXES = {
    wording: sex
    for kind in ("sexes", "sex_words", "sex_letters")
    for wording, sex in zip(listed(kind), listed("sexes"), strict=True)
}
_RINGED = dict(zip(listed("ringed_sexes"), listed("sexes"), strict=True))
_MALE, _FEMALE = ("|".join(listed("sexes")[at::2]) for at in (0, 1))
_BOTH = re.compile(f"(?:{_MALE}).*(?:{_FEMALE})")
_BOTH_NEAR = re.compile(f"(?:{_MALE}).{{0,3}}(?:{_FEMALE})")
_SIGNS = {
    **dict.fromkeys("○〇◯●◎☑☒✓✔■✅*√レㇾﾚ⦿◉\u20dd", "M"),  # a mark
    **dict.fromkeys("□☐◻▢", "E"),  # a box left empty
    **dict.fromkeys("①②③④⑤⑥⑦⑧⑨", "C"),  # a number in a ring: a mark where the others' numbers have none
    **dict.fromkeys("0123456789", "D"),
    **dict.fromkeys("(【[「〔", "("),
    **dict.fromkeys(")】]」〕", ")"),
    **dict.fromkeys(" \t\n", " "),
}
_TICKED = re.compile(r"[\[(]\s?[xXvVレ✓○]\s?[\])]")
_UNTICKED = re.compile(r"[\[(]\s{0,2}[\])]")
_LETTER = r"[^\W\d_レㇾﾚ①-⑨]"
_FILLERS = "".join(_SIGNS).replace("0123456789", "") + "・,、"
_LIST_LIMIT = 60
_Option = tuple[int, int, str]


def sex(text: str) -> str | None:
    """男 or 女 where exactly one of both is marked; None where nothing is chosen.

    >>> sex("☑男 □女"), sex("男 ・ ○女"), sex("男・女")
    ('男', '女', None)
    """
    ringed = {meaning for sign, meaning in _RINGED.items() if sign in text}
    if ringed:
        return ringed.pop() if len(ringed) == 1 else None
    return _chosen(*_list(text, _SEXES))


def offers_both(text: str, *, near: bool = True) -> bool:
    """Whether both sexes stand in a text, ``near``: with nearly nothing between them, as where one is to be chosen."""
    return (_BOTH_NEAR if near else _BOTH).search(text) is not None


def with_era(text: str) -> str:
    """The text with a list of eras replaced by the one that is marked.

    >>> with_era("明・大・○昭・平23年4月6日")
    '昭和23年4月6日'
    """
    clean, options = _list(text, _ERAS)
    era = _chosen(clean, options)
    return text if era is None else era + clean[options[-1][1] :].lstrip(_FILLERS)


def _list(text: str, words: Mapping[str, str]) -> tuple[str, list[_Option]]:
    """The text with brackets to tick made signs, and where different options stand one after the other."""
    clean = _UNTICKED.sub("□", _TICKED.sub("☑", fold(text)))
    wordings = "|".join(sorted(words, key=len, reverse=True))
    options: list[_Option] = []
    for match in re.finditer(rf"(?<![A-Za-z])(?:{wordings})(?![A-Za-z])", clean):
        if options and not _is_gap(clean[options[-1][1] : match.start()]):
            break
        if any(words[match[0]] == word for _, _, word in options):
            break
        options.append((*match.span(), words[match[0]]))
    apart = len(options) < 2 or options[-1][1] - options[0][0] > _LIST_LIMIT
    return clean, [] if apart else options


def _is_gap(text: str) -> bool:
    return all(char in _SIGNS or not char.isalnum() for char in text)


def _chosen(text: str, options: Sequence[_Option]) -> str | None:
    """The only option that is marked."""
    if not options:
        return None
    ends = [0, *(end for _, end, _ in options)]
    starts = [*(start for start, _, _ in options), len(text)]
    between = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    between[0] = re.split(_LETTER, between[0])[-1]
    between[-1] = re.split(_LETTER, between[-1])[0]
    gaps = ["".join(_SIGNS.get(char, "S") for char in gap) for gap in between]
    marked = _in_brackets(gaps) | _marked(gaps) or _by_number(gaps)
    return options[marked.pop()][2] if len(marked) == 1 else None


def _in_brackets(gaps: Sequence[str]) -> set[int]:
    inside = {
        i for i in range(len(gaps) - 1) if gaps[i].rstrip().endswith("(") and gaps[i + 1].lstrip().startswith(")")
    }
    return inside if len(inside) == 1 else set()


def _marked(gaps: Sequence[str]) -> set[int]:
    """Options with a mark beside them; where a mark touches two, the way the list begins or ends decides."""
    last = len(gaps) - 1
    leads = bool(re.search(r"[ME][ DS]*$", gaps[0]))
    follows = bool(re.match(r" ?[ME]", gaps[last])) and not leads
    marked = {0} if re.search(r"M[ DS]*$", gaps[0]) else set()
    for i, gap in enumerate(gaps[1:last], 1):
        side = _side(gap, leads=leads, follows=follows)
        if side is not None:
            marked.add(i + side)
    if follows and re.match(r" ?M", gaps[last]):
        marked.add(last - 1)
    return marked


def _side(gap: str, *, leads: bool, follows: bool) -> int | None:
    """Whether the mark in a gap speaks of the option before (-1) or after it (0)."""
    before, mark, after = gap.partition("M")
    if not mark:
        return None
    after = re.sub(r"^ ?D[S ]?", "", after)
    for apart in (lambda side: side.count("S") + side.count("E"), len):
        if apart(before) != apart(after):
            return 0 if apart(before) > apart(after) else -1
    return 0 if leads else -1 if follows else None


def _by_number(gaps: Sequence[str]) -> set[int]:
    """1.男 ②女: the one whose number stands in a ring while the others' do not."""
    heads = gaps[:-1]
    ringed = {i for i, gap in enumerate(heads) if re.search(r"C[ S]*$", gap)}
    plain = [i for i, gap in enumerate(heads) if re.search(r"D[ S]*$", gap)]
    return ringed if len(ringed) + len(plain) == len(heads) and plain else set()
