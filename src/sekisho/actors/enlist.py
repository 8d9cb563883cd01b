"""Adding and changing actors. The first is an officer; from then on the owner has no rights any more.

Whatever gives somebody rights needs another officer, as soon as there is one: an officer who could add a second actor
alone could approve their own proposals. The statement that counts is signed by who carries it out.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from sekisho.actors.four_eyes import Proposal, approved, needs_approval, proposals, propose, waiting
from sekisho.actors.keys import Key, seal
from sekisho.actors.roles import OFFICER, policy
from sekisho.actors.roster import DISABLE, ENABLE, ROLE, Actor, add, change, folded, look_at_name
from sekisho.actors.sign_in import roster_of
from sekisho.actors.statements import Signed
from sekisho.errors import UsageError
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.actors import OPEN
from sekisho.vault.acts import Draft
from sekisho.vault.keys.secret import PASSPHRASE
from sekisho.wording import Text, printable

CHANGES = ("actor.add", "actor.role", "actor.disable", "actor.disable_officer", "actor.enable")
ADDED, ROLE_GIVEN, DISABLED, OFFICER_DISABLED, ENABLED = CHANGES
RESEALED = "actor.secret"
SHORTEST = 8
"""Bytes of a passphrase, at least."""


def enlist(vault: Vault, name: str, role: str, secret: Secret, cost: Cost | None = None) -> Actor | Proposal:
    """Add an actor, with a new key under ``secret``; a proposal where another officer has to approve it first.

    Raises UsageError, RightsError.
    """
    vault.demand(ADDED)
    roster = roster_of(vault)
    _look_at_role(role)
    look_at_name(roster, name)
    _look_at_secret(secret)
    if not roster.actors and role != OFFICER:
        raise _first_is_officer()
    key = Key.new()
    sealed = seal(key, secret, cost or Cost())
    if not roster.actors:
        return _found(vault, key, name, sealed)
    payload = {"actor": key.id, "name": name.strip(), "role": role, "public": b64encode(key.public).decode()}
    return _do(vault, ADDED, {**payload, "sealed": sealed})


def to_be_added(vault: Vault, name: str, role: str) -> Proposal | None:
    """The last open proposal to add somebody, which holds their new key already."""
    wanted = (folded(name), role)
    found = (one for one in proposals(vault) if (one.action, one.state) == (ADDED, OPEN))
    mine = [one for one in found if (folded(one.payload["name"]), one.payload["role"]) == wanted]
    return mine[-1] if mine else None


def give_role(vault: Vault, name: str, role: str) -> Actor | Proposal:
    """Give an actor another role; a proposal where another officer has to approve it first."""
    vault.demand(ROLE_GIVEN)
    _look_at_role(role)
    return _do(vault, ROLE_GIVEN, {**_who(vault, name), "role": role})


def disable(vault: Vault, name: str) -> Actor | Proposal:
    """Disable an actor: they sign in no more, and nothing that they signed counts from now on."""
    actor = roster_of(vault).named(name)
    return _do(vault, OFFICER_DISABLED if actor.role == OFFICER else DISABLED, _who(vault, name))


def enable(vault: Vault, name: str) -> Actor | Proposal:
    """Enable a disabled actor again; a proposal where another officer has to approve it first."""
    vault.demand(ENABLED)
    actor = roster_of(vault).named(name, enabled=False)
    return _do(vault, ENABLED, {"actor": actor.id, "name": actor.name, "standing": _standing(actor)})


def carry_out(vault: Vault, proposal: Proposal) -> Actor:
    """Do what was proposed of an actor and approved; raises ApprovalError, UsageError."""
    with vault.act(proposal.action) as act:
        approved(vault, proposal.hash, _now(vault, proposal.payload))
        return _state(vault, act, proposal.payload)


def new_secret(vault: Vault, secret: Secret, cost: Cost | None = None) -> None:
    """Put one's own key under another secret; raises RightsError."""
    key = vault.acting.key
    _look_at_secret(secret)
    with vault.act(RESEALED):
        if not isinstance(key, Key):
            raise _nobody_signed_in()
        vault.actors().keep_sealed(key.id, seal(key, secret, cost or Cost()))


