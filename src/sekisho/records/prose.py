"""Records in prose: letters, memos, mails, minutes; the items that stand together about one person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sekisho.countries.headers import UNKNOWN, Whose
from sekisho.countries.scripts import KANJI
from sekisho.countries.speech import any_of, listed
from sekisho.model import Item, Prose
from sekisho.records import names, shapes, spoken
from sekisho.records.block import Found
from sekisho.records.entries import is_sample_name, marks_sample
from sekisho.records.gate import persons_near
from sekisho.records.gather import Part, Said, people
from sekisho.records.labels import Pair, known_label, pairs
from sekisho.records.mentions import Mention, Sheaf, blocks, in_lines
from sekisho.records.numbered import beside, numbered
from sekisho.records.shapes import fold
from sekisho.records.sheet import section_of
from sekisho.records.units import Unit, begins_line, begins_party, depth, is_mail_header, is_rule, units
from sekisho.records.values import likely, may_be_name, part_of, pieces

_CONFIDENCE = 0.85
_NEAR = 15
_LONGEST_LINE = 40
_LONGEST = 1000


def prose(content: Prose) -> Iterator[Found]:
    """The records in a text, each with the lines that it covers."""
    wanted = persons_near(content.lines, _NEAR)
    if wanted:
        yield from blocks("prose", content.place, spoken_of(content.lines, wanted), in_lines, _CONFIDENCE)


def spoken_of(lines: Sequence[str], wanted: Sequence[int]) -> list[Sheaf]:
    """The persons of whom some lines of a text speak; ``wanted``: their indices, ascending."""
    if all(len(lines[row]) <= _LONGEST for row in wanted):
        return _spoken_of(lines, wanted)
    pieces_of_lines = [(row, start, piece) for row in wanted for start, piece in _in_pieces(lines[row])]
    people_there = _spoken_of([piece for _, _, piece in pieces_of_lines], range(len(pieces_of_lines)))
    return [Sheaf([_moved(m, pieces_of_lines) for m in sheaf.mentions]) for sheaf in people_there]


def _in_pieces(line: str) -> Iterator[tuple[int, str]]:
    """A line too long to be read at once, cut behind sentences or blanks, with where each piece begins."""
    start = 0
    while len(line) - start > _LONGEST:
        window = line[start : start + _LONGEST]
        cut = max(window.rfind("。"), window.rfind("\n"), window.rfind(" ")) + 1 or _LONGEST
        yield start, window[:cut]
        start += cut
    yield start, line[start:]


def _moved(mention: Mention, pieces_of_lines: Sequence[tuple[int, int, str]]) -> Mention:
    row, start, _ = pieces_of_lines[mention.row]
    end_row, end_start, _ = pieces_of_lines[mention.end_row]
    return replace(
        mention, row=row, column=mention.column + start, end_row=end_row, end_column=mention.end_column + end_start
    )


def _spoken_of(lines: Sequence[str], wanted: Sequence[int]) -> list[Sheaf]:
    parts = [_part(lines, unit) for unit in units(lines, wanted) if not unit.office]
    for part in parts:
        part.said = [s for s in part.said if s.mention.part or likely(s.mention.key, s.mention.text)]
    return people(parts)


def _part(lines: Sequence[str], unit: Unit) -> Part:
    texts: list[str] = []
    part = Part("", [], unit.quoted, unit.gap_before, begins_party(lines[unit.lines[0]]))
    at = 0
    waiting: list[Pair] = []
    group = ""
    for index in unit.lines:
        line = lines[index]
        start = depth(line)[1]
        section = section_of(line[start:])
        group = section if section is not None else group
        if not is_mail_header(line[start:]):
            said, waiting = _line(line, index, start, at, group, waiting)
            if not said and part.said and (_goes_on(line[start:]) or _is_building(line[start:])):
                part.said[-1] = _longer(part.said[-1], line, index)
            part.said.extend(said)
        texts.append(fold(line))
        at += len(line) + 1
    part.text = "\n".join(texts)
    part.said.sort(key=lambda s: s.at)
    _drop_samples(part)
    _drop_clerks_contact(part, lines, unit)
    if not part.labelled:
        part.said = [s for s in part.said if not s.mention.key.startswith("other:")]
    return part


def _line(line: str, row: int, start: int, at: int, group: str, waiting: list[Pair]) -> tuple[list[Said], list[Pair]]:
    """What one line says; ``waiting``: labels on the lines before that have no value yet."""
    body = line[start:]
    found = [(pair, start) for pair in pairs(body)]
    whole = known_label(body) if not any(pair.value(body) for pair, _ in found) else None
    if whole is not None and whole.key and whole.sure and len(body.strip()) > 1:
        return [], [*waiting, Pair(body.strip(), whole, 0, 0, 0)]
    if waiting and not found and body.strip():
        answered = _answered(waiting, body)
        found = [(Pair(waiting[answered].label, waiting[answered].meaning, 0, 0, len(body)), start)]
        waiting = waiting[answered + 1 :]
    else:
        waiting = []
    said: list[Said] = []
    covered: list[tuple[int, int]] = []
    alone = bool(found) and begins_line(body, found[0][0].start) and "。" not in body
    for pair, offset in found:
        some = list(_labelled(line, row, pair, offset, at, group, labelled=alone))
        said.extend(some)
        if some or pair.meaning != UNKNOWN:
            end = max(one.end for one in some) - at if some else offset + _until(body, pair)
            covered.append((offset + pair.start, end))
    empty = found[-1][0] if found and not found[-1][0].value(body).strip() else _address_to_come(found, said)
    said.extend(s for s in _free(line, row, at, group) if not any(a <= s.at - at < b for a, b in covered))
    if spoken.is_offices_own(fold(line)):
        said = [s for s in said if s.mention.key not in (Item.PHONE, Item.EMAIL)]
    return said, [*waiting, empty] if empty is not None and empty.meaning.is_item else waiting


_CODE = re.compile(r"[\w-]*\d[\w-]*", re.ASCII)


def _until(body: str, pair: Pair) -> int:
    """Where what a label says ends, of which nothing is an item; 受付番号 12-345 is no longer than its number."""
    value = fold(pair.value(body))
    code = _CODE.match(value) if pair.meaning.whose in (Whose.CLERK, Whose.RUNNING) else None
    is_of_somebody = code and any(find.key == Item.BIRTH_DATE and find.alone for find in spoken.spoken(value))
    return pair.value_start + code.end() if code and is_of_somebody else pair.value_end


def _answered(waiting: Sequence[Pair], value: str) -> int:
    """Which of the labels that stood one under another a line answers: the first that it may."""
    for index, pair in enumerate(waiting):
        if any(likely(piece.key, piece.text) for piece in pieces(pair.meaning, pair.label, value)):
            return index
    return 0


def _address_to_come(found: Sequence[tuple[Pair, int]], said: Sequence[Said]) -> Pair | None:
    """The address's label where only the postal code stood in its line."""
    last = found[-1][0] if found else None
    coded = bool(said) and said[-1].mention.key == Item.POSTAL_CODE and said[-1].labelled
    return last if last and coded and last.meaning.key == Item.ADDRESS else None


