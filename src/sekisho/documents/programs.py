"""Programs that unpack themselves: an archive behind a program (or, in files named so, behind anything)."""

from __future__ import annotations

from sekisho.model import Head

LONGEST = 1 << 20  # bytes of such a program
_MARKS = (b"MZ", b"\x7fELF")


def unpacks_itself(head: Head) -> bool:
    """May an archive follow behind the first bytes?"""
    return bytes(head.data[:4]).startswith(_MARKS) or head.name.lower().endswith(".sfx")
