"""Archives: what they hold comes out whole, under its name, from sound and from broken ones."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import py7zr
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.documents import kinds, zipped
from sekisho.documents.member_names import harmless, member_name
from sekisho.errors import DocumentError, UnreadableError, WrongPasswordError
from sekisho.estate.writers import archives
from sekisho.model import Blob, Format, Gap, Limits, Member, Reason

LIST = "氏名,生年月日\r\n山田太郎,1948-04-06\r\n".encode("cp932") * 40
MEMBERS = (("一覧.csv", LIST), ("空.txt", b""), ("random.bin", random.Random(3).randbytes(70_000)))
LIMITS = Limits()


def fmt(kind: str) -> Format:
    return next(each for each in kinds.formats() if each.kind == kind)


def read(kind: str, data: bytes, name: str = "a") -> tuple[dict[str, bytes | str], list[Reason]]:
    """Members by name, with their bytes or why there are none; and the gaps."""
    members: dict[str, bytes | str] = {}
    gaps = []
    for piece in fmt(kind).read(Blob(name, data), LIMITS):
        if isinstance(piece, Member):
            try:
                members[piece.name] = bytes(piece.load(None).data)
            except DocumentError as error:
                members[piece.name] = str(error.reason)
        elif isinstance(piece, Gap):
            gaps.append(piece.reason)
    return members, gaps


def seven_zip(*arguments: str) -> bytes:
    """What the real 7-Zip makes of the members, where it is installed; else what its Python cousin makes."""
    program = shutil.which("7z") or shutil.which("7zz")
    if program is None and arguments:
        pytest.skip("7-Zip is not installed")
    if program is None:
        out = io.BytesIO()
        with py7zr.SevenZipFile(out, "w") as archive:
            for name, data in MEMBERS:
                archive.writestr(data, name)
        return out.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        for name, data in MEMBERS:
            Path(folder, name).write_bytes(data)
        names = [name for name, _ in MEMBERS]
        command = [program, "a", "-bd", f"{folder}.7z", *arguments, *names]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
        path = Path(f"{folder}.7z")
        data = path.read_bytes()
        path.unlink()
    return data


def zip_by(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in MEMBERS:
            archive.writestr(name, data)
    return out.getvalue()


def streamed_zip() -> bytes:
    """A zip written to a pipe: its sizes stand behind the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.parts.append(bytes(data))
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, data in MEMBERS:
            archive.writestr(name, data)
    return b"".join(pipe.parts)


def tar(form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in MEMBERS:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


SOUND: list[tuple[str, Callable[[], bytes]]] = [
    *(("zip", lambda m=m: zip_by(m)) for m in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)),  # type: ignore[misc]
    ("zip", lambda: zip_by(zipfile.ZIP_LZMA)),
    ("zip", streamed_zip),
    ("zip", lambda: b"MZ a program in front" + bytes(500) + zip_by(zipfile.ZIP_DEFLATED)),
    *(("tar", lambda f=f: tar(f)) for f in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)),  # type: ignore[misc]
    ("tar", lambda: gzip.compress(tar(tarfile.GNU_FORMAT))),
    ("tar", lambda: bz2.compress(tar(tarfile.GNU_FORMAT))),
    ("tar", lambda: lzma.compress(tar(tarfile.GNU_FORMAT))),
    ("tar", lambda: zstd.compress(tar(tarfile.GNU_FORMAT))),
    ("7z", seven_zip),
    *(("7z", lambda m=m: seven_zip(f"-m0={m}")) for m in ("LZMA", "PPMd", "BZip2", "Deflate", "Deflate64", "Copy")),  # type: ignore[misc]
    ("7z", lambda: seven_zip("-mf=BCJ")),
    ("7z", lambda: seven_zip("-mf=Delta:4")),
    ("7z", lambda: seven_zip("-ms=off")),
    ("lzh", lambda: archives.lzh(MEMBERS)),
    ("iso", lambda: archives.iso(MEMBERS)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "make"), SOUND)
