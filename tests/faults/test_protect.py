"""Whatever falls while a plan is carried out or undone: every file is the old or the new one, and can be put back."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.faults import falls
from tests.faults.falls import STRACE, Spot
from tests.faults.flips import turn_over
from tests.faults.test_falls import spread
from tests.faults.world import Done, ask, run
from tests.flow.test_protect import reader
from tests.protect.documents import a_pdf, a_workbook

from sekisho import actors
from sekisho.actors import Who
from sekisho.flow.protecting import protect
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.protect.rules import Mending, Rules
from sekisho.vault import Cost, Secret, Vault

pytestmark = pytest.mark.skipif(not STRACE, reason="strace is not installed")
ERRORS = {
    "write": ("ENOSPC", "EIO"),
    "pwrite64": ("ENOSPC", "EIO"),
    "pread64": ("EIO",),
    "read": ("EIO",),
    "fsync": ("EIO",),
    "fdatasync": ("EIO",),
    "renameat2": ("EIO", "EINVAL"),
    "renameat": ("EIO",),
    "rename": ("EIO", "ENOSPC"),
    "unlinkat": ("EIO",),
    "openat": ("EMFILE", "EIO", "EACCES"),
    "mkdirat": ("ENOSPC",),
    "fchmod": ("EPERM",),
    "fsetxattr": ("EPERM", "ENOSPC"),
    "utimensat": ("EPERM",),
}
"""Calls to the system by which a share and the vault are changed, and what they fail with in turn."""
AS_OLGA = ("--as", "olga", "--actor-key-file", "olga.key")
DO, UNDO = ("protect", "do", "1", *AS_OLGA, "--json"), ("protect", "undo", "1", *AS_OLGA, "--json")
CHEAP = Cost(64, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """A vault and a share at one path; ``approved`` and ``done`` are copies of how it was before either call."""

    here: Path
    approved: Path
    done: Path
    before: dict[str, Any]

    def as_before(self, call: tuple[str, ...]) -> Path:
        shutil.rmtree(self.here)
        return Path(shutil.copytree(self.approved if call == DO else self.done, self.here))


def state_of(share: Path) -> dict[str, Any]:
    """Content, rights, attributes and times of every file."""
    found = {}
    for path in (p for p in share.rglob("*") if p.is_file()):
        had = path.stat()
        attributes = {name: os.getxattr(path, name) for name in os.listxattr(path)}
        found[path.relative_to(share).as_posix()] = (
            path.read_bytes(), stat.S_IMODE(had.st_mode), had.st_uid, had.st_mtime_ns, attributes,
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("protect")
    here = folder / "here"
    share = here / "share"
    (share / "東京").mkdir(parents=True)
    for name, data in (("東京/名簿.xlsx", a_workbook([["氏名"]])), ("通知.pdf", a_pdf("x")), ("一覧.csv", b"name\n")):
        (share / name).write_bytes(data)
        (share / name).chmod(0o640)
        os.setxattr(share / name, "user.note", b"mine")
        os.utime(share / name, ns=(10**18, 10**18 + 123_456_789))
    _approve(here, share)
    before, approved = state_of(share), Path(shutil.copytree(here, folder / "approved"))
    assert run(here, *DO).code == 0
    return Place(here, approved, Path(shutil.copytree(here, folder / "done")), before)


def _approve(here: Path, share: Path) -> None:
    keys = {name: Secret.to_new_key_file(here / f"{name}.key") for name in ("alice", "olga", "bob")}
    with Vault.create(here / "vault", Secret.to_new_key_file(here / "key"), CHEAP) as vault:
        actors.sign_in(vault, None)
        actors.enlist(vault, "alice", "officer", keys["alice"], CHEAP)
        actors.sign_in(vault, Who("alice", keys["alice"], ""))
        for name, role in (("olga", "operator"), ("bob", "officer")):
            actors.enlist(vault, name, role, keys[name], CHEAP)
        actors.sign_in(vault, Who("olga", keys["olga"], ""))
        made = scan(vault, Wishes(share, shown=False), reader)
        _, proposal = protect.make_plan(vault, made, Rules(mending=Mending(move_to=str(here / "restricted"))))
        assert proposal is not None
        actors.sign_in(vault, Who("bob", keys["bob"], ""))
        actors.approve(vault, proposal.hash)


def stands(place: Place, fell: Done | None) -> bool:
    """Whether a call fell at a call of ours; if so, all is well: the next calls go on, and everything comes back."""
    if fell is None:
        return False
    assert fell.code < 0 or fell.is_clean, fell
    assert _every_file_is_somewhere(place)
    done = ask(place.here, *DO)
    assert done.code in (0, 2), done
    undone = ask(place.here, *UNDO)
    assert undone.code in (0, 2), undone
    assert state_of(place.here / "share") == place.before
    assert not list(place.here.rglob(".sekisho-*"))
    assert _faults(place.here, 0) == []
    return True


def _faults(folder: Path, code: int) -> list[str]:
    """What a check that ends with ``code`` says of the originals that are kept."""
    checked = ask(folder, "vault", "check", "--as", "alice", "--actor-key-file", "alice.key", "--json")
    assert checked.code == code, checked
    return [one["file"] for one in json.loads(checked.out)["faults"] if one["file"].startswith("protect/")]


def _every_file_is_somewhere(place: Place) -> bool:
    found = [p for folder in ("share", "restricted") for p in (place.here / folder).rglob("*") if p.is_file()]
    held = {p.name.removesuffix(".moved.txt") for p in found if not p.name.startswith(".sekisho-")}
    return {Path(name).name for name in place.before} <= held


def fall(place: Place, call: tuple[str, ...], spot: Spot, error: str) -> bool:
    """Have one call to the system fail, or the program be killed at it; whether it was one of ours."""
    folder = place.as_before(call)
    if error == "kill":
        return stands(place, falls.killed_at(folder, *call, spot=spot))
    return stands(place, falls.failed(folder, *call, spot=spot, error=error))


def test_what_falls_where_a_file_is_changed_can_be_put_back(place: Place) -> None:
    first, second, *_ = spread(
        random.Random(1), falls.spots(place.as_before(DO), *DO, calls=("renameat2", "fsetxattr"))
    )
    fall(place, DO, first, "kill")
    fall(place, DO, second, ERRORS[second.call][0])


def test_an_original_with_a_flipped_bit_is_named_and_never_put_back(place: Place) -> None:
    """The file that was changed stays as it is, the others come back."""
    dice = random.Random(3)
    for _ in range(2):
        folder = place.as_before(UNDO)
        changed = state_of(folder / "share")
        kept = dice.choice(sorted(path for path in (folder / "vault" / "protect").rglob("*") if path.is_file()))
        turn_over(kept, dice.randrange(kept.stat().st_size * 8))
        assert _faults(folder, 4) == [kept.relative_to(folder / "vault").as_posix()]
        undone = ask(folder, *UNDO)
        assert undone.code == 0, undone
        assert json.loads(undone.out)["left"] == {"original_damaged": 1}
        now = state_of(folder / "share")
        (other,) = (name for name in place.before if now.get(name) != place.before[name])
        assert now[other] == changed[other]


@pytest.mark.soak
@pytest.mark.parametrize("call", [DO, UNDO], ids=["do", "undo"])
def test_every_kind_of_call_to_the_system_may_fail_or_be_the_last(place: Place, call: tuple[str, ...]) -> None:
    spots = falls.spots(place.as_before(call), *call, calls=tuple(ERRORS))
    hit = 0
    for spot in islice(spread(random.Random(2), spots), 60):
        for error in ("kill", *ERRORS[spot.call]):
            hit += fall(place, call, spot, error)
    assert hit > 60
