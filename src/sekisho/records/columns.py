"""Names the columns of a table: what the header says, held against what the values say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import polars as pl

from sekisho.countries import known
from sekisho.countries.headers import UNKNOWN, Meaning, Whose, meaning, normal, role_of
from sekisho.countries.speech import any_of, listed
from sekisho.model import Decision, Item
from sekisho.records import evidence, joined
from sekisho.records.block import NATIONAL_ID, NUMBERS, other_key
from sekisho.records.evidence import Sample
from sekisho.records.locators import column_name

IDENTITY = (*NUMBERS, NATIONAL_ID, Item.NAME, Item.NAME_KANA)
STACK = 100_000
"""Column c of the second row of a person that takes two rows is called c + STACK."""
_KNOWN = frozenset(Item)
_FITS = 0.5
TELLS = 0.75
_NUMBER_WORDS = frozenset(listed("numbers"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what it was taken for.

    ``key``: an item, a key under ``other``, or empty where it is no item about the person; ``part``: which part of
    it; ``group``: which person of several in the row; ``apart``: items to be taken out of its cells;
    ``reason``: why, in words; ``sure``: how sure, 0..1; ``values``: a sample.
    """

    index: int
    label: str = ""
    said: Meaning = UNKNOWN
    values: Sample = field(default=(), repr=False)
    key: str = ""
    part: str = ""
    group: str = ""
    whose: Whose = Whose.SUBJECT
    apart: tuple[str, ...] = ()
    reason: str = ""
    sure: float = 1.0

    @property
    def place(self) -> str:
        """The column's letters."""
        return column_name(self.index % STACK)

    @property
    def is_known(self) -> bool:
        """Whether it is one of the known items."""
        return self.key in _KNOWN


def by_header(body: pl.DataFrame, labels: Mapping[int, tuple[str, ...]], at: str) -> list[Column]:
    """The columns of ``body`` as the header names them, where the values agree.

    ``labels``: of the header, from upper to lower; ``at``: the header's row.
    """
    lowest = Counter(texts[-1] for texts in labels.values())
    found = []
    for name in body.columns:
        index, values = int(name), evidence.sample(body[name])
        label, said = _said(labels.get(index, ()), lowest)
        if label or values:
            found.append(_named(Column(index, label, said, values, whose=said.whose), at))
    return found


def _said(texts: tuple[str, ...], lowest: Counter[str]) -> tuple[str, Meaning]:
    """The label of a column and its meaning; a role over it (受給者 / 備考) says of whom it is."""
    label, said = _read(texts, lowest)
    role = role_of("".join(texts[:-1]))
    return label, replace(said, role=role) if role and said != UNKNOWN else said


def _read(texts: tuple[str, ...], lowest: Counter[str]) -> tuple[str, Meaning]:
    """The label of a column and its meaning, from the labels above it (資格 / 取得日, 氏名 / 姓, 配偶者 / 氏名)."""
    if len(texts) < 2:
        return (texts[0], meaning(texts[0])) if texts else ("", UNKNOWN)
    lower, upper = texts[-1], "".join(texts[:-1])
    together, alone, above = meaning(upper + lower), meaning(lower), meaning(upper)
    if alone.part and together.key == alone.key and not together.part:
        together = replace(together, part=alone.part)
    label = lower if lowest[lower] == 1 else f"{upper} {lower}"
    if together.sure and (together.key or together.whose is not Whose.SUBJECT):
        return label, together
    if alone.key and not alone.part:
        return label, alone
    if alone.part and above.key != alone.key:
        return upper, replace(above, part="")
    return label, above if alone == UNKNOWN and above.key else alone


def _named(column: Column, at: str) -> Column:
    said, values = column.said, column.values
    reason = f"header {' '.join(column.label.split())} ({column.place}{at})"
    rest, wanted = joined.plan(column.label, values)
    if wanted and (said.is_item or not column.label or rest in joined.split_label(column.label)):
        reason += ", several items in a cell" if column.label else "no header, several items in a cell"
        return replace(column, key=rest, apart=wanted, group=said.group, reason=reason, sure=0.9)
    if not said.is_item:
        return column
    if said.part:
        return replace(column, key=said.key, part=said.part, group=said.group, reason=reason)
    return _held_against(replace(column, group=said.group, reason=reason))


def _held_against(column: Column) -> Column:
    """The item that the header says, unless the values say no."""
    said, values = column.said, column.values
    fits = evidence.share(said.key, values) if values else 1.0
    if said.key in _KNOWN and fits < _FITS:
        return replace(column, group="", reason="")
    if not said.sure and not _carry(said.key, values, fits):
        return replace(column, group="", reason="")
    if said.key == Item.NAME and evidence.share(Item.NAME_KANA, values) >= 0.95:
        return replace(column, key=Item.NAME_KANA, reason=column.reason + ", values in kana")
    return replace(column, key=said.key, sure=1.0 if said.sure else 0.8)


def _carry(key: str, values: Sample, fits: float) -> bool:
    """Whether the values carry a header that is not sure."""
    return fits >= TELLS and (key != Item.NAME or evidence.looks(key, values) >= 0.3)


