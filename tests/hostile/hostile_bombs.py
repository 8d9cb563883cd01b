"""Archives and packages of few bytes that unpack to half a gigabyte, or to very many members."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import xlsxwriter
from tests.documents.test_bombs import deflated_zeros

from sekisho.documents import rar

SIZE = 512 << 20
_CHUNK = 1 << 21
_ROW = b'<row><c t="inlineStr"><is><t>9876-543210</t></is></c></row>'


def rar_bomb() -> bytes:
    """20 KB that are said to be half a gigabyte, as a RAR of zeros would: nothing free packs RAR."""
    packed = bytes(20 << 10)
    entry = rar.Entry("", SIZE, 0, 0, len(packed), method=3, version=5, info=0x180)
    return rar.plain_archive(5, [(entry, packed)], solid=False)


def seven_zip_bomb() -> bytes:
    """One chunk of LZMA2 many times over, under a directory written by hand (7zFormat.txt)."""
    packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}])
    chunk = (packer.compress(bytes(_CHUNK)) + packer.flush())[:-1]
    packed = chunk * (SIZE // _CHUNK) + b"\0"
    name = "zeros.txt\0".encode("utf-16-le")
    header = b"\1\4\6\0\1\x09\xf0" + struct.pack("<L", len(packed)) + b"\0"
    header += b"\7\x0b\1\0\1\x21\x21\1\x16\x0c\xf0" + struct.pack("<L", SIZE) + b"\0\0"
    header += b"\5\1\x11" + bytes([len(name) + 1]) + b"\0" + name + b"\0\0"
    start = struct.pack("<QQL", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + packed + header


def tar_xz_bomb() -> bytes:
    """A tar of one large member, in many xz streams one behind the other."""
    info = tarfile.TarInfo("zeros.txt")
    info.size = SIZE
    zeros = lzma.compress(bytes(16 << 20), preset=0)
    return lzma.compress(info.tobuf()) + zeros * (SIZE // (16 << 20)) + lzma.compress(bytes(1024))


@dataclass(frozen=True)
class Packed:
    """A member of a zip as it lies there."""

    name: str
    data: bytes  # deflated
    size: int
    crc: int = 0

    def local(self, packed_size: int) -> bytes:
        return struct.pack("<4s", b"PK\3\4") + self._common(packed_size) + self.name.encode()

    def central(self, packed_size: int, at: int) -> bytes:
        made = struct.pack("<4sH", b"PK\1\2", 20) + self._common(packed_size)
        return made + struct.pack("<3H2L", 0, 0, 0, 0, at) + self.name.encode()

    def _common(self, packed_size: int) -> bytes:
        return struct.pack("<5H3L2H", 20, 0, 8, 0, 0x21, self.crc, packed_size, self.size, len(self.name), 0)


def _zip(body: bytes, directory: Iterable[bytes]) -> bytes:
    entries = list(directory)
    central, count = b"".join(entries), len(entries)
    at = len(body) + len(central)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(central), len(body))
    end64 += struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)
    most = min(count, 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, most, most, len(central), len(body), 0)
    return body + central + (end64 if most < count else b"") + end


def zip_of(members: Iterable[Packed]) -> bytes:
    """Members one behind the other."""
    body, directory = bytearray(), []
    for member in members:
        directory.append(member.central(len(member.data), len(body)))
        body += member.local(len(member.data)) + member.data
    return _zip(bytes(body), directory)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def workbook_bomb() -> bytes:
    """An xlsx, sound in all its parts, whose sheet is half a gigabyte of rows."""
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        workbook.add_worksheet().write_row(0, 0, ("氏名", "架空羅太郎"))
    rows, times = _ROW * 20_000, SIZE // (len(_ROW) * 20_000)
    members = []
    with zipfile.ZipFile(book) as source:
        for info in source.infolist():
            data = source.read(info)
            packed, size = deflated(data) + b"\3\0", len(data)
            if info.filename == "xl/worksheets/sheet1.xml":
                head, foot = data.split(b"</sheetData>")
                packed = deflated(head) + deflated(rows) * times + deflated(b"</sheetData>" + foot) + b"\3\0"
                size += len(rows) * times
            members.append(Packed(info.filename, packed, size, zlib.crc32(data)))
    return zip_of(members)


def overlapping_zip(count: int = 250) -> bytes:
    """Each member's data quotes the header of the next, all share one kernel (bamsoftware.com/hacks/zipbomb)."""
    kernel = deflated_zeros(21 << 20)
    size, tail, offsets = 21 << 20, kernel, []
    for number in range(count):
        member = Packed(f"{count - number:03}", b"", size)
        offsets.append((member, len(tail)))
        header = member.local(len(tail))
        quoting = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF)
        tail, size = (quoting if number < count - 1 else b"") + header + tail, size + len(header)
    directory = []
    for member, packed_size in reversed(offsets):
        at = len(tail) - packed_size - len(member.local(packed_size))
        directory.append(member.central(packed_size, at))
    return _zip(tail, directory)


def crowded_zip(count: int) -> bytes:
    """Very many members of a few bytes."""
    packed = deflated(b"memo") + b"\3\0"
    crc = zlib.crc32(b"memo")
    return zip_of(Packed(f"{number:06}.txt", packed, 4, crc) for number in range(count))


def odd_names() -> bytes:
    """Names in a tar that are absolute, point upwards, or are in no encoding, and links that lead in a circle."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in ("/etc/evil.txt", "../../../tmp/evil.txt", b"\xff\xfe\x81.txt".decode("utf-8", "surrogateescape")):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"memo"))
        for name, target in (("a", "b"), ("b", "a"), ("up", "..")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return out.getvalue()
