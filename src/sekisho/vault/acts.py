"""Who acts, and what an act says of itself in the ledger: one canonical entry, without personal data.

An entry is JSON with sorted keys, no spaces, ASCII and whole numbers only, so that the same act has the same bytes
everywhere. What it is about stands in it as a commitment only, under a random key of its own: HMAC-SHA-256 over the
canonical bytes of the object. Without the key the commitment says nothing, not even for a ten-digit number.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sekisho.errors import ApprovalError, RightsError
from sekisho.wording import Text

VERSION = 1
BLIND_BYTES = 32
MOST_BYTES = 65_535
"""The longest entry (C2SP tlog-tiles)."""
REFUSED = "refused"
"""The action of an entry that says that another one was refused."""


class Signer(Protocol):
    """A key that somebody signed in with; ``id`` is what the ledger calls them."""

    @property
    def id(self) -> str:
        """The id of the key, hexadecimal."""

    def sign(self, statement: bytes) -> bytes:
        """A signature over a statement."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts. ``actor``: the id of their key, empty for the owner, who has none; ``allowed`` actions, None for all.

    ``session``: the sign-in that this stands on, ``purpose``: what for, as far as that was said; ``unsaid``: actions
    that wait for one. ``four_eyes``: actions that another actor has to approve. ``key``: what they sign with.
    ``statements``: how many there were about actors when this was so; None: nobody asks.
    ``says``: what actions are, in words.
    """

    actor: str = ""
    role: str = ""
    session: str = ""
    purpose: str = ""
    incident: int | None = None
    allowed: frozenset[str] | None = frozenset()
    unsaid: frozenset[str] = frozenset()
    four_eyes: frozenset[str] = frozenset()
    key: Signer | None = field(default=None, repr=False, compare=False)
    statements: int | None = None
    says: Mapping[str, Text] = field(default_factory=dict, repr=False, compare=False)

    def may(self, action: str) -> bool:
        """Whether the action is theirs to do."""
        return self.allowed is None or action in self.allowed

    def demand(self, action: str) -> None:
        """Raises RightsError where it is not, or nobody said what for."""
        if self.may(action):
            if action in self.unsaid:
                raise _no_purpose(self._called(action))
            return
        said = Text("The role {role} does not do this: {called}.", "役割 {role} には権限がありません: {called}。")
        nobody = Text("Nobody is signed in.", "サインインが必要です。")
        raise RightsError(
            (said if self.actor else nobody).fill(role=self.role or "-", called=self._called(action)),
            Text(
                "Sign in as somebody who may: --as NAME (`sekisho actor list` shows the roles).",
                "権限のある人でサインインしてください: --as 名前（役割は `sekisho actor list`）。",
            ),
            "role" if self.actor else "nobody",
        )

    def _called(self, action: str) -> Text:
        if action not in self.says:
            return Text(action, action)
        return Text("{says} ({action})", "{says}（{action}）").fill(says=self.says[action], action=action)

    def demand_approval(self, draft: Draft) -> None:
        """Raises ApprovalError where another actor has to approve what was done, and none did."""
        if draft.action in self.four_eyes and not draft.approved:
            raise ApprovalError(
                Text("Nobody approved this: {action}.", "承認されていません: {action}。").fill(action=draft.action),
                Text(
                    "It is proposed first; another actor approves it: `sekisho proposal list`.",
                    "先に提案し、別の利用者の承認を得てください: `sekisho proposal list`。",
                ),
                "not_approved",
            )


OWNER = Acting(role="owner", allowed=None)
"""Whoever holds the vault's secret, as long as the vault has no actors."""
NOBODY = Acting()
"""A vault that has actors, before one of them has signed in."""


@dataclass(frozen=True, slots=True)
class Seen:
    """At whom somebody looked: single persons by their marks (`vault.looks`), or everybody in a thing.

    ``scope`` and ``upto``: the thing (register, merges, scan) and the number of the last act, or scan, that made it.
    """

    marks: tuple[bytes, ...] = field(default=(), repr=False)
    scope: str = ""
    upto: int = 0

    def told(self, blind: bytes) -> dict[str, Any]:
        """What the entry says of it."""
        if self.scope:
            return {"scope": self.scope, "upto": self.upto}
        return {"marks": len(self.marks), "commitment": commitment(blind, of_marks(self.marks))}


