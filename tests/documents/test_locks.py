"""Which lock is which: foreign samples with their labels, and one of our own for every row of docs/protection.md."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import os
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import pikepdf
import py7zr
import pytest
import pyzipper
import xlsxwriter
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from docx import Document as WordDocument
from pptx import Presentation

from sekisho.documents import access_locks, kinds, ole_locks
from sekisho.documents.account import Examined
from sekisho.documents.passwords import Keyring
from sekisho.documents.reading import Reading
from sekisho.documents.walk import walk
from sekisho.errors import DocumentError
from sekisho.estate.writers import archives, locks
from sekisho.model import Blob, Limits, Lock, Outcome, Protection
from sekisho.records.find import Finds

WORD = "himitsu-27"
OLE = "d0cf11e0a1b11ae1"


def examined(name: str, data: bytes, *passwords: str) -> dict[str, Examined]:
    """What becomes of a document and all within it, without looking for records."""

    def visit(document: str, contents: object) -> list[Finds]:
        return []

    reading = Reading(Limits(), Keyring(passwords, (), b"salt"))
    steps = walk(Blob(name, data), name, reading, visit)
    return {step.document: step for step in steps if isinstance(step, Examined)}


def lock(name: str, data: bytes, *passwords: str) -> Lock:
    return examined(name, data, *passwords)[name].lock


# --- foreign samples


def labels() -> list[tuple[str, str, str]]:
    folder = os.environ.get("SEKISHO_SAMPLES")
    if not folder:
        return []
    lines = Path(folder, "locks", "labels.tsv").read_text(encoding="utf-8").split("\n")[1:]
    return [(name, label, password) for name, label, password in (line.split("\t") for line in lines if line)]


@pytest.mark.skipif(not labels(), reason="SEKISHO_SAMPLES is not set: no labelled samples")
@pytest.mark.parametrize(("name", "label", "password"), labels() or [("", "", "")])
def test_every_labelled_sample_has_the_lock_of_its_label(name: str, label: str, password: str) -> None:
    data = Path(os.environ["SEKISHO_SAMPLES"], "locks", name).read_bytes()
    name = f"sample{Path(name).suffix}"  # some of the names hold the password, which would be found
    shut = examined(name, data)[name]
    assert shut.lock.protection.name in label.removesuffix(", by its revision").split(" or ")
    opened = examined(name, data, *([password] if password else []))
    if password:
        assert shut.outcome is Outcome.LOCKED
        assert all(each.outcome is Outcome.READ for each in opened.values())
        assert opened[name].lock == shut.lock


# --- Office, zipped


def workbook(*, sheet: str = "", book: bool = False) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page = made.add_worksheet("名簿")
        page.write_row(0, 0, ("氏名", "山田太郎"))
        if sheet:
            page.protect(sheet)
    data = out.getvalue()
    protection = rb'<workbookProtection workbookPassword="CE93" lockStructure="1"/><bookViews>'
    return changed(data, "xl/workbook.xml", rb"<bookViews>", protection) if book else data


def changed(data: bytes, part: str, pattern: bytes, replacement: bytes) -> bytes:
    """The same package with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            body = source.read(info)
            if info.filename == part:
                body, count = re.subn(pattern, replacement, body, count=1)
                assert count == 1
            target.writestr(info.filename, body)
    return out.getvalue()


def sharing(attribute: bytes) -> bytes:
    return changed(workbook(), "xl/workbook.xml", rb"<workbookPr", b"<fileSharing " + attribute + b"/><workbookPr")


def letter(inserted: bytes = b"") -> bytes:
    out = io.BytesIO()
    document = WordDocument()
    document.add_paragraph("山田太郎 様")
    document.save(out)
    return changed(out.getvalue(), "word/settings.xml", rb"(<w:settings[^>]*>)", rb"\1" + inserted)


def slides(inserted: bytes = b"") -> bytes:
    out = io.BytesIO()
    Presentation().save(out)
    return changed(out.getvalue(), "ppt/presentation.xml", rb"(</p:presentation>)", inserted + rb"\1")


