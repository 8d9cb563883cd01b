"""Rights on a Windows share come from what icacls listed, however it was saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import InputError
from sekisho.sources.rights import read_listing

LISTING = r"""
D:\share BUILTIN\Administrators:(OI)(CI)(F)
         CORP\Domain Users:(OI)(CI)(RX)

D:\share\名簿 2015.csv NT AUTHORITY\SYSTEM:(I)(F)
                       Everyone:(I)(M)

D:\share\sub dir\one entry.csv CORP\Domain Users:(R)

D:\share\sub dir\plain.csv Everyone:(R)

D:\share\sub dir\made.csv CREATOR OWNER:(F)

Successfully processed 4 files; Failed to process 0 files
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_entries_are_found_by_the_path_from_the_root(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "rights.txt").write_bytes(LISTING.replace("\n", "\r\n").encode(encoding))
    rights = read_listing(tmp_path / "rights.txt")
    assert rights.of("名簿 2015.csv").splitlines() == [r"NT AUTHORITY\SYSTEM:(I)(F)", "Everyone:(I)(M)"]
    assert rights.of("sub dir/one entry.csv") == r"CORP\Domain Users:(R)"
    assert rights.of("SUB DIR/Plain.CSV") == "Everyone:(R)"
    assert rights.of("sub dir/made.csv") == "CREATOR OWNER:(F)"
    assert rights.of("unknown.csv") == ""


def test_the_nearest_to_the_root_wins_where_two_could_be_meant(tmp_path: Path) -> None:
    (tmp_path / "rights.txt").write_text("D:\\s\\a\\x.csv A\\far:(R)\n\nD:\\s\\x.csv A\\near:(R)\n")
    assert read_listing(tmp_path / "rights.txt").of("x.csv") == r"A\near:(R)"


@pytest.mark.parametrize("content", [b"", b"nothing of the kind\n", b"\xff\xfe\x00", b"\x80\x81\x82"])
def test_what_is_no_listing_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rights.txt").write_bytes(content)
    with pytest.raises(InputError):
        read_listing(tmp_path / "rights.txt")
