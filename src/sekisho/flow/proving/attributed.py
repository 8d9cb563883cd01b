"""Whether what the ledger says of actors is theirs: each signed their sign-in, and every entry in their name.

Whoever holds the vault's secret could write entries in somebody's name, or take rows out of the list of actors; without
that actor's key, and an officer's, neither fits together any more.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sekisho.actors import Actor, Roster, rosters_of
from sekisho.actors.enlist import CHANGES
from sekisho.actors.four_eyes import REFUSING
from sekisho.actors.keys import is_signed
from sekisho.actors.sign_in import SIGN_IN, signed_in
from sekisho.ledger.read import Said, said
from sekisho.vault import Vault
from sekisho.vault.acts import signed_part
from sekisho.vault.outbox import Head

ONCE = frozenset({*CHANGES, "vault.forget", "vault.unhold"})
"""Actions that a proposal is carried out by as one act; what goes on after a kill (plans) is one more."""
HEADS_KEPT = 100_000
"""How many entries may come between what an actor saw of the ledger and the entry of their sign-in."""


@dataclass(slots=True)
class _Known:
    """What the ledger has told so far."""

    rosters: dict[str, Roster]
    roster: Roster = field(default_factory=Roster)
    sessions: dict[str, str] = field(default_factory=dict)
    heads: deque[Head] = field(default_factory=lambda: deque(maxlen=HEADS_KEPT))
    refused: set[str] = field(default_factory=set)  # proposals
    carried_out: set[str] = field(default_factory=set)


def untrue(vault: Vault) -> Iterator[tuple[int, str]]:
    """Entries that nobody vouches for, by their place, and what is wrong; -1 where the list of actors is not theirs.

    Raises LedgerError, and VaultError where the list of actors was tampered with.
    """
    known = _Known(rosters_of(vault))
    for one in said(vault):
        known.heads.append(one.head)
        wrong = _wrong(known, one) or _by_proposal(known, one)
        if wrong:
            yield one.seq, wrong
    if known.roster.head != next(reversed(known.rosters), ""):
        yield -1, "the list of actors is not the one that the ledger speaks of"


def _by_proposal(known: _Known, one: Said) -> str:
    """A proposal is carried out once, and not when it was refused: the store's own word for that could be changed."""
    proposal = one.entry["refers"]
    if one.action == REFUSING:
        known.refused.add(proposal)
    if not proposal or one.action not in ONCE:
        return ""
    if proposal in known.refused:
        return "an act whose proposal had been refused"
    if proposal in known.carried_out:
        return "an act whose proposal had been carried out before"
    known.carried_out.add(proposal)
    return ""


def _wrong(known: _Known, one: Said) -> str:
    if one.action in CHANGES:
        roster = known.rosters.get(str(one.more.get("roster")))
        if roster is None:
            return "a change of the actors that is not in their list"
        wrong = _by_session(known, one)
        known.roster = roster
        return wrong
    return _sign_in(known, one) if one.action == SIGN_IN else _by_session(known, one)


def _sign_in(known: _Known, one: Said) -> str:
    entry, more = one.entry, one.more
    actor = known.roster.actors.get(entry["actor"])
    size = more.get("size")
    head = next((head for head in reversed(known.heads) if head.size == size), None)
    if actor is None or head is None or head.root().hex() != more.get("root"):
        return "a sign-in that does not fit to the ledger"
    if more.get("session") != entry["session"] or entry["role"] != actor.role or not _is_theirs(more, actor.public):
        return "a sign-in that its actor did not sign"
    known.sessions[entry["session"]] = actor.id
    return _by_session(known, one)


def _is_theirs(more: dict[str, Any], public: bytes) -> bool:
    try:
        return signed_in({k: v for k, v in more.items() if k != "signature"}, b64decode(more["signature"])).is_by(
            public
        )
    except (KeyError, TypeError, ValueError, NotBase64):
        return False


def _by_session(known: _Known, one: Said) -> str:
    entry = one.entry
    if not entry["actor"]:
        return "" if entry["role"] in ("", "owner") and (not known.roster.actors or not entry["role"]) else "no owner"
    if known.sessions.get(entry["session"]) != entry["actor"]:
        return "an act in the name of somebody who had not signed in"
    if known.roster.actors[entry["actor"]].role != entry["role"]:
        return "an act in a role that the actor did not have"
    return "" if _is_signed(known.roster.actors[entry["actor"]], one) else "an act that its actor did not sign"


def _is_signed(actor: Actor, one: Said) -> bool:
    part = signed_part(one.entry, one.seq, one.head.root())
    try:
        return is_signed(actor.public, part, b64decode(one.entry["signature"]))
    except (KeyError, TypeError, ValueError, NotBase64):
        return False