@pytest.mark.parametrize("name", ["名簿.xlsx", "名簿.bin"])
def test_an_office_file_under_a_password_is_strong_and_read_with_it(name: str) -> None:
    data = locks.office(workbook(), WORD)
    agile = Lock(Protection.STRONG, "AES-256 agile SHA-512")
    assert examined(name, data)[name].outcome is Outcome.LOCKED
    assert lock(name, data) == agile
    opened = examined(name, data, "falsch", WORD)[name]
    assert (opened.kind, opened.outcome, opened.lock) == ("xlsx", Outcome.READ, agile)


def test_a_locked_office_file_is_of_the_kind_that_its_name_says_until_it_is_opened() -> None:
    data = locks.office(letter(), WORD)
    assert examined("a.docx", data)["a.docx"].kind == "docx"
    assert examined("a.xlsx", data)["a.xlsx"].kind == "xlsx"
    assert examined("a.xlsx", data, WORD)["a.xlsx"].kind == "docx"


def test_excels_own_password_opens_for_anyone_also_around_a_protected_sheet() -> None:
    for book in (workbook(), workbook(sheet="x")):
        found = examined("a.xlsx", locks.office(book, locks.EXCEL_DEFAULT))["a.xlsx"]
        assert found.lock == Lock(Protection.OPEN_TO_ANYONE, "AES-256 agile SHA-512")
        assert found.outcome is Outcome.READ
        assert not found.password_beside


@pytest.mark.parametrize(
    ("name", "data", "algorithm"),
    [
        ("a.xlsx", workbook(sheet=WORD), "sheet protection"),
        ("a.xlsx", workbook(book=True), "workbook protection"),
        (
            "a.xlsx",
            changed(
                workbook(), "xl/workbook.xml", rb"<workbookPr", rb'<fileSharing reservationPassword="CE93"/><workbookPr'
            ),
            "write reservation",
        ),
        ("a.docx", letter(rb'<w:documentProtection w:edit="readOnly" w:enforcement="1"/>'), "document protection"),
        ("a.docx", letter(rb'<w:writeProtection w:hash="abcd" w:salt="ef"/>'), "write reservation"),
        ("a.pptx", slides(b'<p:modifyVerifier hashData="x"/>'), "write reservation"),
    ],
)
def test_what_only_hinders_editing_is_said_and_read_through(name: str, data: bytes, algorithm: str) -> None:
    found = examined(name, data)[name]
    assert found.lock == Lock(Protection.EDIT_ONLY, algorithm)
    assert found.outcome is Outcome.READ


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", workbook()),
        ("a.xlsx", sharing(b'readOnlyRecommended="1"')),
        ("a.docx", letter()),
        ("a.docx", letter(rb'<w:documentProtection w:edit="readOnly" w:enforcement="0"/>')),
        ("a.docx", letter(rb'<w:writeProtection w:recommended="1"/>')),
        ("a.pptx", slides()),
    ],
)  # fmt: skip
def test_a_mere_recommendation_is_no_lock(name: str, data: bytes) -> None:
    assert lock(name, data) == Lock()


