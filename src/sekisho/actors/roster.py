"""Who the actors are: a chain of signed statements, each by an officer and each over the one before.

The first officer signs their own entry; its hash names the house, which every later statement, proposal and approval
names, so that none of another vault is taken for one of this. Whoever changes, leaves out or adds a row of the store
without an officer's key breaks the chain, and nobody is let in.
"""

from __future__ import annotations

import secrets
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sekisho.actors.keys import key_id
from sekisho.actors.roles import OFFICER
from sekisho.actors.statements import Signed
from sekisho.errors import UsageError, VaultError
from sekisho.vault.acts import Signer
from sekisho.wording import Text, printable

KIND = "actor"
ADD, ROLE, DISABLE, ENABLE = "add", "role", "disable", "enable"
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Actor:
    """A human or a service with a key. ``id``: of the key; ``since``: when they were added (ISO 8601, UTC)."""

    id: str
    name: str
    role: str
    public: bytes = field(repr=False)
    since: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Roster:
    """All actors by id, those too who are disabled. ``house``, ``head``: hashes of the first and last statement."""

    actors: Mapping[str, Actor] = field(default_factory=dict)
    house: str = ""
    head: str = ""

    @classmethod
    def of(cls, statements: Iterable[Signed]) -> Roster:
        """The actors that statements add up to; raises VaultError where one of them is not what it must be."""
        roster = cls()
        for number, signed in enumerate(statements, 1):
            try:
                roster = roster.after(signed)
            except (KeyError, TypeError, ValueError) as error:
                raise _broken(number) from error
        return roster

    def after(self, signed: Signed) -> Roster:
        """The actors after one more statement; raises ValueError, KeyError or TypeError where it does not count."""
        said = signed.said(KIND)
        if said["before"] != self.head:
            raise ValueError("not in its place")
        public = self._signer(said)
        if not signed.is_by(public):
            raise ValueError("forged")
        actors = {**self.actors, said["actor"]: _DO[said["do"]](self, said)}
        after = Roster(actors, self.house or signed.hash, signed.hash)
        if not after.officers():
            raise ValueError("the last officer")
        return after

    def _signer(self, said: Mapping[str, Any]) -> bytes:
        if not self.actors:
            if (said["do"], said["by"], said["role"]) != (ADD, said["actor"], OFFICER):
                raise ValueError("the first actor is an officer who signs for themselves")
            return b64decode(said["public"])
        signer = self.actors[said["by"]]
        if not signer.enabled or signer.role != OFFICER:
            raise ValueError("by nobody who may")
        return signer.public

    def enabled(self) -> list[Actor]:
        """Those who may sign in."""
        return [actor for actor in self.actors.values() if actor.enabled]

    def officers(self) -> list[Actor]:
        """The officers who may sign in."""
        return [actor for actor in self.enabled() if actor.role == OFFICER]

    def named(self, name: str, *, enabled: bool = True) -> Actor:
        """The actor of a name or id; raises UsageError where there is none."""
        found = [one for one in self.actors.values() if name == one.id or folded(name) == folded(one.name)]
        found.sort(key=lambda one: one.enabled)
        if not found or (enabled and not found[-1].enabled):
            raise _nobody(name)
        return found[-1]


def add(roster: Roster, key: Signer, public: bytes, name: str, role: str, now: str) -> Signed:
    """The statement that adds an actor with a ``public`` key; raises UsageError where the name cannot be given."""
    look_at_name(roster, name)
    said = {"name": name.strip(), "role": role, "public": b64encode(public).decode()}
    return _signed(roster, key, ADD, key_id(public), now, said)


def change(roster: Roster, key: Signer, do: str, actor: Actor, now: str, role: str = "") -> Signed:
    """The statement that gives an actor another ``role``, disables or enables them; raises UsageError."""
    left = [one for one in roster.officers() if one.id != actor.id]
    stays = do == ENABLE or (do == ROLE and role == OFFICER)
    if not left and not stays:
        raise _last_officer()
    if do == ENABLE:
        look_at_name(roster, actor.name)
    return _signed(roster, key, do, actor.id, now, {"role": role} if do == ROLE else {})


def look_at_name(roster: Roster, name: str) -> None:
    """Raises UsageError where nobody can be called so."""
    bare = name.strip()
    if not bare or len(bare) > LONGEST_NAME or printable(bare) != bare or "\n" in bare or "\t" in bare:
        raise UsageError(
            Text("Nobody can be called so.", "この名前は使えません。"),
            Text("A name is 1 to {n} characters that can be shown.", "表示できる1〜{n}文字で指定してください。").fill(
                n=LONGEST_NAME
            ),
        )
    if any(folded(one.name) == folded(bare) for one in roster.enabled()):
        raise UsageError(
            Text("There is an actor {name} already.", "{name} という利用者は既にいます。").fill(name=bare),
            Text("Take another name, or disable that one first.", "別の名前にするか、先に停止してください。"),
        )


def folded(name: str) -> str:
    """As names are held against each other: two that look alike are one."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _signed(roster: Roster, key: Signer, do: str, actor: str, now: str, more: Mapping[str, str]) -> Signed:
    said = {"do": do, "by": key.id, "actor": actor, "at": now, "before": roster.head, "nonce": secrets.token_hex(16)}
    return Signed.by(key, KIND, {**said, **more})


def _add(roster: Roster, said: Mapping[str, Any]) -> Actor:
    public = b64decode(said["public"])
    taken = any(folded(one.name) == folded(said["name"]) for one in roster.enabled())
    if said["actor"] in roster.actors or key_id(public) != said["actor"] or taken:
        raise ValueError("not a new actor")
    return Actor(said["actor"], said["name"], said["role"], public, said["at"])


def _role(roster: Roster, said: Mapping[str, Any]) -> Actor:
    return replace(roster.actors[said["actor"]], role=said["role"])


def _disable(roster: Roster, said: Mapping[str, Any]) -> Actor:
    return replace(roster.actors[said["actor"]], enabled=False)


def _enable(roster: Roster, said: Mapping[str, Any]) -> Actor:
    return replace(roster.actors[said["actor"]], enabled=True)


_DO: Mapping[str, Callable[[Roster, Mapping[str, Any]], Actor]] = {
    ADD: _add,
    ROLE: _role,
    DISABLE: _disable,
    ENABLE: _enable,
}


def _broken(number: int) -> VaultError:
    return VaultError(
        Text(
            "The list of actors was tampered with: statement {n} is not signed by an officer over the one before.",
            "利用者の一覧が改ざんされています: {n}番目の記載に、直前に続く責任者の署名がありません。",
        ).fill(n=number),
        Text(
            "Nobody is let in. Restore the vault from a backup; `sekisho ledger verify` says what happened.",
            "誰もサインインできません。控えから復元してください（経緯は `sekisho ledger verify`）。",
        ),
    )


def _nobody(name: str) -> UsageError:
    return UsageError(
        Text("There is no actor {name} who may sign in.", "サインインできる利用者 {name} はいません。").fill(
            name=printable(name)
        ),
        Text("`sekisho actor list` names them.", "`sekisho actor list` で確認できます。"),
    )


def _last_officer() -> UsageError:
    return UsageError(
        Text("This is the last officer.", "最後の責任者です。"),
        Text("Add another officer first.", "先に別の責任者を追加してください。"),
    )
