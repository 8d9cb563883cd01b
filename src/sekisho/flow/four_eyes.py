"""What needs another actor's approval: the first call proposes it, the same call again, once approved, does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sekisho.actors import Proposal, carrying_out, needs_approval, policy, propose, waiting
from sekisho.vault import Vault

T = TypeVar("T")


def approved_or_proposed(vault: Vault, action: str, payload: Mapping[str, Any], do: Callable[[], T]) -> T | Proposal:
    """What ``do`` gives, where nobody has to approve it or another actor did; else the proposal, which waits.

    ``payload`` says exactly what is done: once anything of it is another, the approval is void. Raises RightsError,
    ApprovalError and what ``do`` raises.
    """
    if not vault.acting.actor or not policy().actions[action].approved_by:
        return do()
    vault.demand(action)
    proposal = waiting(vault, action, payload) or propose(vault, action, payload)
    if not proposal.approvals and needs_approval(vault, action, payload):
        return proposal
    with carrying_out(vault, proposal.hash, payload):
        return do()
