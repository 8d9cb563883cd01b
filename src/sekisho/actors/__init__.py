"""Who acts: keys of humans and services, what each role may do, proposals and approvals."""

from sekisho.actors.enlist import carry_out, disable, enable, enlist, give_role, new_secret, to_be_added
from sekisho.actors.four_eyes import (
    Proposal,
    approve,
    approved,
    carrying_out,
    look_at,
    needs_approval,
    proposal,
    proposals,
    propose,
    put,
    refuse,
    show,
    waiting,
)
from sekisho.actors.roles import Action, Policy, policy
from sekisho.actors.roster import Actor, Roster
from sekisho.actors.sign_in import Who, history, roster_of, sign_in

__all__ = [
    "Action",
    "Actor",
    "Policy",
    "Proposal",
    "Roster",
    "Who",
    "approve",
    "approved",
    "carry_out",
    "carrying_out",
    "disable",
    "enable",
    "enlist",
    "give_role",
    "history",
    "look_at",
    "needs_approval",
    "new_secret",
    "policy",
    "proposal",
    "proposals",
    "propose",
    "put",
    "refuse",
    "roster_of",
    "show",
    "sign_in",
    "to_be_added",
    "waiting",
]
