"""XML as nested values, whole or, where it is large, in runs of its repeated elements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from sekisho.documents import charset
from sekisho.errors import OverLimitError, UnreadableError
from sekisho.model import Frame, Gap, Place, Reason, Tree

LARGE = 32 << 20  # bytes
_RUN = 10_000  # elements
_DEEPEST = 500
_DECLARATION = re.compile(r"\s*<\?xml[^>]*?\?>")
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']")


def declared_charset(data: bytes | memoryview) -> str | None:
    """The encoding that an XML declaration names."""
    found = _DECLARED.search(bytes(data[:200]))
    return found[1].decode("ascii") if found else None


def as_utf8(data: bytes | memoryview) -> tuple[bytes, int]:
    """The document in UTF-8 without its declaration, and how many places could not be decoded."""
    decoded = charset.decode(data, declared_charset(data))
    text = decoded.text
    found = _DECLARATION.match(text)
    return text[found.end() if found else 0 :].lstrip().encode("utf-8", "replace"), decoded.replaced


def parser_options(data: bytes) -> dict[str, Any]:
    """Nothing from outside is loaded; own entities are, and with them libxml2's guards against growing ones."""
    return {
        "resolve_entities": "internal",
        "no_network": True,
        "load_dtd": False,
        "encoding": "utf-8",
        "huge_tree": b"<!DOCTYPE" not in data[: 1 << 20],
        "remove_pis": True,
    }


def root(data: bytes) -> tuple[etree._Element, bool]:
    """The root element, and whether the document was whole."""
    for recover in (False, True):
        try:
            found = etree.fromstring(data, etree.XMLParser(recover=recover, **parser_options(data)))
        except (etree.XMLSyntaxError, ValueError):
            continue
        if found is not None:
            return found, not recover
    raise UnreadableError(Reason.DAMAGED, "XML")


def trees(data: bytes) -> Iterator[Tree | Gap]:
    """The document's values. Attributes are ``@name``, text beside elements ``#text``; name spaces are left out."""
    if len(data) >= LARGE:
        yield from _runs(data)
        return
    element, whole = root(data)
    yield Tree({_name(element): value(element)}, Place(Frame.PATH, "$"))
    if not whole:
        yield Gap(_damage(data), "XML")


def value(element: etree._Element, depth: int = 0) -> Any:
    """The nested value of an element: its text, or a mapping; children of one name are a list."""
    if depth > _DEEPEST:
        raise OverLimitError(Reason.TOO_DEEP)
    texts = [element.text] if element.text else []
    found: dict[str, Any] = {f"@{_local(str(key))}": text for key, text in element.attrib.items()}
    many: set[str] = set()
    for child in element:
        if child.tail:
            texts.append(child.tail)
        tag = child.tag
        if not isinstance(tag, str):
            continue
        name = _local(tag)
        inner = value(child, depth + 1) if len(child) or child.attrib else child.text
        if name in many:
            found[name].append(inner)
        elif name in found:
            found[name] = [found[name], inner]
            many.add(name)
        else:
            found[name] = inner
    text = "\n".join(part.strip() for part in texts if part.strip()) if found else "".join(texts)
    if not found:
        return text or None
    return {**found, "#text": text} if text else found


def _name(element: etree._Element) -> str:
    return _local(str(element.tag))


@lru_cache(maxsize=4096)
def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _damage(data: bytes) -> Reason:
    return Reason.DAMAGED_PART if data.rstrip().endswith(b">") else Reason.TRUNCATED


def _runs(data: bytes) -> Iterator[Tree | Gap]:
    """The elements that repeat most, in lists that share a base path; what stands beside them last."""
    import io

    path = _repeated(data[: 1 << 20])
    base = "$." + ".".join(path)
    run: list[Any] = []
    first = 1
    depth: list[str] = []
    top = None
    options = parser_options(data)
    encoding = options.pop("encoding")
    events = etree.iterparse(io.BytesIO(data), events=("start", "end"), recover=True, encoding=encoding, **options)
    for event, element in events:
        top = element if top is None else top
        if event == "start":
            depth.append(_name(element))
            continue
        if depth == path:
            run.append(value(element))
            _forget(element)
            if len(run) == _RUN:
                yield Tree(run, Place(Frame.PATH, base, first))
                first, run = first + len(run), []
        depth.pop()
    if run:
        yield Tree(run, Place(Frame.PATH, base, first))
    if top is not None and (rest := value(top)) is not None:
        yield Tree({_name(top): rest}, Place(Frame.PATH, "$"))
    if len(events.error_log):
        yield Gap(_damage(data), "XML")


def _forget(element: etree._Element) -> None:
    """Frees an element that was read, and those before it."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while (previous := element.getprevious()) is not None and previous.getparent() is parent:
            if _name(previous) != _name(element) or len(previous):
                break
            parent.remove(previous)


def _repeated(beginning: bytes) -> list[str]:
    """The path of the elements that repeat most near the root of a document that begins so."""
    import io

    counts: Counter[tuple[str, ...]] = Counter()
    depth: list[str] = []
    options = parser_options(beginning)
    encoding = options.pop("encoding")
    for event, element in etree.iterparse(
        io.BytesIO(beginning), events=("start", "end"), recover=True, encoding=encoding, **options
    ):
        if event == "end":
            depth.pop()
            continue
        depth.append(_name(element))
        counts[tuple(depth)] += 1
    repeated = [path for path, times in counts.items() if times > 20]
    return list(sorted(repeated, key=len)[0]) if repeated else []