def of_marks(marks: Iterable[bytes]) -> bytes:
    """The canonical bytes of some marks, in whatever order."""
    return canonical(sorted(mark.hex() for mark in marks))


@dataclass(slots=True)
class Draft:
    """One act on its way. What it counted and is about may become known while it is carried out.

    ``about``: canonical bytes of what the entry commits to, empty for nothing. ``refers``: hash of the proposal that
    is carried out. ``more``: what only this action says; nothing personal, JSON-able, no fractions. ``seq``: the
    entry's place in the ledger, once the act is done. ``seen``: at whom somebody looked. ``approved``: hashes of the
    proposals that it decides, or carries out as they were approved.
    """

    action: str
    counts: dict[str, int] = field(default_factory=dict)
    about: bytes = field(default=b"", repr=False)
    incident: int | None = None
    refers: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    seq: int = -1
    seen: Seen | None = None
    approved: list[str] = field(default_factory=list)


def actors_changed() -> RightsError:
    """The error for who signed in before the actors changed, where they cannot be looked at again."""
    return RightsError(
        Text("The actors changed meanwhile.", "利用者の登録が変更されました。"),
        Text("Sign in again.", "もう一度サインインしてください。"),
        "changed",
    )


def _no_purpose(called: Text) -> RightsError:
    return RightsError(
        Text("It is not said what for: {called}.", "目的が指定されていません: {called}。").fill(called=called),
        Text(
            "Say it, as --purpose incident (`sekisho actor roles` lists the purposes).",
            "目的を指定してください（例: --purpose incident。一覧は `sekisho actor roles`）。",
        ),
        "purpose",
    )


def entry(draft: Draft, acting: Acting, when: str, blind: bytes, root: bytes = b"") -> bytes:
    """The bytes of the entry; ``when`` ISO 8601 in UTC. Raises ValueError where it would be too long or not whole.

    An actor signs it, with its place and the ``root`` of all entries before it: nobody else can write it, put it
    elsewhere, or change what was before.
    """
    said = {
        "v": VERSION,
        "time": when,
        "actor": acting.actor,
        "role": acting.role,
        "session": acting.session,
        "purpose": acting.purpose,
        "action": draft.action,
        "incident": acting.incident if draft.incident is None else draft.incident,
        "counts": draft.counts,
        "commitment": commitment(blind, draft.about) if draft.about else "",
        "refers": draft.refers,
        "more": {**draft.more, "seen": draft.seen.told(blind)} if draft.seen else draft.more,
    }
    _whole(said)
    if acting.key:
        said["signature"] = b64encode(acting.key.sign(_signed(said, draft.seq, root))).decode("ascii")
    made = _ENCODE(said).encode("ascii")
    if len(made) > MOST_BYTES:
        raise ValueError(f"an entry of {len(made)} bytes")
    return made


def signed_part(said: Mapping[str, Any], seq: int, root: bytes) -> bytes:
    """What the actor of an entry signs: all it says, its place, and the root of all entries before it."""
    told = {name: value for name, value in said.items() if name != "signature"}
    _whole(told)
    return _signed(told, seq, root)


def _signed(told: Mapping[str, Any], seq: int, root: bytes) -> bytes:
    return _ENCODE({**told, "kind": "entry", "seq": seq, "root": root.hex()}).encode("ascii")


def commitment(blind: bytes, about: bytes) -> str:
    """What an entry says of an object, hexadecimal; whoever has both can check it, nobody else can guess it."""
    return hmac.digest(blind, about, "sha256").hex()


def new_blind() -> bytes:
    """A key for one commitment."""
    return secrets.token_bytes(BLIND_BYTES)


def canonical(value: object) -> bytes:
    """JSON in the one way that we write it; raises ValueError for a fraction, TypeError for what JSON has not."""
    _whole(value)
    return _ENCODE(value).encode("ascii")


_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode
"""One for all: to make one for each entry takes a third of the time."""


_PLAIN = frozenset({str, int, bool})


def _whole(value: object) -> None:
    if value is None or type(value) in _PLAIN:
        return
    if isinstance(value, float):
        raise ValueError("a fraction")
    if isinstance(value, dict):
        for one in value.values():
            _whole(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _whole(one)
