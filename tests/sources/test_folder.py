"""A folder comes out whole: every entry once, in a fixed order, with its outcome where it is not to be opened."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from sekisho.errors import InputError
from sekisho.model import Outcome, Reason
from sekisho.sources.folder import Rules, files
from sekisho.sources.rights import acl_of

NOBODY = 65534


def listed(root: Path, **rules: object) -> dict[str, tuple[Outcome | None, Reason]]:
    found = list(files(root, Rules(**rules)))
    assert len({file.document for file in found}) == len(found)
    return {file.document: (file.outcome, file.reason) for file in found}


def test_files_come_by_name_with_what_the_file_system_says_of_them(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.txt", "名簿.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"123")
    (tmp_path / "b.txt").chmod(0o640)
    found = list(files(tmp_path, Rules()))
    assert [file.document for file in found] == ["b.txt", "名簿.csv", "a/z.txt", "a/b/c.txt"]
    first = found[0]
    assert (first.size, first.mode, first.owner) == (3, 0o640, "root" if os.getuid() == 0 else first.owner)
    assert first.modified_ns == (tmp_path / "b.txt").stat().st_mtime_ns
    assert Path(os.fsdecode(first.path)).read_bytes() == b"123"


def test_a_missing_folder_is_an_input_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        list(files(tmp_path / "nowhere", Rules()))


def test_a_single_file_may_stand_in_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("x")
    assert listed(tmp_path / "one.csv") == {"one.csv": (None, Reason.NONE)}


def test_links_are_left_out_even_where_they_loop(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    assert listed(tmp_path) == {
        "dangling": (Outcome.LEFT_OUT, Reason.LINK),
        "in/loop": (Outcome.LEFT_OUT, Reason.LINK),
    }


def test_pipes_and_sockets_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket")
        found = listed(tmp_path)
    assert set(found.values()) == {(Outcome.UNSUPPORTED, Reason.NOT_A_FILE)}


def test_odd_bytes_in_names_are_spelled_out_and_still_open_the_file(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\x96\xbc\x95\xeb.csv"
    with open(odd, "wb") as file:
        file.write(b"x")
    (found,) = files(tmp_path, Rules())
    assert found.document == r"\x96\xbc\x95\xeb.csv"
    with open(found.path, "rb") as file:
        assert file.read() == b"x"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody without rights")
def test_a_folder_without_rights_is_an_outcome_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "open.txt").write_text("x")
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    program = f"""
import os
from pathlib import Path
from sekisho.sources.folder import Rules, files
os.setgid({NOBODY}); os.setuid({NOBODY})
for file in files(Path({str(tmp_path)!r}), Rules()):
    print(file.document, file.outcome, file.reason)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.stdout.splitlines(), ran.stderr) == (["open.txt None ", "closed/ UNREADABLE no_rights"], "")


def test_what_vanishes_between_listing_and_look_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("x")
    walk = files(tmp_path, Rules())
    (tmp_path / "b.txt").write_text("x")
    assert next(walk).document == "b.txt"
    (tmp_path / "a" / "x").unlink()
    (tmp_path / "a").rmdir()
    (gone,) = walk
    assert (gone.document, gone.outcome, gone.reason) == ("a/", Outcome.VANISHED, Reason.GONE)


@pytest.mark.parametrize(
    ("glob", "left_out"),
    [
        ("*.tmp", {"x.tmp", "a/y.tmp"}),
        ("a", {"a/y.tmp", "a/z.csv"}),
        ("a/*.csv", {"a/z.csv"}),
        ("**/z.*", {"a/z.csv"}),
        ("/x.tmp", {"x.tmp"}),
        ("[x].tmp", set()),
    ],
)
def test_the_users_rule_leaves_files_out_but_counts_them(tmp_path: Path, glob: str, left_out: set[str]) -> None:
    (tmp_path / "a").mkdir()
    for name in ("x.tmp", "a/y.tmp", "a/z.csv"):
        (tmp_path / name).write_text("x")
    found = listed(tmp_path, leave_out=(glob,))
    assert len(found) == 3
    assert {name for name, outcome in found.items() if outcome == (Outcome.LEFT_OUT, Reason.BY_RULE)} == left_out


def test_our_own_vault_inside_the_folder_is_not_scanned(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "head").write_text("x")
    assert listed(tmp_path, own=(tmp_path / "vault",)) == {"vault/": (Outcome.LEFT_OUT, Reason.BY_RULE)}


def test_a_posix_acl_is_read_as_getfacl_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "shared.csv"
    path.write_text("x")
    entries = [
        (0x01, 6, -1),
        (0x02, 4, NOBODY),
        (0x04, 4, -1),
        (0x10, 4, -1),
        (0x20, 0, -1),
    ]
    raw = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", raw)
    except OSError:
        pytest.skip("the file system of the temporary folder keeps no ACLs")
    assert acl_of(os.fsencode(path)).splitlines() == [
        "user::rw-",
        "user:nobody:r--",
        "group::r--",
        "mask::r--",
        "other::---",
    ]
