"""A witness (C2SP tlog-witness): cosigns checkpoints of logs that it knows, and never two that contradict each other.

It keeps one checkpoint of each log, the latest that it cosigned. Looking at that and keeping the next one is one step
that nothing comes between, durable before the answer goes out: whoever holds the log's key cannot show it an older or
another log afterwards. It sees sizes and hashes, no entries.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from sekisho.ledger import tree
from sekisho.ledger.checkpoint import Checkpoint, hash_of, whole_number
from sekisho.ledger.note import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    MOST_BYTES,
    Note,
    NoteError,
    Signer,
    Verifier,
    encode64,
    signature_lines,
)
from sekisho.vault.files import make_folder, write_atomically

MOST_HASHES = 63
_SIZE = "text/x.tlog.size"


class WitnessError(Exception):
    """The folder of the witness is damaged, or is none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """A checkpoint with the proof that it goes on from one of ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def of(cls, raw: bytes) -> Request:
        """The request in ``raw``; raises NoteError."""
        above, mark, below = raw.partition(b"\n\n")
        try:
            first, *hashes = above.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise NoteError("not a request") from error
        if not mark or not first.startswith("old ") or len(hashes) > MOST_HASHES or len(raw) > MOST_BYTES:
            raise NoteError("not a request")
        note = Note.of(below)
        old = whole_number(first.removeprefix("old "))
        return cls(old, tuple(map(hash_of, hashes)), note, Checkpoint.of(note.text))

    def __bytes__(self) -> bytes:
        lines = [f"old {self.old}", *map(encode64, self.proof), "", ""]
        return "\n".join(lines).encode() + bytes(self.note)


class Witness:
    """A witness whose key and memory lie in ``folder``, and which knows ``logs``."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Raises WitnessError where ``folder`` is not one that `make` made."""
        self.folder = folder
        self._clock = clock
        self._threads = threading.Lock()
        try:
            said = json.loads((folder / "key").read_bytes())
            name, seed = said["name"], bytes.fromhex(said["seed"])
            lattice = hashlib.sha256(b"ml-dsa-44\0" + seed).digest()
            self._signers = [Signer(name, seed, COSIGNATURE), Signer(name, lattice, ML_DSA_44)]
            self.logs = {key.name: key for key in map(Verifier.of, (folder / "logs").read_text("utf-8").splitlines())}
        except (OSError, ValueError, KeyError, TypeError, NoteError) as error:
            raise WitnessError(str(folder)) from error

    @property
    def keys(self) -> list[Verifier]:
        """What logs and readers know it by: an Ed25519 key and an ML-DSA-44 key, one signature of each."""
        return [one.verifier for one in self._signers]

    def add_checkpoint(self, raw: bytes) -> Reply:
        """Cosign a checkpoint, or say why not; raises OSError, WitnessError, and has then not cosigned."""
        try:
            asked = Request.of(raw)
        except NoteError:
            return Reply(HTTPStatus.BAD_REQUEST)
        if refused := self._not_its_log(asked):
            return refused
        with self._alone():
            latest = self._latest(asked.checkpoint.origin)
            if refused := _no_successor(asked, latest):
                return refused
            when = int(self._clock())
            lines = "".join(one.sign(asked.note.text, when) for one in self._signers)
            self._keep(asked, lines)
        return Reply(HTTPStatus.OK, lines.encode())

    def latest(self, origin_hash: str) -> bytes | None:
        """The latest checkpoint that it cosigned of the log whose origin has this SHA-256 (hexadecimal)."""
        known = {_name(origin) for origin in self.logs}
        path = self.folder / "latest" / origin_hash
        return path.read_bytes() if origin_hash in known and path.exists() else None

    def _not_its_log(self, asked: Request) -> Reply | None:
        log = self.logs.get(asked.checkpoint.origin)
        if log is None:
            return Reply(HTTPStatus.NOT_FOUND)
        try:
            signed = asked.note.signed_by([log])
        except NoteError:
            return Reply(HTTPStatus.FORBIDDEN)
        if not signed:
            return Reply(HTTPStatus.FORBIDDEN)
        return None if asked.old <= asked.checkpoint.size else Reply(HTTPStatus.BAD_REQUEST)

    def _latest(self, origin: str) -> Checkpoint | None:
        path = self.folder / "latest" / _name(origin)
        try:
            note = Note.of(path.read_bytes())
            if len(note.signed_by(self.keys)) != len(self._signers):
                raise WitnessError(str(path))
            return Checkpoint.of(note.text)
        except FileNotFoundError:
            return None
        except NoteError as error:
            raise WitnessError(str(path)) from error

    def _keep(self, asked: Request, lines: str) -> None:
        log = self.logs[asked.checkpoint.origin]
        own = [one for one in asked.note.signatures if (one.name, one.id) == (log.name, log.id)]
        note = Note(asked.note.text, (*own, *signature_lines(lines)))
        path = self.folder / "latest" / _name(asked.checkpoint.origin)
        write_atomically(path, lambda file: file.write(bytes(note)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._threads, (self.folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def make(folder: Path, name: str) -> None:
    """Make the folder of a new witness with a new key; raises OSError, NoteError for a name that cannot be."""
    seed = secrets.token_bytes(32)
    Signer(name, seed, COSIGNATURE)
    make_folder(folder / "latest")
    if not (folder / "logs").exists():
        write_atomically(folder / "logs", lambda _: None)
    said = json.dumps({"name": name, "seed": seed.hex()}).encode()
    write_atomically(folder / "key", lambda file: file.write(said))


def is_witness(folder: Path) -> bool:
    """Whether a witness was made in ``folder``."""
    return (folder / "key").is_file()


def know(folder: Path, logs: Sequence[Verifier]) -> None:
    """Have the witness in ``folder`` know more logs; raises OSError, NoteError for a key that no log has."""
    known = (folder / "logs").read_text("utf-8").splitlines()
    if any(one.kind != ED25519 for one in logs):
        raise NoteError("not the key of a log")
    lines = list(dict.fromkeys([*known, *map(str, logs)]))
    raw = "".join(f"{line}\n" for line in lines).encode()
    write_atomically(folder / "logs", lambda file: file.write(raw))


def _no_successor(asked: Request, latest: Checkpoint | None) -> Reply | None:
    """Why the checkpoint does not follow the latest one."""
    size, root = (latest.size, latest.root) if latest else (0, tree.EMPTY_ROOT)
    if asked.old != size:
        return Reply(HTTPStatus.CONFLICT, f"{size}\n".encode(), _SIZE)
    try:
        tree.check_consistency(size, asked.checkpoint.size, root, asked.checkpoint.root, asked.proof)
    except tree.ProofError:
        return Reply(HTTPStatus.UNPROCESSABLE_ENTITY)
    return None


def _name(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()