def by_decision(columns: Sequence[Column], decided: Mapping[str, Decision]) -> list[Column]:
    """What a human said about a column goes before everything; ``decided`` by `subject`."""
    return [_decided(column, decided.get(subject(column))) for column in columns]


BY_HUMAN = "decided by a human"
"""The reason of a column that was named by an answer."""


def subject(column: Column) -> str:
    """What a doubt calls a column: its label, else its letters."""
    return " ".join(column.label.split()) or column.place


def _decided(column: Column, decision: Decision | None) -> Column:
    if decision is None or decision.answer in ("person", "no_person"):
        return column
    bare = replace(column, key="", part="", group="", apart=(), whose=Whose.SUBJECT, sure=1.0)
    if decision.answer == "not_personal":
        return replace(bare, whose=Whose.CLERK)
    key = other_key(subject(column)) if decision.answer == "other" else decision.answer
    return replace(bare, key=key, reason=BY_HUMAN)


_BY_CONTENT = (
    Item.EMAIL,
    Item.POSTAL_CODE,
    Item.SEX,
    Item.MY_NUMBER,
    Item.BIRTH_DATE,
    Item.PHONE,
    Item.ADDRESS,
    NATIONAL_ID,
    Item.NAME_KANA,
    Item.NAME,
)
_UNDER_A_LABEL = (Item.EMAIL, Item.POSTAL_CODE, Item.SEX, Item.ADDRESS, NATIONAL_ID, Item.NAME)


def by_content(columns: Sequence[Column]) -> list[Column]:
    """Columns that the header does not name, by their values; an item that is there already is not sought again."""
    found = _account_holders(_split_names(columns))
    taken = {key for c in found if c.key and not c.group for key in (c.key, *c.apart)}
    for item in _BY_CONTENT:
        if item not in taken:
            score, place = max(((_score(c, item), -i) for i, c in enumerate(found)), default=(0.0, 0))
            if score >= TELLS:
                found[-place] = _taken_for(found[-place], item, score)
                taken.add(item)
    found = _coded_sex(found, taken)
    beside = taken & {Item.NAME, Item.NAME_KANA, Item.BIRTH_DATE, Item.SEX, Item.ADDRESS}
    if Item.BASIC_PENSION_NUMBER in taken or not beside & {Item.NAME, Item.NAME_KANA, Item.BIRTH_DATE}:
        return found
    return _one_pension_number(found, len(beside))


def _account_holders(columns: Sequence[Column]) -> list[Column]:
    """口座名義 is the name where no other column is."""
    if any(c.key in IDENTITY[-2:] and not c.group for c in columns):
        return list(columns)
    return [_holder(c) if c.key == "bank_account" and _ACCOUNT_HOLDER.search(c.label) else c for c in columns]


_ACCOUNT_HOLDER = re.compile(any_of("account_holders"))


def _holder(column: Column) -> Column:
    kana = evidence.share(Item.NAME_KANA, column.values) >= TELLS
    if not kana and evidence.looks(Item.NAME, column.values) < TELLS:
        return column
    return replace(column, key=Item.NAME_KANA if kana else Item.NAME, sure=0.9)


def _split_names(columns: Sequence[Column]) -> list[Column]:
    """Surnames beside given names, where no header says so."""
    found = list(columns)
    for item in (Item.NAME, Item.NAME_KANA):
        if any(c.key == item and not c.group for c in found):
            continue
        pairs = (i for i, (one, other) in enumerate(pairwise(found)) if _goes_on(item, one, other))
        first = next(pairs, None)
        if first is not None:
            for place, part in ((first, "family"), (first + 1, "given")):
                reason = f"a surname and a given name in two columns look like {item}; no header"
                found[place] = replace(found[place], key=item, part=part, reason=reason, sure=0.7)
    return found


_SHORT = 0.95  # so many surnames are short; a foreigner's may be long


def _goes_on(item: str, one: Column, other: Column) -> bool:
    if one.key or other.key or one.label or other.label or not 0 < len(one.values) == len(other.values):
        return False
    together = tuple(f"{first} {second}" for first, second in zip(one.values, other.values, strict=True))
    apart = max(evidence.looks(item, one.values), evidence.looks(item, other.values))
    return evidence.shorter(one.values, 8) >= _SHORT and apart < 0.5 and evidence.looks(item, together) >= TELLS


def _score(column: Column, item: str) -> float:
    if column.key or not column.values or column.whose is not Whose.SUBJECT:
        return 0.0
    if column.label and (item not in _UNDER_A_LABEL or (column.said.key and not column.said.part)):
        return 0.0
    score = evidence.looks(item, column.values)
    return score * _as_births(column.values) if item == Item.BIRTH_DATE and score >= TELLS else score


def _as_births(values: Sample) -> float:
    """1 where hardly two dates are the same, as births are, else half; of two such columns the earlier is more."""
    dates = known.normalise(Item.BIRTH_DATE, pl.Series(values)).drop_nulls()
    middle = dates.str.slice(0, 4).cast(pl.Int32, strict=False).median()
    if not isinstance(middle, float):
        return 0.0
    return (1.0 if dates.n_unique() >= 0.7 * len(dates) else 0.5) - 0.00001 * middle


