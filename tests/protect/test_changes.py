"""Changes to a share: what a file had it keeps, nobody's work is lost, a kill leaves the old file or the new one."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.protect import changes, place
from sekisho.protect.attributes import ACL, Attributes, attributes_of
from sekisho.protect.changes import Change, Kind, Mended, mended
from sekisho.protect.place import place_of
from sekisho.protect.reasons import Left, LeftError
from sekisho.protect.replace import taken

OLD, NEW = b"old content\n" * 1000, b"new content\n" * 900
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Share:
    """A folder with one file in it, and all that can be said of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "東京" / "名簿.xlsx"
        self.file.parent.mkdir(parents=True)
        self.file.write_bytes(OLD)
        self.file.chmod(0o640)
        os.setxattr(self.file, "user.note", b"mine")
        os.utime(self.file, ns=(1_111_111_111_123_456_789, 1_222_222_222_987_654_321))

    def attributes(self, file: Path | None = None) -> Attributes:
        descriptor = os.open(file or self.file, os.O_RDONLY | os.O_NOATIME)
        try:
            return attributes_of(descriptor)
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if not p.is_dir())

    def change(self, kind: Kind, **other: str) -> Change:
        after = {Kind.SWAP: sha256(NEW), Kind.ADD: sha256(OLD)}.get(kind, "")
        before = "" if kind is Kind.ADD else sha256(OLD)
        beside, landing = (f".sekisho-{secrets.token_hex(4)}" for _ in range(2))
        return Change(
            kind, str(self.root), "東京/名簿.xlsx", before, after, self.attributes(), beside, landing=landing, **other
        )


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(tmp_path / "share")


@contextmanager
def seen_to(change: Change) -> Iterator[None]:
    """What does not come to its end is seen to, as whoever carries changes out must."""
    try:
        yield
    except (LeftError, OSError):
        mended(change)
        raise


def swapped(share: Share, meanwhile: Callable[[], object] = lambda: None) -> None:
    change = share.change(Kind.SWAP)
    with seen_to(change), place_of(share.root, change.document) as at, taken(at) as file:
        file.demand(change.before)
        meanwhile()
        changes.swap(change, file, NEW)


def moved(share: Share, target: Path) -> None:
    change = share.change(Kind.MOVE, to_root=str(target), to="東京/名簿.xlsx")
    with seen_to(change), place_of(share.root, change.document) as at, taken(at) as file:
        changes.move(change, file)


# --- what a file had it keeps


def test_another_content_gets_owner_rights_and_times_to_the_nanosecond(share: Share) -> None:
    before = share.attributes()
    swapped(share)
    assert share.file.read_bytes() == NEW
    assert share.attributes() == replace(before, accessed_ns=share.attributes().accessed_ns)
    assert share.names() == ["東京/名簿.xlsx"]


def test_the_time_of_access_stays_too(share: Share) -> None:
    swapped(share)
    assert share.attributes().accessed_ns == 1_111_111_111_123_456_789


@AS_ROOT
def test_a_foreign_owner_and_an_acl_stay(share: Share) -> None:
    os.chown(share.file, 1234, 2345)
    entries = [(1, 6, 0xFFFFFFFF), (2, 4, 3456), (4, 0, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)]
    os.setxattr(share.file, ACL, struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries))
    before = share.attributes()
    assert ACL in dict(before.extended)
    swapped(share)
    assert share.attributes() == before


# --- nobody's work is lost


@pytest.mark.parametrize("way", ["replace", "remove"])
def test_whoever_saves_at_the_last_moment_wins(share: Share, way: str) -> None:
    def save() -> None:
        if way == "replace":
            fresh = share.file.with_name("fresh")
            fresh.write_bytes(b"theirs")
            fresh.rename(share.file)
        else:
            share.file.unlink()

    with pytest.raises(LeftError) as left:
        swapped(share, save)
    assert left.value.reason in (Left.CHANGED, Left.GONE)
    assert share.names() == ([] if way == "remove" else ["東京/名簿.xlsx"])
    if way == "replace":
        assert share.file.read_bytes() == b"theirs"


def test_a_file_that_somebody_has_open_is_left(share: Share) -> None:
    with share.file.open("rb"), pytest.raises(LeftError) as left:
        swapped(share)
    assert left.value.reason is Left.IN_USE
    assert share.file.read_bytes() == OLD


