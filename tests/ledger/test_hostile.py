"""Whatever comes from outside is refused in one way, or read and written back byte for byte."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ledger.checkpoint import Checkpoint
from sekisho.ledger.note import Note, NoteError, Signer, Verifier, sign
from sekisho.ledger.policy import Policy, PolicyError
from sekisho.ledger.proof import Proof
from sekisho.ledger.tiles import packed, unpacked
from sekisho.ledger.tree import EMPTY_ROOT, ProofError, check_consistency, check_inclusion
from sekisho.ledger.verify import leaf_hashes
from sekisho.ledger.witness import Request

LOG = Signer("example.org/log", b"l" * 32)
HEAD = Checkpoint("example.org/log", 7, bytes(32))
NOTE = bytes(sign(str(HEAD), [LOG]))
SEEDS = [NOTE, b"old 3\n" + b"A" * 43 + b"=\n\n" + NOTE, bytes(Proof(3, b"{}", (bytes(32),), NOTE))]
SEEDS += [str(LOG.verifier).encode(), f"log {LOG.verifier}\nquorum none\n".encode()]


@st.composite
def changed(draw):
    """One of the seeds with some bytes replaced, dropped or put in."""
    raw = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b"\n", b"\n\n", b" ", b"="])
        )
    return bytes(raw)


HOSTILE = st.one_of(changed(), st.binary(max_size=200))


@settings(max_examples=300)
@given(HOSTILE)
def test_notes_requests_and_proofs_are_read_as_they_are_or_refused(raw):
    for kind in (Note, Request, Proof):
        try:
            read = kind.of(raw)
        except NoteError:
            continue
        assert bytes(read) == raw or kind is Proof  # an empty entry may be written in two ways
        if kind is Proof:
            with pytest.raises((NoteError, ProofError, PolicyError)):
                read.check(Policy(logs=(Signer("example.org/other", bytes(32)).verifier,)))


@settings(max_examples=300)
@given(HOSTILE)
def test_keys_and_policies_are_read_or_refused(raw):
    text = raw.decode("latin-1")
    with suppress(NoteError):
        assert str(Verifier.of(text)) == text.strip()
    with suppress(PolicyError):
        policy = Policy.of(text)
        assert Policy.of(str(policy)) == policy


@given(st.binary(max_size=300))
def test_bundles_are_read_or_refused(raw):
    with suppress(ValueError):
        assert packed(unpacked(raw)) == raw
    leaf_hashes(raw)


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_a_bundle_holds_what_was_put_in(entries):
    assert unpacked(packed(entries)) == entries
    assert len(leaf_hashes(packed(entries))) == len(entries)


SIZES = st.integers(-2, 2**64)


@given(SIZES, SIZES, st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_proofs_made_of_noise_prove_nothing(first, second, hashes):
    with pytest.raises(ProofError):
        check_inclusion(bytes(32), first, second, hashes, EMPTY_ROOT)
    with pytest.raises(ProofError):
        check_consistency(first, second, bytes(32), EMPTY_ROOT, hashes)
