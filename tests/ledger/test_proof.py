from dataclasses import replace

import pytest
from tests.ledger.conftest import entry

from sekisho.ledger.note import NoteError
from sekisho.ledger.policy import Policy, PolicyError
from sekisho.ledger.proof import Proof
from sekisho.ledger.tree import ProofError


def _proof(log, index: int) -> Proof:
    return Proof(index, log.tiles.entry(index), tuple(log.inclusion(index)), bytes(log.signed.note))


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_a_proof_holds_without_the_log(make_log, signer, index):
    raw = bytes(_proof(make_log(300), index))
    proof = Proof.of(raw)
    assert bytes(proof) == raw
    assert proof.entry == entry(index)
    assert proof.check(Policy(logs=(signer.verifier,))).checkpoint.size == 300
    assert raw.startswith(b"c2sp.org/tlog-proof@v1\nextra ")


def test_a_proof_of_something_else_does_not_hold(make_log, signer):
    policy = Policy(logs=(signer.verifier,))
    proof = _proof(make_log(300), 7)
    for wrong in (replace(proof, entry=b"other"), replace(proof, index=8), replace(proof, hashes=proof.hashes[1:])):
        with pytest.raises(ProofError):
            wrong.check(policy)
    with pytest.raises(PolicyError):
        proof.check(Policy())


def test_every_flipped_bit_of_a_proof_is_found(make_log, signer):
    policy = Policy(logs=(signer.verifier,))
    raw = bytes(_proof(make_log(3), 1))
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((NoteError, ProofError, PolicyError)):
            Proof.of(bytes(changed)).check(policy)


FIRST = b"c2sp.org/tlog-proof@v1\n"
NONE = [b"", b"\n", b"index 01\n\nx", b"extra AA==\n\nx", b"index 1\nAA==\n\nx", b"\xff\n\n"]


@pytest.mark.parametrize("raw", [b"", b"c2sp.org/tlog-proof@v2\nindex 1\n\n", *(FIRST + one for one in NONE)])
def test_what_is_no_proof_is_refused(raw):
    with pytest.raises(NoteError):
        Proof.of(raw)
