"""Nested data as JSON, one object a line, or XML; the same rows as a database or a column file."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from sekisho.estate.content import NOTICE, NOTICE_LONG, Book, Content, Nested


def to_json(content: Nested) -> bytes:
    """JSON in UTF-8; where the root is an object, a note says that all is invented."""
    value = content.value
    if isinstance(value, dict):
        value = {"注記": NOTICE, **value}
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def ndjson(content: Nested) -> bytes:
    """One object a line."""
    return "".join(json.dumps(v, ensure_ascii=False) + "\n" for v in people_of(content.value)).encode()


def people_of(value: Any) -> list[Any]:
    """The list of objects in a nested value."""
    if isinstance(value, list):
        return value
    return next(v for v in value.values() if isinstance(v, list))


def xml(content: Nested) -> bytes:
    """Elements named by the keys; the items of a list repeat their element."""
    from lxml import etree

    value = content.value if isinstance(content.value, dict) else {"person": content.value}
    root = etree.Element("被保険者情報" if "件名" in value else "people")
    root.append(etree.Comment(NOTICE_LONG))
    _elements(root, value)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _elements(parent: Any, value: dict[str, Any]) -> None:
    from lxml import etree

    for key, held in value.items():
        for one in held if isinstance(held, list) else [held]:
            child = etree.SubElement(parent, key)
            if isinstance(one, dict):
                _elements(child, one)
            elif one is not None:
                child.text = str(one)


def xml_attributes(content: Nested) -> bytes:
    """One element a person, its items in attributes, deeper ones in elements of their own."""
    from lxml import etree

    root = etree.Element("list")
    root.append(etree.Comment(NOTICE_LONG))
    for value in people_of(content.value):
        _attributes(etree.SubElement(root, "record"), value)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def _attributes(element: Any, value: dict[str, Any]) -> None:
    from lxml import etree

    for key, held in value.items():
        if isinstance(held, dict):
            _attributes(etree.SubElement(element, key), held)
        elif held is not None:
            element.set(key, str(held))


def sqlite(content: Content) -> bytes:
    """A database with a table for each sheet (its first row names the columns) and one that says what it is."""
    import sqlite3

    assert isinstance(content, Book)
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE TABLE "about" ("note" TEXT)')
    connection.execute('INSERT INTO "about" VALUES (?)', (NOTICE_LONG,))
    for sheet in content.sheets:
        heads, *rows = sheet.rows
        columns = ", ".join(f'"{head}"' for head in heads)
        connection.execute(f'CREATE TABLE "{sheet.name}" ({columns})')
        marks = ", ".join("?" * len(heads))
        cells = [tuple(v if isinstance(v, int | float | None) else str(v) for v in row) for row in rows]
        connection.executemany(f'INSERT INTO "{sheet.name}" VALUES ({marks})', cells)  # noqa: S608
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def parquet(content: Content) -> bytes:
    """A column file of the first sheet."""
    import polars as pl

    assert isinstance(content, Book)
    heads, *rows = content.sheets[0].rows
    out = BytesIO()
    frame = pl.DataFrame(rows, schema=[str(h) for h in heads], orient="row", infer_schema_length=None)
    frame.write_parquet(out, metadata={"note": NOTICE_LONG})
    return out.getvalue()