def compound(*streams: tuple[str, bytes]) -> bytes:
    """A compound file of small streams: one sector each, in a directory without a mini stream."""
    sector = 512
    bodies = [body.ljust(8 * sector, b"\0") for _, body in streams]  # 4,096 bytes: none goes to the mini stream
    starts, chain = [], [0xFFFFFFFD]
    directory_sectors = -(-(len(streams) + 1) // 4)
    chain += [*range(2, directory_sectors + 1), 0xFFFFFFFE]
    for body in bodies:
        starts.append(len(chain))
        count = len(body) // sector
        chain += [*range(len(chain) + 1, len(chain) + count), 0xFFFFFFFE]
    fat = struct.pack("<128L", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    entries = [entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for at, ((name, _), start, body) in enumerate(zip(streams, starts, bodies, strict=True), start=1):
        entries.append(entry(name, 2, start, len(body), right=at + 1 if at < len(streams) else 0xFFFFFFFF))
    directory = b"".join(entries).ljust(directory_sectors * sector, b"\0")
    header = bytes.fromhex(OLE) + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header.ljust(76, b"\0") + struct.pack("<109L", 0, *[0xFFFFFFFF] * 108) + fat + directory + b"".join(bodies)


def entry(name: str, kind: int, start: int, size: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le")
    head = raw.ljust(64, b"\0") + struct.pack("<HBBLLL", len(raw) + 2, kind, 1, 0xFFFFFFFF, right, child)
    return head + bytes(36) + struct.pack("<LQ", start, size)


def crypto_api(version: int, algorithm: int, bits: int) -> bytes:
    """The beginning of an EncryptionInfo stream."""
    return struct.pack("<HHLLLLLLL", version, 2, 0, 32, 36, 0, algorithm, 0x8004, bits)


def test_rights_management_is_strong_and_no_password_is_asked() -> None:
    data = compound(("EncryptedPackage", b"x"), ("DRMEncryptedDataSpace", b"y"))
    found = examined("a.docx", data, WORD)["a.docx"]
    assert found.lock == Lock(Protection.STRONG, "rights management")
    assert (found.outcome, found.reason) == (Outcome.LOCKED, "rights_management")
    assert found.kind == "docx"


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (struct.pack("<HHL", 4, 3, 0), Lock(Protection.UNDETERMINED, "unknown scheme")),
        (crypto_api(4, 0x6610, 256), Lock(Protection.STRONG, "AES-256 standard SHA-1")),
        (crypto_api(2, 0x6801, 40), Lock(Protection.WEAK, "RC4 CryptoAPI 40 bit")),
    ],
)
def test_schemes_that_nobody_writes_any_more_are_told_by_their_header(info: bytes, expected: Lock) -> None:
    data = compound(("EncryptedPackage", b"x"), ("EncryptionInfo", info))
    assert lock("a.xlsx", data) == expected


# --- old Office


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


BOF, EOF = (0x809, bytes.fromhex("0006050000000000")), (0x0A, b"")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([BOF, EOF, BOF, EOF], Lock()),
        ([BOF, EOF, BOF, (0x12, b"\1\0"), EOF], Lock(Protection.EDIT_ONLY, "sheet protection")),
        ([BOF, (0x12, b"\1\0"), EOF, BOF, EOF], Lock(Protection.EDIT_ONLY, "workbook protection")),
        ([BOF, (0x12, b"\0\0"), EOF, BOF, EOF], Lock()),
        ([BOF, (0x5B, b"\0\0\x93\xce"), EOF, BOF, EOF], Lock(Protection.EDIT_ONLY, "write reservation")),
        ([BOF, (0x5B, b"\1\0\0\0"), EOF, BOF, EOF], Lock()),
        ([BOF, (0x2F, b"\0\0\x12\x34\x56\x78"), EOF], Lock(Protection.WEAK, "XOR")),
        ([BOF, (0x2F, b"\1\0\1\0\1\0" + bytes(48)), EOF], Lock(Protection.WEAK, "RC4-40")),
    ],
)
def test_the_records_of_an_old_workbook_tell_its_lock(records: list[tuple[int, bytes]], expected: Lock) -> None:
    assert ole_locks.xls_lock(Blob("a.xls", compound(("Workbook", biff(*records))))) == expected


@pytest.mark.parametrize(
    ("flags", "table", "expected"),
    [
        (0, b"", Lock()),
        (0x800, b"", Lock(Protection.EDIT_ONLY, "write reservation")),
        (0x8100, b"", Lock(Protection.WEAK, "XOR")),
        (0x100, b"\1\0\1\0", Lock(Protection.WEAK, "RC4-40")),
        (0, b"\0\0\0\0\0\0\0\2", Lock(Protection.EDIT_ONLY, "document protection")),
    ],
)
def test_the_head_of_an_old_word_file_tells_its_lock(flags: int, table: bytes, expected: Lock) -> None:
    fib = bytearray(0x200)
    fib[10:12] = flags.to_bytes(2, "little")
    fib[0x192:0x19A] = struct.pack("<LL", 0, 8)
    assert ole_locks.doc_lock(Blob("a.doc", compound(("WordDocument", bytes(fib)), ("0Table", table)))) == expected


