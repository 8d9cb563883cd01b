"""Proposals and approvals: what one actor proposes another approves, over the hash of exactly what is proposed.

A proposal is a signed statement that holds the hash of what is to be done, a random number (so that its own hash
tells nobody what it is about) and who proposes it. An approval is another actor's signed statement over the hash of
that. All of it is looked at again, against the actors and the policy of that moment, when it is carried out.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.actors.roles import Action, Policy
from sekisho.actors.roster import Actor, Roster
from sekisho.actors.statements import Signed
from sekisho.actors.why import Why, refused
from sekisho.vault.acts import Signer, canonical

PROPOSAL, APPROVAL = "proposal", "approval"
APPROVE, REFUSE = "approve", "refuse"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed: the ``payload``'s hash stands in the statement, and so in the ``hash`` that is approved."""

    hash: str
    action: str
    proposer: str
    at: str
    payload: str


def payload_hash(payload: Mapping[str, Any]) -> str:
    """SHA-256 of what is to be done, hexadecimal; raises ValueError for fractions: they have no one way to write."""
    return hashlib.sha256(canonical(payload)).hexdigest()


def propose(roster: Roster, key: Signer, action: str, payload: Mapping[str, Any], now: str) -> Signed:
    """The statement that proposes to do ``action`` with ``payload``."""
    said = {"house": roster.house, "action": action, "payload": payload_hash(payload), "by": key.id, "at": now}
    return Signed.by(key, PROPOSAL, {**said, "nonce": secrets.token_hex(16)})


def decide(roster: Roster, key: Signer, decision: str, proposal: Signed, now: str) -> Signed:
    """The statement that approves, or refuses, a proposal."""
    said = {"house": roster.house, "proposal": proposal.hash, "decision": decision, "by": key.id, "at": now}
    return Signed.by(key, APPROVAL, said)


def look_at_proposal(roster: Roster, policy: Policy, signed: Signed, now: str) -> Proposed:
    """What a proposal says, if it counts now; raises ApprovalError."""
    said = _said(signed, PROPOSAL)
    if said.get("house") != roster.house:
        raise refused(Why.OTHER_VAULT)
    proposer = _signer(roster, signed, said)
    action = policy.actions.get(said["action"])
    if action is None or proposer.role not in action.by:
        raise refused(Why.BEYOND_ROLE)
    if not _is_fresh(said["at"], now, policy.valid_days):
        raise refused(Why.OUTDATED)
    return Proposed(signed.hash, said["action"], proposer.id, said["at"], said["payload"])


def look_at_approval(roster: Roster, policy: Policy, proposed: Proposed, signed: Signed, now: str) -> str:
    """The decision about a proposal, if it counts now; raises ApprovalError."""
    said = _said(signed, APPROVAL)
    if said.get("house") != roster.house:
        raise refused(Why.OTHER_VAULT)
    approver = _signer(roster, signed, said)
    if said["proposal"] != proposed.hash:
        raise refused(Why.REPLAYED)
    if approver.id == proposed.proposer:
        raise refused(Why.SELF_GIVEN)
    if approver.role not in policy.actions[proposed.action].approved_by:
        raise refused(Why.BEYOND_ROLE)
    if not _is_fresh(said["at"], now, policy.valid_days) or said["at"] < proposed.at:
        raise refused(Why.OUTDATED)
    return str(said["decision"])


def look_at_all(
    roster: Roster, policy: Policy, proposal: Signed, approvals: Sequence[Signed], payload: Mapping[str, Any], now: str
) -> Proposed:
    """What is about to be done, if it was proposed and approved exactly so; raises ApprovalError."""
    proposed = look_at_proposal(roster, policy, proposal, now)
    if payload_hash(payload) != proposed.payload:
        raise refused(Why.CHANGED)
    decisions = [look_at_approval(roster, policy, proposed, one, now) for one in approvals]
    if REFUSE in decisions:
        raise refused(Why.REFUSED)
    action = policy.actions[proposed.action]
    if APPROVE not in decisions and not goes_alone(roster, action, proposed.proposer, payload):
        raise refused(Why.NOT_APPROVED)
    return proposed


def goes_alone(roster: Roster, action: Action, proposer: str, payload: Mapping[str, Any]) -> bool:
    """Whether nobody else could approve it: neither the proposer nor whom it is about can."""
    concerned = {proposer, payload.get("actor")}
    return action.alone and not [one for one in able(roster, action) if one.id not in concerned]


def able(roster: Roster, action: Action) -> list[Actor]:
    """The actors whose role approves an action."""
    return [one for one in roster.enabled() if one.role in action.approved_by]


def _said(signed: Signed, kind: str) -> dict[str, Any]:
    try:
        return signed.said(kind)
    except ValueError as error:
        raise refused(Why.FORGED) from error


def _signer(roster: Roster, signed: Signed, said: Mapping[str, Any]) -> Actor:
    actor = roster.actors.get(str(said.get("by")))
    if actor is None or not signed.is_by(actor.public):
        raise refused(Why.FORGED)
    if not actor.enabled:
        raise refused(Why.DISABLED)
    return actor


def _is_fresh(at: str, now: str, days: int) -> bool:
    """Whether ``at`` lies no more than some days back, and no more than one ahead of a clock that went back."""
    age = datetime.fromisoformat(now) - datetime.fromisoformat(at)
    return -timedelta(days=1) <= age <= timedelta(days=days)
