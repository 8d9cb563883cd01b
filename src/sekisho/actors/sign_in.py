"""Signing in: who acts is who opens their key. Everything they do afterwards stands in the ledger under their key's id.

The entry of a sign-in holds the actor's signature over the session and over the head of the ledger as it is then: no
session can be made up without their key, and every sign-in is a witness to all that was in the ledger before it.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from sekisho.actors.keys import Key, unseal
from sekisho.actors.roles import policy
from sekisho.actors.roster import KIND, Actor, Roster
from sekisho.actors.statements import VERSION, Signed
from sekisho.errors import RightsError, UsageError
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import NOBODY, Acting, canonical
from sekisho.wording import Text, printable

SIGN_IN = "actor.sign_in"
KIND_OF_SIGN_IN = "sign-in"
_SESSION_BYTES = 16


@dataclass(frozen=True, slots=True)
class Who:
    """Who wants to act, by name, with what opens their key; for which ``purpose``, on which ``incident``."""

    name: str
    secret: Secret = field(repr=False)
    purpose: str = ""
    incident: int | None = None


def roster_of(vault: Vault) -> Roster:
    """The actors of a vault; raises VaultError where their list was tampered with."""
    return _roster(tuple(vault.actors().statements()))


@lru_cache(maxsize=8)
def _roster(statements: tuple[tuple[bytes, bytes], ...]) -> Roster:
    """Verified once for the same bytes."""
    return Roster.of(Signed(*row) for row in statements)


def rosters_of(vault: Vault) -> dict[str, Roster]:
    """The actors after each statement about them, by its hash, oldest first; raises VaultError as `roster_of`."""
    statements = [Signed(*row) for row in vault.actors().statements()]
    roster_of(vault)
    found, roster = {}, Roster()
    for one in statements:
        roster = roster.after(one)
        found[one.hash] = roster
    return found


def signed_in(said: Mapping[str, Any], signature: bytes) -> Signed:
    """What an actor signed to sign in, as the ledger's entry tells it."""
    return Signed(canonical({**said, "v": VERSION, "kind": KIND_OF_SIGN_IN}), signature)


def history(vault: Vault, actor: str) -> list[dict[str, Any]]:
    """All that was ever said of an actor in the list of actors, oldest first."""
    said = (Signed(*row).said(KIND) for row in vault.actors().statements())
    return [one for one in said if one["actor"] == actor]


def sign_in(vault: Vault, who: Who | None) -> Acting:
    """Have ``who`` act; without anybody the owner does, where there are no actors, and nobody else.

    Raises UsageError, RightsError (which the ledger holds too), VaultError.
    """
    roster = roster_of(vault)
    if who is None:
        return _nobody(vault, roster)
    if not roster.actors:
        raise _no_actors()
    vault.sign_in(lambda: NOBODY)  # whoever was here before is out, also where this fails
    _look_at_purpose(who.purpose)
    actor = roster.named(who.name, enabled=False)
    key = _opened(vault, actor, who.secret)
    session = secrets.token_hex(_SESSION_BYTES)
    vault.sign_in(partial(_acting, vault, actor.id, key, who, session))
    _tell(vault, roster, key, session)
    return vault.acting


def _nobody(vault: Vault, roster: Roster) -> Acting:
    vault.sign_in(partial(_owner, vault) if not roster.actors else lambda: NOBODY)
    return vault.acting


def _owner(vault: Vault) -> Acting:
    """The owner, as long as nobody was made an actor."""
    if vault.actors().statements():
        return NOBODY
    return Acting(role="owner", allowed=policy().of_owner(), says=policy().says(), statements=0)


def _acting(vault: Vault, actor: str, key: Key, who: Who, session: str) -> Acting:
    """Who acts and what they may, as of now; raises RightsError where they were disabled meanwhile."""
    now = roster_of(vault).actors[actor]
    if not now.enabled:
        raise _disabled(now.name)
    rules = policy()
    return Acting(
        actor=actor,
        role=now.role,
        session=session,
        purpose=who.purpose,
        incident=who.incident,
        allowed=rules.allowed(now.role),
        unsaid=frozenset() if who.purpose else rules.with_purpose(),
        four_eyes=rules.approved(),
        key=key,
        says=rules.says(),
        statements=len(vault.actors().statements()),
    )


def _opened(vault: Vault, actor: Actor, secret: Secret) -> Key:
    """The actor's key; a wrong secret, and a right one of somebody disabled, stand in the ledger."""
    try:
        if not actor.enabled:
            raise _disabled(actor.name)
        sealed = vault.actors().sealed(actor.id)
        if sealed is None:
            raise _no_key(actor.name)
        return unseal(sealed, secret, actor.id)
    except RightsError as error:
        vault.refused(SIGN_IN, why=error.why, as_actor=actor.id)
        raise


def _tell(vault: Vault, roster: Roster, key: Key, session: str) -> None:
    head = vault.outbox.head()
    said = {
        "house": roster.house,
        "roster": roster.head,
        "by": key.id,
        "session": session,
        "at": vault.actors().now(),
        "policy": policy().hash,
        "size": head.size,
        "root": head.root().hex(),
    }
    signed = Signed.by(key, KIND_OF_SIGN_IN, said)
    vault.log(SIGN_IN, more={**said, "signature": b64encode(signed.signature).decode()})


def _look_at_purpose(purpose: str) -> None:
    if purpose and purpose not in policy().purposes:
        raise UsageError(
            Text("There is no purpose {purpose}.", "{purpose} という目的はありません。").fill(
                purpose=printable(purpose)
            ),
            Text("There are: {all}.", "選べる目的: {all}。").fill(all=", ".join(policy().purposes)),
        )


def _no_actors() -> UsageError:
    return UsageError(
        Text("This vault has no actors.", "この保管庫には利用者が登録されていません。"),
        Text(
            "Leave --as out, or add the first, an officer: `sekisho actor add NAME --role officer`.",
            "--as を外すか、最初の利用者（責任者）を追加してください: `sekisho actor add 名前 --role officer`。",
        ),
    )


def _disabled(name: str) -> RightsError:
    return RightsError(
        Text("{name} is disabled.", "{name} は停止されています。").fill(name=name),
        Text("An officer can enable them: `sekisho actor enable`.", "責任者が再開できます: `sekisho actor enable`。"),
        "disabled",
    )


def _no_key(name: str) -> RightsError:
    return RightsError(
        Text("The key of {name} is gone.", "{name} の鍵がありません。").fill(name=name),
        Text("An officer disables the actor and adds them anew.", "責任者が停止し、改めて追加してください。"),
        "secret",
    )
