"""A paper as a page that stands alone, as a PDF, and as text for whoever has neither."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sekisho.paper import Contact, Contacts, Entry, Figures, Form, Mark, Paper, Paragraph, Points, Rates, Table
from sekisho.report.typeset import Press, coverage, families
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.paper import Block, Row

WIDTH = 78
"""Columns of the text; a full-width character takes two."""
SAYS = {
    "contents_mark": Text("Not known yet", "未判明"),
    "estimated": Text("Estimated", "推定"),
    "unknown": Text("Not known", "不明"),
    "of": Text("page {page} of {pages}", "{page} / {pages} ページ"),
}
_MARKS = {Mark.UNKNOWN: SAYS["unknown"], Mark.ESTIMATED: SAYS["estimated"]}


def values(paper: Paper, language: str) -> dict[str, Any]:
    """The paper in one language, as plain values: each block with the name of its ``kind``."""
    made = _plain(paper, language)
    assert isinstance(made, dict)
    made["says"] = {name: _in(text, language) for name, text in SAYS.items()}
    return made | {"language": language}


def html(paper: Paper, language: str) -> str:
    """A page without scripts, and with nothing to be loaded; everything escaped."""
    return str(_template().render(paper=values(paper, language), lang=language))


def pdf(paper: Paper, language: str, at: datetime) -> bytes:
    """A tagged PDF/A; ``at``: when it was made, for the same bytes again. Raises MissingPartError.

    A character that no font here has is spelled out by its code: a report that is due in days waits for no font.
    """
    found = json.dumps(values(paper, language), ensure_ascii=False)
    missing = set(found).difference(*(coverage(family) for family in families()))
    spelled = found.translate({ord(one): f"[U+{ord(one):04X}]" for one in missing})
    return _press().pdf(json.loads(spelled), at=at)


def text(paper: Paper, language: str) -> str:
    """Lines of text."""
    return "\n".join(line.rstrip() for line in _lines(paper, language)) + "\n"


@cache
def _press() -> Press:
    return Press("paper")


@cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sekisho.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("paper.html.j2")


def _in(said: Text, language: str) -> str:
    return printable(said.ja if language == "ja" else said.en)


def _plain(value: object, language: str) -> Any:
    """Frozen values as mappings, texts in the language, safe to show."""
    if isinstance(value, Text):
        return _in(value, language)
    if isinstance(value, StrEnum):
        return str(value)
    if is_dataclass(value):
        own: dict[str, Any] = {field.name: _plain(getattr(value, field.name), language) for field in fields(value)}
        if isinstance(value, Contact):
            own["link"] = _link(own["value"])
        return {"block": type(value).__name__.lower(), **own}
    if isinstance(value, tuple):
        return [_plain(one, language) for one in value]
    return value


_PAGE = re.compile(r"https://[!-~]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,}")


def _link(value: str) -> str:
    """Where a contact leads when it is touched: a page, or a number to call; empty for anything else."""
    if _PAGE.fullmatch(value):
        return value
    return f"tel:{re.sub('[ ()-]', '', value)}" if _PHONE.fullmatch(value) else ""


def _lines(paper: Paper, language: str) -> Iterator[str]:
    def said(one: Text) -> str:
        return _in(one, language)

    if paper.stamp.en:
        yield f"[{said(paper.stamp)}]"
    yield from (said(paper.title), "=" * min(WIDTH, _width(said(paper.title))))
    for one in paper.details:
        yield from _folded(said(one), "")
    for block in paper.lead:
        yield ""
        yield from _block_lines(block, language)
    for section in paper.sections:
        yield from ("", "", said(section.title), "-" * min(WIDTH, _width(said(section.title))))
        for place, block in enumerate(section.blocks):
            yield from [""] if place else []
            yield from _block_lines(block, language)
    yield from ("", "-" * WIDTH)
    for one in paper.ends:
        yield from _folded(said(one), "")


def _block_lines(block: Block, language: str) -> Iterator[str]:
    lines = _BLOCKS[type(block).__name__]
    yield from lines(block, language)


def _paragraph(block: Paragraph, language: str) -> Iterator[str]:
    for line in _in(block.text, language).split("\n"):
        yield from _folded(line, "")


def _points(block: Points, language: str) -> Iterator[str]:
    if block.title.en:
        yield f"[{_in(block.title, language)}]"
    for point in block.points:
        yield from _folded(_in(point, language), "  ", "- ")


def _figures(block: Figures, language: str) -> Iterator[str]:
    for one in block.figures:
        yield f"{_in(one.title, language)}: {_in(one.value, language)}"
        if one.note.en:
            yield from _folded(_in(one.note, language), "    ")


def _table(block: Table, language: str) -> Iterator[str]:
    yield _in(block.caption, language)
    rows = [[_in(one, language) for one in block.head], *(_row(row, language) for row in block.rows)]
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    widths[0] = min(widths[0], max(20, WIDTH - sum(widths[1:]) - 2 * len(widths)))
    for place, (title, *cells) in enumerate(rows):
        *above, last = list(_folded(title, "", width=widths[0])) or [""]
        yield from (f"  {line}" for line in above)
        numbers = "".join(f"  {_right(cell, width)}" for cell, width in zip(cells, widths[1:], strict=True))
        yield f"  {last}{' ' * (widths[0] - _width(last))}{numbers}"
        if place == 0:
            yield "  " + "-" * (sum(widths) + 2 * (len(widths) - 1))
    if block.note.en:
        yield from _folded(_in(block.note, language), "  ")


def _row(row: Row, language: str) -> list[str]:
    return [_in(one, language) for one in (row.title, *row.cells)]


def _rates(block: Rates, language: str) -> Iterator[str]:
    for rate in block.rates:
        yield _in(rate.title, language)
        yield from (f"    {_in(part.says, language)}" for part in rate.parts)
        if rate.note.en:
            yield from _folded(_in(rate.note, language), "    ")


def _form(block: Form, language: str) -> Iterator[str]:
    for entry in block.entries:
        yield from _entry(entry, language)


def _entry(entry: Entry, language: str) -> Iterator[str]:
    yield " ".join(part for part in (entry.number, _in(entry.title, language)) if part)
    yield from (f"    {'■' if chosen else '□'} {_in(one, language)}" for one, chosen in entry.choices)
    mark = f"[{_in(_MARKS[entry.mark], language)}] " if entry.mark in _MARKS else ""
    if said := f"{mark}{_in(entry.value, language)}".strip():
        for line in said.split("\n"):
            yield from _folded(line, "    ")
    if entry.note.en:
        yield from _folded(f"({_in(entry.note, language)})", "    ")


def _contacts(block: Contacts, language: str) -> Iterator[str]:
    for one in block.contacts:
        yield from _contact(one, language)


def _contact(one: Contact, language: str) -> Iterator[str]:
    yield f"{_in(one.title, language)}: {_in(one.value, language)}"
    if one.hours.en:
        yield f"    {_in(one.hours, language)}"


_BLOCKS: Mapping[str, Any] = {
    "Paragraph": _paragraph,
    "Points": _points,
    "Figures": _figures,
    "Table": _table,
    "Rates": _rates,
    "Form": _form,
    "Contacts": _contacts,
}


def _width(line: str) -> int:
    """How many columns a line takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def _right(cell: str, width: int) -> str:
    return " " * (width - _width(cell)) + cell


_NO_START = frozenset("、。，．・：；？！）」』】〕ー々％,.:;?!)]}")


def _folded(line: str, indent: str, first: str = "", width: int = WIDTH) -> Iterator[str]:
    """The line in pieces that fit, none of which begins with what must not begin a line."""
    room = width - len(indent)
    piece, taken = "", 0
    lead = indent[: len(indent) - len(first)] + first if first else indent
    for unit in _units(line):
        wide = _width(unit)
        if piece and taken + wide > room and unit[0] not in _NO_START:
            yield lead + piece.rstrip()
            lead, piece, taken = indent, "", 0
            if unit == " ":
                continue
        piece += unit
        taken += wide
    yield lead + piece.rstrip()


def _units(line: str) -> Iterable[str]:
    """Words of Latin letters whole, everything else a character each."""
    unit = ""
    for one in line:
        if one != " " and _width(one) == 1:
            unit += one
            continue
        if unit:
            yield unit
        unit = ""
        yield one
    if unit:
        yield unit
