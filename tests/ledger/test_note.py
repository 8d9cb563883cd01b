import pytest

from sekisho.ledger.checkpoint import Checkpoint, read
from sekisho.ledger.note import COSIGNATURE, ML_DSA_44, Note, NoteError, Signer, Verifier, sign, signature_lines

EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
"""From the definition of signed notes."""
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
LOG = Signer("example.com/log", b"l" * 32)
WITNESS = Signer("witness.example.com/w1", b"w" * 32, COSIGNATURE)
LATTICE = Signer("witness.example.com/w1", b"w" * 32, ML_DSA_44)
TEXT = str(Checkpoint("example.com/log", 3, bytes(32)))


def test_the_example_of_the_definition_is_read_and_written_back():
    note = Note.of(EXAMPLE.encode())
    assert note.text == "This is an example message.\n"
    assert note.signed_by([Verifier.of(VKEY)]) == {Verifier.of(VKEY): None}
    assert bytes(note) == EXAMPLE.encode()
    assert str(Verifier.of(VKEY)) == VKEY


def test_signatures_of_strangers_are_passed_over():
    assert Note.of(EXAMPLE.encode()).signed_by([LOG.verifier]) == {}
    with pytest.raises(NoteError, match="not signed by"):
        read(bytes(sign(TEXT, [Signer("example.com/log", bytes(32))])), LOG.verifier)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"no signature\n",
        b"text\n\n",
        b"text\n\nno dash\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"tab\there\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a AAAA\n",  # an id and no signature
        b"text\n\n\xe2\x80\x94 a+b AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAAA",  # no line feed
        b"text\n\n\xe2\x80\x94 a AAAAAAB=\n",  # padding that is not zero
    ],
)
def test_what_is_no_note_is_refused(raw):
    with pytest.raises(NoteError):
        Note.of(raw)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        "a+b",
        VKEY[:-1],
        VKEY.replace("530d", "530e"),
        VKEY.replace("foo", "fox"),
        "a b" + VKEY[11:],
        "+00+AQ==",
    ],
)
def test_what_is_no_key_is_refused(vkey):
    with pytest.raises(NoteError):
        Verifier.of(vkey)


@pytest.mark.parametrize("witness", [WITNESS, LATTICE], ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_says_when(witness):
    note = sign(TEXT, [LOG]).with_lines(signature_lines(witness.sign(TEXT, 1679315147)))
    signed = read(bytes(note), LOG.verifier, [witness.verifier])
    assert signed.by == {LOG.verifier: None, witness.verifier: 1679315147}
    later = signature_lines(witness.sign(TEXT, 1679315148))[0]
    assert read(bytes(note.with_lines([later])), LOG.verifier, [witness.verifier]).by[witness.verifier] == 1679315148
    with pytest.raises(NoteError, match="wrong"):
        witness.verifier.check(TEXT, later.made[:7] + b"\x00" + later.made[8:])  # another time
    with pytest.raises(NoteError, match="wrong"):
        witness.verifier.check(TEXT.replace("3", "4"), later.made)


def test_the_cosignature_of_the_definition_signs_the_time_and_the_whole_text():
    """The key of the example in C2SP tlog-cosignature is not published; its message is."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    made = signature_lines(WITNESS.sign(TEXT, 1679315147))[0]
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    Ed25519PublicKey.from_public_bytes(WITNESS.verifier.public).verify(made.made[8:], message)
    assert made.made[:8] == (1679315147).to_bytes(8, "big")


def test_one_key_is_two_signers_with_two_ids():
    plain = Signer(WITNESS.verifier.name, b"w" * 32)
    assert plain.verifier.public == WITNESS.verifier.public
    assert plain.verifier.id != WITNESS.verifier.id


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\nAA==\n", "\n1\nAA==\n", "a\n-1\nAA==\n", f"a\n1\n{'A' * 43}=\n\n", "a\n1\nAAAA\n"]
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        Checkpoint.of(text)


def test_a_checkpoint_with_extensions_is_read():
    text = TEXT + "more\n"
    assert Checkpoint.of(text).extensions == ("more",)
    assert str(Checkpoint.of(text)) == text