def test_whoever_comes_to_open_it_meanwhile_gets_the_old_file_and_it_stays(share: Share) -> None:
    def come() -> None:
        with pytest.raises(BlockingIOError):
            os.open(share.file, os.O_RDWR | os.O_NONBLOCK)

    with pytest.raises(LeftError) as left:
        swapped(share, come)
    assert left.value.reason is Left.IN_USE
    assert share.file.read_bytes() == OLD
    assert share.names() == ["東京/名簿.xlsx"]


@pytest.mark.parametrize("mark", ["~$名簿.xlsx", "~$.xlsx", ".~lock.名簿.xlsx#"])
def test_the_mark_that_office_leaves_means_that_it_is_open(share: Share, mark: str) -> None:
    share.file.with_name(mark).touch()
    with pytest.raises(LeftError) as left:
        swapped(share)
    assert left.value.reason is Left.IN_USE


def test_a_content_other_than_the_one_expected_is_left(share: Share) -> None:
    share.file.write_bytes(OLD[:-1] + b"x")
    with pytest.raises(LeftError) as left:
        swapped(share)
    assert left.value.reason is Left.CHANGED


def test_a_file_with_two_names_is_left(share: Share) -> None:
    os.link(share.file, share.root / "second")
    with pytest.raises(LeftError) as left:
        swapped(share)
    assert left.value.reason is Left.LINKED


def test_a_link_in_its_place_is_not_followed(share: Share, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(OLD)
    share.file.unlink()
    share.file.symlink_to(outside)
    with pytest.raises(LeftError) as left, place_of(share.root, "東京/名簿.xlsx") as at, taken(at):
        pass
    assert left.value.reason is Left.NOT_A_FILE
    assert outside.read_bytes() == OLD


def test_a_folder_swapped_for_a_link_is_not_followed(share: Share, tmp_path: Path) -> None:
    shutil.move(share.file.parent, tmp_path / "elsewhere")
    share.file.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LeftError) as left, place_of(share.root, "東京/名簿.xlsx"):
        pass
    assert left.value.reason is Left.NOT_A_FILE


def test_a_folder_swapped_for_a_link_meanwhile_moves_nothing_elsewhere(share: Share, tmp_path: Path) -> None:
    def swap_folder() -> None:
        share.file.parent.rename(tmp_path / "elsewhere")
        (tmp_path / "trap").mkdir()
        (tmp_path / "trap" / "名簿.xlsx").write_bytes(b"not yours")
        share.file.parent.symlink_to(tmp_path / "trap")

    swapped(share, swap_folder)
    assert (tmp_path / "elsewhere" / "名簿.xlsx").read_bytes() == NEW
    assert (tmp_path / "trap" / "名簿.xlsx").read_bytes() == b"not yours"


def test_a_pipe_in_its_place_is_left(share: Share) -> None:
    share.file.unlink()
    os.mkfifo(share.file)
    with pytest.raises(LeftError) as left, place_of(share.root, "東京/名簿.xlsx") as at, taken(at):
        pass
    assert left.value.reason is Left.NOT_A_FILE


def test_a_name_that_is_no_utf8_is_found_again(share: Share) -> None:
    odd = os.fsencode(share.root) + b"/\x96\xbc\x95\xeb.xls"
    with open(odd, "wb") as file:
        file.write(OLD)
    with place_of(share.root, r"\x96\xbc\x95\xeb.xls") as at:
        assert at.sha256() == sha256(OLD)


# --- moving and removing


def test_a_moved_file_takes_the_rights_of_its_folder(share: Share, tmp_path: Path) -> None:
    target = tmp_path / "restricted"
    target.mkdir(mode=0o700)
    before = share.attributes()
    moved(share, target)
    there = target / "東京" / "名簿.xlsx"
    assert there.read_bytes() == OLD
    assert stat.S_IMODE(there.parent.stat().st_mode) == 0o700
    assert share.attributes(there).mode == 0o600
    assert share.attributes(there).modified_ns == before.modified_ns
    assert share.names() == []


def test_a_file_is_moved_to_another_file_system_whole(share: Share) -> None:
    target = Path("/dev/shm") / secrets.token_hex(4)
    target.mkdir(mode=0o700)
    try:
        moved(share, target)
        there = target / "東京" / "名簿.xlsx"
        assert there.read_bytes() == OLD
        assert share.attributes(there).modified_ns == 1_222_222_222_987_654_321
        assert share.names() == []
    finally:
        shutil.rmtree(target)


