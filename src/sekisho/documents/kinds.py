"""Which format a document is: told by its content; what its name says is kept beside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import cast

from sekisho import parts
from sekisho.model import Blob, Format, Head

_NO_READER: tuple[tuple[int, bytes, str], ...] = (
    (0, b"MZ", "exe"),
    (0, b"\x7fELF", "elf"),
    (4, b"ftyp", "mp4"),
    (0, b"ID3", "mp3"),
    (8, b"WAVE", "wav"),
    (8, b"AVI ", "avi"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "wmv"),
    (0, b"\x1aE\xdf\xa3", "mkv"),
    (0, b"MSCF", "cab"),
    (0, b"`\xea", "arj"),
    (0, b"\x1f\x9d", "compress"),
    (0, b"ITSF", "chm"),
    (0, b"L\0\0\0\1\x14\2\0", "lnk"),
    (0, b"ElfFile", "evtx"),
    (0, b"regf", "registry"),
    (0, b"AC10", "dwg"),
    (128, b"DICM", "dicom"),
    (0, b"8BPS", "psd"),
    (0, b"KDMV", "vmdk"),
    (0, b"conectix", "vhd"),
    (0, b"vhdxfile", "vhdx"),
    (0, b"\xca\xfe\xba\xbe", "class"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"\0\1\0\0\0", "font"),
    (0, b"OTTO", "font"),
    (0, b"\xd7\xcd\xc6\x9a", "metafile"),
    (0, b"\1\0\x09\0\0\3", "metafile"),
    (40, b" EMF\0\0\1\0", "metafile"),
    (0, b"VCLMTF", "metafile"),
    (0, b"\0\0\0\x0cjP  ", "jpeg2000"),
    (0, b"\0\0\2\0 Q", "quattro"),
    (0, b"\0\0\2\0\1\x10", "quattro"),
    (0, b"\0\0\2\0\2\x10", "quattro"),
    (0, b"bplist00", "plist"),
    (0, b"\0\5\x16\7\0\2\0\0", "appledouble"),
    (0, b'\x04"M\x18', "lz4"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound"),  # of a program that is not known here
    (0, b"\x85\x01", "pgp"),
    (0, b"-----BEGIN PGP MESSAGE", "pgp"),
    (0, b"age-encryption.org/", "age"),
    (0, b"Salted__", "openssl"),
    (0, b"LUKS\xba\xbe", "luks"),
)
SEALED: Mapping[str, str] = {  # of these, kinds that are locked in ways that nothing here opens
    "pgp": "OpenPGP",
    "age": "age",
    "openssl": "OpenSSL",
    "luks": "LUKS",
}


def without_reader(data: bytes | memoryview) -> str:
    """The kind of a document that nothing here reads, by the marks that programs put into their files; else empty."""
    return next((kind for at, mark, kind in _NO_READER if bytes(data[at : at + len(mark)]) == mark), "")


@cache
def formats() -> tuple[Format, ...]:
    """All formats, in the order in which they are asked."""
    found = cast("dict[str, Format]", parts.find("sekisho.documents.formats", "FORMAT"))
    return tuple(sorted(found.values(), key=lambda f: (f.order, f.kind)))


def recognised(blob: Blob) -> Format | None:
    """The first format that knows the content as its own."""
    head = Head(blob.data, blob.name)
    return next((f for f in formats() if f.recognise(head)), None)


def named_kind(name: str) -> str:
    """The kind that the ending of a name stands for; the longest ending counts (``.tar.gz`` before ``.gz``)."""
    lower = name.lower()
    fitting = [(len(s), f.kind) for f in formats() for s in f.suffixes if lower.endswith(s)]
    return max(fitting, default=(0, ""))[1]
