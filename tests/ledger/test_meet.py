import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from sekisho.errors import LedgerError
from sekisho.flow.enter import enter
from sekisho.ledger import log as ledger_log
from sekisho.ledger.log import Log
from sekisho.ledger.meet import drain, folder_of, meet, signer_of
from sekisho.ledger.verify import verify
from sekisho.vault import Cost, Secret, Vault
from sekisho.wording import Text

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
SECRET = Secret.passphrase("a passphrase that nobody guesses")


@pytest.fixture
def vault(tmp_path):
    with Vault.create(tmp_path / "vault", SECRET, CHEAP) as made:
        yield made


def _say(vault: Vault, times: int) -> None:
    for number in range(times):
        vault.log("scan.begin", counts={"files": number})


def _log(vault: Vault) -> Log:
    return Log.open(folder_of(vault), signer_of(vault).verifier)


def test_what_was_said_stands_in_the_ledger_in_order(vault):
    _say(vault, 300)
    log = drain(vault)
    said = [json.loads(one)["counts"]["files"] for one in log.entries(0, log.size)]
    assert said == list(range(300))
    assert log.root == vault.outbox.head().root()
    assert [seq for seq, _ in vault.outbox.pending(0)] == [299]  # the last stays: the head is told by it
    assert verify(_log(vault)).sound
    assert meet(vault).waiting == 0


def test_entering_a_vault_drains_it_also_where_the_command_fails(tmp_path):
    Vault.create(tmp_path / "vault", SECRET, CHEAP).close()
    with enter(tmp_path / "vault", SECRET) as vault:
        _say(vault, 3)
    with pytest.raises(LedgerError), enter(tmp_path / "vault", SECRET) as vault:
        _say_and_fail(vault)
    with enter(tmp_path / "vault", SECRET) as vault:
        assert _log(vault).size == 5


def _say_and_fail(vault: Vault) -> None:
    _say(vault, 2)
    raise LedgerError(Text("x", "x"), Text("y", "y"))


def test_an_older_ledger_is_told_from_an_older_store(vault, tmp_path):
    _say(vault, 3)
    drain(vault)
    shutil.copytree(folder_of(vault), tmp_path / "early")
    _say(vault, 300)
    drain(vault)
    shutil.rmtree(folder_of(vault))
    shutil.copytree(tmp_path / "early", folder_of(vault))
    with pytest.raises(LedgerError, match="the ledger was cut"):
        meet(vault)
    shutil.rmtree(folder_of(vault))
    with pytest.raises(LedgerError, match="the ledger was cut"):
        meet(vault)


def test_a_store_that_was_put_back_is_recognised(tmp_path):
    folder = tmp_path / "vault"
    with Vault.create(folder, SECRET, CHEAP) as vault:
        _say(vault, 3)
        drain(vault)
    (tmp_path / "early").write_bytes((folder / "sekisho.db").read_bytes())
    with Vault.open(folder, SECRET) as vault:
        _say(vault, 1)
        drain(vault)
    (folder / "sekisho.db").write_bytes((tmp_path / "early").read_bytes())
    with pytest.raises(LedgerError, match="the store was put back"), enter(folder, SECRET):
        pass


def test_a_ledger_that_was_made_again_with_the_right_key_is_not_this_stores(vault, tmp_path):
    _say(vault, 300)
    log = drain(vault)
    entries = list(log.entries(0, log.size))
    entries[7] = entries[7].replace(b'"scan.begin"', b'"scan.drop"')
    shutil.rmtree(folder_of(vault))
    folder_of(vault).mkdir()
    ledger_log.append(Log(folder_of(vault), None), signer_of(vault), entries)
    with pytest.raises(LedgerError, match="entries differ"):
        meet(vault)


def test_a_damaged_ledger_is_refused(vault):
    _say(vault, 5)
    drain(vault)
    path = folder_of(vault) / "tile/0/000.p/5"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(LedgerError, match="damaged"):
        meet(vault)
    path.unlink()
    with pytest.raises(LedgerError, match="damaged"):
        meet(vault)


class Killed(BaseException):
    pass


def test_killed_before_any_call_to_the_system_it_goes_on_and_nothing_is_lost(vault, monkeypatch):
    """Each call of a drain is the last one in turn, until a drain runs to its end."""
    _say(vault, 250)
    drain(vault)
    for at in range(200):
        _say(vault, 10)
        with monkeypatch.context() as patched:
            stop_before(patched, at)
            try:
                drain(vault)
                break
            except Killed:
                pass
        meet(vault)
        drain(vault)
        verdict = verify(_log(vault))
        assert verdict.sound
        assert (verdict.size, verdict.root) == (vault.outbox.head().size, vault.outbox.head().root())
    _say(vault, 1)
    drain(vault)
    assert not verify(_log(vault)).leftover
    assert at > 20


def stop_before(patched: pytest.MonkeyPatch, count: int) -> None:
    left = [count]

    def stopping(real):
        def call(*given, **named):
            if "process_request" in threading.current_thread().name:  # of a witness: another machine
                return real(*given, **named)
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*given, **named)

        return call

    for name in ("open", "write", "fsync"):
        patched.setattr(os, name, stopping(getattr(os, name)))
    for name in ("rename", "unlink", "mkdir", "rmdir"):
        patched.setattr(Path, name, stopping(getattr(Path, name)))