def test_nothing_is_written_over_where_a_file_moves_to(share: Share, tmp_path: Path) -> None:
    target = tmp_path / "restricted"
    (target / "東京").mkdir(parents=True)
    (target / "東京" / "名簿.xlsx").write_bytes(b"somebody's")
    before = share.attributes()
    with pytest.raises(LeftError) as left:
        moved(share, target)
    assert left.value.reason is Left.TAKEN
    assert (target / "東京" / "名簿.xlsx").read_bytes() == b"somebody's"
    assert share.attributes() == before


def test_a_full_disk_leaves_nothing_beside(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        swapped(share)
    assert share.file.read_bytes() == OLD
    assert share.names() == ["東京/名簿.xlsx"]


# --- a kill at every moment


def _in_a_child_killed_at(moment: int, work: Callable[[], object]) -> bool:
    """Carry ``work`` out in a child that dies at its ``moment``-th call of a function; whether it died."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    count = 0

    def kill(frame: object, event: str, _: object) -> None:
        nonlocal count
        if event == "c_call":
            count += 1
            if count > moment:
                os._exit(9)

    code = 1
    try:
        sys.setprofile(kill)
        work()
        sys.setprofile(None)
        code = 0
    finally:
        os._exit(code)


def _every_moment(work: Callable[[], object]) -> Iterator[int]:
    """Until it is carried out to its end; the caller puts all back in between."""
    moment = 0
    while _in_a_child_killed_at(moment, work):
        yield moment
        moment += 1
    assert moment > 50


def _work(change: Change) -> None:
    with place_of(Path(change.root), change.document) as at:
        if change.kind is Kind.ADD:
            changes.add(change, at, [OLD])
            return
        with taken(at) as file:
            if change.kind is Kind.SWAP:
                changes.swap(change, file, NEW)
            elif change.kind is Kind.MOVE:
                changes.move(change, file)
            else:
                changes.remove(change, file)


@pytest.mark.parametrize("exchanges", [True, False], ids=["exchange", "no exchange"])
@pytest.mark.parametrize("kind", [Kind.SWAP, Kind.REMOVE, Kind.ADD])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(
    share: Share, kind: Kind, exchanges: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanges:
        monkeypatch.setattr(place, "_renamed", lambda *_: False)
    had = share.attributes()
    change = share.change(kind)
    ended = {Mended.DONE: (NEW if kind is Kind.SWAP else OLD), Mended.BACK: OLD}
    if kind is Kind.ADD:
        share.file.unlink()
    seen = set()
    for _ in _every_moment(lambda: _work(change)):
        came_to = mended(change)
        seen.add(came_to)
        if came_to is (Mended.BACK if kind is Kind.ADD else Mended.DONE) and kind is not Kind.SWAP:
            assert share.names() == []
        else:
            assert share.attributes() == had
            assert share.file.read_bytes() == ended[came_to]
            assert share.names() == ["東京/名簿.xlsx"]
        _put_back(share, had, kind)
    assert seen == {Mended.DONE, Mended.BACK}


def _put_back(share: Share, had: Attributes, kind: Kind) -> None:
    if kind is Kind.ADD:
        share.file.unlink(missing_ok=True)
        return
    share.file.write_bytes(OLD)
    share.file.chmod(had.mode)
    os.setxattr(share.file, "user.note", b"mine")
    os.utime(share.file, ns=(had.accessed_ns, had.modified_ns))


@pytest.mark.parametrize("far", [False, True], ids=["same file system", "another file system"])
def test_a_kill_at_any_moment_of_a_move_leaves_one_file(share: Share, far: bool, tmp_path: Path) -> None:
    target = (Path("/dev/shm") / secrets.token_hex(4)) if far else tmp_path / "restricted"
    target.mkdir(mode=0o700)
    there = target / "東京" / "名簿.xlsx"
    had = share.attributes()
    change = share.change(Kind.MOVE, to_root=str(target), to="東京/名簿.xlsx")
    seen = set()
    try:
        for _ in _every_moment(lambda: _work(change)):
            came_to = mended(change)
            seen.add(came_to)
            assert (share.file.exists(), there.exists()) == ((False, True) if came_to is Mended.DONE else (True, False))
            assert [p.name for p in target.rglob("*") if p.is_file()] == ([there.name] if there.exists() else [])
            if came_to is Mended.BACK:
                assert share.attributes() == had
            assert (share.file if share.file.exists() else there).read_bytes() == OLD
            there.unlink(missing_ok=True)
            _put_back(share, had, Kind.MOVE)
        assert seen == {Mended.DONE, Mended.BACK}
    finally:
        shutil.rmtree(target)


def test_a_change_is_told_to_the_vault_and_read_again(share: Share) -> None:
    change = share.change(Kind.SWAP)
    assert Change.from_json(change.as_json()) == change
