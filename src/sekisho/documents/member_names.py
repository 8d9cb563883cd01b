"""The names that archives give their members, as text; never used as a path on a disk."""

from __future__ import annotations

import re
import unicodedata

_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
_NO_CHARACTERS = re.compile("[\uf8f0-\uf8f3]")  # what cp932 makes of bytes that mean nothing
_EUC_KANA = re.compile(rb"(?:\xa4[\xa1-\xf3]|\xa5[\xa1-\xf6])")


def member_name(raw: bytes) -> str:
    """``raw`` as text: UTF-8, else Shift_JIS or EUC-JP, else with its undecodable bytes spelled ``\\xNN``.

    Control characters and direction marks are spelled out too, so that a name cannot play with a terminal.
    """
    return harmless(_decode(raw))


def harmless(name: str) -> str:
    """``name`` with its control, format and surrogate characters spelled out."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(_spelled(c) if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in name)


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8", *_japanese(raw)):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_CHARACTERS.search(text):
            return text
    return raw.decode("utf-8", "backslashreplace")


def _japanese(raw: bytes) -> tuple[str, str]:
    """EUC-JP first where Shift_JIS would read half-width kana and EUC-JP reads hiragana or katakana."""
    as_cp932 = raw.decode("cp932", "replace")
    if _EUC_KANA.search(raw) and _HALF_WIDTH_KANA.search(as_cp932):
        return "euc_jp", "cp932"
    return "cp932", "euc_jp"


def _spelled(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that os.fsdecode could not decode
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
