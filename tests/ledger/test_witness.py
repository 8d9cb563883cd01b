import hashlib
import threading
from http import HTTPStatus

import pytest
from tests.ledger.conftest import ORIGIN, entry

from sekisho.ledger import tree
from sekisho.ledger.ask import LaterError, RefusedError, SilentError, StrangerError, cosignature, is_url
from sekisho.ledger.checkpoint import Checkpoint
from sekisho.ledger.log import Log, append
from sekisho.ledger.note import NoteError, Signer, sign, signature_lines
from sekisho.ledger.serve import Server
from sekisho.ledger.witness import Request, Witness, WitnessError, is_witness, know, make

NOW = 1_800_000_000


@pytest.fixture
def witness(tmp_path, signer) -> Witness:
    make(tmp_path / "witness", "witness.example/w1")
    know(tmp_path / "witness", [signer.verifier])
    return Witness(tmp_path / "witness", clock=lambda: NOW)


def _request(log: Log, old: int) -> bytes:
    return bytes(Request(old, tuple(log.consistency(old)), log.signed.note, log.signed.checkpoint))


def test_a_log_that_grows_is_cosigned_step_by_step(make_log, witness):
    old = 0
    for size in (0, 1, 5, 300, 300):
        log = make_log(*([size] if size < 300 else [5, 300]), name=f"{size}-{old}")
        reply = witness.add_checkpoint(_request(log, old))
        assert reply.status == HTTPStatus.OK
        note = log.signed.note.with_lines(signature_lines(reply.body.decode()))
        assert [note.signed_by([key]) for key in witness.keys] == [{key: NOW} for key in witness.keys]
        old = size


def test_what_it_cosigned_it_tells_whoever_asks(make_log, witness):
    name = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert witness.latest(name) is None
    witness.add_checkpoint(_request(make_log(3), 0))
    assert b"\n3\n" in witness.latest(name)
    assert witness.latest("0" * 64) is None


@pytest.mark.parametrize(
    ("old", "status"), [(0, HTTPStatus.CONFLICT), (4, HTTPStatus.CONFLICT), (6, HTTPStatus.CONFLICT)]
)
def test_another_size_than_it_saw_last_is_a_conflict(make_log, witness, old, status):
    witness.add_checkpoint(_request(make_log(5), 0))
    reply = witness.add_checkpoint(_request(make_log(300, name="grown"), old))
    assert (reply.status, reply.body, reply.kind) == (status, b"5\n", "text/x.tlog.size")


def test_an_older_log_is_refused(make_log, witness, signer):
    witness.add_checkpoint(_request(make_log(300), 0))
    log = make_log(5, name="older")
    assert witness.add_checkpoint(_request(log, 0)).status == HTTPStatus.CONFLICT
    forged = Request(300, (), log.signed.note, log.signed.checkpoint)
    assert witness.add_checkpoint(bytes(forged)).status == HTTPStatus.BAD_REQUEST


