"""Proofs to hand over (C2SP tlog-proof): that an entry is in a log, checkable without the log and without a network.

The entry itself stands in the ``extra`` line. It may be believed once the proof holds: the proof is of its hash.
"""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.ledger import tree
from sekisho.ledger.checkpoint import Signed, hash_of, read, whole_number
from sekisho.ledger.note import MOST_BYTES, Note, NoteError, Verifier, decode64, encode64
from sekisho.ledger.policy import Policy

SUFFIX = ".tlog-proof"
_FIRST = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """That ``entry`` stands at ``index`` of the log at ``checkpoint``, a signed note."""

    index: int
    entry: bytes
    hashes: tuple[bytes, ...]
    checkpoint: bytes

    def __bytes__(self) -> bytes:
        extra = [f"extra {encode64(self.entry)}"] if self.entry else []
        lines = [_FIRST, *extra, f"index {self.index}", *map(encode64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def of(cls, raw: bytes) -> Proof:
        """The proof in ``raw``, not checked yet; raises NoteError."""
        above, mark, checkpoint = raw.partition(b"\n\n")
        try:
            first, *lines = above.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise NoteError("not a proof") from error
        if first != _FIRST or not mark or not lines or len(raw) > 2 * MOST_BYTES:
            raise NoteError("not a proof")
        entry = decode64(lines.pop(0).removeprefix("extra ")) if lines[0].startswith("extra ") else b""
        if not lines or not lines[0].startswith("index ") or len(lines) > 1 + _MOST_HASHES:
            raise NoteError("not a proof")
        index = whole_number(lines[0].removeprefix("index "))
        return cls(index, entry, tuple(map(hash_of, lines[1:])), checkpoint)

    def check(self, policy: Policy) -> Signed:
        """The checkpoint that proves it; raises NoteError, tree.ProofError, policy.PolicyError."""
        origin = Note.of(self.checkpoint).text.partition("\n")[0]
        log = policy.log(origin)
        signed = read(self.checkpoint, log, policy.witnesses.values())
        policy.demand(signed.by)
        head = signed.checkpoint
        tree.check_inclusion(tree.leaf_hash(self.entry), self.index, head.size, self.hashes, head.root)
        return signed


def witnesses_of(signed: Signed, log: Verifier) -> dict[str, int]:
    """Who but the log signed, and when (seconds since 1970)."""
    return {key.name: when for key, when in signed.by.items() if key != log and when is not None}
