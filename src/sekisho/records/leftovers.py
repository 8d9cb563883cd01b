"""Labels that nobody knows (等級, 備考): told by where they stand in a form whose other labels are known."""

from __future__ import annotations

import re

from sekisho.countries.speech import any_of
from sekisho.records import names, shapes
from sekisho.records.block import other_key
from sekisho.records.mentions import Mention, Sheaf
from sekisho.records.shapes import fold
from sekisho.records.sheet import Cell, Sheet

_ENDS = re.compile(f"(?:{any_of('label_ends')})$")
_SHORT = 12


def unnamed(sheet: Sheet, sheaf: Sheaf, taken: set[tuple[int, int]]) -> None:
    """Adds to a person's sheaf what stands in its rows behind labels that are not known."""
    top, left, bottom, right = sheaf.box()
    columns = {column for _, column in sheaf.corners}
    for row in range(top, _foot(sheet, bottom) + 1):
        cells = [c for c in sheet.rows.get(row, []) if left <= c.column <= right + 2]
        index = 0
        while index + 1 < len(cells):
            label, value = cells[index], cells[index + 1]
            if _is_pair(label, value, columns, taken):
                sheaf.add(_mention(label, value))
                taken.update(((label.row, label.column), (value.row, value.column)))
                index += 1
            index += 1


def _foot(sheet: Sheet, bottom: int) -> int:
    """The last row that follows without a gap."""
    while bottom + 1 in sheet.rows and not any(c.speaks for c in sheet.rows[bottom + 1]):
        bottom += 1
    return bottom


def _is_pair(label: Cell, value: Cell, columns: set[int], taken: set[tuple[int, int]]) -> bool:
    if label.speaks or value.speaks or {(label.row, label.column), (value.row, value.column)} & taken:
        return False
    if not looks_like_label(label.text) or shapes.says_nothing(value.text):
        return False
    return (
        label.column in columns or bool(_ENDS.search(fold(label.text).strip(" :"))) or label.text.endswith(("：", ":"))
    )


def looks_like_label(text: str) -> bool:
    """Whether a short text may name what stands beside it: no digits, no sentence, nobody's name."""
    bare = fold(text).strip(" :")
    if not 1 <= len(bare.replace(" ", "")) <= _SHORT or re.search(r"\d|[。、!?@]", bare):
        return False
    return not shapes.says_nothing(bare) and (bool(_ENDS.search(bare)) or names.sureness(bare) < 0.5)


def _mention(label: Cell, value: Cell) -> Mention:
    why = f"label {' '.join(label.text.split())} beside"
    place = (value.row, value.column, value.row, value.column)
    return Mention(other_key(label.text.strip("：: ")), value.text.strip(), *place, why, label.text)