def _taken_for(column: Column, item: str, score: float) -> Column:
    count = round(min(score + 0.02, 1.0) * len(column.values))
    why = f"header {subject(column)} does not say" if column.label else "no header"
    reason = f"{count} of {len(column.values)} values look like {item}; {why}"
    return replace(column, key=item, part="", reason=reason, sure=0.7)


def _coded_sex(columns: list[Column], taken: set[str]) -> list[Column]:
    """The one column of 1 and 2 without a header, beside a name and a birth date."""
    if Item.SEX in taken or Item.BIRTH_DATE not in taken or not taken & {Item.NAME, Item.NAME_KANA}:
        return columns
    coded = [c for c in columns if not c.key and not c.label and evidence.match(c.values, "^[12]$") == 1.0]
    if len(coded) != 1 or (len(coded[0].values) > _FEW and len(set(coded[0].values)) < 2):
        return columns
    found = replace(
        coded[0], key=Item.SEX, part="", reason="1 or 2 beside a name and a birth date; no header", sure=0.7
    )
    return [found if c is coded[0] else c for c in columns]


_FEW = 8


def _one_pension_number(columns: list[Column], beside: int) -> list[Column]:
    """Numbers without a header that says so: in the right shape, beside a person, and only where one column has it."""
    perhaps = [c for c in columns if _may_be_pension_number(c, beside)]
    if len(perhaps) != 1:
        return columns
    reason = f"numbers of 4 and 6 digits beside a person; header: {perhaps[0].label or 'none'}"
    found = replace(perhaps[0], key=Item.BASIC_PENSION_NUMBER, part="", whose=Whose.SUBJECT, reason=reason, sure=0.7)
    return [found if c is perhaps[0] else c for c in columns]


_NEAR = 100
"""Numbers less apart are given out one after the other."""


def _may_be_pension_number(column: Column, beside: int) -> bool:
    apart = evidence.match(column.values, r"^\d{4}[-\u2010-\u2015\u2212\u30FC]\d{6}$")
    numbered = normal(column.label) in _NUMBER_WORDS or (column.whose is Whose.RUNNING and apart >= 0.9)
    if column.key or (column.label and not numbered):
        return False
    return apart >= 0.9 or (beside >= 2 and _are_bare_numbers(column.values))


def _are_bare_numbers(values: Sample) -> bool:
    """Ten digits, or fewer without the leading zeros: no phone numbers, and not given out one after the other."""
    shape = evidence.match(values, r"^\d{8,10}$") >= 0.9 and evidence.match(values, r"^\d{10}$") >= 0.3
    phones = evidence.match(values, r"^0[1-9]\d{8}$|^[789]0[1-9]\d{7}$")
    numbers = [int(text) for text in values if text.isdecimal()]
    different = sorted(set(numbers))
    if not shape or phones >= 0.5 or len(different) * 2 < len(numbers):  # a person may stand there more than once
        return False
    near = sum(after - before < _NEAR for before, after in pairwise(different))
    return len(different) < 2 or near / (len(different) - 1) < 0.5


def others(columns: Sequence[Column]) -> list[Column]:
    """Labelled columns that are no known item, kept under ``other``, unless they are the office's own."""
    symbols = {c.said.key for c in columns if c.said.part == "first"}
    return [_other(column, symbols) if not column.key and column.label else column for column in columns]


def _other(column: Column, symbols: set[str]) -> Column:
    """``symbols``: items whose first part stands beside; then a 番号 is the second part of something, no row number."""
    if column.whose in (Whose.CLERK, Whose.RUNNING) or column.reason == SECOND:
        return column
    if _runs(column):
        return replace(column, whose=Whose.RUNNING)
    return replace(column, key=other_key(column.label), reason=f"beside a person: {subject(column)}", part="")


_NUMBERED = re.compile(f"(?:{any_of('number_ends')})$")
_OF_THE_PERSON = re.compile(any_of("persons_counts"))


def _runs(column: Column) -> bool:
    """Whether it counts 1, 2, 3: the number of the row, whatever it is called."""
    label = normal(column.label)
    enough = 1 if _NUMBERED.search(label) else _FEW
    return len(column.values) > enough and not _OF_THE_PERSON.search(label) and evidence.counts_from_one(column.values)


SECOND = "a second one"
"""The reason of a column whose item another column of the same person holds already."""


def looks_personal(column: Column) -> str:
    """What a column that could not be named looks like; empty where it looks like nothing of a person."""
    for item in _BY_CONTENT:
        if evidence.looks(item, column.values) >= TELLS:
            return str(item)
    return str(Item.BASIC_PENSION_NUMBER) if evidence.match(column.values, r"^\d{4}-?\d{6}$") >= 0.9 else ""


def layout_labels(columns: Sequence[Column]) -> list[str]:
    """What a layout is told by: labels in normal form, or what unlabelled columns were taken for."""
    return [normal(c.label) if c.label else c.key or "?" for c in columns]