def test_a_sound_archive_gives_every_member_whole(kind: str, make: Callable[[], bytes]) -> None:
    data = make()
    assert read(kind, data) == (dict(MEMBERS), [])
    assert read(kind, memoryview(data)) == (dict(MEMBERS), [])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["zip", "tar", "7z", "lzh", "iso"])
def test_members_can_be_loaded_in_any_order_and_again(kind: str) -> None:
    data = next(make for each, make in SOUND if each == kind)()
    members = [piece for piece in fmt(kind).read(Blob("a", data), LIMITS) if isinstance(piece, Member)]
    for member in [*reversed(members), *members]:
        assert bytes(member.load(None).data) == dict(MEMBERS)[member.name]


SINGLE = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress}


@pytest.mark.parametrize("kind", SINGLE)
def test_a_compressed_file_holds_one_document_under_its_own_name(kind: str) -> None:
    compress = SINGLE[kind]
    assert read(kind, compress(LIST), f"share/a.zip!list.csv.{kind}") == ({"list.csv": LIST}, [])
    assert read(kind, compress(LIST) + compress(b"more"), "x") == ({"content": LIST + b"more"}, [])


@pytest.mark.parametrize("kind", SINGLE)
def test_a_compressed_file_that_was_cut_gives_what_there_is(kind: str) -> None:
    data = SINGLE[kind](random.Random(1).randbytes(2_100_000))
    (member,) = fmt(kind).read(Blob("a", data[: len(data) // 2]), LIMITS)
    assert isinstance(member, Member)
    blob = member.load(None)
    assert blob.cut is Reason.TRUNCATED
    assert len(blob.data) > 10_000


# --- broken ones


def test_a_zip_whose_directory_is_lost_is_read_by_its_local_headers() -> None:
    for data in (zip_by(zipfile.ZIP_DEFLATED), streamed_zip()):
        assert read("zip", data[: data.rfind(b"PK\1\2")]) == (dict(MEMBERS), [Reason.TRUNCATED])


def test_a_zip_that_was_cut_in_a_member_gives_those_before_it() -> None:
    for data in (zip_by(zipfile.ZIP_DEFLATED), streamed_zip()):
        members, gaps = read("zip", data[:30_000])
        assert members == {"一覧.csv": LIST, "空.txt": b"", "random.bin": "truncated"}
        assert gaps == [Reason.TRUNCATED]


def test_one_damaged_member_costs_that_member() -> None:
    data = bytearray(zip_by(zipfile.ZIP_DEFLATED))
    data[data.find("一覧.csv".encode()) + 20] ^= 0xFF
    members, _ = read("zip", bytes(data))
    assert members["一覧.csv"] == "damaged"
    assert members["random.bin"] == dict(MEMBERS)["random.bin"]


def test_after_a_damaged_tar_header_the_next_sound_one_is_found() -> None:
    data = bytearray(tar(tarfile.GNU_FORMAT))
    data[3] ^= 0xFF
    members, gaps = read("tar", bytes(data))
    assert members == dict(MEMBERS[1:])
    assert gaps == [Reason.DAMAGED_PART]


def test_a_tar_that_was_cut_gives_what_there_is() -> None:
    members, gaps = read("tar", tar(tarfile.GNU_FORMAT)[:30_000])
    assert members["一覧.csv"] == LIST
    assert gaps == [Reason.TRUNCATED]


def test_an_lzh_member_with_a_wrong_checksum_is_damaged() -> None:
    data = bytearray(archives.lzh(MEMBERS))
    data[data.find(LIST) + 5] ^= 0xFF
    members, gaps = read("lzh", bytes(data))
    assert members["一覧.csv"] == "damaged"
    assert members["random.bin"] == dict(MEMBERS)["random.bin"]
    assert gaps == []
    assert read("lzh", bytes(data[:-30_000]))[1] == [Reason.TRUNCATED]


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_whatever_follows_a_zip_mark_ends_in_members_or_an_error_of_ours(rest: bytes) -> None:
    for data in (b"PK\3\4" + rest, b"PK\3\4" + rest + b"PK\1\2" + rest + b"PK\5\6" + rest[:18].ljust(18, b"\0")):
        try:
            directory = zipped.directory(data, LIMITS)
        except DocumentError:
            continue
        assert len(directory.entries) <= len(data)


@pytest.mark.parametrize(
    ("kind", "archive"),
    [
        ("rar", lambda: stored_rar([(*MEMBERS[0], "")])),
        ("7z", seven_zip),
        ("lzh", lambda: archives.lzh(MEMBERS)),
    ],
)
@pytest.mark.parametrize(("start", "name"), [(b"MZ", "a.exe"), (b"\x7fELF", "a"), (b"", "a.sfx")])
def test_a_program_that_unpacks_itself_is_the_archive_in_it(
    kind: str, archive: Callable[[], bytes], start: bytes, name: str
) -> None:
    data = start + bytes(1000) + b"-lh5- 7z\xbc\xaf\x27\x1c" + bytes(40_000) + archive()
    recognised = kinds.recognised(Blob(name, data))
    assert recognised
    assert recognised.kind == kind
    members, gaps = read(kind, data, name)
    assert members["一覧.csv"] == LIST
    assert gaps == []


def stored_rar(members: list[tuple[str, bytes, str]]) -> bytes:
    """RAR 5 by hand: name, bytes, and the name of the member that it is a copy of."""

    def number(value: int) -> bytes:
        low, high = value & 0x7F, value >> 7
        return bytes([low | 0x80]) + number(high) if high else bytes([low])

    def block(body: bytes) -> bytes:
        sized = number(len(body)) + body
        return struct.pack("<L", zlib.crc32(sized)) + sized

    out = [b"Rar!\x1a\x07\x01\x00", block(b"\x01\0\0")]
    for name, data, original in members:
        raw, target = name.encode(), original.encode()
        record = b"\x05\x05\0" + number(len(target)) + target
        extra = number(len(record)) + record if original else b""
        fixed = number(4) + number(len(data)) + number(0o100600) + struct.pack("<L", zlib.crc32(data)) + b"\0\1"
        sizes = b"\x02\x03" + number(len(extra)) + number(0 if original else len(data))
        out += [block(sizes + fixed + number(len(raw)) + raw + extra), b"" if original else data]
    return b"".join([*out, block(b"\x05\0\0")])


def test_what_a_rar_holds_as_a_copy_has_the_bytes_of_its_original() -> None:
    data = stored_rar([("a.csv", LIST, ""), ("b.csv", LIST, "a.csv"), ("c.csv", b"", "gone.csv"), ("d", b"", "b.csv")])
    assert read("rar", data) == ({"a.csv": LIST, "b.csv": LIST, "c.csv": "damaged", "d": "damaged"}, [])


# --- names


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"list.csv", "list.csv"),
        ("名簿/一覧.csv".encode(), "名簿/一覧.csv"),
        ("名簿/一覧.csv".encode("cp932"), "名簿/一覧.csv"),
        ("表示能力.csv".encode("cp932"), "表示能力.csv"),
        ("ﾈﾝｷﾝ.csv".encode("cp932"), "ﾈﾝｷﾝ.csv"),
        ("名簿の一覧.csv".encode("euc_jp"), "名簿の一覧.csv"),
        ("データ一覧.csv".encode("euc_jp"), "データ一覧.csv"),
        ("①㈱髙橋.csv".encode("cp932"), "①㈱髙橋.csv"),
        (b"../../etc/passwd", "../../etc/passwd"),
        (b"/etc/passwd", "/etc/passwd"),
        (b"C:\\windows\\a.csv", "C:\\windows\\a.csv"),
        (b"a\x1b[2Jb\nc.csv", "a\\x1b[2Jb\\x0ac.csv"),
        ("a\u202egpj.exe".encode(), "a\\u202egpj.exe"),
        (b"\xff\xfe\xfd", "\\xff\\xfe\\xfd"),
    ],
)
def test_names_are_text_and_harmless(raw: bytes, name: str) -> None:
    assert member_name(raw) == name


