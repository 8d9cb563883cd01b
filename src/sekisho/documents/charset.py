"""Which characters bytes stand for: the encodings of Japanese offices, told by rules rather than by statistics.

In order: a byte order mark; an ISO-2022 escape; NULs (UTF-16); strict UTF-8; else the reading that gives the
likeliest Japanese (or Latin) text. EUC-JP and ISO-2022-JP are read with Microsoft's extensions (① ㈱ 髙) and
its choice of dashes, so that one character comes out of every encoding as the same code point.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

SAMPLE = 64 << 10  # bytes that are looked at
_SCORED = 12 << 10  # of these, bytes whose readings are compared

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# names that declarations use for what Microsoft's tables read best
_DECLARED = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932", "ms932"), "cp932"),
    **dict.fromkeys(("euc-jp", "euc_jp", "eucjp", "x-euc-jp", "cp51932"), "euc-jp"),
    **dict.fromkeys(
        (
            "iso-2022-jp",
            "iso2022jp",
            "iso-2022-jp-1",
            "iso-2022-jp-2",
            "iso-2022-jp-ms",
            "cp50220",
            "cp50221",
            "cp50222",
        ),
        "iso-2022-jp",
    ),
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii"), "windows-1252"),
    **dict.fromkeys(("utf-16", "utf16", "utf-8", "utf8", "unicode"), ""),  # our own rules tell these better
}

_ESCAPE = re.compile(rb"\x1b(\$[@AB]|\$\([@ABCDOPQ]|&@\x1b\$B|\([BJIH])|([\x0e\x0f])")
_TELLING_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\(I)")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_JIS_LEVEL_1 = bytes(b for row in range(0xB0, 0xD0) for cell in range(0xA1, 0xFF) for b in (row, cell)).decode(
    "euc_jp", "ignore"
)
_KANA = re.compile("[ぁ-んァ-ヶー、。・「」（）　０-９Ａ-Ｚａ-ｚ－：／％〒～]")
_OLD_FORMS = "澤濱邊邉齋齊惠眞廣國澁瀧櫻髙﨑栁淵彌壽槇榮圓龜豐禮藏驒贇嶽斌晟"  # beyond level 1, yet usual in names
_KANJI = re.compile(f"[{_JIS_LEVEL_1}{_OLD_FORMS}々]")
_HALF_KANA = re.compile("[｡-ﾟ]")
# what nearly all of a text is made of; numbers of a program, read as UTF-16, are a fifth of it at most
_FAMILIAR = re.compile(f"[\t\n\r -~\xa0-\xff\u0370-\u04ff\u3000-\u30ff\uff01-\uff9f가-힣{_JIS_LEVEL_1}{_OLD_FORMS}]")
# what half-width kana never are in words: a voice mark or a small letter that belongs to nothing, a stop within
_NO_WORD = re.compile("(?<![ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<![ﾊ-ﾎ])ﾟ|(?<![ｦ-ﾟ])[ｧ-ｰ]|[｡｢｣､](?=[ｦ-ﾟ])")
_NEVER = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LATIN_IN_WORD = re.compile("(?:(?<=[A-Za-z])[À-ÖØ-öø-ÿŠšŽžŸŒœ]|[À-ÖØ-öø-ÿŠšŽžŸŒœ](?=[a-z]))")
# code points that other tables than Microsoft's give for the same character
_AS_MICROSOFT = str.maketrans(
    "\u2212\u301c\u2016\u00a2\u00a3\u00ac\u2014", "\uff0d\uff5e\u2225\uffe0\uffe1\uffe2\u2015"
)
_UNLIKE_MICROSOFT = re.compile("[\u2212\u301c\u2016\u00a2\u00a3\u00ac\u2014]")


class Decoded(NamedTuple):
    """A text, the encoding it was read from and how many places of it could not be decoded (each a U+FFFD)."""

    text: str
    encoding: str
    replaced: int


def decode(data: bytes | memoryview, declared: str | None = None) -> Decoded:
    """The text of ``data`` without its byte order mark.

    ``declared``: the charset that a mail or page claims; it is believed only where the bytes fit it.
    """
    data = bytes(data)
    encoding = detect(data)
    claimed = _codec_of(declared)
    if claimed and encoding not in ("utf-8", "iso-2022-jp", claimed):
        believed = decode_as(data, claimed)
        if not believed.replaced:
            return believed
    return decode_as(data, encoding)


def detect(data: bytes | memoryview) -> str:
    """The encoding of ``data`` by the rules above; pure ASCII is ``utf-8``. Only a sample is looked at."""
    for mark, encoding in _BOMS:
        if data[: len(mark)] == mark:
            return encoding
    sample = _sample(data)
    return _detected(sample, len(sample) == len(data))


@lru_cache(maxsize=16)
def _detected(sample: bytes, whole: bool) -> str:
    if _TELLING_ESCAPE.search(sample) and len(_HIGH.findall(sample)) * 50 < len(sample):
        return "iso-2022-jp"
    if b"\0" in sample:
        return max((*_wide(sample), "utf-8"), key=lambda encoding: _score(sample, encoding))
    try:
        codecs.utf_8_decode(sample, "strict", whole)
    except UnicodeDecodeError:
        first = _HIGH.search(sample)
        part = sample[max(0, first.start() - 200) & ~1 :][:_SCORED] if first else sample
        return max(_candidates(part), key=lambda encoding: _score(part, encoding))
    return "utf-8"


def decode_as(data: bytes | memoryview, encoding: str) -> Decoded:
    """``data`` (or a run of whole lines of it) read as ``encoding``, a name that `detect` gave."""
    data = bytes(data)
    for mark, marked in _BOMS:
        if marked == encoding and data.startswith(mark):
            data = data[len(mark) :]
    if encoding == "iso-2022-jp":
        text = decode_iso2022jp(data)
        return Decoded(text, encoding, text.count("\ufffd"))
    if encoding == "euc-jp":
        text = _decode_euc(data)
        return Decoded(text, encoding, text.count("\ufffd"))
    try:
        return Decoded(data.decode(encoding), encoding, 0)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return Decoded(text, encoding, text.count("\ufffd"))


def decode_iso2022jp(data: bytes | memoryview) -> str:
    """ISO-2022-JP with everything that Microsoft's CP50221 and JIS X 0213 add; what is none becomes U+FFFD."""
    pieces = []
    state, start = b"(B", 0
    data = bytes(data)
    for escape in _ESCAPE.finditer(data):
        pieces.append(_decode_in_state(data[start : escape.start()], state))
        state, start = escape[1] or {b"\x0e": b"(I", b"\x0f": b"(B"}[escape[2]], escape.end()
    pieces.append(_decode_in_state(data[start:], state))
    return "".join(pieces)


