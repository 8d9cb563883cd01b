import threading
from pathlib import Path

import pytest

from sekisho.ledger.log import Log, append
from sekisho.ledger.meet import signer_of
from sekisho.ledger.note import Signer
from sekisho.ledger.serve import Server
from sekisho.ledger.witness import Witness, know, make
from sekisho.vault import Cost, Secret, Vault

ORIGIN = "example.org/log"
SECRET = Secret.passphrase("a passphrase that nobody guesses")


def entry(number: int) -> bytes:
    return b'{"action":"scan","counts":{"files":%d}}' % number


@pytest.fixture
def signer() -> Signer:
    return Signer(ORIGIN, bytes(range(32)))


@pytest.fixture
def make_log(signer: Signer, tmp_path: Path):
    """Make a log of so many entries, all at once or in several appends, in a folder of its own."""

    def make(*sizes: int, name: str = "log") -> Log:
        log = Log(tmp_path / name, None)
        log.folder.mkdir()
        for size in sizes:
            log = append(log, signer, [entry(n) for n in range(log.size, size)])
        return log

    return make


@pytest.fixture
def said_vault(tmp_path):
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as made:
        made.log("scan.begin")
        yield made


@pytest.fixture
def serve(said_vault, tmp_path):
    """Start a witness; its address, its key, and the server."""
    running = []

    def start(name: str) -> tuple[str, str, Server]:
        make(tmp_path / name, name)
        know(tmp_path / name, [signer_of(said_vault).verifier])
        witness = Witness(tmp_path / name)
        server = Server(("127.0.0.1", 0), witness)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}", str(witness.keys[0]), server

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()
