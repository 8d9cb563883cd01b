"""Real bytes of the archive formats, with a list of invented persons inside."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib

import xlsxwriter
from backports import zstd
from msoffcrypto.format.ooxml import OOXMLFile

from sekisho.documents import rar
from sekisho.estate.writers import archives

LIST = "氏名,生年月日\r\n山田太郎,1948-04-06\r\n鈴木花子,1951-12-24\r\n".encode("cp932")
MEMBERS = (("名簿/一覧.csv", LIST), ("readme.txt", b"nobody is in here\r\n"))


def stored_rar() -> bytes:
    """Nothing free writes a RAR; one whose members are stored is made by what writes for the helper."""
    entries = [
        (rar.Entry("", len(data), zlib.crc32(data), 0, len(data), method=0, version=5, info=0), data)
        for _, data in MEMBERS
    ]
    return rar.plain_archive(5, entries, solid=False)


def shut_office() -> bytes:
    """A workbook behind Excel's own password, which opens for anyone."""
    book, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        workbook.add_worksheet("名簿").write_row(0, 0, ("氏名", "山田太郎"))
    OOXMLFile(book).encrypt("VelvetSweatshop", out)
    return out.getvalue()


EXAMPLES = {
    "zip": lambda: archives.plain_zip(MEMBERS),
    "tar": lambda: archives.tar_gz(MEMBERS),
    "gz": lambda: gzip.compress(LIST),
    "bz2": lambda: bz2.compress(LIST),
    "xz": lambda: lzma.compress(LIST),
    "zst": lambda: zstd.compress(LIST),
    "iso": lambda: archives.iso([("一覧.csv", LIST), ("readme.txt", b"nobody is in here\r\n")]),
    "rar": stored_rar,
    "7z": lambda: archives.seven_zip(MEMBERS),
    "shut_office": shut_office,
    "lzh": lambda: archives.lzh(MEMBERS),
}