def is_text(data: bytes | memoryview) -> bool:
    """Whether ``data`` reads as text: hardly any control characters or undecodable places in a sample of it."""
    if not len(data):
        return False
    encoding = detect(data)
    wide = encoding.startswith(("utf-16", "utf-32"))
    return _reads_as_text(bytes(data[:SAMPLE]) if wide else _sample(data), encoding)


@lru_cache(maxsize=16)
def _reads_as_text(sample: bytes, encoding: str) -> bool:
    if not encoding.startswith(("utf-16", "utf-32")) and len(_CONTROL.findall(sample)) * 200 > len(sample):
        return False
    text = decode_as(sample, encoding).text
    return len(_NEVER.findall(text)) * 20 <= len(text)


def _codec_of(declared: str | None) -> str:
    if not declared:
        return ""
    name = declared.strip().strip("\"'").lower()
    if name in _DECLARED:
        return _DECLARED[name]
    try:
        return codecs.lookup(name).name if "\0" not in name and codecs.lookup(name)._is_text_encoding else ""
    except LookupError:
        return ""


def _sample(data: bytes | memoryview) -> bytes:
    """The head, or, where that is plain ASCII, what stands around the first other byte."""
    head = bytes(data[:SAMPLE])
    if len(data) <= SAMPLE or not head.isascii() or b"\0" in head or _TELLING_ESCAPE.search(head):
        return head
    other = _HIGH.search(data, SAMPLE) or _TELLING_ESCAPE.search(data, SAMPLE)
    if other is None:
        return head
    line = bytes(data[max(0, other.start() - 1000) : other.start()]).rfind(b"\n")
    start = other.start() if line < 0 else max(0, other.start() - 1000) + line + 1
    return bytes(data[start : start + SAMPLE])


