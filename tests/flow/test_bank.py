"""The user's passwords are read as they are, and only they."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import InputError
from sekisho.flow.scanning.bank import read_bank


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_one_password_a_line_in_order_and_once(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "bank").write_bytes("秘密\r\n two words \n\n秘密\nlast".encode(encoding))
    assert read_bank(tmp_path / "bank") == ("秘密", " two words ", "last")


def test_a_bank_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "bank").write_bytes(b"\x81\xff")
    for name, said in (("bank", "list of passwords"), ("nowhere", "There is no file")):
        with pytest.raises(InputError, match=said):
            read_bank(tmp_path / name)