# --- PDF


def pdf(encryption: pikepdf.Encryption | None = None) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        with warnings.catch_warnings(action="ignore"):  # revision 5 is deprecated, and still about
            document.save(out, **({"encryption": encryption} if encryption else {}))
    return out.getvalue()


REVISIONS = {
    2: ({"aes": False, "metadata": False}, Lock(Protection.WEAK, "RC4-40 R2")),
    3: ({"aes": False, "metadata": False}, Lock(Protection.WEAK, "RC4-128 R3")),
    4: ({"aes": True}, Lock(Protection.WEAK, "AES-128 R4")),
    5: ({"aes": True}, Lock(Protection.WEAK, "AES-256 R5")),
    6: ({"aes": True}, Lock(Protection.STRONG, "AES-256 R6")),
}


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_pdf_is_worth_what_its_revision_is_worth(revision: int) -> None:
    settings, expected = REVISIONS[revision]
    data = pdf(pikepdf.Encryption(owner="owner", user=WORD, R=revision, **settings))  # type: ignore[arg-type]
    assert lock("a.pdf", data) == expected
    assert examined("a.pdf", data)["a.pdf"].outcome is Outcome.LOCKED
    assert examined("a.pdf", data, WORD)["a.pdf"].outcome is not Outcome.LOCKED
    assert examined("a.pdf", data, "owner")["a.pdf"].outcome is not Outcome.LOCKED


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_pdf_with_an_owner_password_only_opens_for_anyone(revision: int) -> None:
    settings, expected = REVISIONS[revision]
    data = pdf(pikepdf.Encryption(owner="owner", user="", R=revision, **settings))  # type: ignore[arg-type]
    assert lock("a.pdf", data) == Lock(Protection.OPEN_TO_ANYONE, expected.algorithm)


def test_a_pdf_without_a_lock_has_none() -> None:
    assert lock("a.pdf", pdf()) == Lock()


# --- OpenDocument