def _candidates(sample: bytes) -> list[str]:
    wide = _wide(sample) if not len(sample) % 2 and b"\n" not in sample else []
    return ["cp932", "euc-jp", "utf-8", "windows-1252", *wide]


def _wide(sample: bytes) -> list[str]:
    """The byte orders of UTF-16 in which ``sample`` has mostly characters that texts are made of."""
    texts = {encoding: decode_as(sample, encoding).text for encoding in ("utf-16-le", "utf-16-be")}
    return [encoding for encoding, text in texts.items() if len(_FAMILIAR.findall(text)) * 3 >= len(text) * 2]


def _score(sample: bytes, encoding: str) -> float:
    """How likely ``sample`` is ``encoding``: the mean over its characters beyond ASCII."""
    text = decode_as(sample, encoding).text
    beyond = len(_NOT_ASCII.findall(text)) or 1
    never = len(_NEVER.findall(text))
    if encoding == "windows-1252":
        letters = len(_LATIN_IN_WORD.findall(text))
        return (letters - 3.0 * (beyond - letters)) / beyond
    kana, kanji, half = (len(kind.findall(text)) for kind in (_KANA, _KANJI, _HALF_KANA))
    # two bytes for a half-width kana are EUC's; one byte is what any text shows when it is read wrongly
    weight = 2.2 if encoding == "euc-jp" else 1.2
    never += len(_NO_WORD.findall(text)) if half else 0
    rare = max(0, beyond - kana - kanji - half - never)
    return (3.0 * kana + 2.0 * kanji + weight * half - 2.0 * rare - 10.0 * never) / max(beyond, never)


def _decode_euc(data: bytes) -> str:
    text = data.decode("euc_jp", _EXTENDED)
    return text.translate(_AS_MICROSOFT) if _UNLIKE_MICROSOFT.search(text) else text


def _extended(error: UnicodeError) -> tuple[str, int]:
    """Where EUC-JP knows no character: the one that cp932 has at that place of the JIS table, else U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and pair[0] >= 0xA1 and 0xA1 <= pair[1] <= 0xFE:
        character = _shifted(pair[0] - 0x80, pair[1] - 0x80).decode("cp932", "replace")
        if len(character) == 1 and character != "\ufffd":
            return character, error.start + 2
    return "\ufffd", error.end


_EXTENDED = "sekisho-microsoft-extensions"
codecs.register_error(_EXTENDED, _extended)


def _shifted(row: int, cell: int) -> bytes:
    """JIS row and cell (each 0x21..0x7E) as Shift_JIS bytes."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes((lead, trail))


_HIGH_HALF = bytes(b | 0x80 if 0x21 <= b <= 0x7E else b for b in range(256))


def _decode_in_state(run: bytes, state: bytes) -> str:
    """``run`` between two escapes, of which the first chose the character set ``state``."""
    if not run:
        return ""
    if state in (b"$@", b"$B", b"$(@", b"$(B", b"&@\x1b$B"):
        return _decode_euc(run.translate(_HIGH_HALF))
    if state == b"(I":
        return run.translate(_HIGH_HALF).decode("cp932", "replace")
    if state in (b"$(D", b"$(O", b"$(P", b"$(Q", b"$A", b"$(A", b"$(C"):
        codec = "iso2022_jp_2" if state in (b"$(D", b"$A", b"$(A", b"$(C") else "iso2022_jp_2004"
        return (b"\x1b" + state + run + b"\x1b(B").decode(codec, "replace")
    return run.decode("cp932", "replace")
