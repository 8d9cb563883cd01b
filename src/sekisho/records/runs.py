"""Puts together a value that a form spreads over several cells: one digit a box, year and month apart, two names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sekisho.countries.speech import any_of, listed
from sekisho.model import Item
from sekisho.records import choices, names, shapes
from sekisho.records.shapes import DAY, MONTH, YEAR, fold
from sekisho.records.sheet import Cell

_DIGITS = re.compile(r"[\d\s()〒+.ー-]*")
_DATE = re.compile(rf"[\d\s./・\-○〇◯●☑☒✓✔■□☐レ①-⑨(),、?？*{''.join(listed('date_boxes'))}]+")
_SEX_LETTERS = "".join((*listed("sexes"), *listed("sex_words"), *listed("sex_letters")))
_SEX = re.compile(rf"[\s・/,、○〇◯●☑☒✓✔■□☐レ①②12.()\[\]xX{_SEX_LETTERS}]*")
_BARE = re.compile(rf"({any_of('eras', 'era_letters', 'era_signs')})(\d\d)(\d\d)(\d\d)")
_BESIDE_NAMES = "".join(listed("no_letters_of_names"))
_REGION_END = re.compile(f"(?:{any_of('region_ends')})$")
_ENOUGH: Mapping[str, int] = {
    Item.BASIC_PENSION_NUMBER: 10,
    Item.CERTIFICATE_NUMBER: 14,
    Item.MY_NUMBER: 12,
    Item.POSTAL_CODE: 7,
    Item.PHONE: 9,
}


def together(key: str, run: Sequence[Cell]) -> tuple[str, int]:
    """The text of a value and how many cells of the run it takes."""
    if not run:
        return "", 0
    if key in _ENOUGH:
        return _digits(run, _ENOUGH[key])
    if key == Item.BIRTH_DATE:
        return _date(run)
    if key == Item.SEX:
        return _like(run, _SEX, "")
    if key in (Item.NAME, Item.NAME_KANA):
        return _name(run)
    if key == Item.ADDRESS:
        return _address(run)
    return run[0].text.strip(), 1


def _like(run: Sequence[Cell], pattern: re.Pattern[str], between: str) -> tuple[str, int]:
    taken = 0
    for cell in run:
        if not pattern.fullmatch(fold(cell.text)):
            break
        taken += 1
    return between.join(cell.text.strip() for cell in run[: max(taken, 1)]), max(taken, 1)


def _digits(run: Sequence[Cell], enough: int) -> tuple[str, int]:
    digits, taken = 0, 0
    for cell in run:
        folded = fold(cell.text)
        if not _DIGITS.fullmatch(folded) or digits >= enough:
            break
        digits += sum(char.isdigit() for char in folded)
        taken += 1
    taken = max(taken, 1)
    texts = [cell.text.strip() for cell in run[:taken]]
    boxes = all(len(text) <= 1 for text in texts)
    apart = "" if boxes or any(re.fullmatch("[-ー〒]", fold(text)) for text in texts) else "-"
    return apart.join(texts), taken


def _date(run: Sequence[Cell]) -> tuple[str, int]:
    first = run[0].text.strip()
    if shapes.DATE.search(fold(choices.with_era(first))) or shapes.CODED_DATE.search(fold(first)):
        return first, 1
    text, taken = _like(run, _DATE, "\t")
    parts = [part for part in text.split("\t") if part]
    if YEAR in text or all(len(part) <= 1 for part in parts[1:]):
        return _boxed_date("".join(parts)), taken
    numbers = [fold(part) for part in parts if fold(part).isdigit()]
    head = "".join(part for part in parts if not fold(part).isdigit())
    if len(numbers) == 3:
        return choices.with_era(head + numbers[0] + YEAR) + f"{numbers[1]}{MONTH}{numbers[2]}{DAY}", taken
    return "".join(parts), taken


def _boxed_date(text: str) -> str:
    """Six digits behind an era, without signs between them, are year, month and day."""
    joined = choices.with_era(text)
    bare = _BARE.fullmatch(fold(joined))
    return f"{bare[1]}{bare[2]}{YEAR}{bare[3]}{MONTH}{bare[4]}{DAY}" if bare else joined


def _name(run: Sequence[Cell]) -> tuple[str, int]:
    texts = [cell.text.strip() for cell in run]
    if len(texts[0]) == 1:
        taken = next((i for i, text in enumerate(texts) if len(text) > 1), len(texts))
        written = [text for text in texts[:taken] if text not in _BESIDE_NAMES]
        if len(written) >= 3:
            return "".join(written), taken
    if len(texts) > 1 and _family_and_given(texts[0], texts[1]):
        return f"{texts[0]} {texts[1]}", 2
    return texts[0], 1


def _family_and_given(family: str, given: str) -> bool:
    if " " in fold(family) or " " in fold(given):
        return False
    if shapes.KANA_ONLY.fullmatch(family) and shapes.KANA_ONLY.fullmatch(given):
        return 2 <= len(family) + len(given) <= 24
    alone = names.known_parts(family) != (True, True)
    return alone and len(family) <= 4 and len(given) <= 4 and names.sureness(f"{family} {given}") >= 0.6


def _address(run: Sequence[Cell]) -> tuple[str, int]:
    text, taken = run[0].text.strip(), 1
    while taken < len(run) and _goes_on(text, run[taken].text):
        text = f"{text} {run[taken].text.strip()}"
        taken += 1
    return text, taken


def _goes_on(text: str, more: str) -> bool:
    """Whether an address is still without its end: only a postal code, or no house number yet."""
    folded = fold(text)
    if re.fullmatch(r"[〒\d\s-]+", folded):
        return True
    if _REGION_END.search(folded):
        return not re.search(r"\d{2,4}-\d{2,4}-\d{3,4}", fold(more))
    return False