def sheet(extra: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.3"'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="名簿"{extra}><table:table-row><table:table-cell office:value-type="string">'
        "<text:p>山田太郎</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )


MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0">{}</manifest:manifest>'  # noqa: E501
FILE = '<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml" manifest:size="{size}">{data}</manifest:file-entry>'  # noqa: E501


def spreadsheet(parts: dict[str, bytes], manifest: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", MIMETYPE)
        for name, body in parts.items():
            package.writestr(name, body)
        package.writestr("META-INF/manifest.xml", MANIFEST.format(manifest))
    return out.getvalue()


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def encrypted_by_part(cipher: str) -> bytes:
    """As LibreOffice writes it (AES-256-CBC), and as OpenOffice did (Blowfish)."""
    content, salt = sheet().encode(), bytes(range(16))
    packed = deflated(content)
    aes = cipher == "aes"
    start = hashlib.new("sha256" if aes else "sha1", WORD.encode()).digest()
    key = hashlib.pbkdf2_hmac("sha1", start, salt, 1024, 32 if aes else 16)
    iv = bytes(range(16 if aes else 8))
    if aes:
        padding = 16 - len(packed) % 16
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        body = encryptor.update(packed + bytes(padding - 1) + bytes([padding]))
        name, check = "http://www.w3.org/2001/04/xmlenc#aes256-cbc", hashlib.sha256(packed[:1024]).digest()
        spelled = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k"
        start_name = "http://www.w3.org/2000/09/xmldsig#sha256"
    else:
        body = Cipher(Blowfish(key), CFB(iv)).encryptor().update(packed)
        name, check, spelled, start_name = "Blowfish CFB", hashlib.sha1(packed[:1024]).digest(), "SHA1/1K", "SHA1"
    data = (
        f'<manifest:encryption-data manifest:checksum-type="{spelled}" manifest:checksum="{b64(check)}">'
        f'<manifest:algorithm manifest:algorithm-name="{name}" manifest:initialisation-vector="{b64(iv)}"/>'
        f'<manifest:key-derivation manifest:key-derivation-name="PBKDF2" manifest:key-size="{len(key)}"'
        f' manifest:iteration-count="1024" manifest:salt="{b64(salt)}"/>'
        f'<manifest:start-key-generation manifest:start-key-generation-name="{start_name}"/></manifest:encryption-data>'
    )
    return spreadsheet({"content.xml": body}, FILE.format(name="content.xml", size=len(content), data=data))


def encrypted_whole() -> bytes:
    """As LibreOffice writes it from 24.2 on: one package inside, AES-GCM, the key by Argon2id."""
    from argon2.low_level import Type, hash_secret_raw

    inner = spreadsheet({"content.xml": sheet().encode()}, FILE.format(name="content.xml", size=1, data=""))
    salt, iv = bytes(range(16)), bytes(range(12))
    key = hash_secret_raw(hashlib.sha256(WORD.encode()).digest(), salt, 1, 1024, 1, 32, Type.ID)
    body = iv + AESGCM(key).encrypt(iv, deflated(inner), None)
    data = (
        "<manifest:encryption-data>"
        '<manifest:algorithm manifest:algorithm-name="http://www.w3.org/2009/xmlenc11#aes256-gcm"'
        f' manifest:initialisation-vector="{b64(iv)}"/>'
        '<manifest:key-derivation manifest:key-derivation-name="urn:org:documentfoundation:names:experimental:office:'
        f'manifest:argon2id" manifest:key-size="32" loext:argon2-iterations="1" loext:argon2-memory="1024"'
        f' loext:argon2-lanes="1" manifest:salt="{b64(salt)}"/>'
        '<manifest:start-key-generation manifest:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#sha256"/>'
        "</manifest:encryption-data>"
    )
    return spreadsheet({"encrypted-package": body}, FILE.format(name="encrypted-package", size=len(inner), data=data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (encrypted_by_part("aes"), Lock(Protection.STRONG, "AES-256")),
        (encrypted_by_part("blowfish"), Lock(Protection.WEAK, "Blowfish")),
        (encrypted_whole(), Lock(Protection.STRONG, "AES-256 GCM")),
    ],
)
def test_an_opendocument_file_is_worth_what_its_cipher_is_worth(data: bytes, expected: Lock) -> None:
    shut, opened = (examined("a.ods", data, *words)["a.ods"] for words in ([], ["falsch", WORD]))
    assert (shut.outcome, shut.lock, shut.kind) == (Outcome.LOCKED, expected, "ods")
    assert (opened.outcome, opened.lock, opened.kind) == (Outcome.READ, expected, "ods")


def test_a_protected_sheet_in_calc_only_hinders_editing() -> None:
    plain = spreadsheet({"content.xml": sheet().encode()}, "")
    protected = spreadsheet({"content.xml": sheet(' table:protected="true"').encode()}, "")
    assert lock("a.ods", plain) == Lock()
    assert lock("a.ods", protected) == Lock(Protection.EDIT_ONLY, "sheet protection")


# --- archives

MEMBERS = (("一覧.csv", "氏名,生年月日\r\n山田太郎,1948-04-06\r\n".encode("cp932")), ("memo.txt", b"nothing here\r\n"))


def aes_zip(bits: int) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(WORD.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=bits)
        for name, data in MEMBERS:
            archive.writestr(name, data)
    return out.getvalue()


def seven_zip(*, hidden: bool) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=WORD, header_encryption=hidden) as archive:
        for name, data in MEMBERS:
            archive.writestr(data, name)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.zip", archives.zipcrypto(MEMBERS, WORD), Lock(Protection.WEAK, "ZipCrypto")),
        *(("a.zip", aes_zip(bits), Lock(Protection.STRONG, f"AES-{bits}")) for bits in (128, 192, 256)),
        ("a.7z", seven_zip(hidden=False), Lock(Protection.STRONG, "AES-256")),
        ("a.7z", seven_zip(hidden=True), Lock(Protection.STRONG, "AES-256")),
    ],
)
def test_an_archive_is_shut_without_its_password_and_read_with_it(name: str, data: bytes, expected: Lock) -> None:
    shut = examined(name, data, "falsch")
    assert all((each.outcome, each.lock) == (Outcome.LOCKED, expected) for each in shut.values())
    opened = examined(name, data, "falsch", WORD)
    assert set(opened) == {name, f"{name}!一覧.csv", f"{name}!memo.txt"}
    assert all((each.outcome, each.lock) == (Outcome.READ, expected) for each in opened.values())


