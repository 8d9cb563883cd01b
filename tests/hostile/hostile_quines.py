"""Archives that unpack to themselves, built from scratch: a deflate stream whose blocks print themselves.

The idea is Russ Cox's (research.swtch.com/zip): a program of two instructions, "print the next bytes" (a stored block)
and "repeat the last bytes" (one match), each of the same length. The checksum within is the solution of linear
equations, since a CRC-32 is linear in the bits of what it is taken of.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

_UNIT = 10  # bytes of one instruction
_STORED = b"\0\0\0\xff\xff"  # an empty block, that does nothing
_NOTHING = _STORED * 2
_LAST = b"\x03\0"  # an empty final block
_LENGTHS = (
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    13,
    15,
    17,
    19,
    23,
    27,
    31,
    35,
    43,
    51,
    59,
    67,
    83,
    99,
    115,
    131,
    163,
    195,
    227,
)
_DISTANCES = (1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257)


def _printing(size: int) -> bytes:
    return _STORED + struct.pack("<BHH", 0, size, size ^ 0xFFFF)


def _repeating(size: int) -> bytes:
    """A match of ``size`` bytes from as far back, in a block of fixed codes, filled up to one instruction.

    Raises ValueError where there is none of this length.
    """
    length, distance = (max(i for i, base in enumerate(bases) if base <= size) for bases in (_LENGTHS, _DISTANCES))
    bits = "010" + f"{length + 1:07b}" if length < 23 else "010" + f"{length - 23 + 0b11000000:08b}"
    bits += _low_first(size - _LENGTHS[length], 0 if length < 8 else (length - 4) // 4)
    bits += f"{distance:05b}" + _low_first(size - _DISTANCES[distance], 0 if distance < 4 else (distance - 2) // 2)
    bits += "0" * 7
    while -(-(len(bits) + 3) // 8) + 4 < _UNIT:
        bits += "010" + "0" * 7
    size_of_bits = -(-(len(bits) + 3) // 8)
    if size_of_bits + 4 != _UNIT:
        raise ValueError
    return int(bits[::-1], 2).to_bytes(size_of_bits, "little") + _STORED[1:]


def _low_first(value: int, width: int) -> str:
    return f"{value:0{width}b}"[::-1] if width else ""


def _program(head: bytes, foot: bytes) -> bytes:
    """All of the archive: ``head``, a deflate stream that prints the whole, ``foot``."""
    own, again = _printing(len(head) + _UNIT), _repeating(len(head) + _UNIT)
    one, four, four_again = _printing(_UNIT), _printing(4 * _UNIT), _repeating(4 * _UNIT)
    end = _end(_LAST + foot)
    tail = [four_again, _NOTHING, _NOTHING, _printing(len(end))]
    steps = [own, head, own, again, one, again, one, one, four, again, one, one, four, four_again]
    steps += [four, four_again, four, four_again, four, four_again, four, *tail, *tail, end, end]
    return head + b"".join(steps)


def _end(foot: bytes) -> bytes:
    """``foot`` behind an instruction that prints both once more, with as much between them as makes that possible."""
    while True:
        try:
            return _repeating(_UNIT + len(foot)) + foot
        except ValueError:
            foot = _STORED + foot


def _with_checksum(build: Callable[[int], bytes]) -> bytes:
    """The file that holds its own CRC-32: 32 equations with 32 unknown bits."""
    base = zlib.crc32(build(0))
    rows = []
    columns = [zlib.crc32(build(1 << bit)) ^ base ^ 1 << bit for bit in range(32)]
    for bit in range(32):
        row = sum((columns[unknown] >> bit & 1) << unknown for unknown in range(32))
        rows.append(row | (base >> bit & 1) << 32)
    return build(_solved(rows))


def _solved(rows: list[int]) -> int:
    """One solution of equations over bits; bit 32 of each row is its right side."""
    pivots: dict[int, int] = {}
    for row in rows:
        for at, pivot in pivots.items():
            if row >> at & 1:
                row ^= pivot
        at = next((bit for bit in range(32) if row >> bit & 1), None)
        if at is None:
            assert not row, "no solution; another name gives other equations"
            continue
        pivots = {other: pivot ^ row if pivot >> at & 1 else pivot for other, pivot in pivots.items()} | {at: row}
    return sum((pivot >> 32 & 1) << at for at, pivot in pivots.items())


def gz_quine(name: bytes = b"an-endless-file.gz") -> bytes:
    """A gz that holds itself."""
    head = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + name + b"\0"
    size = len(_program(head, bytes(8)))
    return _with_checksum(lambda crc: _program(head, struct.pack("<LL", crc, size)))


def zip_quine(name: bytes = b"r/r.zip") -> bytes:
    """A zip whose only member is itself."""
    sizes = [0, 0, 0]  # of the packed bytes, of the whole, up to the directory

    def build(crc: int) -> bytes:
        packed, whole, at = sizes
        common = struct.pack("<5H3L2H", 20, 0, 8, 0, 0x21, crc, packed, whole, len(name), 0)
        head = b"PK\3\4" + common + name
        central = b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<3H2L", 0, 0, 0, 0, 0) + name
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), at, 0)
        built = _program(head, central + end)
        directory = len(built) - len(central + end)
        sizes[:] = [directory - len(head), len(built), directory]
        return built

    build(0)
    return _with_checksum(build)
