from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.documents import charset

TABLE = "基礎年金番号,氏名,カナ,住所\r\n0123-456789,髙橋㈱①,ﾀｶﾊｼ ﾀﾛｳ,東京都千代田区１－２～３\r\n"
NAMES = ("山田太郎", "鈴木花子", "齋藤澤子", "渡邊惠", "高橋一郎", "小林ゆかり", "加藤 健", "濱田栁太郎")
HALF_KANA = ("ﾔﾏﾀﾞ ﾀﾛｳ", "ｽｽﾞｷ ﾊﾅｺ", "ﾜﾀﾅﾍﾞ ﾒｸﾞﾐ", "ﾊﾞﾊﾞ ｼﾞｭﾝｺ", "ｵｵﾉ ﾐﾉﾙ", "ﾏﾙﾔﾏ ﾓﾓｺ")
PROSE = (
    "本日はお忙しいところ、誠にありがとうございます。",
    "年金の手続きについてお知らせします。",
    "ご確認のほどお願いいたします",
)


def jis_pair(character: str) -> bytes:
    """The row and cell at which Microsoft's JIS table holds a character."""
    encoded = character.encode("cp932")
    if encoded[0] >= 0xFA:  # IBM's extensions stand a second time in rows 89 to 92, where JIS can name them
        return next(
            bytes((row, cell))
            for row in range(0x79, 0x7D)
            for cell in range(0x21, 0x7F)
            if charset._shifted(row, cell).decode("cp932", "replace") == character
        )
    lead = encoded[0] - (0x70 if encoded[0] < 0xA0 else 0xB0)
    trail = encoded[1]
    if trail >= 0x9F:
        return bytes((lead * 2, trail - 0x7E))
    return bytes((lead * 2 - 1, trail - (0x20 if trail > 0x7F else 0x1F)))


def as_outlook(text: str) -> bytes:
    """CP50221: what Outlook calls ISO-2022-JP."""
    out, state = b"", b"\x1b(B"
    for character in text:
        raw = character.encode("cp932")
        run = raw if raw < b"\x80" else bytes([raw[0] & 0x7F]) if len(raw) == 1 else jis_pair(character)
        wanted = b"\x1b(B" if raw < b"\x80" else b"\x1b(I" if len(raw) == 1 else b"\x1b$B"
        out += run if wanted == state else wanted + run
        state = wanted
    return out + (b"" if state == b"\x1b(B" else b"\x1b(B")


def as_microsoft_euc(text: str) -> bytes:
    """CP51932: EUC-JP with NEC's and IBM's extensions."""
    out = b""
    for character in text:
        raw = character.encode("cp932")
        wide = b"" if len(raw) == 1 else bytes(b | 0x80 for b in jis_pair(character))
        out += wide or (raw if raw < b"\x80" else b"\x8e" + raw)
    return out


WRITERS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-16-le with a mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16-be with a mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "cp932": lambda text: text.encode("cp932"),
    "euc-jp": as_microsoft_euc,
    "iso-2022-jp": as_outlook,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_encoding_gives_the_same_text(writer: str) -> None:
    read = charset.decode(WRITERS[writer](TABLE))
    assert read == (TABLE, writer.split()[0], 0)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", [NAMES, HALF_KANA, PROSE, NAMES + HALF_KANA + PROSE])
def test_short_lists_are_told_by_their_content_alone(writer: str, kind: tuple[str, ...]) -> None:
    choose = random.Random(7)
    wrong = 0
    for size in (2, 3, 5, 20, 300):
        for _ in range(6):
            text = "".join(f"{i},{choose.choice(kind)}\n" for i in range(size))
            wrong += charset.decode(WRITERS[writer](text)).text != text
    assert wrong == 0


@given(st.lists(st.sampled_from(NAMES + HALF_KANA + PROSE + ("1948-04-06", "0123-456789")), min_size=4, max_size=40))
def test_what_outlook_writes_reads_back(words: list[str]) -> None:
    text = "\r\n".join(words)
    assert charset.decode_iso2022jp(as_outlook(text)) == text


@given(st.binary(max_size=300))
def test_any_bytes_give_some_text(data: bytes) -> None:
    text, encoding, replaced = charset.decode(data)
    assert isinstance(text, str)
    assert encoding
    assert replaced <= len(data)


def test_one_dash_is_one_character_whatever_the_encoding() -> None:
    assert charset.decode_as(b"\xa1\xdd\xa1\xc1", "euc-jp").text == "－～"
    assert charset.decode_as(b"\x81\x7c\x81\x60", "cp932").text == "－～"
    assert charset.decode_iso2022jp(b"\x1b$B!]!A\x1b(B") == "－～"


def test_damaged_places_are_counted_and_the_rest_is_kept() -> None:
    lines = [f"{i},山田太郎" for i in range(1000)]
    data = b"\n".join(line.encode("cp932") + (b"\x81\x20" if i % 100 == 0 else b"") for i, line in enumerate(lines))
    read = charset.decode(data)
    assert (read.encoding, read.replaced) == ("cp932", 10)
    assert len(read.text.split("\n")) == 1000


def test_the_first_japanese_letter_may_stand_far_from_the_beginning() -> None:
    data = b"id,value\n" * 20_000 + "1,山田太郎\n".encode("euc_jp")
    assert charset.decode(data).encoding == "euc-jp"


def test_a_declaration_is_believed_where_the_bytes_fit_it_and_only_there() -> None:
    assert charset.decode("Ørsted".encode("iso-8859-15"), "iso-8859-15").text == "Ørsted"
    assert charset.decode("山田太郎".encode(), "shift_jis").text == "山田太郎"
    assert charset.decode("山田太郎です".encode("cp932"), "no-such-charset").text == "山田太郎です"
    assert charset.decode("山田".encode("cp932"), "Shift_JIS").text == "山田"
    assert charset.decode(as_outlook("㈱髙橋"), "us-ascii").text == "㈱髙橋"


def test_latin_names_keep_their_letters() -> None:
    text = "Mäkinen;Jyväskylä\nMüller;Köln\nGarcía;Málaga\n"
    assert charset.decode(text.encode("latin-1")) == (text, "windows-1252", 0)


def test_text_is_told_from_other_bytes() -> None:
    noise = random.Random(3).randbytes(4000)
    assert all(charset.is_text(write(TABLE)) for write in WRITERS.values())
    assert not charset.is_text(noise)
    assert not charset.is_text(b"\x89PNG\r\n\x1a\n" + noise)
    assert not charset.is_text(b"")
    assert charset.is_text(b'["a\x7fa"]')


@pytest.mark.parametrize("size", [2, 4, 8])
def test_small_numbers_in_a_row_are_no_text_without_a_byte_order_mark(size: int) -> None:
    numbers = b"".join(n.to_bytes(size, "little") for n in random.Random(size).choices(range(60_000), k=4000))
    assert not charset.is_text(numbers)


def test_telling_the_encoding_of_a_large_file_looks_at_a_sample_only() -> None:
    data = ("1,山田太郎,昭和23年4月6日\n" * 300_000).encode("cp932")
    began = time.perf_counter()
    assert charset.detect(data) == "cp932"
    assert time.perf_counter() - began < 2
