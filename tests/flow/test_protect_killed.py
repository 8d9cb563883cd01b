"""A plan that is killed at any moment, done or undone, goes on: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.actors.conftest import CHEAP, House, secret_of
from tests.flow.test_protect import Office

from sekisho import actors
from sekisho.actors import Who
from sekisho.errors import UsageError
from sekisho.flow.protecting import mending
from sekisho.protect import office_lock, pdf_lock
from sekisho.vault import Secret, Vault
from sekisho.vault.check import Kind, look

SECRET = Secret.passphrase("the vault's own")


class Scene:
    """A vault with an approved plan and its share, put back for every trial."""

    def __init__(self, folder: Path) -> None:
        self.live, self.kept = folder / "live", folder / "kept"
        self.live.mkdir()
        with Vault.create(self.live / "vault", SECRET, CHEAP) as vault:
            office = Office(self.live, House(vault))
            self.number = office.approved()
            self.before = office.state()
        self.root, self.restricted = office.root, office.restricted
        shutil.copytree(self.live, self.kept)

    def put_back(self) -> None:
        shutil.rmtree(self.live)
        shutil.copytree(self.kept, self.live)

    def with_vault(self, work: Callable[[Vault], object]) -> None:
        with Vault.open(self.live / "vault", SECRET, write=True) as vault:
            actors.sign_in(vault, Who("Olga", secret_of("Olga"), ""))
            work(vault)

    def do(self, vault: Vault) -> None:
        mending.carry_out(vault, self.number)

    def undo(self, vault: Vault) -> None:
        mending.undo(vault, self.number)

    def killed_at(self, moment: int, work: Callable[[Vault], object]) -> bool:
        """Do ``work`` in a process that dies at a call of the system; whether it died."""
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self.with_vault(lambda vault: _until(moment, lambda: work(vault)))
                code = 0
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9

    def finish(self, work: Callable[[Vault], object]) -> None:
        """Call again, as a user would; nothing may be left to do already."""
        try:
            self.with_vault(work)
        except UsageError as error:
            assert "carried out" in error.message.en or "undone" in error.message.en  # noqa: PT017

    def assert_nothing_is_lost(self) -> None:
        """Every file lies somewhere: as it was, moved as it was, or under a lock that the vault opens."""
        plain = {content for content, *_ in self.before.values()}
        found = [path for path in (*self.root.rglob("*"), *self.restricted.rglob("*")) if path.is_file()]
        held = {path.read_bytes() for path in found}
        for content in plain - held:
            assert any(data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")) for data in held - plain), len(content)

    def assert_done(self, vault: Vault) -> None:
        items = vault.plans().items(self.number)
        assert {one.state for one in items} == {"done"}
        for one in items:
            data = self.before[one.document][0]
            if one.has_password:
                opens_as = office_lock.opens_as if one.document.endswith("xlsx") else pdf_lock.opens_as
                assert opens_as((self.root / one.document).read_bytes(), data, vault.plans().password(one))
            else:
                assert (self.restricted / one.document).read_bytes() == data
        self._assert_clean(vault)

    def assert_undone(self, vault: Vault) -> None:
        assert {one.state for one in vault.plans().items(self.number)} == {"undone"}
        now = {p.relative_to(self.root).as_posix(): p for p in self.root.rglob("*") if p.is_file()}
        assert {n: (p.stat().st_mode, p.stat().st_mtime_ns, p.read_bytes()) for n, p in now.items()} == {
            name: (mode, modified, data) for name, (data, _, _, mode, modified, _) in self.before.items()
        }
        self._assert_clean(vault)

    def _assert_clean(self, vault: Vault) -> None:
        assert not vault.plans().steps()
        assert not list(self.live.rglob(".sekisho-*"))
        assert not [fault for fault in look(vault).faults if fault.kind is not Kind.READABLE]


def _until(moment: int, work: Callable[[], object]) -> None:
    count = 0

    def kill(_: object, event: str, __: object) -> None:
        nonlocal count
        if event == "c_call":
            count += 1
            if count > moment:
                os._exit(9)

    sys.setprofile(kill)
    try:
        work()
    finally:
        sys.setprofile(None)


def _calls(work: Callable[[], object]) -> int:
    count = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event == "c_call"

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scene, int, int]:
    made = Scene(tmp_path_factory.mktemp("killed"))
    calls = []
    for work in (made.do, made.undo):
        made.with_vault(lambda vault, work=work: calls.append(_calls(lambda: work(vault))))
    return made, *calls


def _trial(scene: Scene, doing: int, undoing: int) -> None:
    scene.put_back()
    scene.killed_at(doing, scene.do)
    scene.assert_nothing_is_lost()
    scene.finish(scene.do)
    scene.with_vault(scene.assert_done)
    scene.killed_at(undoing, scene.undo)
    scene.assert_nothing_is_lost()
    scene.finish(scene.undo)
    scene.with_vault(scene.assert_undone)


@pytest.mark.parametrize("part", range(4))
def test_a_plan_that_is_killed_goes_on(scene: tuple[Scene, int, int], part: int) -> None:
    made, doing, undoing = scene
    chosen = random.Random(part)
    _trial(made, chosen.randrange(doing * part // 4, doing * (part + 1) // 4), chosen.randrange(undoing))


@pytest.mark.soak
def test_a_plan_that_is_killed_a_hundred_times_goes_on(scene: tuple[Scene, int, int]) -> None:
    made, doing, undoing = scene
    for trial in range(100):
        _trial(made, doing * trial // 100, undoing * trial // 100)
