"""Signed notes (C2SP signed-note): a text, and who signed it.

Signature types: plain Ed25519 (1) of logs, and the timestamped cosignatures of witnesses (C2SP tlog-cosignature):
Ed25519 (4) and ML-DSA-44 (6).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

Kind = Literal[1, 4, 6]
ED25519: Final = 1
COSIGNATURE: Final = 4
ML_DSA_44: Final = 6
_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
_SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: 8 + 64, ML_DSA_44: 8 + 2420}
MOST_SIGNATURES = 64
MOST_BYTES = 512 * 1024
_LATEST = 2**63 - 1
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteError(Exception):
    """A note, key or signature is not one, or was not made by whom it says."""


@dataclass(frozen=True)
class Verifier:
    """A public key with the name of whom it belongs to, written as a *vkey*: ``name+id+key``."""

    name: str
    kind: Kind
    public: bytes

    @classmethod
    def of(cls, vkey: str) -> Verifier:
        """The key that ``vkey`` writes; raises NoteError."""
        name, mark, rest = vkey.strip().partition("+")
        written, second, key = rest.partition("+")
        decoded = decode64(key) if mark and second else b""
        if not _NAME.fullmatch(name) or not decoded or len(decoded) - 1 != _KEY_BYTES.get(decoded[0]):
            raise NoteError("not a verifier key")
        kind: Kind = 1 if decoded[0] == ED25519 else 4 if decoded[0] == COSIGNATURE else 6
        made = cls(name, kind, decoded[1:])
        if made.id.hex() != written:
            raise NoteError("not a verifier key: its id is another one's")
        return made

    @cached_property
    def id(self) -> bytes:
        """Four bytes that tell this key from others of the name."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode64(bytes([self.kind]) + self.public)}"

    def check(self, text: str, signature: bytes) -> int | None:
        """When ``text`` was signed, as far as the signature says; raises NoteError where this key did not make it."""
        if len(signature) != _SIGNATURE_BYTES[self.kind]:
            raise NoteError(f"the signature of {self.name} is none")
        when = None if self.kind == ED25519 else int(struct.unpack(">Q", signature[:8])[0])
        if when is not None and when > _LATEST:
            raise NoteError(f"the signature of {self.name} is of no time")
        try:
            self._verify(signature if when is None else signature[8:], message(self.kind, self.name, text, when))
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} is wrong") from error
        return when

    def _verify(self, signature: bytes, signed: bytes) -> None:
        if self.kind == ML_DSA_44:
            MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, signed)
        else:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)


class Signer:
    """A private key with the name of whom it belongs to."""

    def __init__(self, name: str, seed: bytes, kind: Kind = 1) -> None:
        """``seed``: 32 random bytes that are the key. Raises NoteError for a name that no note can bear."""
        if not _NAME.fullmatch(name):
            raise NoteError("a name without spaces and plus signs is needed")
        self._key: Ed25519PrivateKey | MLDSA44PrivateKey = (
            MLDSA44PrivateKey.from_seed_bytes(seed) if kind == ML_DSA_44 else Ed25519PrivateKey.from_private_bytes(seed)
        )
        self.verifier = Verifier(name, kind, self._key.public_key().public_bytes_raw())

    def sign(self, text: str, when: int | None = None) -> str:
        """The signature line for ``text``; a cosignature says ``when`` (seconds since 1970)."""
        mine = self.verifier
        if (when is None) != (mine.kind == ED25519):
            raise ValueError("only cosignatures tell the time")
        made = self._key.sign(message(mine.kind, mine.name, text, when))
        stamp = b"" if when is None else struct.pack(">Q", when)
        return f"\u2014 {mine.name} {encode64(mine.id + stamp + made)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose it says it is."""

    name: str
    id: bytes
    made: bytes

    def __str__(self) -> str:
        return f"\u2014 {self.name} {encode64(self.id + self.made)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was read, its signatures not looked at yet. ``text`` ends with a line feed."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def of(cls, raw: bytes) -> Note:
        """The note in ``raw``; raises NoteError."""
        if len(raw) > MOST_BYTES:
            raise NoteError("too long for a note")
        try:
            whole = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteError("not UTF-8") from error
        text, mark, below = whole.rpartition("\n\n")
        if _CONTROL.search(whole) or not mark or not below.endswith("\n"):
            raise NoteError("not a note")
        return cls(text + "\n", signature_lines(below))

    def __bytes__(self) -> bytes:
        return f"{self.text}\n{''.join(map(str, self.signatures))}".encode()

    def signed_by(self, known: Iterable[Verifier]) -> dict[Verifier, int | None]:
        """Which of the ``known`` signed it, and when; raises NoteError where a signature of one of them is wrong."""
        found: dict[Verifier, int | None] = {}
        keys = {(one.name, one.id): one for one in known}
        for line in self.signatures:
            if verifier := keys.get((line.name, line.id)):
                found[verifier] = verifier.check(self.text, line.made)
        return found

    def with_lines(self, lines: Iterable[Signature]) -> Note:
        """The same note with more signatures; a newer one of a key takes the place of its older one."""
        kept = {(one.name, one.id): one for one in (*self.signatures, *lines)}
        return Note(self.text, tuple(kept.values()))


def signature_lines(below: str) -> tuple[Signature, ...]:
    """The signatures that stand in ``below``, one a line; raises NoteError."""
    lines = below.split("\n")
    if lines.pop() or not lines or len(lines) > MOST_SIGNATURES:
        raise NoteError("not a list of signatures")
    return tuple(map(_signature, lines))


def sign(text: str, signers: Sequence[Signer]) -> Note:
    """``text`` signed by plain keys."""
    return Note(text, signature_lines("".join(one.sign(text) for one in signers)))


def message(kind: Kind, name: str, text: str, when: int | None) -> bytes:
    """What a signature over the note ``text`` signs."""
    if kind == ED25519:
        return text.encode()
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {when}\n{text}".encode()
    origin, size, root = _head(text)
    return b"".join(
        (
            *(b"subtree/v1\n\0", _short(name.encode()), struct.pack(">Q", when or 0)),
            *(_short(origin.encode()), struct.pack(">QQ", 0, size), root),
        )
    )


def encode64(raw: bytes) -> str:
    """Base 64 of RFC 4648, section 4."""
    return base64.b64encode(raw).decode("ascii")


def decode64(written: str) -> bytes:
    """The bytes of base 64 in its only right writing, so that no bit of it can change unseen; raises NoteError."""
    try:
        raw = base64.b64decode(written.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base 64") from error
    if encode64(raw) != written:
        raise NoteError("not base 64 as it is written")
    return raw


def _signature(line: str) -> Signature:
    dash, mark, rest = line.partition(" ")
    name, second, written = rest.partition(" ")
    if dash != "\u2014" or not mark or not second or not _NAME.fullmatch(name):
        raise NoteError("not a signature")
    raw = decode64(written)
    if len(raw) <= 4:
        raise NoteError("not a signature")
    return Signature(name, raw[:4], raw[4:])


def _head(text: str) -> tuple[str, int, bytes]:
    lines = text.split("\n")
    if len(lines) < 4 or not lines[1].isascii() or not lines[1].isdigit():
        raise NoteError("not a checkpoint")
    return lines[0], int(lines[1]), decode64(lines[2])


def _short(raw: bytes) -> bytes:
    if not 1 <= len(raw) <= 255:
        raise NoteError("a name of no fitting length")
    return bytes([len(raw)]) + raw
