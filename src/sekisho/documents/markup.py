"""HTML as paragraphs and tables in reading order, with what a page hides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from lxml import etree

from sekisho.documents.blocks import Block, Table
from sekisho.errors import UnreadableError
from sekisho.model import Reason

_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|nobr|output|q|rb|ruby|s|samp|small"
    "|span|strike|strong|sub|sup|time|tt|u|var|wbr|.*:.*"
)
_UNSHOWN = frozenset(("script", "style", "template", "rt", "rp"))
_FOLDED = re.compile(r"[\t\n\r\f ]+")
_WIDEST, _DEEPEST = 1000, 250


def root(text: str) -> etree._Element:
    """The tree of an HTML text. Raises UnreadableError where there is none."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_pis=True)
    try:
        found = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(Reason.DAMAGED, "HTML") from error
    if found is None:
        raise UnreadableError(Reason.DAMAGED, "HTML")
    return found


def blocks(element: etree._Element) -> Iterator[Block]:
    """The lines and tables below ``element``. A table around other tables is layout: its cells come one by one."""
    flow = _Flow()
    yield from flow.walk(element, 0)
    yield from flow.rest()


class _Flow:
    def __init__(self) -> None:
        self._line: list[str] = []

    def rest(self) -> Iterator[str]:
        """The line that was begun."""
        lines = [_FOLDED.sub(" ", part).strip(" ") for part in "".join(self._line).split("\v")]
        self._line = []
        if any(lines):
            yield "\n".join(lines).strip("\n")

    def walk(self, element: etree._Element, depth: int) -> Iterator[Block]:
        """What stands in ``element``, without its tail."""
        self._line.append(element.text or "")
        for child in element:
            yield from self._child(child, depth)
            self._line.append(child.tail or "")

    def _child(self, child: etree._Element, depth: int) -> Iterator[Block]:
        tag = child.tag if isinstance(child.tag, str) else ""
        if not tag or tag in _UNSHOWN or depth > _DEEPEST:
            return
        if tag == "br":
            self._line.append("\v")
        elif tag in ("input", "textarea", "select", "option", "img"):
            self._line.append(_shown(child))
        elif _INLINE.fullmatch(tag):
            yield from self.walk(child, depth + 1)
        else:
            yield from self.rest()
            yield from self._block(child, tag, depth)
            yield from self.rest()

    def _block(self, element: etree._Element, tag: str, depth: int) -> Iterator[Block]:
        if tag == "table" and next(element.iterdescendants("table"), None) is None:
            caption = element.find("caption")
            if caption is not None:
                yield from self.walk(caption, depth + 1)
                yield from self.rest()
            yield _table(element)
        elif tag == "dl":
            yield _definitions(element)
        else:
            yield from self.walk(element, depth + 1)


def _shown(field: etree._Element) -> str:
    """What a form field or picture says: its value beside its name, so that a hidden one is understood."""
    tag = field.tag
    if tag == "img":
        return field.get("alt") or ""
    if tag == "textarea":
        return f"\v{field.get('name') or ''}: {field.text or ''}\v" if field.text else ""
    if tag in ("select", "option"):
        chosen = [o for o in field.iter("option") if o.get("selected") is not None]
        return " ".join("".join(str(t) for t in o.itertext()) for o in chosen)
    value, kind = field.get("value") or "", (field.get("type") or "text").lower()
    if not value or kind in ("submit", "button", "reset", "image"):
        return ""
    if kind in ("checkbox", "radio"):
        return value if field.get("checked") is not None else ""
    return f"\v{field.get('name') or ''}: {value}\v" if kind == "hidden" else value


def _table(element: etree._Element) -> Table:
    """The cells of a table; null where a spanning cell goes on."""
    result = Table([])
    below: dict[int, int] = {}  # column -> rows that a cell above still takes
    for row in element.iterdescendants("tr"):
        cells: list[str | None] = []
        for cell in row.iterchildren("td", "th"):
            while below.get(len(cells), 0):
                below[len(cells)] -= 1
                cells.append(None)
            if not cell.attrib:
                cells.append(_cell(cell))
                continue
            wide = min(_span(cell, "colspan"), _WIDEST)
            for column in range(len(cells), len(cells) + wide):
                below[column] = _span(cell, "rowspan") - 1
            cells += [_cell(cell), *([None] * (wide - 1))]
        for column in [c for c in below if c >= len(cells) and below[c]]:
            below[column] -= 1
        result.rows.append(cells)
    return result


def _cell(cell: etree._Element) -> str | None:
    if not len(cell):
        text = cell.text or ""
        plain = not ("\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text)
        return (text if plain else _FOLDED.sub(" ", text)).strip(" ") or None
    return "\n".join(block for block in blocks(cell) if isinstance(block, str)) or None


def _span(cell: etree._Element, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _definitions(element: etree._Element) -> Table:
    terms = [_cell(e) for e in element.iter("dt")]
    values = [_cell(e) for e in element.iter("dd")]
    if len(terms) == len(values):
        return Table([list(pair) for pair in zip_longest(terms, values)])
    return Table([[_cell(e)] if e.tag == "dt" else [None, _cell(e)] for e in element.iter("dt", "dd")])


def comments(element: etree._Element) -> Iterator[str]:
    """Remarks in the source, browser switches left out."""
    for comment in element.iter(etree.Comment):
        text = (comment.text or "").strip()
        if text and not text.startswith(("[if", "[endif", "<![endif")):
            yield text