def test_a_forked_log_is_refused(make_log, witness, signer, tmp_path):
    log = make_log(5)
    witness.add_checkpoint(_request(log, 0))
    (tmp_path / "fork").mkdir()
    fork = append(Log(tmp_path / "fork", None), signer, [entry(n + 1) for n in range(9)])
    assert witness.add_checkpoint(_request(fork, 5)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    other = sign(str(Checkpoint(ORIGIN, 5, bytes(32))), [signer])
    same_size = Request(5, (), other, Checkpoint(ORIGIN, 5, bytes(32)))
    assert witness.add_checkpoint(bytes(same_size)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.add_checkpoint(_request(log, 5)).status == HTTPStatus.OK  # the right one, asked again


def test_an_empty_log_with_a_root_is_refused(witness, signer):
    head = Checkpoint(ORIGIN, 0, bytes(32))
    asked = Request(0, (), sign(str(head), [signer]), head)
    assert witness.add_checkpoint(bytes(asked)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    head = Checkpoint(ORIGIN, 2, bytes(32))
    asked = Request(0, (bytes(32),), sign(str(head), [signer]), head)
    assert witness.add_checkpoint(bytes(asked)).status == HTTPStatus.UNPROCESSABLE_ENTITY


def test_unknown_logs_and_wrong_signatures_are_refused(make_log, witness, signer):
    log = make_log(3)
    stranger = Signer("example.org/other", bytes(32))
    head = Checkpoint("example.org/other", 3, log.root)
    assert witness.add_checkpoint(bytes(Request(0, (), sign(str(head), [stranger]), head))).status == 404
    impostor = Signer(ORIGIN, bytes(32))
    head = log.signed.checkpoint
    assert witness.add_checkpoint(bytes(Request(0, (), sign(str(head), [impostor]), head))).status == 403
    raw = _request(log, 0).replace(b"\n3\n", b"\n4\n")
    assert witness.add_checkpoint(raw).status == 403


@pytest.mark.parametrize("raw", [b"", b"old 1\n", b"old 01\n\nx", b"new 1\n\nx", b"old 1\nAA==\n\nx", b"\xff\n\n"])
def test_what_is_no_request_is_refused(witness, raw):
    assert witness.add_checkpoint(raw).status == HTTPStatus.BAD_REQUEST


def test_a_proof_that_is_too_long_is_refused(make_log, witness):
    log = make_log(3)
    raw = bytes(Request(0, (bytes(32),) * 64, log.signed.note, log.signed.checkpoint))
    assert witness.add_checkpoint(raw).status == HTTPStatus.BAD_REQUEST


def test_a_witness_that_cannot_keep_it_does_not_cosign(make_log, witness, monkeypatch):
    from sekisho.ledger import witness as module

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, "write_atomically", full)
        with pytest.raises(OSError, match="No space"):
            witness.add_checkpoint(_request(make_log(3), 0))
    assert witness.add_checkpoint(_request(make_log(3, name="again"), 0)).status == HTTPStatus.OK


def test_a_witness_whose_memory_was_changed_does_not_cosign(make_log, witness):
    witness.add_checkpoint(_request(make_log(3), 0))
    path = next((witness.folder / "latest").iterdir())
    raw, log = path.read_bytes(), make_log(3, 9, name="grown")
    for wrong in (b"", raw.replace(b"witness.example", b"witless.example", 1), raw.replace(b"\n3\n", b"\n2\n")):
        path.write_bytes(wrong)
        with pytest.raises(WitnessError):
            witness.add_checkpoint(_request(log, 3))


def test_of_many_that_ask_at_once_each_answer_follows_the_one_before(make_log, witness):
    logs = [make_log(size, name=str(size)) for size in range(1, 9)]
    won: list[tuple[int, int]] = []

    def ask(log: Log) -> None:
        for old in range(9):
            if old <= log.size and witness.add_checkpoint(_request(log, old)).status == HTTPStatus.OK:
                won.append((old, log.size))

    threads = [threading.Thread(target=ask, args=(log,)) for log in logs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    last = 0
    for old, size in sorted(won):
        assert old == last
        last = size
    assert b"\n%d\n" % last in next((witness.folder / "latest").iterdir()).read_bytes()


def test_a_folder_that_is_no_witness_is_refused(tmp_path):
    assert not is_witness(tmp_path)
    with pytest.raises(WitnessError):
        Witness(tmp_path)
    with pytest.raises(NoteError):
        make(tmp_path / "w", "two words")


def test_only_keys_of_logs_are_known_as_logs(witness):
    with pytest.raises(NoteError):
        know(witness.folder, witness.keys)


@pytest.fixture
def url(witness):
    server = Server(("127.0.0.1", 0), witness)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_over_the_network_a_log_gets_its_cosignature(make_log, witness, url):
    for key in witness.keys:
        for old in (0, 3, 1):  # what we think that it saw last; it says so itself where that is wrong
            log = make_log(3, name=f"{key.kind}-{old}")
            line = cosignature(url, key, log, old)
            assert log.signed.note.with_lines([line]).signed_by([key]) == {key: NOW}


def test_over_the_network_a_witness_that_was_not_told_of_a_log_is_told_from_one_that_is_silent(
    make_log, witness, url, monkeypatch
):
    log = make_log(3)
    monkeypatch.setattr(witness, "logs", {})
    with pytest.raises(StrangerError):
        cosignature(url, witness.keys[0], log, 0)


def test_over_the_network_older_and_forked_logs_are_told_apart(make_log, witness, signer, url, tmp_path):
    key = witness.keys[0]
    cosignature(url, key, make_log(300), 0)
    with pytest.raises(LaterError) as later:
        cosignature(url, key, make_log(5, name="older"), 5)
    assert later.value.size == 300
    (tmp_path / "fork").mkdir()
    fork = append(Log(tmp_path / "fork", None), signer, [b"other"] * 301)
    with pytest.raises(RefusedError):
        cosignature(url, key, fork, 300)


def test_a_witness_that_is_not_there_is_silent(make_log, witness, url):
    log = make_log(3)
    with pytest.raises(SilentError):
        cosignature("http://127.0.0.1:1/", witness.keys[0], log, 0)
    with pytest.raises(SilentError, match="404"):
        cosignature(url + "elsewhere", witness.keys[0], log, 0)
    with pytest.raises(SilentError, match="another key"):
        cosignature(url, Signer("witness.example/w1", bytes(32), 4).verifier, log, 0)


@pytest.mark.parametrize(
    ("url", "possible"),
    [("http://h:1/x", True), ("https://h", True), ("ftp://h", False), ("h:1", False), ("http://", False)],
)
def test_urls_of_witnesses(url, possible):
    assert is_url(url) is possible


def test_the_proof_that_a_witness_checks_is_the_one_that_a_log_makes(make_log):
    log = make_log(5, 300)
    early = make_log(5, name="early")
    tree.check_consistency(5, 300, early.root, log.root, log.consistency(5))
