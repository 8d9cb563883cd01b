"""Other people's code checks our log: golang.org/x/mod/sumdb from Debian, and what stands in go/main.go."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.ledger.conftest import entry

from sekisho.flow.proving.ledger import check_folder, policy_in, prove
from sekisho.flow.proving.witness import add
from sekisho.ledger.checkpoint import read
from sekisho.ledger.log import Log, put_checkpoint
from sekisho.ledger.meet import drain, folder_of, policy_of
from sekisho.ledger.note import COSIGNATURE, Signer, signature_lines
from sekisho.ledger.policy import of_all
from sekisho.ledger.proof import Proof
from sekisho.ledger.tree import inclusion
from sekisho.ledger.witnessing import have_cosigned

HERE = Path(__file__).parent
DEBIAN = Path("/usr/share/gocode")
WITNESS = Signer("witness.example/w1", b"w" * 32, COSIGNATURE)


@pytest.fixture(scope="session")
def outsider(tmp_path_factory):
    """Calls the program: what it printed, or None where it refused."""
    if not shutil.which("go") or not (DEBIAN / "src/golang.org/x/mod").is_dir():
        pytest.skip("needs the Debian packages golang-go and golang-golang-x-mod-dev")
    built = tmp_path_factory.mktemp("go")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(DEBIAN), "GOCACHE": str(built / "cache")}
    subprocess.run(["go", "build", "-o", built / "outsider", HERE / "go/main.go"], check=True, env=environment)

    def call(*arguments) -> str | None:
        done = subprocess.run([built / "outsider", *map(str, arguments)], capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None

    return call


@pytest.fixture
def cosigned(make_log, signer, tmp_path):
    """Make a log that a witness has cosigned, and the policy that asks for it."""

    def make(*sizes: int) -> tuple[Log, Path]:
        log = make_log(*sizes)
        note = log.signed.note.with_lines(signature_lines(WITNESS.sign(log.signed.note.text, 1_800_000_000)))
        put_checkpoint(log.folder, note, signer.verifier)
        (log.folder / "witnessed").write_bytes(bytes(note))
        policy = of_all(signer.verifier, {"w1": WITNESS.verifier}, {"w1": "http://w1.example/"})
        (tmp_path / "policy").write_text(str(policy))
        return Log(log.folder, read(bytes(note), signer.verifier)), tmp_path / "policy"

    return make


def test_the_published_log_is_accepted(outsider, tmp_path):
    key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    (tmp_path / "policy").write_text(f"log {key}\nquorum none\n")
    published = HERE / "tessera/log"
    checkpoints = published.glob("checkpoint.*")
    assert outsider("log", published, tmp_path / "policy", *checkpoints) == "15\n"


@pytest.mark.parametrize("sizes", [(1,), (255,), (256,), (1, 257), (600, 70_000)])
def test_our_log_is_accepted_with_its_cosignature(outsider, cosigned, sizes):
    log, policy = cosigned(*sizes)
    assert outsider("log", log.folder, policy) == f"{sizes[-1]}\n"


def test_our_log_goes_on_from_what_it_was(outsider, cosigned, make_log, signer, tmp_path):
    early = make_log(300, name="early")
    log, _ = cosigned(300, 1000)
    alone = tmp_path / "alone"
    alone.write_text(f"log {signer.verifier}\nquorum none\n")
    assert outsider("log", log.folder, alone, early.folder / "checkpoint") == "1000\n"
    assert outsider("log", early.folder, alone, log.folder / "checkpoint") is None


def test_our_proofs_are_accepted_and_say_the_entry(outsider, cosigned, tmp_path):
    log, policy = cosigned(1000)
    path = tmp_path / "x.tlog-proof"
    for index in (0, 255, 256, 700, 999):
        hashes = inclusion(log.tiles.node, index, 1000)
        path.write_bytes(bytes(Proof(index, entry(index), tuple(hashes), bytes(log.signed.note))))
        assert outsider("proof", path, policy) == entry(index).decode() + "\n"
        path.write_bytes(bytes(Proof(index, entry(index + 1), tuple(hashes), bytes(log.signed.note))))
        assert outsider("proof", path, policy) is None


def test_the_ledger_of_a_vault_is_accepted_with_its_witness_and_its_proofs(outsider, said_vault, serve, tmp_path):
    url, key, _ = serve("witness.example/w1")
    add(said_vault, url, key)
    for number in range(300):
        said_vault.log("scan.begin", counts={"files": number})
    assert have_cosigned(said_vault, drain(said_vault)) == []
    policy, path = tmp_path / "policy", tmp_path / "7.tlog-proof"
    policy.write_text(str(policy_of(said_vault)))
    assert outsider("log", folder_of(said_vault), policy) == "302\n"
    path.write_bytes(bytes(prove(said_vault, 7)))
    assert json.loads(outsider("proof", path, policy))["counts"] == {"files": 5}


def test_every_flipped_bit_of_a_small_log_is_refused(outsider, cosigned):
    log, policy = cosigned(3)
    assert outsider("log", log.folder, policy) == "3\n"
    assert outsider("flips", log.folder, policy) == ""


def test_our_own_verifier_refuses_every_one_of_them_too(cosigned):
    log, path = cosigned(2)
    policy = policy_in(path, None)
    assert check_folder(log.folder, policy).sound
    for file in sorted(one for one in log.folder.rglob("*") if one.is_file()):
        raw = file.read_bytes()
        for bit in range(len(raw) * 8):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            file.write_bytes(changed)
            assert not check_folder(log.folder, policy).sound, (file.name, bit)
        file.write_bytes(raw)
    assert check_folder(log.folder, policy).seen == 2


def test_bits_of_a_larger_log_flipped_at_random_are_refused(outsider, cosigned):
    log, policy = cosigned(600)
    dice = random.Random(1)
    files = [one for one in log.folder.rglob("*") if one.is_file() and one.name not in ("checkpoint", "lock")]
    for _ in range(60):
        path = dice.choice(files)
        raw = bytearray(path.read_bytes())
        whole = bytes(raw)
        bit = dice.randrange(len(raw) * 8)
        raw[bit // 8] ^= 1 << bit % 8
        path.write_bytes(raw)
        assert outsider("log", log.folder, policy) is None, (path.name, bit)
        path.write_bytes(whole)