def _found(vault: Vault, key: Key, name: str, sealed: Mapping[str, Any]) -> Actor:
    """The first actor, who signs for themselves; the owner's last act."""
    with vault.act(ADDED) as act:
        roster = roster_of(vault)
        signed = add(roster, key, key.public, name, OFFICER, vault.actors().now())
        made = roster.after(signed).actors[key.id]
        _keep(vault, signed)
        vault.actors().keep_sealed(key.id, sealed)
        act.more = {**act.more, **_entry(vault, made)}
    return made


def _do(vault: Vault, action: str, payload: Mapping[str, Any]) -> Actor | Proposal:
    vault.demand(action)
    if not vault.acting.actor:
        raise _nobody_signed_in()
    _statement(vault, action, payload)  # raises where it could not be done
    if not policy().actions[action].approved_by:
        with vault.act(action) as act:
            return _state(vault, act, payload)
    made = waiting(vault, action, payload) or propose(vault, action, payload)
    needed = needs_approval(vault, action, payload) and not made.approvals
    return made if needed else carry_out(vault, made)


def _state(vault: Vault, act: Draft, payload: Mapping[str, Any]) -> Actor:
    signed = _statement(vault, act.action, payload)
    made = roster_of(vault).after(signed).actors[payload["actor"]]
    _keep(vault, signed)
    if act.action == ADDED:
        vault.actors().keep_sealed(made.id, payload["sealed"])
    act.more = {**act.more, **_entry(vault, made)}
    return made


def _statement(vault: Vault, action: str, payload: Mapping[str, Any]) -> Signed:
    roster, key, now = roster_of(vault), vault.acting.key, vault.actors().now()
    if not isinstance(key, Key):
        raise _nobody_signed_in()
    if action == ADDED:
        return add(roster, key, b64decode(payload["public"]), payload["name"], payload["role"], now)
    do = {ROLE_GIVEN: ROLE, DISABLED: DISABLE, OFFICER_DISABLED: DISABLE, ENABLED: ENABLE}[action]
    return change(roster, key, do, roster.actors[payload["actor"]], now, payload.get("role", ""))


def _keep(vault: Vault, signed: Signed) -> None:
    vault.actors().state(signed.statement, signed.signature)


def _entry(vault: Vault, made: Actor) -> dict[str, object]:
    """What the ledger holds of an actor: the key's id and role, never the name; and the head of the chain."""
    return {"subject": made.id, "subject_role": made.role, "enabled": made.enabled, "roster": roster_of(vault).head}


def _who(vault: Vault, name: str) -> dict[str, str]:
    actor = roster_of(vault).named(name)
    return {"actor": actor.id, "name": actor.name, "standing": _standing(actor)}


def _standing(actor: Actor) -> str:
    return f"{actor.role}, {'enabled' if actor.enabled else 'disabled'}"


def _now(vault: Vault, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it would be proposed now: if the actor's role or state changed since, it is another one."""
    actor = roster_of(vault).actors.get(str(payload["actor"]))
    return {**payload, "standing": _standing(actor)} if actor and "standing" in payload else dict(payload)


def _look_at_role(role: str) -> None:
    if role not in policy().roles:
        raise UsageError(
            Text("There is no role {role}.", "{role} という役割はありません。").fill(role=printable(role)),
            Text("There are: {all}.", "選べる役割: {all}。").fill(all=", ".join(policy().roles)),
        )


def _look_at_secret(secret: Secret) -> None:
    if secret.kind == PASSPHRASE and len(secret.value) < SHORTEST:
        raise UsageError(
            Text("The passphrase is too short.", "パスフレーズが短すぎます。"),
            Text("Take several words, or a key file.", "複数の単語にするか、鍵ファイルを使ってください。"),
        )


def _first_is_officer() -> UsageError:
    return UsageError(
        Text("The first actor must be an officer.", "最初の利用者は責任者（officer）に限ります。"),
        Text(
            "Say --role officer: officers add the others.",
            "--role officer を指定してください。",
        ),
    )


def _nobody_signed_in() -> UsageError:
    return UsageError(
        Text("Nobody is signed in.", "サインインしていません。"),
        Text("Say who you are: --as NAME.", "--as 名前 を指定してください。"),
    )