def _goes_on(text: str) -> bool:
    """Whether a line is set in under the one before, and is no item itself."""
    return text[:2].isspace() and 2 <= len(text.strip()) <= _LONGEST_LINE and not re.search(r"[。:：]", text)


def _is_building(text: str) -> bool:
    """Whether a line is a house by its name and a flat in it: グランド桜152, メゾン青葉 203号室."""
    return shapes.BUILDING.fullmatch(fold(text).strip()) is not None


def _longer(said: Said, line: str, row: int) -> Said:
    """An address with the line that it goes on in."""
    mention = said.mention
    if mention.key != Item.ADDRESS or mention.end_row != row - 1:
        return said
    text = f"{mention.text} {line.strip()}"
    return replace(said, mention=replace(mention, text=text, end_row=row, end_column=len(line.rstrip()) - 1))


def _labelled(line: str, row: int, pair: Pair, offset: int, at: int, group: str, *, labelled: bool) -> Iterator[Said]:
    """What a label says; ``labelled``: in a line of labels, not in the midst of a sentence."""
    value = line[offset + pair.value_start : offset + pair.value_end]
    if pair.meaning.whose in (Whose.CLERK, Whose.RUNNING) or _is_letters_own(pair):
        return
    if pair.meaning.key == Item.NAME and _lists_names(value):
        return
    if not pair.meaning.key and not re.search(r"[:：]", line[: offset + pair.value_start][-3:]):
        value = re.split(r"\s", value)[0]
    for piece in pieces(pair.meaning, pair.label, value):
        column = offset + pair.value_start + piece.start
        mention = Mention(
            piece.key, piece.text, row, column, row, column + max(len(piece.text) - 1, 0), f"label {pair.label}",
            pair.label, part_of(pair.meaning, piece.text), pair.meaning.group or group,
            _sureness(piece.key, piece.text),
        )  # fmt: skip
        if mention.key == Item.NAME and not mention.part and not may_be_name(piece.text):
            continue
        yield Said(mention, at + column, at + column + len(piece.text), labelled=labelled)


def _lists_names(value: str) -> bool:
    """出席者：山田、鈴木、佐藤: several people, none of whom is spoken of."""
    return len([part for part in re.split(r"[、,，／/]", value) if names.sureness(part) >= 0.2]) > 1


