"""Date formats that only East Asian Excel knows are renamed before the native reader sees them.

Excel in Japanese writes its own dates (昭和23年4月6日, S23.4.6, 1948年4月6日) by bare numbers, 27 to 36 and 50 to 58,
which the native reader takes for plain numbers: 17629 instead of 1948-04-06. They become number 14, a plain date.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile

from sekisho.documents import biff8, biff12, compound, serial_dates
from sekisho.model import Blob

_PLAIN_DATE = 14
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"(<(?:\w+:)?xf\s[^>]*?numFmtId=[\"'])(\d+)")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s([^>]*)>")
_NUMBER, _CODE = re.compile(rb"numFmtId=[\"'](\d+)"), re.compile(rb"formatCode=(\"[^\"]*\"|'[^']*')")
_FORMAT_RECORD, _STYLE_RECORD, _END_RECORD = 0x41E, 0xE0, 0x0A


def in_package(blob: Blob, name: str, styles: bytes) -> Blob:
    """An xlsx or xlsb with the unusual dates of its part ``name``, which holds ``styles``, renamed; often the same."""
    changed = _binary(styles) if name.endswith(".bin") else _xml(styles)
    return blob if changed == styles else Blob(blob.name, _replaced(blob.data, name, changed), blob.key)


def _xml(styles: bytes) -> bytes:
    codes = {}
    for own in _FORMAT.finditer(styles):
        number, code = _NUMBER.search(own[1]), _CODE.search(own[1])
        if number and code:
            text = code[1][1:-1].decode("utf-8", "replace").replace("&quot;", '"').replace("&amp;", "&")
            codes[number[1].decode()] = text

    def renamed(style: re.Match[bytes]) -> bytes:
        number = style[2].decode()
        unusual = serial_dates.is_unusual_date(number, codes.get(number))
        return style[1] + (str(_PLAIN_DATE).encode() if unusual else style[2])

    return _CELL_STYLES.sub(lambda styles: _STYLE.sub(renamed, styles[0]), styles)


def _binary(styles: bytes) -> bytes:
    codes = biff12.format_codes(styles)
    changed = bytearray(styles)
    for at, number in biff12.style_formats(styles):
        if serial_dates.is_unusual_date(str(number), codes.get(number)):
            struct.pack_into("<H", changed, at, _PLAIN_DATE)
    return bytes(changed)


def _replaced(data: bytes | memoryview, name: str, content: bytes) -> bytes:
    """A zip whose part ``name`` has another content; the others are not packed anew."""
    out = io.BytesIO()
    out.write(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as file:
        old = next(info for info in file.filelist if info.filename.lstrip("/").replace("\\", "/") == name)
        file.filelist.remove(old)
        file.NameToInfo.pop(old.filename, None)
        file.writestr(old.filename, content)
    return out.getvalue()


def in_stream(blob: Blob, name: str, stream: bytes) -> Blob:
    """An xls with the unusual dates of its workbook stream renamed; often the same."""
    own: set[int] = set()
    styles: list[tuple[int, int]] = []
    at = 0
    for number, body, more in biff8.records(stream):
        if number == _FORMAT_RECORD and len(body) >= 2:
            own.add(int.from_bytes(body[:2], "little"))
        elif number == _STYLE_RECORD and len(body) >= 4:
            styles.append((at + 6, int.from_bytes(body[2:4], "little")))
        elif number == _END_RECORD:
            break
        at += 4 + len(body) + sum(4 + len(part) for part in more)
    unusual = [at for at, code in styles if code in serial_dates.EAST_ASIAN and code not in own]
    if not unusual:
        return blob
    changed = bytearray(stream)
    for at in unusual:
        struct.pack_into("<H", changed, at, _PLAIN_DATE)
    return Blob(blob.name, compound.written({(name,): bytes(changed)}), blob.key)
