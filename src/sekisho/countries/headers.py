"""What a header or a label says: which item, which part of it, and whose.

Japanese and English labels end in what they name (被保険者の氏名, customer name): the longest known word at the
end is the item, and what stands before it says whose it is. What stands in brackets is read as if it stood before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache, lru_cache

from sekisho.countries import known, speech, words
from sekisho.countries.scripts import HIRAGANA_OF, KATAKANA_OF
from sekisho.countries.speech import any_of
from sekisho.model import Item


class Whose(StrEnum):
    """Whom the value under a header belongs to."""

    SUBJECT = ""  # the person that the record is about
    RELATIVE = "relative"  # another person: `Meaning.group` says who
    OFFICE = "office"  # an employer, a school, the body itself: kept under ``other``
    FORMER = "former"  # a former or another value (旧姓, 通称): kept under ``other``
    CLERK = "clerk"  # who did the work, and when: no item at all
    RUNNING = "running"  # a row number: no item at all
    THING = "thing"  # rows of this table are things, not persons


@dataclass(frozen=True, slots=True)
class Meaning:
    """``key``: an `Item`, a key under ``other``, or empty where the label names none that we know.

    ``part``: empty for the whole, else the part of it that stands here (``family``, ``given``, ``middle``,
    ``first``, ``second``, ``third``, ``era``, ``year``, ``month``, ``day``, ``prefecture``, ``city``, ``street``,
    ``building``).
    ``group``: which person, where several stand in one row (配偶者), empty for the subject; ``role``: what the label
    calls the subject (契約者), empty where it does not; ``number``: what it counts (氏名2), empty where it does not.
    ``sure``: False where the word alone may also mean something else (被保険者 as a header, 番号, a word before
    the item that we do not know).
    """

    key: str = ""
    part: str = ""
    whose: Whose = Whose.SUBJECT
    group: str = ""
    role: str = ""
    number: str = ""
    sure: bool = True

    @property
    def is_another(self) -> bool:
        """Whether it surely names something of a person that is no item of ours (備考, 開催日)."""
        return self == _OTHER

    @property
    def is_item(self) -> bool:
        """Whether it names an item of a person, the subject or another."""
        return bool(self.key) and self.whose in (Whose.SUBJECT, Whose.RELATIVE)


UNKNOWN = Meaning(sure=False)
_OTHER = Meaning()
_LONGEST = 60
_MEASURE = re.compile(rf"\d+(?:{any_of('measures')})(?:{any_of('at_most')})?$")
_COMPOSED_PARTS = ("name", "name_kana", "address")
_AROUND = re.compile(r"[\s*※★☆●○◎■□▲△▼▽◆◇・:;。、,.'\"“”‘’_\-‐–—/|=~!?#<>«»♯+&✓✔➡→]+")
_BRACKETS = re.compile(r"[(\[{「『【〈《〔]([^()\[\]{}「」『』【】〈〉《》〔〕]*)[)\]}」』】〉》〕]")
_COUNTED = re.compile(r"^(.*?\D)(\d{1,2})$")
_ENUMERATED = re.compile(rf"^(?:\d{{1,2}}|[a-z](?=[^a-z])|(?:{any_of('enumerators')})(?=[^ァ-ヺー]))(?=\D{{2}})")
_ORDINAL = re.compile(
    rf"^(?:(?:{any_of('before_ordinals')})?(\d{{1,2}})(?:{any_of('behind_ordinals')})"
    rf"|[(]?(\d{{1,2}})[)]?(?:{any_of('persons_counted')}))"
)
_NUMBER_SIGN = speech.listed("number_signs")[0]
_PARENTHESES = re.compile(r"[()\[\]{}「」『』【】〈〉《》〔〕]")
_POSSESSIVE = re.compile(f"(?:{any_of('possessives')})$")
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z\d]+")


@lru_cache(maxsize=65536)
def normal(label: str) -> str:
    """A label in the form that header words are held in: NFKC, lower case, no blanks, brackets or ornaments.

    >>> normal("※ 氏　名（カナ）")
    '氏名カナ'
    """
    text = unicodedata.normalize("NFKC", label).casefold()
    return _AROUND.sub("", _PARENTHESES.sub("", text)) or text.strip()


@lru_cache(maxsize=65536)
def meaning(label: str) -> Meaning:
    """What ``label`` as written says; `UNKNOWN` where it says nothing that we know."""
    if len(label) > _LONGEST:
        return UNKNOWN
    text = unicodedata.normalize("NFKC", label)
    whole = normal(text)
    bare = _ENUMERATED.sub("", whole)
    found = _exact(whole) or _exact(bare) or _bracketed(text) or _composed(whole) or _composed(bare)
    if found is None and whole.endswith("no") and not whole[:-2].isascii():
        return meaning(whole.removesuffix("no") + _NUMBER_SIGN)
    return found or _in_english(text) or _perhaps_role(whole) or _another_date(whole) or UNKNOWN


def is_other_name(label: str) -> bool:
    """Whether what stands under a label is a further name of the person.

    >>> [is_other_name(label) for label in ("通称", "旧姓", "旧氏名", "氏名", "旧住所", "本籍")]
    [True, True, True, False, False, False]
    """
    what = meaning(label)
    former = what.whose is Whose.FORMER and what.key in (Item.NAME, Item.NAME_KANA)
    return former or normal(label) in listed("other_names")


def listed(kind: str) -> frozenset[str]:
    """The words of one kind (see `words.Words`) of every country, in normal form."""
    return _lists()[kind]


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    said = [words.of_country(country) for country in known.names()]
    kinds = [field.name for field in fields(words.Words)]
    return {kind: frozenset(normal(word) for one in said for word in getattr(one, kind)) for kind in kinds}


def _bracketed(text: str) -> Meaning | None:
    """氏名(配偶者), フリガナ(姓), 住所(番地まで): what stands in brackets says more of what stands outside."""
    inner, outer = "".join(_BRACKETS.findall(text)), _BRACKETS.sub("", text)
    inside, outside = normal(inner), normal(outer)
    if not inside or not outside:
        return None
    within = _words().get(inside) or _alone_words().get(inside)
    without = _exact(outside) or (_in_english(outer) if outside.isascii() else _composed(outside))
    if within == _OTHER:
        return within
    if within and without and within.key == "name_kana":
        if without.key not in ("", "name", "name_kana"):
            return _OTHER
        return replace(within, whose=without.whose, group=without.group)
    if within and within.part and without:
        return replace(without, part=within.part)
    found = _composed(inside + outside)
    return found if found and found.sure else (without or found)


def is_word(label: str) -> bool:
    """Whether the label is exactly a word that names an item of a person (not a part of one)."""
    found = _words().get(normal(label))
    return found is not None and not found.part


def _exact(text: str) -> Meaning | None:
    """The word itself, a role (担当者, 患者名), or one of these counted (氏名2)."""
    found = _words().get(text) or _alone_words().get(text) or _named_role(text)
    counted = _COUNTED.match(text) if not found else None
    inner = _exact(counted[1]) if counted else None
    return replace(inner, number=counted[2]) if inner and counted else found


@cache
def _words() -> dict[str, Meaning]:
    """Header word -> what it means, of every country."""
    return dict(_each_word())


def _each_word() -> Iterator[tuple[str, Meaning]]:
    for one in known.identifiers():
        for word, part in one.parts.items():
            yield from ((text, Meaning(one.item, part)) for text in _in_both_kana(word))
    for one in known.identifiers():
        for word in one.headers:
            yield from ((text, Meaning(one.item)) for text in _in_both_kana(word))


def _in_both_kana(word: str) -> set[str]:
    """フリガナ is also written ふりがな."""
    text = normal(word)
    return {text, text.translate(HIRAGANA_OF), text.translate(KATAKANA_OF)}


@cache
def _roles() -> dict[str, Whose]:
    """Words before an item -> whose it is."""
    found: dict[str, Whose] = {}
    for country in known.names():
        said = words.of_country(country)
        for whose, some in (
            (Whose.SUBJECT, said.plain + said.subjects),
            (Whose.FORMER, said.former),
            (Whose.OFFICE, said.offices),
            (Whose.RELATIVE, said.relatives),
            (Whose.CLERK, said.clerks),
        ):
            found.update((normal(word), whose) for word in some)
    return found


def role_of(label: str) -> str:
    """The word for a subject that a label is: 契約者; empty where it is none."""
    word = normal(label)
    return word if word in listed("subjects") else ""


@cache
def _alone_words() -> dict[str, Meaning]:
    """Words that are a header by themselves and name no item."""
    found: dict[str, Meaning] = {}
    for country in known.names():
        said = words.of_country(country)
        found.update((normal(word), Meaning("name", sure=False)) for word in said.subjects)
        found.update((normal(word), Meaning("", whose=Whose.FORMER)) for word in said.former)
        found.update((normal(word), Meaning("", whose=Whose.OFFICE)) for word in said.offices)
        found.update(
            (normal(word), Meaning("name", whose=Whose.RELATIVE, group=normal(word), sure=False))
            for word in said.relatives
        )
        found.update((normal(word), _OTHER) for word in said.others)
        found.update((normal(word), Meaning("", whose=Whose.THING)) for word in said.things)
        found.update((normal(word), Meaning("", whose=Whose.CLERK)) for word in said.clerks)
        found.update((normal(word), Meaning("", whose=Whose.RUNNING)) for word in said.running)
    return found


def _named_role(text: str) -> Meaning | None:
    """患者名, 担当者名: a role and the word for its name."""
    if not text.endswith(_tails_of("names")):
        return None
    for tail in _tails_of("names"):
        before = text.removesuffix(tail)
        if before != text and before in _roles() and before not in _tails_of("plain"):
            return _whose(Meaning("name"), before)
    return None


def _perhaps_role(text: str) -> Meaning | None:
    """来賓者名: what sounds like the name of a role."""
    sounds = text.endswith(_tails_of("maybe_names"))
    return Meaning("name", sure=False) if sounds and not _clerks(text) else None


def _another_date(text: str) -> Meaning | None:
    """開催日, 有効期限: a date, and of no birth."""
    ends = any(text.endswith(tail) and len(text) > len(tail) for tail in _tails_of("dates"))
    return _OTHER if ends and not _NO_OTHER_DATE.search(text) else None


_NO_OTHER_DATE = re.compile(any_of("no_other_dates"))


def _tails_of(kind: str) -> tuple[str, ...]:
    return _tails()[kind]


@cache
def _tails() -> Mapping[str, tuple[str, ...]]:
    return {kind: tuple(sorted(each, key=len, reverse=True)) for kind, each in _lists().items()}


def _composed(text: str) -> Meaning | None:
    """The longest known word at the end, read by what stands before it; words that change nothing behind it go."""
    if text.isascii():
        return None
    for cut in range(1, len(text)):
        head, before = _words().get(text[cut:]), text[:cut]
        if head and before in _words():
            return _both(_words()[before], head)
        if head and (not head.part or head.key in _COMPOSED_PARTS) and len(text) - cut > 1:
            found = _whose(head, before)
            if found.sure and head.part == "given":  # 顧客名カナ is the whole name of a customer
                return replace(found, part="")
            if found.sure or not head.part:
                return found
        role = _alone_words().get(text[cut:])
        if role and len(text) - cut > 1 and (role.whose is Whose.CLERK or _is_other(role)):
            return role
        if role and len(text) - cut > 2 and role.whose is Whose.THING:
            return role
    return _clerks(text) or _without_tail(text)


def _both(first: Meaning, last: Meaning) -> Meaning:
    """Two words in one label: カナ氏名, 氏名ひらがな, カナ氏名姓, 男女性別; 住所カナ is no item."""
    if "name_kana" in (first.key, last.key) and not {first.key, last.key} <= {"name", "name_kana"}:
        return _OTHER
    if last.part:
        return replace(first, part=last.part)
    return first if first.key == "name_kana" else last


def _is_other(what: Meaning) -> bool:
    return what == _OTHER


def _clerks(text: str) -> Meaning | None:
    """担当者氏名, 受付者コード: whatever begins with a clerk."""
    first = next((text[:cut] for cut in range(len(text), 1, -1) if _roles().get(text[:cut]) is Whose.CLERK), "")
    return Meaning("", whose=Whose.CLERK) if first else None


def _without_tail(text: str) -> Meaning | None:
    if not text.endswith(_tails_of("plain")):
        return None
    tail = next((tail for tail in _tails_of("plain") if text.endswith(tail) and len(text) > len(tail)), "")
    rest = text.removesuffix(tail)
    return (_exact(rest) or _composed(rest)) if tail else None


def _whose(head: Meaning, before: str) -> Meaning:
    """The item as the words before it say: the last of them decides (配偶者の勤務先 is an office)."""
    rest = before
    while rest:
        word, whose = _last_role(rest)
        if whose is None:
            return replace(head, sure=False)
        if whose is Whose.CLERK:
            return Meaning("", whose=Whose.CLERK)
        if whose is Whose.RELATIVE:
            return replace(head, whose=whose, group=_POSSESSIVE.sub("", rest))
        if whose is not Whose.SUBJECT:
            return replace(head, whose=whose)
        head = replace(head, role=role_of(word) or head.role)
        rest = rest[: -len(word)]
        ordinal = _ORDINAL.fullmatch(rest)
        if ordinal:
            return replace(head, number=ordinal[1] or ordinal[2])
    return head


def _last_role(text: str) -> tuple[str, Whose | None]:
    if _ORDINAL.fullmatch(text):
        return text, Whose.RELATIVE
    changes_nothing = _MEASURE.search(text) or _POSSESSIVE.search(text)
    if changes_nothing:
        return changes_nothing[0], Whose.SUBJECT
    counted = _COUNTED.match(text)
    if counted and _roles().get(counted[1]) is Whose.RELATIVE:
        return text, Whose.RELATIVE
    for cut in range(len(text)):
        whose = _roles().get(text[cut:])
        if whose is not None:
            return text[cut:], whose
    return text, None


def _in_english(text: str) -> Meaning | None:
    """CustomerName, date_of_birth, "Name of the insured": words apart, the last of them name the item."""
    tokens = [token.casefold() for token in _CAMEL.split(text.replace("'s", "")) if token]
    found = _at_the_end(tokens)
    if found is None and "of" in tokens:
        at = tokens.index("of")
        found = _at_the_end(tokens[at + 1 :] + tokens[:at])
    return found


def _at_the_end(tokens: list[str]) -> Meaning | None:
    """What the longest known run of words at the end says; words that change nothing may follow it."""
    for cut in range(len(tokens)):
        word = "".join(tokens[cut:])
        head = _words().get(word)
        if head and (not head.part or head.key in _COMPOSED_PARTS or not cut):
            return _english_whose(head, tokens[:cut])
        role = _alone_words().get(word)
        if role and (cut == 0 or role.whose in (Whose.CLERK, Whose.THING) or _is_other(role)):
            return role
    return _at_the_end(tokens[:-1]) if len(tokens) > 1 and tokens[-1] in _tails_of("plain") else None


def _english_whose(head: Meaning, before: list[str]) -> Meaning:
    for token in reversed(before):
        role = _roles().get(token)
        if role is Whose.RELATIVE:
            return replace(head, whose=role, group=token)
        if role is Whose.CLERK:
            return Meaning("", whose=role)
        if role is None:
            other = _alone_words().get(token)
            return other if other and other.whose is Whose.THING else replace(head, sure=False, key="")
        if role is not Whose.SUBJECT:
            return replace(head, whose=role)
        head = replace(head, role=role_of(token) or head.role)
    return head
