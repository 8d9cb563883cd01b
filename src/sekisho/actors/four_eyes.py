"""Four eyes: an action is proposed, another actor approves exactly that, and only then it is carried out, once.

``approved`` is called inside the act that carries the action out, with what is about to be done as it is worked out
then: if anything of it changed since it was proposed, nothing is done. Every refusal stands in the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sekisho.actors.proposals import (
    APPROVE,
    REFUSE,
    decide,
    goes_alone,
    look_at_all,
    look_at_approval,
    look_at_proposal,
    payload_hash,
)
from sekisho.actors.proposals import propose as proposal_of
from sekisho.actors.roles import policy
from sekisho.actors.roster import Roster
from sekisho.actors.sign_in import roster_of
from sekisho.actors.statements import Signed
from sekisho.actors.why import Why, refused
from sekisho.errors import ApprovalError, RightsError
from sekisho.vault import Vault
from sekisho.vault.actors import DONE, OPEN, REFUSED, ProposalRow
from sekisho.vault.acts import Signer
from sekisho.wording import Text

VOID = "void"
REFUSING = "proposal.refuse"
NAMED_AT_MOST = 400
"""Proposals that one entry of the ledger names; of more it holds their number and a hash over all."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of a proposal: `APPROVE`, `REFUSE`, or None where it is void; ``payload``: as it is now."""

    hash: str
    payload: Mapping[str, Any]
    decision: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for another actor (``open``), is ``done``, was ``refused``, or is ``void``: nobody may do it as it is.

    ``payload``: exactly what is to be done. ``proposer`` and ``approvals`` (who said what) are ids of actors.
    """

    hash: str
    action: str
    proposer: str
    at: str
    state: str
    payload: Mapping[str, Any]
    approvals: Mapping[str, str]


def propose(vault: Vault, action: str, payload: Mapping[str, Any]) -> Proposal:
    """Propose to do ``action`` with ``payload`` (canonical JSON: no fractions); raises RightsError.

    Without actors there is nobody to approve anything.
    """
    with vault.act("proposal.make") as act:
        (made,) = put(vault, action, [payload])
        act.refers = made.hash
        act.more = {**act.more, "proposed": action}
    return made


def put(vault: Vault, action: str, payloads: Sequence[Mapping[str, Any]]) -> list[Proposal]:
    """Propose things as a part of the act that is being carried out, whose entry is to name them."""
    if not payloads:
        return []
    roster, key, who = roster_of(vault), _key(vault), vault.acting.actor
    vault.acting.demand(action)
    now = vault.actors().now()
    made = []
    for payload in payloads:
        signed = proposal_of(roster, key, action, payload, now)
        row = (signed.hash, action, now, who, signed.statement, signed.signature, payload, payload_hash(payload))
        vault.actors().propose(ProposalRow(*row))
        made.append(Proposal(signed.hash, action, who, now, OPEN, payload, {}))
    return made


def settle(vault: Vault, roster: Roster, decided: Decision) -> None:
    """Approve and carry out, refuse or void a proposal, as a part of the act that is being carried out.

    Raises ApprovalError.
    """
    row, now = _open(vault, decided.hash), vault.actors().now()
    if decided.decision:
        proposal = Signed(row.statement, row.signature)
        signed = decide(roster, _key(vault), decided.decision, proposal, now)
        proposed = look_at_proposal(roster, policy(), proposal, now)
        look_at_approval(roster, policy(), proposed, signed, now)
        if payload_hash(decided.payload) != proposed.payload:
            raise refused(Why.CHANGED)
        if not _has_decided(vault, decided.hash):
            vault.actors().approve(row, vault.acting.actor, signed.statement, signed.signature)
    vault.actors().settle(decided.hash, DONE if decided.decision == APPROVE else REFUSED)
    vault.draft.approved.append(decided.hash)


def hashes(named: Sequence[str]) -> list[str] | dict[str, Any]:
    """Proposals as an entry of the ledger names them."""
    if len(named) <= NAMED_AT_MOST:
        return list(named)
    return {"proposals": len(named), "sha256": hashlib.sha256("".join(named).encode()).hexdigest()}


def approve(vault: Vault, hash_: str, *, shown: Mapping[str, Any] | None = None) -> None:
    """Approve what another actor proposes; raises ApprovalError.

    ``shown``: the payload as it was looked at, where it was.
    """
    with vault.act("proposal.approve", refers=hash_):
        _decide(vault, hash_, APPROVE, shown)


def refuse(vault: Vault, hash_: str) -> None:
    """Refuse what another actor proposes, or take one's own back; raises ApprovalError."""
    with vault.act(REFUSING, refers=hash_):
        row = _open(vault, hash_)
        if row.proposer != vault.acting.actor:
            _decide(vault, hash_, REFUSE, None)
        vault.actors().settle(hash_, REFUSED)


def _decide(vault: Vault, hash_: str, decision: str, shown: Mapping[str, Any] | None) -> None:
    roster, row, now = roster_of(vault), _open(vault, hash_), vault.actors().now()
    proposal = Signed(row.statement, row.signature)
    proposed = look_at_proposal(roster, policy(), proposal, now)
    if payload_hash(row.payload if shown is None else shown) != proposed.payload:
        raise refused(Why.CHANGED)
    signed = decide(roster, _key(vault), decision, proposal, now)
    look_at_approval(roster, policy(), proposed, signed, now)
    if _has_decided(vault, hash_):
        raise refused(Why.REPLAYED)
    vault.actors().approve(row, vault.acting.actor, signed.statement, signed.signature)


def _has_decided(vault: Vault, hash_: str) -> bool:
    return any(who == vault.acting.actor for who, *_ in vault.actors().approvals(hash_))


