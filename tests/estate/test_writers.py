from __future__ import annotations

import email
import email.policy
import io
import mailbox
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import py7zr
import pycdlib
import pylhasa
import pypdfium2
import pytest
import pyzipper
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sekisho.estate.content import Book, Letter, Lines, Nested, Sheet
from sekisho.estate.writers import archives, mails, pages, sheets, texts, trees, words
from sekisho.estate.writers.formats import WRITERS

LIST = Book((Sheet("名簿", [("番号", "氏名"), ("0123-456789", "架空　太郎"), ("4701-000001", "架空　花子")]),), "名簿")
MEMBERS = [("名簿.csv", "番号,氏名\r\n".encode("cp932") * 50), ("b.txt", b"hello")]


@pytest.mark.parametrize("kind", ["xlsx", "xlsm", "xls", "ods"])
def test_a_workbook_reads_back_as_it_was_written(kind: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(WRITERS[kind].write(LIST)))
    assert book.get_sheet_by_name("名簿").to_python() == [list(row) for row in LIST.sheets[0].rows]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp"])
def test_every_charset_holds_what_the_estate_writes(charset: str) -> None:
    line = "０１２３－４５６７８９　高橋 ﾀﾛｳ ～"
    shown = texts.text(Lines([line]), charset).decode(charset)
    assert "橋" in shown
    assert shown.endswith("\r\n")


@pytest.mark.parametrize("pack", [archives.plain_zip, archives.sjis_zip])
def test_a_zip_reads_back(pack: object) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(MEMBERS)), metadata_encoding="cp932") as archive:  # type: ignore[operator]
        assert [(i.filename, archive.read(i)) for i in archive.infolist()] == MEMBERS


@given(st.binary(max_size=300), st.text("abcXYZ019#", min_size=1, max_size=12))
def test_zipcrypto_opens_with_its_password(data: bytes, password: str) -> None:
    with zipfile.ZipFile(io.BytesIO(archives.zipcrypto([("a", data)], password, [("b", b"open")]))) as archive:
        assert archive.read("a", pwd=password.encode()) == data
        assert archive.read("b") == b"open"


def test_aes_archives_open_with_their_password() -> None:
    with pyzipper.AESZipFile(io.BytesIO(archives.aes_zip(MEMBERS, "Nenkin2015"))) as archive:
        archive.setpassword(b"Nenkin2015")
        assert archive.read("名簿.csv") == MEMBERS[0][1]
    with py7zr.SevenZipFile(io.BytesIO(archives.seven_zip(MEMBERS, "Nenkin2015")), password="Nenkin2015") as seven:
        assert seven.getnames() == ["名簿.csv", "b.txt"]
        assert seven.testzip() is None


def test_tars_and_discs_and_lzh_keep_their_members() -> None:
    with tarfile.open(fileobj=io.BytesIO(archives.gz(archives.tar(MEMBERS)))) as tar:
        assert tar.getnames() == [name for name, _ in MEMBERS]
    disc = pycdlib.PyCdlib()
    disc.open_fp(io.BytesIO(archives.iso(MEMBERS)))
    out = io.BytesIO()
    disc.get_file_from_iso_fp(out, joliet_path="/名簿.csv")
    disc.close()
    assert out.getvalue() == MEMBERS[0][1]
    with pylhasa.open_bytes(archives.lzh(MEMBERS)) as lha:
        assert [lha.read(entry) for entry in lha] == [data for _, data in MEMBERS]


def test_a_page_gives_its_text_and_a_scan_gives_none() -> None:
    page = pypdfium2.PdfDocument(pages.pdf(Letter(("架空　太郎　様", "髙﨑邉"))))
    assert "髙﨑邉" in page[0].get_textpage().get_text_range()
    page.close()


def test_a_docx_holds_header_comment_deletion_and_box() -> None:
    data = words.docx(Letter(("本文",), "題", header="頭", comment="註", deleted="消", box="枠"))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = package.read("word/document.xml").decode()
        assert "<w:delText" in body
        assert "txbxContent" in body
        assert any("頭" in package.read(n).decode() for n in package.namelist() if "header" in n)
        assert "註" in package.read("word/comments.xml").decode()


def test_a_mail_in_iso_2022_jp_reads_back_with_its_attachment() -> None:
    data = mails.eml(Letter(("山田様", "添付します。"), "送付"), [("名簿.csv", b"1,2")], "iso-2022-jp")
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert b"\x1b$B" in data
    assert mail["Subject"] == "送付"
    assert "添付します" in mail.get_body().get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["名簿.csv"]


def test_a_mailbox_holds_its_mails(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(mails.mbox([mails.eml(Letter((f"本文{i}",), f"題{i}")) for i in range(3)]))
    box = mailbox.mbox(path)
    assert len(box) == 3
    box.close()


def test_a_database_names_its_columns_after_the_header() -> None:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(trees.sqlite(LIST))
    assert connection.execute('SELECT "氏名" FROM "名簿"').fetchall() == [("架空　太郎",), ("架空　花子",)]
    connection.close()


def test_nested_data_says_that_it_is_invented() -> None:
    nested = Nested({"件名": "x", "被保険者": [{"氏名": {"姓": "架空", "名": "太郎"}}]})
    assert "架空データ" in trees.to_json(nested).decode()
    assert "架空" in trees.xml(nested).decode()
    assert sheets.xlsx(LIST)
