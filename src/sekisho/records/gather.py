"""Gathers the mentions of a text by person: cards of labelled items, items near a name, one letter about one person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records.block import NAMES, NUMBERS, OTHER
from sekisho.records.mentions import Mention, Sheaf, stands

IDENTITY = (*NAMES, *NUMBERS)


@dataclass(frozen=True, slots=True)
class Said:
    """A mention with what grouping asks of it.

    ``at``, ``end``: characters from the start of its unit; ``labelled``: named by a label rather than by words
    around it; ``alone``: holds without a name beside it.
    """

    mention: Mention
    at: int
    end: int
    labelled: bool = False
    alone: bool = True


@dataclass(slots=True)
class Part:
    """A unit with its mentions in reading order and its text in one line (lines joined by a line feed)."""

    text: str
    said: list[Said] = field(default_factory=list)
    quoted: int = 0
    gap_before: bool = True
    apart: bool = False  # another person's, whatever it says

    @property
    def labelled(self) -> bool:
        """Whether it reads like a form: most of its items have labels."""
        known = [s for s in self.said if not s.mention.key.startswith(OTHER)]
        with_label = sum(s.labelled for s in known)
        return with_label > 0 and with_label * 2 >= sum(s.labelled or s.mention.key not in NAMES for s in known)


def people(parts: Sequence[Part]) -> list[Sheaf]:
    """One sheaf a person, in reading order."""
    found: list[Sheaf] = []
    orphans: list[tuple[Part, Said]] = []
    for group in _by_quote(_letter_heads(parts)):
        sheaves = _of_one_text(group, orphans)
        found.extend(sheaves)
    return found


_WHERE = frozenset((Item.ADDRESS, Item.POSTAL_CODE, Item.PHONE, Item.EMAIL))


def _letter_heads(parts: Sequence[Part]) -> list[Part]:
    """An address and, below a blank line, the name of whom it belongs to, as one part."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if last is not None and _is_address(last) and _is_addressee(part) and last.quoted == part.quoted:
            shift = len(last.text) + 1
            moved = [replace(s, at=s.at + shift, end=s.end + shift) for s in part.said]
            found[-1] = replace(last, text=f"{last.text}\n{part.text}", said=[*last.said, *moved])
        else:
            found.append(part)
    return found


def _is_address(part: Part) -> bool:
    keys = {s.mention.key for s in part.said}
    unlabelled = not any(s.labelled for s in part.said)
    return Item.ADDRESS in keys and keys <= _WHERE and unlabelled and part.text.count("\n") < _HEAD_LINES


def _is_addressee(part: Part) -> bool:
    only = len(part.said) == 1 and part.said[0].mention.key == Item.NAME and not part.apart
    return only and part.said[0].at <= _INDENT and _ADDRESSEE.search(part.text) is not None


_HEAD_LINES, _INDENT = 4, 12
_ADDRESSEE = re.compile(rf"(?:{any_of('addressee_honorifics')})\s*$")


