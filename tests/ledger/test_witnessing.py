"""A vault's ledger and its witnesses: who must cosign, who keeps silent, who is shown something else."""

import shutil

import pytest
from tests.ledger.conftest import SECRET
from tests.ledger.test_meet import Killed, stop_before

from sekisho.errors import LedgerError
from sekisho.flow.proving.ledger import check, status
from sekisho.flow.proving.witness import add, remove
from sekisho.ledger.meet import drain, folder_of
from sekisho.ledger.witnessing import have_cosigned, hold, standings, witnessed
from sekisho.vault import Vault


@pytest.fixture
def vault(said_vault):
    return said_vault


def _said(vault: Vault) -> list[str]:
    return [str(one) for one in have_cosigned(vault, drain(vault))]


def test_as_many_as_are_wanted_must_cosign(vault, serve):
    first = serve("w1")
    add(vault, first[0], first[1])
    assert _said(vault) == []
    assert witnessed(vault).checkpoint.size == status(vault).size
    second = serve("w2")
    add(vault, second[0], second[1])
    assert witnessed(vault) is None  # the second has not seen it yet
    assert _said(vault) == []
    assert [one.size for one in standings(vault)] == [status(vault).size] * 2
    remove(vault, "w1")
    assert witnessed(vault).by.keys() >= {one.key for one in standings(vault)}
    assert check(vault).sound


def test_of_three_two_suffice_where_the_policy_says_so(vault, serve):
    for name in ("w1", "w2"):
        url, key, _ = serve(name)
        add(vault, url, key)
    url, key, gone = serve("w3")
    gone.shutdown()
    gone.server_close()
    add(vault, url, key, least=2)
    (said,) = _said(vault)
    assert "w3 did not cosign" in said
    assert status(vault).seen == status(vault).size
    assert status(vault).warnings == []


def test_what_came_after_the_last_cosignature_is_told_apart(vault, serve):
    url, key, _ = serve("w1")
    add(vault, url, key)
    _said(vault)
    seen = status(vault).seen
    vault.log("scan.begin")
    drain(vault)
    assert status(vault).seen == seen
    assert f"have cosigned {seen} of {seen + 1} entries" in str(status(vault).warnings[0])
    assert check(vault).sound


def test_a_ledger_that_was_rewritten_with_all_keys_is_refused(vault, serve, tmp_path):
    url, key, _ = serve("w1")
    add(vault, url, key)
    shutil.copytree(vault.folder, tmp_path / "before")
    vault.log("scan.begin", counts={"files": 1})
    _said(vault)
    with Vault.open(tmp_path / "before", SECRET) as other:
        with pytest.raises(LedgerError, match="put back"):
            have_cosigned(other, drain(other))
        for _ in range(3):
            other.log("scan.begin", counts={"files": 2})
        with pytest.raises(LedgerError, match="refuses the ledger"):
            have_cosigned(other, drain(other))
        assert check(other).seen < status(other).size


def test_a_rewritten_ledger_is_refused_at_the_next_opening_even_if_no_witness_can_be_asked(vault, serve, tmp_path):
    url, key, _ = serve("w1")
    add(vault, url, key)
    shutil.copytree(vault.folder, tmp_path / "before")
    vault.log("scan.begin")
    _said(vault)
    hold(vault)
    with Vault.open(tmp_path / "before", SECRET) as other:  # another end of the story, with what the witness had signed
        for _ in range(3):
            other.log("scan.begin")
        drain(other)
        (folder_of(other) / "witnessed").write_bytes((folder_of(vault) / "witnessed").read_bytes())
        with pytest.raises(LedgerError, match="is not the one"):
            hold(other)


def test_killed_while_it_is_cosigned_it_goes_on(vault, serve, monkeypatch):
    url, key, _ = serve("w1")
    add(vault, url, key)
    for at in range(60):
        vault.log("scan.begin")
        log = drain(vault)
        with monkeypatch.context() as patched:
            stop_before(patched, at)
            try:
                have_cosigned(vault, log)
                break
            except (Killed, LedgerError):
                pass
        assert _said(vault) == []
        assert check(vault).sound
        assert witnessed(vault).checkpoint.size == status(vault).size
    assert at > 3


def test_a_changed_bit_in_what_was_witnessed_is_found(vault, serve):
    url, key, _ = serve("w1")
    add(vault, url, key)
    _said(vault)
    path = folder_of(vault) / "witnessed"
    raw = path.read_bytes()
    for at in range(0, len(raw), 7):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
        assert not check(vault).sound, at
    path.write_bytes(raw)
    assert check(vault).sound
