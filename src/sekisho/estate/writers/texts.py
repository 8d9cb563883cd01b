"""Text files: delimited, fixed-width and running text, in the charsets of Japanese offices."""

from __future__ import annotations

import csv
import re
import unicodedata
from io import StringIO

from sekisho.estate.content import Book, Content, Letter, Lines, Row, Sheet
from sekisho.estate.people import VARIANTS

UTF8, UTF8_BOM, UTF16, CP932, EUC_JP, ISO_2022_JP = "utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp"
NARROW = {
    CP932: {"𠮷": "吉"},
    EUC_JP: {v: k for k, v in VARIANTS.items()},
    ISO_2022_JP: {v: k for k, v in VARIANTS.items()},
}
_DASHES = str.maketrans({"－": "−", "～": "〜"})

_HALF_KANA = re.compile("[ｦ-ﾟ]+")


def encoded(text: str, charset: str) -> bytes:
    """``text`` in ``charset``; the JIS charsets have a dash and a tilde of their own, the one of mails no half kana."""
    if charset in (EUC_JP, ISO_2022_JP):
        text = text.translate(_DASHES)
    if charset == ISO_2022_JP:
        text = _HALF_KANA.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return text.encode(charset)


def delimited(book: Book, charset: str = CP932, mark: str = ",") -> bytes:
    """The first sheet as csv or tsv."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=mark, lineterminator="\r\n")
    writer.writerows(tuple("" if v is None else v for v in row) for row in book.sheets[0].rows)
    return encoded(out.getvalue(), charset)


def unquoted(book: Book) -> bytes:
    """The first sheet as cp932 csv without any quoting, as a program that knows no csv writes it."""
    lines = [",".join(_shown(row)) for row in book.sheets[0].rows]
    return encoded("\r\n".join(lines) + "\r\n", CP932)


def text(content: Content, charset: str = CP932) -> bytes:
    """Lines, or a letter with its tables drawn by blanks."""
    return encoded("\r\n".join(lines_of(content)) + "\r\n", charset)


def lines_of(content: Content) -> list[str]:
    """A content as lines of text."""
    if isinstance(content, Lines):
        return list(content.lines)
    if isinstance(content, Letter):
        return [
            line for block in content.blocks for line in ([block] if isinstance(block, str) else table_lines(block))
        ]
    if isinstance(content, Book):
        return [line for sheet in content.sheets for line in table_lines(sheet)]
    raise TypeError(type(content))


def table_lines(sheet: Sheet) -> list[str]:
    """A sheet as lines whose cells are held apart by tabs."""
    return ["\t".join(_shown(row)) for row in sheet.rows]


def _shown(row: Row) -> list[str]:
    return ["" if v is None else str(v) for v in row]