_ALONE_IN_LINE = 0.9
_CALLS = " " + "".join(word for word in listed("addressee_honorifics") if len(word) == 1)
_CONTACT = frozenset((Item.PHONE, Item.EMAIL, Item.ADDRESS, Item.POSTAL_CODE))


def _drop_clerks_contact(part: Part, lines: Sequence[str], unit: Unit) -> None:
    """担当：鈴木 and what follows in its lines: how to reach the clerk, unless another person is named after it."""
    clerk = next((row for row in unit.lines for pair in pairs(lines[row]) if pair.meaning.whose is Whose.CLERK), None)
    if clerk is None:
        return
    named = [s.mention.row for s in part.said if s.mention.key in (Item.NAME, Item.NAME_KANA)]
    until = min((row for row in named if row > clerk), default=len(lines))
    part.said = [s for s in part.said if s.mention.key not in _CONTACT or not clerk <= s.mention.row < until]


def _drop_samples(part: Part) -> None:
    """A text that shows how to fill something in speaks of nobody."""
    named = [s.mention.text for s in part.said if s.mention.key in (Item.NAME, Item.NAME_KANA)]
    if any(map(is_sample_name, named)) or any(map(marks_sample, part.text.split("\n"))):
        part.said = []


def _sureness(key: str, text: str) -> float:
    return 1.0 if key != Item.NAME or names.sureness(text) >= 0.4 else 0.8


_LETTERS_OWN = re.compile(any_of("letters_own"), re.IGNORECASE)


def _is_letters_own(pair: Pair) -> bool:
    """Labels that speak of the letter itself, the meeting or the office."""
    return not pair.meaning.key and _LETTERS_OWN.search(fold(pair.label)) is not None


_STAFF_BEFORE = re.compile(rf"(?:{any_of('before_staff', 'posts')})(?:{any_of('possessives')}|[:：\s　])*$")
_STAFF_BEHIND = re.compile(rf"\s?(?:{any_of('posts', 'behind_staff')})")


def _is_staff(text: str, start: int, end: int) -> bool:
    """国民年金課 鈴木, 鈴木係長: those who do the work."""
    return _STAFF_BEHIND.match(text[end:]) is not None or _STAFF_BEFORE.search(text[:start]) is not None


_TELLING = frozenset((Item.BASIC_PENSION_NUMBER, Item.BIRTH_DATE, Item.ADDRESS, Item.SEX, Item.MY_NUMBER))
_ENOUGH = 2
_FIRST = re.compile(rf"[{KANJI}]{{1,5}}[ \u3000]?[{KANJI}ぁ-んァ-ヴー]{{1,5}}(?=[\s、,／/|(（])")


_NO_NAME = re.compile(any_of("no_names"))


def _first_word(text: str) -> Iterator[names.NameSpan]:
    """A name that no dictionary knows, at the head of a line that says at least two things about somebody."""
    match = next((m for m in _FIRST.finditer(text) if begins_line(text, m.start())), None)
    if match and may_be_name(match[0]) and not shapes.OFFICE.search(match[0]) and not _NO_NAME.search(match[0]):
        yield names.NameSpan(*match.span(), 0.85, "the first word of a line about somebody")


def _free(line: str, row: int, at: int, group: str) -> Iterator[Said]:
    """What a line says without labels."""
    text = fold(line)
    if is_rule(text):
        return
    finds = list(spoken.spoken(text))
    spans = list(names.names_in(text))
    for one in list(numbered(text, finds)):
        spans = sorted(beside(spans, text, one.name), key=lambda span: span.start)
        finds += one.finds
    if not spans and len({find.key for find in finds} & _TELLING) >= _ENOUGH:
        spans = list(_first_word(text))
    read = [reading for span in spans if (reading := spoken.readings(text, span.start, span.end))]
    for start, end in read:
        yield _said(Item.NAME_KANA, line, row, at, start, end, "reading beside the name", group, 1.0, alone=False)
    for span in spans:
        if any(span.start < end and start < span.end for start, end in read) or _is_staff(text, span.start, span.end):
            continue
        sure = _ALONE_IN_LINE if begins_line(text, span.start) and not text[span.end :].strip(_CALLS) else span.sure
        sure = max(sure, span.sure)
        yield _said(Item.NAME, line, row, at, span.start, span.end, span.why, group, sure, alone=False)
    for find in finds:
        yield _said(find.key, line, row, at, find.start, find.end, find.why, group, find.sure, alone=find.alone)


def _said(
    key: str, line: str, row: int, at: int, start: int, end: int, why: str, group: str, sure: float, *, alone: bool
) -> Said:
    mention = Mention(key, line[start:end], row, start, row, end - 1, why, "", "", group, sure)
    return Said(mention, at + start, at + end, alone=alone)
