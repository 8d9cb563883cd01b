"""Excel workbooks in zipped form: their sheets and what lies beside the cells."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import package, workbook
from sekisho.documents.package import Package
from sekisho.errors import DocumentError
from sekisho.model import Blob, Head, Limits, Piece

_KINDS = (
    (b"vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    (b"vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsm"),
    (b"vnd.ms-excel.template.macroEnabled.main+xml", "xlsm"),
    (b"vnd.ms-excel.addin.macroEnabled.main+xml", "xlsm"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
)


def kind(head: Head) -> str:
    """``xlsx``, ``xlsm`` or ``xlsb`` by the content types of the package; empty for what is no workbook.

    Where the types cannot be read any more, the names of the parts tell.
    """
    directory = package.directory(head)
    if b"xl/" not in directory:
        return ""
    try:
        types = Package(Blob("", head.data), Limits()).read("[Content_Types].xml")
    except DocumentError:
        return _by_names(directory)
    return next((name for mark, name in _KINDS if mark in types), "")


def _by_names(directory: bytes) -> str:
    if b"xl/workbook.bin" in directory:
        return "xlsb"
    if b"xl/workbook" not in directory and b"xl/worksheets/" not in directory:
        return ""
    return "xlsm" if b"xl/vbaProject.bin" in directory else "xlsx"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The sheets of a workbook, then what lies beside them."""
    yield from workbook.sheets(workbook.open_workbook(blob))