def approved(vault: Vault, hash_: str, payload: Mapping[str, Any]) -> None:
    """Inside the act that carries a proposal out: raises ApprovalError where another actor did not approve just this.

    Marks it done in the same transaction, and names it in the act's entry. The owner, while there are no actors, has
    nobody to ask: what the policy leaves to them goes without.
    """
    act = vault.draft
    if not vault.acting.actor:
        if not policy().actions[act.action].owner:
            raise refused(Why.NOT_APPROVED)
        return
    row = _open(vault, hash_)
    roster = roster_of(vault)
    approvals = [Signed(*one) for _, *one in vault.actors().approvals(hash_)]
    now = vault.actors().now()
    proposed = look_at_all(roster, policy(), Signed(row.statement, row.signature), approvals, payload, now)
    if proposed.action != act.action:
        raise refused(Why.CHANGED)
    _look_whether_used(vault, hash_, act.action)
    vault.actors().settle(hash_, DONE)
    act.approved.append(hash_)
    act.refers = act.refers or hash_
    if not approvals:
        act.more = {**act.more, "alone": True}


def _look_whether_used(vault: Vault, hash_: str, action: str) -> None:
    """Raises ApprovalError where the ledger says that it was carried out or refused: the store could be changed."""
    said = {entry["action"] for entry in vault.recall(hash_)}
    if REFUSING in said:
        raise refused(Why.REFUSED)
    if action in said:
        raise refused(Why.REPLAYED)


@contextmanager
def carrying_out(vault: Vault, hash_: str, payload: Mapping[str, Any]) -> Iterator[None]:
    """What is done inside and needs approval has that of a proposal, if it is just what was proposed."""
    with vault.approving(lambda: approved(vault, hash_, payload)):
        yield


def approved_before(vault: Vault, action: str, payload: Mapping[str, Any]) -> None:
    """Inside an act that goes on with what was begun: raises ApprovalError where that had not been approved just so.

    Every signature is looked at again: what the store says of it proves nothing.
    """
    rows = [row for row in vault.actors().proposed(payload_hash(payload), DONE) if row.action == action]
    if not rows:
        raise refused(Why.CHANGED)
    row = rows[-1]
    approvals = [Signed(*one) for _, *one in vault.actors().approvals(row.hash)]
    then = max([row.at, *(str(one.said("approval")["at"]) for one in approvals)])
    look_at_all(roster_of(vault), policy(), Signed(row.statement, row.signature), approvals, payload, then)
    vault.draft.refers = vault.draft.refers or row.hash


def needs_approval(vault: Vault, action: str, payload: Mapping[str, Any]) -> bool:
    """Whether somebody other than who acts has to approve it first."""
    rule, me = policy().actions[action], vault.acting.actor
    return bool(me and rule.approved_by) and not goes_alone(roster_of(vault), rule, me, payload)


def proposals(vault: Vault, *, all_of_them: bool = False) -> list[Proposal]:
    """What is open, oldest first; with ``all_of_them`` also what is done or refused."""
    return [_told(vault, row) for row in vault.actors().proposals(None if all_of_them else OPEN)]


def proposal(vault: Vault, start: str) -> Proposal:
    """The proposal whose hash begins so (8 digits at least); raises ApprovalError where there is not just one."""
    found = vault.actors().beginning(start) if len(start) >= 8 else []
    if len(found) != 1:
        raise refused(Why.UNKNOWN)
    return _told(vault, found[0])


def show(vault: Vault, start: str) -> Proposal:
    """The proposal whose hash begins so, for those who may make or approve such; that it was shown is in the ledger.

    Raises ApprovalError, RightsError.
    """
    found = proposal(vault, start)
    with vault.act("proposal.show", refers=found.hash):
        rule = policy().actions.get(found.action)
        if rule is None or vault.acting.role not in rule.by | rule.approved_by:
            raise refused(Why.BEYOND_ROLE)
    return found


def waiting(vault: Vault, action: str, payload: Mapping[str, Any], roster: Roster | None = None) -> Proposal | None:
    """The last open proposal of exactly this that still counts, if there is one."""
    rows = [row for row in vault.actors().proposed(payload_hash(payload)) if row.action == action]
    known = (roster or roster_of(vault)) if rows else Roster()
    return next((_told(vault, row) for row in reversed(rows) if _counts(known, row, vault.actors().now())), None)


def _counts(roster: Roster, row: ProposalRow, now: str) -> bool:
    try:
        look_at_proposal(roster, policy(), Signed(row.statement, row.signature), now)
    except ApprovalError:
        return False
    return True


def _open(vault: Vault, hash_: str) -> ProposalRow:
    row = vault.actors().proposal(hash_)
    if row is None:
        raise refused(Why.UNKNOWN)
    if row.state != OPEN:
        raise refused(Why.REPLAYED if row.state == DONE else Why.REFUSED)
    return row


def _told(vault: Vault, row: ProposalRow) -> Proposal:
    said = {who: str(Signed(*one).said("approval")["decision"]) for who, *one in vault.actors().approvals(row.hash)}
    is_void = row.state == OPEN and not _counts(roster_of(vault), row, vault.actors().now())
    state = VOID if is_void else row.state
    return Proposal(row.hash, row.action, row.proposer, row.at, state, row.payload, said)


def _key(vault: Vault) -> Signer:
    if vault.acting.key is None:
        raise RightsError(
            Text("Nobody who could sign is signed in.", "署名できる利用者がサインインしていません。"),
            Text(
                "Four eyes need actors: `sekisho actor add`, then --as NAME.",
                "承認には利用者の登録が必要です: `sekisho actor add`、その後 --as 名前。",
            ),
            "nobody",
        )
    return vault.acting.key
