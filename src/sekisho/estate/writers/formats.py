"""Every format of the estate by its name: how it is written, its ending, and how places in it are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.estate.content import Content
from sekisho.estate.people import VARIANTS
from sekisho.estate.writers import mails, pages, sheets, slides, texts, trees, words

BEYOND_BMP = {"𠮷": "吉"}
COMMON = {variant: common for common, variant in VARIANTS.items()}


@dataclass(frozen=True, slots=True)
class Writer:
    """``kind``: as the truth calls it; ``frame``: cell, line, path or empty where places are not foretold.

    ``narrow``: characters that the format cannot hold, and what a clerk types for them.
    """

    kind: str
    suffix: str
    write: Callable[[Any], bytes]
    frame: str = ""
    narrow: Mapping[str, str] | None = None


_NARROW = {texts.CP932: BEYOND_BMP, texts.EUC_JP: COMMON, texts.ISO_2022_JP: COMMON}


def _delimited(charset: str, mark: str = ",", suffix: str = ".csv") -> Writer:
    def write(content: Any) -> bytes:
        return texts.delimited(content, charset, mark)

    return Writer("csv" if mark == "," else "tsv", suffix, write, "line", _NARROW.get(charset))


def _text(charset: str, suffix: str = ".txt") -> Writer:
    return Writer("text", suffix, lambda content: texts.text(content, charset), "line", _NARROW.get(charset))


def _eml(charset: str) -> Writer:
    def write(content: Any) -> bytes:
        return mails.eml(content, (), charset)

    return Writer("eml", ".eml", write, "", COMMON if charset == "iso-2022-jp" else None)


def _html(charset: str, suffix: str) -> Writer:
    return Writer("html", suffix, lambda content: words.html(content, charset), "", _NARROW.get(charset))


def _empty(content: Content) -> bytes:
    return b""


def _noise(content: Content) -> bytes:
    return bytes((i * i * 31 + 7) % 251 for i in range(4096))


WRITERS: Mapping[str, Writer] = {
    "xlsx": Writer("xlsx", ".xlsx", sheets.xlsx, "cell"),
    "xlsm": Writer("xlsm", ".xlsm", sheets.xlsm, "cell"),
    "xls": Writer("xls", ".xls", sheets.xls, "cell"),
    "ods": Writer("ods", ".ods", sheets.ods, "cell"),
    "csv": _delimited(texts.CP932),
    "csv-utf8": _delimited(texts.UTF8),
    "csv-bom": _delimited(texts.UTF8_BOM),
    "csv-utf16": _delimited(texts.UTF16),
    "csv-euc": _delimited(texts.EUC_JP),
    "csv-jis": _delimited(texts.ISO_2022_JP),
    "csv-unquoted": Writer("csv", ".csv", texts.unquoted, "line", BEYOND_BMP),
    "tsv": _delimited(texts.CP932, "\t", ".tsv"),
    "tsv-utf16": _delimited(texts.UTF16, "\t", ".txt"),
    "text": _text(texts.CP932),
    "text-utf8": _text(texts.UTF8),
    "text-jis": _text(texts.ISO_2022_JP),
    "text-euc": _text(texts.EUC_JP),
    "dump": _text(texts.CP932, ".dat"),
    "docx": Writer("docx", ".docx", words.docx),
    "odt": Writer("odt", ".odt", words.odt),
    "odp": Writer("odp", ".odp", words.odp),
    "rtf": Writer("rtf", ".rtf", words.rtf),
    "pptx": Writer("pptx", ".pptx", slides.pptx),
    "pdf": Writer("pdf", ".pdf", pages.pdf, narrow=BEYOND_BMP),
    "pdf-narrow": Writer("pdf", ".pdf", pages.pdf_narrow, narrow=BEYOND_BMP),
    "pdf-form": Writer("pdf", ".pdf", pages.pdf_form, narrow=BEYOND_BMP),
    "html": _html("utf-8", ".html"),
    "html-sjis": _html(texts.CP932, ".htm"),
    "json": Writer("json", ".json", trees.to_json, "path"),
    "ndjson": Writer("ndjson", ".jsonl", trees.ndjson),
    "xml": Writer("xml", ".xml", trees.xml),
    "xml-attributes": Writer("xml", ".xml", trees.xml_attributes),
    "sqlite": Writer("sqlite", ".db", trees.sqlite),
    "parquet": Writer("parquet", ".parquet", trees.parquet),
    "eml": _eml("utf-8"),
    "eml-jis": _eml("iso-2022-jp"),
    "empty": Writer("text", ".txt", _empty),
    "noise": Writer("unknown", ".bin", _noise),
}
