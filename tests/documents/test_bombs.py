"""Files that unpack to far more than they are: each ends early, for itself, and its neighbours are read."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

import pytest
import xlsxwriter
from backports import zstd

from sekisho.documents import zipped
from sekisho.documents.account import Examined
from sekisho.documents.metered import Meter
from sekisho.documents.reading import Reading
from sekisho.documents.walk import walk
from sekisho.errors import DocumentError, OverLimitError, UnreadableError
from sekisho.estate.writers import archives
from sekisho.model import Blob, Content, Limits, Outcome, Reason
from sekisho.records.find import Finds

NOTE = b"nothing to see here\r\n"
HALF_A_GIGABYTE = 512 << 20
SECONDS = 3.0  # of computing; a fraction of it on a quiet machine


def visit(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
    for _ in contents:
        pass
    return iter(())


def examined(name: str, data: bytes, limits: Limits | None = None) -> dict[str, Examined]:
    """What becomes of it, within the time that it may take."""
    examined_before = list(walk(Blob("warm.txt", NOTE), "warm.txt", Reading(Limits()), visit))
    assert examined_before
    start = time.process_time()
    steps = list(walk(Blob(name, data), name, Reading(limits or Limits()), visit))
    assert time.process_time() - start < SECONDS
    return {step.document: step for step in steps if isinstance(step, Examined)}


def deflated_zeros(size: int) -> bytes:
    """A bare deflate stream of ``size`` zeros, put together from one piece many times."""
    piece_size = 1 << 20
    packer = zlib.compressobj(9, wbits=-15)
    first = packer.compress(bytes(piece_size)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = zlib.compressobj(9, wbits=-15)
    return first * (size // piece_size) + last.flush()


def zip_of(name: str, packed: bytes, size: int, *, promised: int | None = None) -> bytes:
    """A zip with one deflated member; ``promised``: the size that its directory tells."""
    said = size if promised is None else promised
    raw = name.encode()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), said, len(raw), 0) + raw
    central = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), said, len(raw), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central) + len(raw), len(local) + len(packed), 0)
    return local + packed + central + raw + end


def zip_bomb() -> bytes:
    return zip_of("zeros.txt", deflated_zeros(HALF_A_GIGABYTE), HALF_A_GIGABYTE)


def gz_bomb() -> bytes:
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return header + deflated_zeros(HALF_A_GIGABYTE) + struct.pack("<LL", 0, HALF_A_GIGABYTE)


def many(compress: Callable[[bytes], bytes]) -> bytes:
    return compress(bytes(32 << 20)) * 16


SINGLE = {
    "a.gz": gz_bomb,
    "a.bz2": lambda: many(bz2.compress),
    "a.xz": lambda: many(lzma.compress),
    "a.zst": lambda: many(zstd.compress),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_small_file_that_unpacks_to_half_a_gigabyte_ends_at_the_ratio(name: str) -> None:
    data = SINGLE[name]()
    assert len(data) < 600_000
    (inner,) = (each for document, each in examined(name, data).items() if "!" in document)
    assert (inner.outcome, inner.reason) == (Outcome.OVER_LIMIT, Reason.RATIO)


def test_a_zip_bomb_is_not_even_begun_and_its_neighbours_are_read() -> None:
    data = archives.plain_zip([("bomb.zip", zip_bomb()), ("memo.txt", NOTE)])
    found = examined("a.zip", data)
    assert found["a.zip!bomb.zip!zeros.txt"].reason is Reason.RATIO
    assert found["a.zip!bomb.zip"].outcome is Outcome.READ
    assert found["a.zip!memo.txt"].outcome is Outcome.READ


def test_a_zip_that_promises_little_gives_no_more_than_it_promised() -> None:
    data = zip_of("zeros.txt", deflated_zeros(HALF_A_GIGABYTE), HALF_A_GIGABYTE, promised=100)
    assert examined("a.zip", data)["a.zip!zeros.txt"].reason is Reason.DAMAGED


def test_nested_bombs_share_what_one_file_may_unpack_to() -> None:
    """Like 42.zip: sixteen archives of sixteen, each small enough by itself."""
    data = bytes(60 << 20)
    for _ in range(3):
        data = archives.plain_zip([(f"{n}.zip", data) for n in range(4)])
    found = examined("a.zip", data)
    assert sum(each.size or 0 for each in found.values()) < 3 * Limits().ratio_from_bytes
    assert any(each.outcome is Outcome.OVER_LIMIT for each in found.values())


def test_many_small_bombs_in_one_archive_end_together() -> None:
    piece = zstd.compress(bytes(20 << 20))
    data = archives.tar([(f"{n}.zst", piece) for n in range(400)])
    found = examined("a.tar", data)
    assert sum(each.outcome is Outcome.OVER_LIMIT for each in found.values()) > 300
    assert sum(each.size or 0 for each in found.values()) < 2 * Limits().ratio_from_bytes


def test_members_that_overlap_are_refused() -> None:
    """Many names for the same bytes: https://www.bamsoftware.com/hacks/zipbomb/"""
    packed = deflated_zeros(1 << 20)
    one = zip_of("zeros.txt", packed, 1 << 20)
    at = one.find(b"PK\1\2")
    central, end = one[at:-22], one[-22:]
    count = 200
    end = end[:8] + struct.pack("<HHL", count, count, len(central) * count) + end[16:]
    found = examined("a.zip", one[:at] + central * count + end)
    outcomes = [each.reason for document, each in found.items() if "!" in document]
    assert outcomes.count(Reason.DAMAGED) >= count - 1
    with pytest.raises(UnreadableError):
        zipped.hold_ratio(one[:at] + central * count + end, Limits())


