"""Every format of the estate by its name: how it is written, its ending, and how places in it are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sekisho.estate.content import Content
from sekisho.estate.writers import sheets, texts, words


@dataclass(frozen=True, slots=True)
class Writer:
    """``kind``: as the truth calls it; ``frame``: cell, line, path or empty where places are not foretold."""

    kind: str
    suffix: str
    write: Callable[..., bytes]
    frame: str = ""
    charset: str = ""


def _delimited(charset: str, mark: str, suffix: str) -> Writer:
    def write(content: Content) -> bytes:
        return texts.delimited(content, charset, mark)  # type: ignore[arg-type]

    return Writer("csv" if mark == "," else "tsv", suffix, write, "line", charset)


def _text(charset: str, suffix: str = ".txt") -> Writer:
    return Writer("text", suffix, lambda content: texts.text(content, charset), "line", charset)


WRITERS: Mapping[str, Writer] = {
    "xlsx": Writer("xlsx", ".xlsx", sheets.xlsx, "cell"),
    "xls": Writer("xls", ".xls", sheets.xls, "cell"),
    "ods": Writer("ods", ".ods", sheets.ods, "cell"),
    "csv": _delimited(texts.CP932, ",", ".csv"),
    "csv-utf8": _delimited(texts.UTF8, ",", ".csv"),
    "csv-bom": _delimited(texts.UTF8_BOM, ",", ".csv"),
    "csv-utf16": _delimited(texts.UTF16, ",", ".csv"),
    "csv-euc": _delimited(texts.EUC_JP, ",", ".csv"),
    "csv-jis": _delimited(texts.ISO_2022_JP, ",", ".csv"),
    "tsv": _delimited(texts.CP932, "\t", ".tsv"),
    "tsv-utf16": _delimited(texts.UTF16, "\t", ".txt"),
    "text": _text(texts.CP932),
    "text-utf8": _text(texts.UTF8),
    "text-jis": _text(texts.ISO_2022_JP),
    "text-euc": _text(texts.EUC_JP),
    "dump": _text(texts.CP932, ".dat"),
    "docx": Writer("docx", ".docx", words.docx),
    "odt": Writer("odt", ".odt", words.odt),
    "rtf": Writer("rtf", ".rtf", words.rtf),
    "html": Writer("html", ".html", words.html),
    "html-sjis": Writer("html", ".htm", lambda content: words.html(content, texts.CP932), charset=texts.CP932),
    "json": Writer("json", ".json", texts.to_json, "path"),
    "ndjson": Writer("ndjson", ".jsonl", texts.ndjson),
}