def _by_quote(parts: Sequence[Part]) -> list[list[Part]]:
    """Neighbouring parts of one depth of quoting: each such stretch is a place of its own."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and groups[-1][-1].quoted == part.quoted:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _of_one_text(parts: Sequence[Part], orphans: list[tuple[Part, Said]]) -> list[Sheaf]:
    sheaves: list[Sheaf] = []
    lost: list[Said] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        if not part.labelled:
            near, left = _near_names(part)
            sheaves.extend(near)
            lost.extend(left)
            index += 1
            continue
        run = index
        while run < len(parts) and (parts[run].labelled or (not parts[run].said)):
            run += 1
        cards = _cards(parts[index:run])
        _lend_name(cards, sheaves)
        sheaves.extend(cards)
        index = run
    return _one_letter(_same_person(sheaves), lost)


def _cards(parts: Sequence[Part]) -> list[Sheaf]:
    """Labelled items in order: a card ends where an item comes again that it already has."""
    cards: list[Sheaf] = []
    current = Sheaf()
    since_gap: list[Mention] = []
    for part in parts:
        if part.gap_before:
            since_gap = []
        if part.apart and current.mentions:
            cards.append(current)
            current, since_gap = Sheaf(), []
        for said in part.said:
            mention = said.mention
            if not said.labelled and mention.key == Item.NAME and mention.sure < _SURE_NAME:
                continue
            if _begins_new(current, mention):
                moved = since_gap if len(since_gap) < len(current.mentions) else []
                if any(m.key == mention.key for m in moved):
                    moved = []
                kept = [m for m in current.mentions if not any(m is other for other in moved)]
                cards.append(Sheaf(kept, current.corners))
                current = Sheaf(list(moved))
                since_gap = list(moved)
            current.add(mention)
            since_gap.append(mention)
    cards.append(current)
    return [card for whole in cards for card in _groups(whole) if card.mentions]


def _begins_new(current: Sheaf, mention: Mention) -> bool:
    if mention.part:
        return any(
            m.key == mention.key and m.part == mention.part and m.group == mention.group for m in current.mentions
        )
    if mention.key in IDENTITY or mention.key == Item.BIRTH_DATE:
        same = [m for m in current.mentions if m.key == mention.key and m.group == mention.group and not m.part]
        return any(m.label == mention.label or m.text != mention.text for m in same)
    return False


def _groups(sheaf: Sheaf) -> list[Sheaf]:
    from sekisho.records.cards import by_group

    return by_group(sheaf.mentions)


def _lend_name(cards: list[Sheaf], before: list[Sheaf]) -> None:
    """山田太郎様 over a list of labelled items: the name that stood last, with nothing said of it, is theirs."""
    if not cards or cards[0].has(*NAMES) or not before:
        return
    last = before[-1]
    if last.has(Item.NAME) and all(m.key in NAMES for m in last.mentions):
        cards[0].mentions[:0] = last.mentions
        before.pop()


_CROSSED_SENTENCE, _CROSSED_LINE, _CROSSED_NAME = 120, 40, 300
_FARTHEST = 420
_AHEAD = 300  # what is said before a name in another sentence is seldom its own
_LINES_APART: dict[str, int] = {
    Item.ADDRESS: 3,
    Item.POSTAL_CODE: 3,
    Item.PHONE: 2,
    Item.EMAIL: 2,
    Item.BASIC_PENSION_NUMBER: 1,
}


def _near_names(part: Part) -> tuple[list[Sheaf], list[Said]]:
    """Each item with the nearest name, each name with at most one of each kind; what finds no name is left over."""
    named = [s for s in part.said if s.mention.key == Item.NAME and (s.mention.sure >= _SURE_NAME or _touched(part, s))]
    items = [s for s in part.said if s.mention.key != Item.NAME]
    sheaves = [Sheaf([n.mention]) for n in named]
    pairs = sorted(
        (distance, i, n)
        for i, item in enumerate(items)
        for n, name in enumerate(named)
        if (distance := _distance(part, named, name, item)) <= _FARTHEST
    )
    placed: set[int] = set()
    for _, i, n in pairs:
        if i not in placed and not sheaves[n].has(items[i].mention.key):
            sheaves[n].add(items[i].mention)
            placed.add(i)
    left = [item for i, item in enumerate(items) if i not in placed]
    for sheaf in sheaves:
        sheaf.mentions.sort(key=lambda m: (m.row, m.column))
    return sheaves, left


_SURE_NAME = 0.85
_TOUCHING = 4
_HARDLY = 0.5  # a name only by its capitals or its katakana


def _touched(part: Part, name: Said) -> bool:
    """Whether an item stands right beside a name that only the dictionary knows."""
    for item in part.said:
        if item.mention.key == Item.NAME:
            continue
        if not name.at - _FARTHEST < item.at < name.end + _FARTHEST:
            continue
        between = part.text[name.end : item.at] if item.at >= name.end else part.text[item.end : name.at]
        said = item.alone or name.mention.sure > _HARDLY
        if said and (_close(between) or (item.alone and _RELATES.match(between))):
            return True
    return False


_RELATES = re.compile(r"[^.。]{0,16}\b(?:born|birth|DOB|lives|living|pension)\b[^.。]{0,20}$")


def _close(between: str) -> bool:
    return (len(between) <= _TOUCHING and "。" not in between) or re.match(
        r"\s?[(（][^)）。]{0,16}$", between
    ) is not None


def _distance(part: Part, named: Sequence[Said], name: Said, item: Said) -> float:
    behind = item.at >= name.end
    first, last = (name.end, item.at) if behind else (item.end, name.at)
    if last - first > _FARTHEST:
        return _FARTHEST + 1
    between = part.text[first:last]
    if not item.alone and between.count("\n") > _LINES_APART.get(item.mention.key, 0):
        return _FARTHEST + 1
    cost: float = len(between)
    cost += between.count("。") * _CROSSED_SENTENCE + between.count("\n") * _CROSSED_LINE
    cost += _CROSSED_NAME * sum(1 for other in named if other is not name and first <= other.at < last)
    if "\n" in between and behind == _items_lead(part, named):
        cost += _AGAINST
    if behind and _TO_BRACKET.match(between):
        return cost * (0.3 if not re.search(r"[)）]", between) else 1.0)
    if not behind:
        cost += _AHEAD * ("。" in between)
        return cost * 0.5 if _POSSESSIVE.fullmatch(between) else cost * 1.5 + 2
    return cost


_POSSESSIVE = re.compile(rf"\s?(?:{any_of('possessives')})\s?")
_TO_BRACKET = re.compile(rf"\s?(?:{any_of('bracket_honorifics')})?\s?[(（]")
_AGAINST = 200  # in other lines, items stand all before the names (an address) or all behind them


def _items_lead(part: Part, named: Sequence[Said]) -> bool:
    """Whether a line with items stands over the first name, as in an address."""
    first = min((name.mention.row for name in named), default=0)
    return any(said.mention.row < first for said in part.said if said.mention.key != Item.NAME)


_REACH = 40  # persons back in the text


def _same_person(sheaves: Iterable[Sheaf]) -> list[Sheaf]:
    """Sheaves of one name, or of its family name, put together where nothing they say differs."""
    kept: list[Sheaf] = []
    for sheaf in sheaves:
        name = _name(sheaf)
        twin = next((k for k in reversed(kept[-_REACH:]) if name and _agree(k, sheaf, name)), None)
        if twin is None:
            kept.append(sheaf)
        else:
            known = {m.key for m in twin.mentions}
            twin.mentions += [m for m in sheaf.mentions if m.key not in known]
    return kept


def _name(sheaf: Sheaf) -> str:
    mention = sheaf.value(Item.NAME)
    return "".join(mention.text.split()) if mention else ""


def _agree(one: Sheaf, other: Sheaf, name: str) -> bool:
    mine = _name(one)
    if not mine or not (mine == name or (len(name) <= 3 and mine.startswith(name) and len(mine) > len(name))):
        return False
    said = {m.key: "".join(m.text.split()) for m in one.mentions if m.key in (*NUMBERS, Item.BIRTH_DATE)}
    return all(said.get(m.key, "".join(m.text.split())) == "".join(m.text.split()) for m in other.mentions)


def _one_letter(sheaves: list[Sheaf], lost: Sequence[Said]) -> list[Sheaf]:
    """What was said with no name near it: the only person's of the text, or a person of its own by its number."""
    sheaves = _with_unnamed_cards(sheaves)
    clients = [s for s in sheaves if stands(s)] or [s for s in sheaves if s.has(Item.NAME)]
    loose = [said for said in lost if said.alone or said.labelled]
    if len(clients) == 1:
        for said in loose:
            if not clients[0].has(said.mention.key):
                clients[0].add(said.mention)
        clients[0].mentions.sort(key=lambda m: (m.row, m.column))
        return sheaves
    return sheaves + [Sheaf([said.mention]) for said in loose if said.mention.key in NUMBERS]


def _with_unnamed_cards(sheaves: list[Sheaf]) -> list[Sheaf]:
    """Labelled items without a name (the 記 of a letter) given to the only person whom the text names."""
    named = [s for s in sheaves if s.has(*NAMES)]
    clients = [s for s in named if stands(s)] or named
    unnamed = [s for s in sheaves if not s.has(*NAMES)]
    if len(clients) != 1 or len(unnamed) != 1:
        return sheaves
    has = {m.key: "".join(m.text.split()) for m in clients[0].mentions}
    if any(
        m.key in IDENTITY and has.get(m.key, "".join(m.text.split())) != "".join(m.text.split())
        for m in unnamed[0].mentions
    ):
        return sheaves
    clients[0].mentions += [m for m in unnamed[0].mentions if m.key not in has]
    return [s for s in sheaves if s is not unnamed[0]]
