"""Mail: headers and bodies as Japanese mailers really write them, each thing once, attachments under their names."""

from __future__ import annotations

import base64
import importlib
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.documents import compound, mail, mime
from sekisho.documents.mail import Attachment, Mail
from sekisho.model import Blob, Gap, Grid, Head, Limits, Member, Piece, Prose, Reason


def read(kind: str, data: bytes) -> list[Piece]:
    part = importlib.import_module(f"sekisho.documents.formats.{kind}").FORMAT
    return list(part.read(Blob(f"x.{kind}", data), Limits()))


def lines(pieces: list[Piece], base: str = "") -> list[str]:
    return [line for p in pieces if isinstance(p, Prose) and p.place.base == base for line in p.lines]


def members(pieces: list[Piece]) -> dict[str, bytes]:
    return {p.name: bytes(p.load(None).data) for p in pieces if isinstance(p, Member)}


def message(*headers: str, body: bytes = b"", kind: str = "text/plain; charset=utf-8") -> bytes:
    head = "".join(f"{header}\r\n" for header in ("From: a@example.jp", *headers, f"Content-Type: {kind}"))
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + body


def multipart(kind: str, *parts: bytes) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return message(body=body, kind=f'multipart/{kind}; boundary="b"')


def part(kind: str, data: bytes, *headers: str) -> bytes:
    head = "".join(
        f"{header}\r\n" for header in (f"Content-Type: {kind}", *headers, "Content-Transfer-Encoding: base64")
    )
    return head.encode("cp932") + b"\r\n" + base64.encodebytes(data)


printable = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


def encoded(text: str, charset: str = "iso2022_jp", name: str = "ISO-2022-JP") -> str:
    return f"=?{name}?B?{base64.b64encode(text.encode(charset)).decode()}?="


# -- headers


def test_headers_come_as_lines_under_their_names() -> None:
    pieces = read(
        "eml", message("To: =?UTF-8?Q?=E5=B1=B1=E7=94=B0?= <b@example.jp>", f"Subject: {encoded('年金の件')}")
    )
    assert lines(pieces, "headers") == ["Subject: 年金の件", "From: a@example.jp", "To: 山田 <b@example.jp>"]


def test_microsofts_characters_in_iso_2022_jp_are_read() -> None:
    raw = b"\x1b$B-!-jb{\x1b(B"  # ① ㈱ 髙
    word = f"=?ISO-2022-JP?B?{base64.b64encode(raw).decode()}?="
    assert "\ufffd" not in mime.header(word)
    assert mime.header(word)[0] == "①"


def test_a_character_cut_between_two_words_is_whole_again() -> None:
    data = "基礎年金番号".encode()
    first, second = (f"=?UTF-8?B?{base64.b64encode(half).decode()}?=" for half in (data[:7], data[7:]))
    assert mime.header(f"{first}\r\n {second}") == "基礎年金番号"


def test_raw_shift_jis_in_a_header_is_read() -> None:
    assert mime.header("山田太郎の件".encode("cp932").decode("ascii", "surrogateescape")) == "山田太郎の件"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("C", "Z")), max_size=40))
def test_every_header_comes_back_from_its_encoded_form(text: str) -> None:
    assert mime.header(mail._encoded(text)) == text


# -- bodies


def test_a_body_is_read_in_the_charset_that_fits_it() -> None:
    assert lines(read("eml", message(body="氏名：山田太郎".encode("cp932"), kind="text/plain; charset=us-ascii"))) == [
        "氏名：山田太郎"
    ]


def test_two_forms_of_one_body_are_read_once() -> None:
    plain = part("text/plain; charset=utf-8", "氏名：山田太郎\n電話：03-0000-0000\n".encode())
    html = part("text/html; charset=utf-8", "<p>氏名：山田太郎<br>電話：03-0000-0000</p>".encode())
    pieces = read("eml", multipart("alternative", plain, html))
    assert lines(pieces) == ["氏名：山田太郎", "電話：03-0000-0000"]
    assert lines(pieces, "other form") == []


def test_what_only_the_other_form_says_is_read_too() -> None:
    plain = part("text/plain; charset=utf-8", "本文\n".encode())
    html = part("text/html; charset=utf-8", "<p>本文</p><p>追伸 0123-456789</p>".encode())
    assert lines(read("eml", multipart("alternative", plain, html)), "other form") == ["追伸 0123-456789"]


def test_a_table_is_taken_from_the_form_that_has_it() -> None:
    plain = part("text/plain; charset=utf-8", "氏名 番号\n山田太郎 0123-456789\n".encode())
    rows = "<tr><td>氏名</td><td>番号</td></tr><tr><td>山田太郎</td><td>0123-456789</td></tr>"
    html = part("text/html; charset=utf-8", f"<table>{rows}</table>".encode())
    (grid,) = [p for p in read("eml", multipart("alternative", plain, html)) if isinstance(p, Grid)]
    assert grid.cells.rows() == [("氏名", "番号"), ("山田太郎", "0123-456789")]