def test_pkwares_strong_encryption_is_locked_but_nobody_can_say_how_well() -> None:
    data = bytearray(archives.zipcrypto(MEMBERS[:1], WORD))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(mark) + at] |= 0x41
    found = examined("a.zip", bytes(data), WORD)["a.zip!一覧.csv"]
    assert (found.outcome, found.lock.protection) == (Outcome.LOCKED, Protection.UNDETERMINED)


# --- Access


def database(version: int, *, password: bytes = b"", key: bytes = bytes(4), info: bytes = b"") -> bytes:
    day = struct.pack("<d", 36958.0)
    head = bytearray(0x80)
    head[0x3E - 0x18 : 0x42 - 0x18] = key
    mask = (36958).to_bytes(4, "little") * 10
    field = password.ljust(40 if version else 20, b"\0")
    if version:
        field = bytes(a ^ b for a, b in zip(field, mask, strict=True))
    head[0x42 - 0x18 : 0x42 - 0x18 + len(field)] = field
    head[0x72 - 0x18 : 0x7A - 0x18] = day
    masked = Cipher(ARC4(bytes.fromhex("c7da396b") * 2), None).encryptor().update(bytes(head))
    name = b"Standard ACE DB\0" if version > 1 else b"Standard Jet DB\0"
    page = (b"\0\1\0\0" + name + bytes([version, 0, 0, 0]) + masked).ljust(0x299, b"\0")
    return (page + struct.pack("<H", len(info)) + info).ljust(0x1000, b"\0")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (database(0), Lock()),
        (database(1), Lock()),
        (database(0, password=b"himitsu"), Lock(Protection.WEAK, "Jet password")),
        (database(1, password="himitsu".encode("utf-16-le")), Lock(Protection.WEAK, "Jet password")),
        (database(1, key=b"abcd"), Lock(Protection.OPEN_TO_ANYONE, "Jet RC4")),
        (database(2, key=b"abcd"), Lock(Protection.UNDETERMINED, "unknown scheme")),
        (
            database(2, key=b"abcd", info=crypto_api(4, 0x660E, 128)),
            Lock(Protection.STRONG, "AES-128 standard SHA-1"),
        ),
    ],
)
def test_the_first_page_of_an_access_database_tells_its_lock(data: bytes, expected: Lock) -> None:
    assert access_locks.lock_of(Blob("a.mdb", data)) == expected


# --- all


@pytest.mark.parametrize("mark", [b"-----BEGIN PGP MESSAGE-----\n", b"age-encryption.org/v1\n", b"Salted__\1\2\3\4"])
def test_what_is_sealed_in_ways_that_nothing_opens_counts_as_locked(mark: bytes) -> None:
    found = examined("a.dat", mark + bytes(range(256)) * 4)["a.dat"]
    assert (found.outcome, found.lock.protection) == (Outcome.LOCKED, Protection.UNDETERMINED)


def test_every_format_with_a_lock_can_say_that_a_broken_file_has_none_or_is_broken() -> None:
    for fmt in kinds.formats():
        for data in (
            b"",
            b"x",
            b"PK\3\4" + bytes(100),
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
            b"%PDF-1.4 /Encrypt",
        ):
            with contextlib.suppress(DocumentError):
                assert isinstance(fmt.lock(Blob("a", data)), Lock)


def test_every_worth_stands_in_the_documentation() -> None:
    text = Path(__file__).parents[2].joinpath("docs", "protection.md").read_text(encoding="utf-8")
    assert all(f"| `{worth.name}` |" in text for worth in Protection)
