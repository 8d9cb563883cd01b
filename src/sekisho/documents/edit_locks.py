"""Locks in zipped Office files (OOXML) that keep nobody from reading: protected sheets, workbooks and documents.

Sources: ECMA-376 part 1, 18.2.29 (workbookProtection), 18.2.12 (fileSharing), 18.3.1.85 (sheetProtection), 17.15.1.29
(documentProtection), 17.15.1.93 (writeProtection), 19.2.1.19 (modifyVerifier); MS-XLSB 2.4.743 (BrtSheetProtection).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from sekisho.documents import locks, zipped
from sekisho.errors import DocumentError
from sekisho.model import NO_LOCK, Blob, Limits, Lock

_LIMITS = Limits()
_STEP, _OVERLAP = 1 << 20, 1 << 10
_ON = rb"""=["'](?:1|true|on)["']"""


def _element(name: bytes, attributes: bytes, value: bytes = _ON) -> re.Pattern[bytes]:
    return re.compile(rb"<(?:\w+:)?" + name + rb"\b[^<>]*\s(?:\w+:)?(?:" + attributes + rb")" + value)


_SET = rb"""=["'][^"']"""
_WORKBOOK, _SETTINGS = re.compile("xl/workbook.xml"), re.compile("word/settings.xml")
_XLSB_SHEET = re.compile(rb"\x97\x04\x42..\x01\x00{3}(?:[\x00\x01]\x00{3}){15}", re.S)
_XLSB_BOOK = re.compile(rb"\x96\x04\x06....[\x01-\x07]\x00", re.S)
_BY_PART: tuple[tuple[re.Pattern[str], re.Pattern[bytes], Lock], ...] = (
    (_WORKBOOK, _element(b"workbookProtection", b"lockStructure|lockWindows"), locks.WORKBOOK),
    (_WORKBOOK, _element(b"fileSharing", b"reservationPassword|hashValue", _SET), locks.WRITE_RESERVATION),
    (re.compile("xl/workbook.bin"), _XLSB_BOOK, locks.WORKBOOK),
    (re.compile(r"xl/\w+sheets/[^/]+\.xml"), _element(b"sheetProtection", b"sheet|content|objects"), locks.SHEET),
    (re.compile(r"xl/\w+sheets/[^/]+\.bin"), _XLSB_SHEET, locks.SHEET),
    (_SETTINGS, _element(b"documentProtection", b"enforcement"), locks.DOCUMENT),
    (_SETTINGS, _element(b"writeProtection", b"hash|hashValue", _SET), locks.WRITE_RESERVATION),
    (re.compile("ppt/presentation.xml"), re.compile(rb"<(?:\w+:)?modifyVerifier\b"), locks.WRITE_RESERVATION),
)


def ooxml_lock(blob: Blob) -> Lock:
    """The first lock against editing that stands in a zipped Office file."""
    try:
        entries = zipped.directory(blob.data, _LIMITS).entries
    except DocumentError:
        return NO_LOCK
    for part, mark, lock in _BY_PART:
        for entry in entries:
            if part.fullmatch(entry.name.lstrip("/")) and stands_in(blob, entry, mark):
                return lock
    return NO_LOCK


def stands_in(blob: Blob, entry: zipped.Entry, mark: re.Pattern[bytes]) -> bool:
    """Is the mark somewhere in the part? Looked for run by run, as a sheet can be large."""
    before = b""
    for run in _runs(blob, entry):
        if mark.search(before + run):
            return True
        before = run[-_OVERLAP:]
    return False


def _runs(blob: Blob, entry: zipped.Entry) -> Iterator[bytes]:
    try:
        packed = zipped.packed_bytes(blob.data, entry)
    except DocumentError:
        return
    if entry.is_encrypted or entry.method not in (zipped.STORED, zipped.DEFLATE):
        return
    if entry.method == zipped.STORED:
        yield bytes(packed)
        return
    decoder, fed, given = zlib.decompressobj(-15), packed, 0
    try:
        while not decoder.eof and (fed or given == 0) and given < _most(entry):
            run = decoder.decompress(fed, _STEP)
            fed, given = decoder.unconsumed_tail, given + len(run)
            yield run
    except zlib.error:
        return


def _most(entry: zipped.Entry) -> int:
    return max(_LIMITS.ratio_from_bytes, _LIMITS.ratio * entry.packed)