def test_lines_that_were_wrapped_on_the_way_are_whole_again() -> None:
    body = b"number 0123- \r\n456789 is \r\nyours\r\nnext\r\n"
    pieces = read("eml", message(body=body, kind="text/plain; charset=utf-8; format=flowed; delsp=yes"))
    assert lines(pieces) == ["number 0123-456789 isyours", "next"]


# -- attachments


@pytest.mark.parametrize(
    "disposition",
    [
        f'attachment; filename="{encoded("名簿.csv")}"',
        "attachment; filename*=UTF-8''%E5%90%8D%E7%B0%BF.csv",
        "attachment; filename*=ISO-2022-JP''%1B%24BL%3EJm%1B%28B.csv",
        "attachment; filename*0*=UTF-8''%E5%90%8D; filename*1*=%E7%B0%BF.csv",
        'attachment; filename="名簿.csv"',
    ],
)
def test_an_attachment_keeps_its_name_however_it_is_written(disposition: str) -> None:
    file = part("application/octet-stream", b"a,b", f"Content-Disposition: {disposition}")
    assert members(read("eml", multipart("mixed", file))) == {"名簿.csv": b"a,b"}


def test_a_forwarded_message_is_a_document_of_its_own() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\n" + message("Subject: inner", body=b"text")
    (data,) = members(read("eml", multipart("mixed", inner))).values()
    assert lines(read("eml", data), "headers") == ["Subject: inner", "From: a@example.jp"]


def test_a_file_in_the_text_is_an_attachment() -> None:
    body = b"before\r\nbegin 644 list.csv\r\n#86)C\r\n`\r\nend\r\nafter\r\n"
    pieces = read("eml", message(body=body))
    assert members(pieces) == {"list.csv": b"abc"}
    assert [line for line in lines(pieces) if line] == ["before", "after"]


def test_a_picture_of_the_page_is_passed_and_one_that_was_sent_is_not() -> None:
    shown = part("image/png", b"x", "Content-ID: <1>")
    sent = part('image/png; name="scan.png"', b"y", "Content-ID: <2>")
    assert members(read("eml", multipart("related", shown, sent))) == {"scan.png": b"y"}


def test_a_message_that_breaks_off_says_so() -> None:
    whole = multipart("mixed", part("text/plain; charset=utf-8", b"x" * 300))
    pieces = read("eml", whole[: len(whole) - 60])
    assert [p.reason for p in pieces if isinstance(p, Gap)] == [Reason.TRUNCATED]


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), printable, st.binary())
def test_a_mail_out_of_a_store_is_read_as_it_was_written(body: str, name: str, content: bytes) -> None:
    written = mail.written(Mail([("Subject", name)], body, "", [Attachment(name, content)]))
    back = mime.read(written)
    assert back.plain.split() == body.split()
    assert back.attachments == [Attachment(name, content)]
    assert back.headers == [("Subject", name)]


# -- mailboxes


def test_each_message_of_a_mailbox_is_one_document() -> None:
    line = b"From x@example.jp Mon May 18 10:00:00 2015\n"
    first = message("Subject: 1", body=b"one\n>From the sea\nFrom here on\n\n").replace(b"\r\n", b"\n")
    second = message("Subject: 2", body=b"two\n\n").replace(b"\r\n", b"\n")
    found = members(read("mbox", line + first + line + second))
    assert list(found) == ["message 1.eml", "message 2.eml"]
    assert lines(read("eml", found["message 1.eml"])) == ["one", "From the sea", "From here on"]


# -- Outlook


def properties(header: int, **numbers: int) -> bytes:
    return bytes(header) + b"".join(struct.pack("<HHIQ", 3, int(tag[1:], 16), 6, n) for tag, n in numbers.items())


def texts(prefix: tuple[str, ...], found: dict[int, str], codec: str = "cp932") -> dict[tuple[str, ...], bytes]:
    kind = "001E" if codec == "cp932" else "001F"
    return {(*prefix, f"__substg1.0_{tag:04X}{kind}"): text.encode(codec) for tag, text in found.items()}


def test_an_old_outlook_message_is_read_in_its_code_page() -> None:
    streams = texts((), {0x37: "年金の件", 0x1000: "氏名：髙橋", 0x0C1A: "山田"})
    pieces = read("msg", compound.written({**streams, ("__properties_version1.0",): properties(32, t3FFD=932)}))
    assert lines(pieces, "headers") == ["Subject: 年金の件", "From: 山田"]
    assert lines(pieces) == ["氏名：髙橋"]


