"""Signed statements: what somebody said with their key, in the one way that it can be written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.actors.keys import is_signed
from sekisho.vault.acts import Signer, canonical

VERSION = 1


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement, as canonical JSON, and a signature over its bytes."""

    statement: bytes
    signature: bytes

    @classmethod
    def by(cls, key: Signer, kind: str, said: Mapping[str, Any]) -> Signed:
        """A statement of a ``kind``, signed with ``key``."""
        statement = canonical({**said, "v": VERSION, "kind": kind})
        return cls(statement, key.sign(statement))

    @property
    def hash(self) -> str:
        """SHA-256 of the statement, hexadecimal: what others refer to."""
        return hashlib.sha256(self.statement).hexdigest()

    def is_by(self, public: bytes) -> bool:
        """Whether the holder of ``public`` signed exactly this."""
        return is_signed(public, self.statement, self.signature)

    def said(self, kind: str) -> dict[str, Any]:
        """What it says; raises ValueError where it is none of that ``kind`` or was not written as we write it."""
        said = json.loads(self.statement)
        if not isinstance(said, dict) or (said.get("v"), said.get("kind")) != (VERSION, kind):
            raise ValueError("another kind of statement")
        if canonical(said) != self.statement:
            raise ValueError("not canonical")
        return said