@given(st.binary(max_size=40))
def test_every_name_prints_and_survives_as_utf8(raw: bytes) -> None:
    name = member_name(raw)
    assert name.encode("utf-8").decode("utf-8") == name
    assert harmless(name) == name


def test_names_that_point_elsewhere_are_only_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hostile = ("../up.txt", "/tmp/sekisho-absolute.txt", "a/../../b.txt", "..\\w.txt", "nul\0l.txt")
    members = [(name, b"x") for name in hostile]
    for kind, data in (("zip", archives.plain_zip(members)), ("tar", archives.tar(members))):
        assert len(read(kind, data)[0]) == len(hostile)
    assert list(tmp_path.iterdir()) == []
    assert not Path("/tmp/sekisho-absolute.txt").exists()


def test_links_and_devices_in_an_archive_are_not_followed() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("device", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert read("tar", out.getvalue())[0] == {"link": "link", "hard": "link", "device": "not_a_file"}
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(zip_out := io.BytesIO(), "w") as zip_archive:
        zip_archive.writestr(info, "/etc/passwd")
    assert read("zip", zip_out.getvalue())[0] == {"link": "link"}


# --- foreign samples


def samples(*parts: str) -> Path:
    folder = os.environ.get("SEKISHO_SAMPLES")
    if not folder:
        pytest.skip("SEKISHO_SAMPLES is not set")
    return Path(folder, *parts)


def test_a_foreign_rar_is_unpacked_by_the_helper_and_its_checksums_fit() -> None:
    if shutil.which("unar") is None:
        assert "CI" not in os.environ, "unar must be installed on CI"
        pytest.skip("unar is not installed")
    members, gaps = read("rar", samples("formats", "test-documents.rar").read_bytes())
    assert len(members) == 9
    assert all(isinstance(data, bytes) and data for data in members.values())
    assert gaps == []


def test_a_foreign_rar_with_hidden_names_needs_its_password() -> None:
    rar = fmt("rar")
    blob = Blob("a.rar", samples("formats", "test-documents-enc.rar").read_bytes())
    assert rar.lock(blob).algorithm == "AES-128"
    assert rar.unlock
    with pytest.raises(WrongPasswordError):
        rar.unlock(blob, "falsch")


def test_the_office_readers_door_reads_parts_and_refuses_what_is_not_there() -> None:
    members = zipped.bounded_members(zip_by(zipfile.ZIP_DEFLATED), LIMITS)
    assert set(members) == set(dict(MEMBERS))
    assert members.read("一覧.csv") == LIST
    assert members.get("nothing.xml") is None
    assert members.size("random.bin") == 70_000
    with pytest.raises(UnreadableError):
        zipped.bounded_members(b"PK\3\4 no zip at all", LIMITS)


def test_a_zip64_of_few_bytes_is_read() -> None:
    name, data = b"a.csv", LIST
    crc, extra = zlib.crc32(data), struct.pack("<HHQQ", 1, 16, len(data), len(data))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 0, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    body = local + name + extra + data
    central = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra), 0, 0, 0, 0, 0
    )
    directory = central + name + extra
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), len(body))
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(body) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert read("zip", body + directory + end64 + locator + end) == ({"a.csv": LIST}, [])


def test_each_file_of_a_split_zip_gives_what_lies_whole_in_it() -> None:
    data = archives.plain_zip(MEMBERS)
    cut = data.index(b"PK\3\4", 10) + 50
    first, last = b"PK\7\x08" + data[:cut], data[cut:]
    recognised = [kinds.recognised(Blob(name, part)) for name, part in (("a.z01", first), ("a.zip", last))]
    assert [each and each.kind for each in recognised] == ["zip", "zip"]
    members, gaps = read("zip", first)
    assert members["一覧.csv"] == LIST
    assert gaps == [Reason.TRUNCATED]
    assert "一覧.csv" in read("zip", last)[0]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xd7\xcd\xc6\x9a", "metafile"),
        (b"bplist00", "plist"),
        (b"\0\0\2\0 Q", "quattro"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound"),
    ],
)
def test_what_nothing_here_reads_is_named_all_the_same(start: bytes, kind: str) -> None:
    assert kinds.recognised(Blob("a", start + bytes(600))) is None
    assert kinds.without_reader(start + bytes(600)) == kind
