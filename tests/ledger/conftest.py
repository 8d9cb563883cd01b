from pathlib import Path

import pytest

from sekisho.ledger.log import Log, append
from sekisho.ledger.note import Signer

ORIGIN = "example.org/log"


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
