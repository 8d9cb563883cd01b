"""Archives: zip with and without locks, 7z, tar, gz, iso and lzh."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Sequence
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sekisho.estate.content import NOTICE_LONG

Members = Sequence[tuple[str, bytes]]
DATE = (2015, 4, 1, 9, 0, 0)
UNIX_TIME = 1_427_846_400


def plain_zip(members: Members) -> bytes:
    """A zip whose names are UTF-8."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.comment = NOTICE_LONG.encode()
        for name, data in members:
            archive.writestr(ZipInfo(name, DATE), data, ZIP_DEFLATED)
    return out.getvalue()


def sjis_zip(members: Members) -> bytes:
    """A zip as old Windows makes it: its names are Shift_JIS without a mark that says so."""
    return _raw_zip([(name.encode("cp932"), data, None) for name, data in members])


def zipcrypto(members: Members, password: str, open_members: Members = ()) -> bytes:
    """A zip whose ``members`` are locked by ZipCrypto, the weak lock that Windows knows, beside open ones."""
    locked = [(name.encode("cp932"), data, password.encode()) for name, data in members]
    return _raw_zip([*locked, *((name.encode("cp932"), data, None) for name, data in open_members)])


def _raw_zip(members: Sequence[tuple[bytes, bytes, bytes | None]]) -> bytes:
    out, directory = io.BytesIO(), io.BytesIO()
    year, month, day, hour, minute, second = DATE
    date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
    for name, data, password in members:
        crc, at = zlib.crc32(data), out.tell()
        packed = zlib.compress(data, 6, -15)
        if password is not None:
            packed = _locked(packed, crc, password)
        fields = (20, 0 if password is None else 1, 8, time, date, crc, len(packed), len(data), len(name), 0)
        out.write(struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + name + packed)
        directory.write(struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, at) + name)
    start, size = out.tell(), directory.tell()
    out.write(directory.getvalue())
    out.write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), size, start, 0))
    return out.getvalue()


_CRC = [0] * 256
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = _c >> 1 ^ (0xEDB88320 if _c & 1 else 0)
    _CRC[_i] = _c


def _locked(packed: bytes, crc: int, password: bytes) -> bytes:
    """``packed`` under the stream cipher of PKWARE's APPNOTE 6.1; the header's last byte is the check."""
    x, y, z = 0x12345678, 0x23456789, 0x34567890

    def turn(byte: int) -> None:
        nonlocal x, y, z
        x = x >> 8 ^ _CRC[(x ^ byte) & 255]
        y = ((y + (x & 255)) * 134_775_813 + 1) & 0xFFFFFFFF
        z = z >> 8 ^ _CRC[(z ^ y >> 24) & 255]

    for byte in password:
        turn(byte)
    out = bytearray()
    for byte in zlib.crc32(password + packed[:64]).to_bytes(4, "big") * 2 + b"sek" + bytes([crc >> 24]) + packed:
        key = z | 2
        out.append(byte ^ (key * (key ^ 1) >> 8 & 255))
        turn(byte)
    return bytes(out)


def aes_zip(members: Members, password: str) -> bytes:
    """A zip whose members are locked by AES-256."""
    import pyzipper

    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def seven_zip(members: Members, password: str | None = None) -> bytes:
    """A 7z, locked by AES-256 where there is a password; its names stay visible."""
    import py7zr

    packing = [{"id": py7zr.FILTER_LZMA2, "preset": 1}]
    filters = [*packing, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}] if password else packing
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, filters=filters) as archive:
        for name, data in members:
            archive.writef(io.BytesIO(data), name)
    return out.getvalue()


def tar(members: Members) -> bytes:
    """A tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), UNIX_TIME
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def gz(data: bytes) -> bytes:
    """One compressed file."""
    return gzip.compress(data, 6, mtime=UNIX_TIME)


def tar_gz(members: Members) -> bytes:
    """A tar under gzip."""
    return gz(tar(members))


def tar_bz2(members: Members) -> bytes:
    """A tar under bzip2."""
    return bz2.compress(tar(members))


def tar_xz(members: Members) -> bytes:
    """A tar under xz."""
    return lzma.compress(tar(members), preset=1)


def iso(members: Members) -> bytes:
    """A disc image with long names."""
    import pycdlib

    disc = pycdlib.PyCdlib()
    disc.new(joliet=3, vol_ident="SEKISHO_DEMO")
    for i, (name, data) in enumerate(members):
        disc.add_fp(io.BytesIO(data), len(data), f"/FILE{i:04}.DAT;1", joliet_path=f"/{name}")
    out = io.BytesIO()
    disc.write_fp(out)
    disc.close()
    return out.getvalue()


def lzh(members: Members) -> bytes:
    """An LHA archive of stored members (-lh0-, header level 1) with Shift_JIS names, as Japanese offices kept them."""
    out = io.BytesIO()
    for name, data in members:
        raw = name.encode("cp932")
        body = struct.pack("<5sIII", b"-lh0-", len(data), len(data), _dos_time()) + b"\x20\x01"
        body += bytes([len(raw)]) + raw + struct.pack("<H", _crc16(data)) + b"M" + b"\x00\x00"
        out.write(bytes([len(body), sum(body) & 255]) + body + data)
    out.write(b"\x00")
    return out.getvalue()


def _dos_time() -> int:
    year, month, day, hour, minute, second = DATE
    return ((year - 1980) << 9 | month << 5 | day) << 16 | hour << 11 | minute << 5 | second // 2


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
