"""Tessera's published test log is met byte for byte: written again from its entries and its printed private key."""

import base64
import shutil
from pathlib import Path

import pytest

from sekisho.ledger import tree
from sekisho.ledger.checkpoint import Checkpoint, read
from sekisho.ledger.log import Log, append, put_checkpoint
from sekisho.ledger.note import Note, NoteError, Signer, Verifier, sign
from sekisho.ledger.tiles import unpacked

PUBLISHED = Path(__file__).parent / "tessera/log"
KEY = Verifier.of("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
SEED = base64.b64decode("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg")[1:]
WORDS = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split()  # noqa: SIM905


@pytest.fixture
def signer():
    return Signer("example.com/log/testdata", SEED)


def test_the_printed_private_key_is_that_of_the_published_one(signer):
    assert signer.verifier == KEY
    assert str(KEY) == "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def test_every_file_that_we_write_is_the_published_one(tmp_path, signer):
    empty = Checkpoint(KEY.name, 0, tree.EMPTY_ROOT)
    log = put_checkpoint(tmp_path, sign(str(empty), [signer]), KEY)
    compared = [_same(tmp_path / "checkpoint", PUBLISHED / "checkpoint.0")]
    for count, word in enumerate(WORDS, 1):
        log = append(log, signer, [word.encode()])
        compared.append(_same(tmp_path / "checkpoint", PUBLISHED / f"checkpoint.{count}"))
        for path in sorted((tmp_path / "tile").rglob("*")):
            if path.is_file():
                compared.append(_same(path, PUBLISHED / path.relative_to(tmp_path)))
    assert len(compared) == 16 + 30


def _same(ours: Path, theirs: Path) -> Path:
    assert ours.read_bytes() == theirs.read_bytes(), theirs.name
    return theirs


@pytest.mark.parametrize("size", range(16))
def test_every_published_checkpoint_is_read(size):
    signed = read((PUBLISHED / f"checkpoint.{size}").read_bytes(), KEY)
    assert signed.checkpoint.size == size
    entries = unpacked((PUBLISHED / f"tile/entries/000.p/{size}").read_bytes()) if size else []
    assert [one.decode() for one in entries] == WORDS[:size]


def test_proofs_of_the_published_log_hold(tmp_path):
    shutil.copytree(PUBLISHED, tmp_path / "log")
    log = Log.open(tmp_path / "log", KEY)
    assert log.size == 15
    for index, word in enumerate(WORDS):
        tree.check_inclusion(tree.leaf_hash(word.encode()), index, 15, log.inclusion(index), log.root)
    for old in range(16):
        earlier = read((PUBLISHED / f"checkpoint.{old}").read_bytes(), KEY).checkpoint
        tree.check_consistency(old, 15, earlier.root, log.root, log.consistency(old))


def test_a_checkpoint_of_another_key_is_refused(signer):
    other = Signer(KEY.name, bytes(32))
    raw = bytes(sign(Note.of((PUBLISHED / "checkpoint.3").read_bytes()).text, [other]))
    with pytest.raises(NoteError):
        read(raw, KEY)