def test_quoted_local_headers_are_seen_as_overlap() -> None:
    """The first member's data quotes the local header of the second, so that both give the second's bytes."""
    kernel = deflated_zeros(1 << 20)
    second = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(kernel), 1 << 20, 1, 0) + b"b"
    quoting = bytes([0]) + struct.pack("<HH", len(second), len(second) ^ 0xFFFF) + second + kernel
    first = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(quoting), 0, 1, 0) + b"a"
    body = first + quoting
    entries = ((b"a", len(quoting), 0), (b"b", len(kernel), len(first) + 5))
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, size, 1 << 20, 1, 0, 0, 0, 0, 0, at) + name
        for name, size, at in entries
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(body), 0)
    found = examined("a.zip", body + directory + end)
    assert found["a.zip!a"].reason is Reason.DAMAGED


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_workbook_with_a_bomb_inside_is_over_the_limit(part: str) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        workbook.add_worksheet().write_row(0, 0, ("氏名", "山田太郎"))
    out = io.BytesIO()
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = source.read(info)
            target.writestr(info.filename, data + b" " * (160 << 20) if info.filename == part else data)
    found = examined("a.xlsx", out.getvalue())["a.xlsx"]
    assert (found.outcome, found.reason) == (Outcome.OVER_LIMIT, Reason.RATIO)


def test_entities_that_multiply_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    data = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "lol">{entities}]><a>&e29;</a>'.encode()
    assert set(examined("a.xml", data)) == {"a.xml"}


def test_entities_that_point_at_files_are_not_opened() -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a><b>x</b><c>&e;</c></a>'
    seen: list[Content] = []

    def keep(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
        seen.extend(contents)
        return iter(())

    list(walk(Blob("a.xml", data), "a.xml", Reading(Limits()), keep))
    assert "root:" not in repr(seen)


def test_a_tar_that_claims_more_than_it_has_is_cut() -> None:
    data = bytearray(archives.tar([("a.txt", NOTE)]))
    data[124:136] = b"77777777777\0"
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert all(each.outcome is not Outcome.READ for each in examined("a.tar", bytes(data)).values())


def test_output_is_counted_before_it_is_made() -> None:
    meter = Meter(Limits(output_bytes=1000), 10**6)
    meter.admit(1000, 10)
    with pytest.raises(OverLimitError):
        meter.admit(1001, 10)
    meter.count(600)
    with pytest.raises(DocumentError):
        meter.admit(401, 10)
