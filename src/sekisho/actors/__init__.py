"""Who acts: keys of humans and services, what each role may do, proposals and approvals."""

from sekisho.actors.enlist import carry_out, disable, enable, enlist, give_role, new_secret, to_be_added
from sekisho.actors.four_eyes import (
    Decision,
    Proposal,
    approve,
    approved,
    approved_before,
    carrying_out,
    hashes,
    needs_approval,
    proposal,
    proposals,
    propose,
    put,
    refuse,
    settle,
    show,
    waiting,
)
from sekisho.actors.proposals import APPROVE, REFUSE
from sekisho.actors.roles import Action, Policy, policy
from sekisho.actors.roster import Actor, Roster
from sekisho.actors.sign_in import Who, history, roster_of, rosters_of, sign_in

__all__ = [
    "APPROVE",
    "REFUSE",
    "Action",
    "Actor",
    "Decision",
    "Policy",
    "Proposal",
    "Roster",
    "Who",
    "approve",
    "approved",
    "approved_before",
    "carry_out",
    "carrying_out",
    "disable",
    "enable",
    "enlist",
    "give_role",
    "hashes",
    "history",
    "needs_approval",
    "new_secret",
    "policy",
    "proposal",
    "proposals",
    "propose",
    "put",
    "refuse",
    "roster_of",
    "rosters_of",
    "settle",
    "show",
    "sign_in",
    "to_be_added",
    "waiting",
]
