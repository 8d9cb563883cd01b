"""Real bytes of the archive formats, with a list of invented persons inside."""

from __future__ import annotations

import bz2
import gzip
import lzma

from backports import zstd

from sekisho.estate.writers import archives

LIST = "氏名,生年月日\r\n山田太郎,1948-04-06\r\n鈴木花子,1951-12-24\r\n".encode("cp932")
MEMBERS = (("名簿/一覧.csv", LIST), ("readme.txt", b"nobody is in here\r\n"))

EXAMPLES = {
    "zip": lambda: archives.plain_zip(MEMBERS),
    "tar": lambda: archives.tar_gz(MEMBERS),
    "gz": lambda: gzip.compress(LIST),
    "bz2": lambda: bz2.compress(LIST),
    "xz": lambda: lzma.compress(LIST),
    "zst": lambda: zstd.compress(LIST),
    "lzh": lambda: archives.lzh(MEMBERS),
}