def test_files_and_messages_in_an_outlook_message_are_members() -> None:
    list_of = ("__attach_version1.0_#00000000",)
    nested = ("__attach_version1.0_#00000001", "__substg1.0_3701000D")
    streams = {
        ("__properties_version1.0",): properties(32),
        (*list_of, "__properties_version1.0"): properties(8),
        (*list_of, "__substg1.0_37010102"): b"a,b",
        (nested[0], "__properties_version1.0"): properties(8, t3705=5),
        (*nested, "__properties_version1.0"): properties(24),
        **texts(list_of, {0x3707: "名簿.csv"}, "utf-16-le"),
        **texts(nested, {0x37: "内側", 0x1000: "本文"}, "utf-16-le"),
    }
    found = members(read("msg", compound.written(streams)))
    assert found["名簿.csv"] == b"a,b"
    assert lines(read("eml", found["message 2.eml"])) == ["本文"]


def test_receivers_are_named_with_their_addresses() -> None:
    one = ("__recip_version1.0_#00000000",)
    streams = {
        ("__properties_version1.0",): properties(32),
        (*one, "__properties_version1.0"): properties(8, t0C15=2),
        **texts(one, {0x3001: "鈴木花子", 0x39FE: "suzuki@example.jp"}, "utf-16-le"),
    }
    assert lines(read("msg", compound.written(streams)), "headers") == ["Cc: 鈴木花子 <suzuki@example.jp>"]


def test_a_contact_is_labelled_lines() -> None:
    card = {0x1A: "IPM.Contact", 0x3001: "山田太郎", 0x3A1C: "090-0000-0000", 0x8083: "yamada@example.jp"}
    streams = {("__properties_version1.0",): properties(32), **texts((), card, "utf-16-le")}
    found = lines(read("msg", compound.written(streams)))
    assert found == ["Name: 山田太郎", "Mobile phone: 090-0000-0000", "E-mail: yamada@example.jp"]


def test_a_body_that_is_only_compressed_rich_text_is_read() -> None:
    rtf = b"{\\rtf1\\ansi\\ansicpg932 \\'8e\\'52\\'93\\'63\\par}"
    stored = struct.pack("<4I", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    streams = {("__properties_version1.0",): properties(32), ("__substg1.0_10090102",): stored}
    assert lines(read("msg", compound.written(streams))) == ["山田"]


# -- cards and calendars


def test_a_card_is_labelled_lines_of_one_person() -> None:
    card = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63;=91=BE=98=59\r\n"
        "TEL;CELL:090-0000-0000\r\nADR;HOME:;;霞が関1-2-3;千代田区;東京都;100-0001;日本\r\nEND:VCARD\r\n"
    )
    assert lines(read("vcard", card.encode())) == [
        "氏名: 山田 太郎",
        "電話番号: 090-0000-0000",
        "郵便番号: 100-0001",
        "住所: 東京都千代田区霞が関1-2-3",
    ]


def test_a_calendar_says_who_is_asked() -> None:
    text = 'BEGIN:VCALENDAR\nSUMMARY:面談\\, 山田\nATTENDEE;CN="鈴木 花子":mailto:s@example.jp\nEND:VCALENDAR\n'
    assert lines(read("icalendar", text.encode())) == ["面談, 山田", "To: 鈴木 花子 <s@example.jp>"]


# -- what others made


def foreign(name: str) -> bytes:
    folder = os.environ.get("SEKISHO_SAMPLES")
    if not folder:
        pytest.skip("SEKISHO_SAMPLES is not set")
    return Path(folder, "formats", name).read_bytes()


def test_a_foreign_store_gives_one_document_a_message() -> None:
    found = members(read("pst", foreign("testPST_variousBodyTypes.pst")))
    assert len(found) == 4
    subjects = [lines(read("eml", data), "headers")[0] for data in found.values()]
    assert subjects == ["Subject: original email", *["Subject: FW: original email"] * 3]
    assert all("This is the original" in "".join(lines(read("eml", data))) for data in found.values())


def test_foreign_messages_are_read_whole() -> None:
    forwarded = lines(read("msg", foreign("testMSG_forwarded.msg")))
    assert [line for line in forwarded if "Body" in line] == ["Forwarded Body", "Original Body"]
    assert "L'Équipe Microsoft Outlook Express" in "".join(lines(read("msg", foreign("test-outlook.msg")), "headers"))
    assert len(members(read("eml", foreign("testRFC822_multipart_attachments.eml")))) == 2


def test_a_text_with_colons_is_no_mail() -> None:
    from sekisho.documents.formats.eml import FORMAT

    assert not FORMAT.recognise(Head("氏名: 山田太郎\n電話: 03\n".encode(), "x.txt"))
    assert not FORMAT.recognise(Head(b"Date: today\nNote: x\n", "x.txt"))
