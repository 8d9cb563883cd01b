"""Office and PDF documents under their own encryption: they open again as they were, and not otherwise."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
from tests.protect.documents import a_pdf, a_workbook

from sekisho.documents import kinds
from sekisho.model import Blob, Protection
from sekisho.protect import office_lock, pdf_lock
from sekisho.protect.reasons import Left, LeftError

PASSWORD = "Kx7mRqW3vTbn9Fd"


def lock_of(data: bytes, name: str) -> Protection:
    blob = Blob(name, data)
    known = kinds.recognised(blob)
    assert known is not None
    return known.lock(blob).protection


@pytest.mark.parametrize("size", [0, 1, 4079, 4088, 4096, 5000, 200_000])
def test_any_package_comes_out_again_as_it_was(size: int) -> None:
    data = b"PK\3\4" + secrets.token_bytes(size)
    sealed = office_lock.locked(data, PASSWORD)
    assert b"PK\3\4" + data[4:20] not in sealed or size < 16
    blob = kinds.recognised(Blob("a.xlsx", sealed))
    assert blob is not None
    assert blob.unlock is not None
    assert bytes(blob.unlock(Blob("a.xlsx", sealed), PASSWORD).data) == data


def test_a_workbook_opens_with_its_password_only() -> None:
    data = a_workbook([["氏名", "生年月日"], ["関所太郎", "1950-01-02"]])
    sealed = office_lock.locked(data, PASSWORD)
    assert lock_of(sealed, "a.xlsx") is Protection.STRONG
    assert office_lock.opens_as(sealed, data, PASSWORD)
    assert not office_lock.opens_as(sealed, data, PASSWORD + "x")
    assert not office_lock.opens_as(sealed, data + b"x", PASSWORD)
    assert not office_lock.opens_as(data, data, PASSWORD)


def test_a_changed_byte_of_a_locked_workbook_is_no_proof() -> None:
    data = a_workbook([["氏名"], ["関所太郎"]])
    sealed = bytearray(office_lock.locked(data, PASSWORD))
    sealed[len(sealed) // 2] ^= 1
    assert not office_lock.opens_as(bytes(sealed), data, PASSWORD)


def test_what_is_no_package_is_not_locked() -> None:
    with pytest.raises(LeftError) as left:
        office_lock.locked(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), PASSWORD)
    assert left.value.reason is Left.NO_OWN_LOCK


def test_a_pdf_opens_with_its_password_only_and_holds_the_same() -> None:
    data = a_pdf("関所太郎 1950-01-02")
    sealed = pdf_lock.locked(data, PASSWORD)
    assert lock_of(sealed, "a.pdf") is Protection.STRONG
    assert pdf_lock.opens_as(sealed, data, PASSWORD)
    assert not pdf_lock.opens_as(sealed, data, "wrong")
    assert not pdf_lock.opens_as(sealed, a_pdf("関所花子 1950-01-02"), PASSWORD)
    assert not pdf_lock.opens_as(data, data, PASSWORD)


def test_an_attached_file_stays_in_a_locked_pdf() -> None:
    document = pikepdf.open(io.BytesIO(a_pdf("x")))
    document.attachments["名簿.csv"] = pikepdf.AttachedFileSpec(document, b"a,b\n" * 999)
    out = io.BytesIO()
    document.save(out)
    sealed = pdf_lock.locked(out.getvalue(), PASSWORD)
    assert pdf_lock.opens_as(sealed, out.getvalue(), PASSWORD)
    with pikepdf.open(io.BytesIO(sealed), password=PASSWORD) as opened:
        assert opened.attachments["名簿.csv"].get_file().read_bytes() == b"a,b\n" * 999


def test_a_stream_that_was_changed_is_no_proof() -> None:
    data = a_pdf("関所太郎")
    document = pikepdf.open(io.BytesIO(data))
    document.pages[0].Contents = document.make_stream(document.pages[0].Contents.read_bytes() + b" ")
    out = io.BytesIO()
    document.save(out, encryption=pikepdf.Encryption(owner=PASSWORD, user=PASSWORD, R=6))
    assert not pdf_lock.opens_as(out.getvalue(), data, PASSWORD)


def _signed() -> bytes:
    document = pikepdf.open(io.BytesIO(a_pdf("x")))
    signature = pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=pikepdf.String("00"))
    document.Root.AcroForm = pikepdf.Dictionary(
        SigFlags=3, Fields=[document.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, V=signature))]
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _owner_only() -> bytes:
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(a_pdf("x"))).save(out, encryption=pikepdf.Encryption(owner="o", user="", R=6))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_signed(), Left.SIGNED),
        (_owner_only(), Left.LOCKED),
        (pdf_lock.locked(a_pdf("x"), "other"), Left.LOCKED),
        (a_pdf("x" * 500)[:-300], Left.DAMAGED),
        (b"%PDF-1.7\nnothing", Left.DAMAGED),
    ],
    ids=["signed", "owner password", "user password", "cut short", "nothing"],
)
def test_a_pdf_that_would_lose_something_is_not_locked(data: bytes, reason: Left) -> None:
    with pytest.raises(LeftError) as left:
        pdf_lock.locked(data, PASSWORD)
    assert left.value.reason is reason


UNO = shutil.which("soffice") and not subprocess.run(["/usr/bin/python3", "-c", "import uno"], check=False).returncode


def _a_text() -> bytes:
    import docx

    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("関所太郎")
    document.save(out)
    return out.getvalue()


def _as_libreoffice_reads_it(folder: Path, name: str, password: str) -> str:
    """The text of a document, empty where LibreOffice does not open it."""
    home = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"HOME": str(folder)}
    pipe = f"sekisho{secrets.token_hex(4)}"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    office = subprocess.Popen(
        ["soffice", "--headless", "--norestore", profile, f"--accept=pipe,name={pipe};urp;"], env=home
    )
    kind, options = {
        ".xlsx": ("Text - txt - csv (StarCalc)", "44,34,76,1"),
        ".docx": ("Text (encoded)", "UTF8"),
    }[Path(name).suffix]
    call = [str(Path(__file__).with_name("open_in_office.py")), pipe, str(folder / name), password, str(folder / "out")]
    subprocess.run(["/usr/bin/python3", *call, kind, options], env=home, check=False, capture_output=True, timeout=150)
    office.wait(30)
    return (folder / "out").read_text("utf-8-sig") if (folder / "out").exists() else ""


@pytest.mark.skipif(not UNO, reason="LibreOffice and its Python bridge are not installed")
@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", a_workbook([["関所太郎"]])), ("a.docx", _a_text())], ids=["workbook", "text"]
)
def test_libreoffice_opens_what_was_locked_with_the_password_only(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(office_lock.locked(data, PASSWORD))
    assert _as_libreoffice_reads_it(tmp_path, name, "wrong") == ""
    assert "関所太郎" in _as_libreoffice_reads_it(tmp_path, name, PASSWORD)
