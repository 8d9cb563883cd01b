"""The ledger from the command line: from what was done to a proof that an outsider checks."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.calls import Calls

from sekisho.ledger.note import COSIGNATURE, Signer


@pytest.fixture
def used(place: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    """A vault in which something was done."""
    calls = Calls(place, capsys)
    (calls.folder / "share").mkdir()
    calls.put("share/a.csv", "氏名,基礎年金番号\n架空太郎,1234-567890\n")
    calls.run("scan", "share")
    return calls


def test_what_was_done_is_proved_to_somebody_who_has_neither_vault_nor_ledger(used):
    before = used.json("ledger", "status")
    assert before["size"] >= 2
    assert before["waiting"] == 0
    assert "rewrite the whole ledger" in before["warnings"][0]
    shown = used.json("ledger", "show")
    assert [one["action"] for one in shown][:2] == ["scan.begin", "scan.finish"]
    assert "share" not in json.dumps(shown)
    assert "finish a scan (scan.finish), owner" in used.run("ledger", "show")
    used.run("ledger", "prove", "1", "--to", "1.tlog-proof")
    used.run("ledger", "policy", "--to", "policy.txt")
    proved = used.json("ledger", "check", "1.tlog-proof", "--policy", "policy.txt")
    assert json.loads(proved["said"])["action"] == "scan.finish"
    used.run("ledger", "check", "1.tlog-proof", "--key", before["key"])
    raw = (used.folder / "1.tlog-proof").read_text()
    used.put("1.tlog-proof", raw.replace("index 1", "index 0"))
    used.run("ledger", "check", "1.tlog-proof", "--key", before["key"], code=8)
    assert "proves nothing" in used.said


def test_a_sound_ledger_verifies_with_and_without_its_vault(used):
    used.run("ledger", "checkpoint", "--to", "early.txt")
    assert "rewrite the whole ledger" in used.said
    used.run("scan", "share")
    assert used.json("ledger", "verify", "--against", "early.txt")["sound"]
    assert "rewrite the whole ledger" in used.run("ledger", "verify")
    key = used.json("ledger", "status")["key"]
    assert used.json("ledger", "verify", "--folder", "vault/ledger", "--key", key, "--against", "early.txt")["sound"]


def test_a_changed_entry_is_named_and_other_commands_go_no_further(used):
    bundle = next((used.folder / "vault/ledger/tile/entries").rglob("*.p/*"))
    bundle.write_bytes(bundle.read_bytes().replace(b"scan.finish", b"scan.finisH"))
    found = json.loads(used.run("ledger", "verify", "--json", code=8))
    assert [(one["kind"], one["first"], one["last"]) for one in found["faults"]] == [("entry", 1, 1)]
    assert "entry 1 is not what was logged" in used.run("ledger", "verify", code=8)
    tile = next((used.folder / "vault/ledger/tile/0").rglob("*.p/*"))
    tile.write_bytes(bytes(64))
    used.run("vault", "list", code=8)
    assert "damaged or was changed" in used.said
    used.run("ledger", "verify", code=8)


def test_a_checkpoint_of_another_history_is_recognised(used):
    used.run("ledger", "checkpoint", "--to", "early.txt")
    (used.folder / "vault").rename(used.folder / "old")
    used.run("scan", "share")
    used.run("ledger", "verify", "--against", "early.txt", code=3)
    assert "no checkpoint of this ledger" in used.said


def test_what_cannot_be_is_said(used):
    used.run("ledger", "prove", "99", code=3)
    used.run("ledger", "check", "nothing.tlog-proof", "--key", "x", code=3)
    used.run("ledger", "verify", "--folder", "vault/ledger", code=2)
    used.run("ledger", "witness", "add", "http://127.0.0.1:1", "no-key", code=3)
    used.run("ledger", "witness", "remove", "nobody", code=3)


@pytest.fixture
def witness(used):
    """A witness in a process of its own, as on another machine; its address and key."""
    key = used.json("ledger", "status")["key"]
    call = ["ledger", "witness", "serve", "--state", "witness", "--log", key, "--listen", "127.0.0.1:0", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sekisho.cli._main", *call], cwd=used.folder, stdout=subprocess.PIPE, text=True
    )
    said = ""
    while not said.endswith("}\n"):
        said += process.stdout.readline()
    found = json.loads(said)
    yield f"http://127.0.0.1:{found['port']}", found["keys"][0]
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


def test_with_a_witness_even_the_holder_of_all_keys_cannot_go_back(used, witness):
    url, key = witness
    shutil.copytree(used.folder / "vault", used.folder / "kept")
    used.run("ledger", "witness", "add", url, key)
    status = used.json("ledger", "status")
    assert status["witnessed"] == status["size"]
    assert status["warnings"] == []
    used.run("scan", "share")
    assert used.json("ledger", "verify")["warnings"] == []
    used.run("ledger", "prove", "0", "--to", "0.tlog-proof")
    used.run("ledger", "policy", "--to", "policy.txt")
    proved = used.json("ledger", "check", "0.tlog-proof", "--policy", "policy.txt")
    assert list(proved["witnesses"]) == [key.partition("+")[0]]
    shutil.rmtree(used.folder / "vault")
    shutil.copytree(used.folder / "kept", used.folder / "vault")  # all of it put back, store and ledger
    used.run("ledger", "witness", "add", url, key, code=8)
    assert "put back to an earlier state" in used.said
    for _ in range(3):
        used.run("scan", "share", code=8)
    assert "refuses the ledger" in used.said  # grown past what it saw, and another one


def test_a_silent_witness_stops_nothing_and_is_told(used):
    used.run("ledger", "witness", "add", "http://127.0.0.1:1", str(Signer("w", bytes(32), COSIGNATURE).verifier))
    assert re.search("witness w did not cosign", used.said)
    assert "can still rewrite" in used.run("ledger", "status")
    used.run("ledger", "witness", "remove", "w")
    assert "No outside witness" in used.run("ledger", "status")


def test_an_older_backup_is_known_by_what_the_witness_saw(used, witness):
    used.run("ledger", "witness", "add", *witness)
    used.run("vault", "backup", "--to", "backups")
    used.run("incident", "open", "a leak")
    used.run("vault", "restore", "backups", "--to", "again", "--witness", code=8)
    assert "is an older one" in used.said
    used.run("vault", "backup", "--to", "backups")
    used.run("vault", "restore", "backups", "--to", "again", "--witness")
    assert "everything that was witnessed" in used.said
    used.run("vault", "restore", "backups", "--number", "1", "--to", "older", "--witness", "--older")
    assert "are lost" in used.said
    used.run("scan", "share")  # a copy that was restored does not shut the vault out
    assert used.json("ledger", "verify")["warnings"] == []
    (used.folder / "vault").rename(used.folder / "lost")
    (used.folder / "older").rename(used.folder / "vault")  # for good: the old witness knows another ledger
    used.run("incident", "list", code=8)
    used.run("ledger", "witness", "remove", witness[1].partition("+")[0])
    used.run("incident", "list")
