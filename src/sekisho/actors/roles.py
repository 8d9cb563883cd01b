"""What each role may do, from ``roles.toml``: one line an action, by the name under which the ledger holds it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.wording import Text

OFFICER = "officer"
"""The role that the first actor has, that adds and disables others, and of which one is always left."""
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done: the roles ``by`` whom, whether with a ``purpose``, ``approved_by`` another of which roles.

    ``alone``: where nobody else could approve it, it goes without. ``owner``: whether the owner may do it while there
    are no actors.
    """

    name: str
    says: Text
    by: frozenset[str]
    purpose: bool = False
    approved_by: frozenset[str] = frozenset()
    alone: bool = False
    owner: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """Roles, purposes and actions by their names. ``valid_days``: how long a proposal holds. ``hash``: of all of it.

    ``called``: what a role is called in one word.
    """

    roles: Mapping[str, Text]
    called: Mapping[str, Text]
    purposes: Mapping[str, Text]
    actions: Mapping[str, Action]
    valid_days: int
    hash: str

    def allowed(self, role: str) -> frozenset[str]:
        """The actions that a role may do."""
        return frozenset(action.name for action in self.actions.values() if role in action.by)

    def with_purpose(self) -> frozenset[str]:
        """The actions that need a purpose."""
        return frozenset(action.name for action in self.actions.values() if action.purpose)

    def approved(self) -> frozenset[str]:
        """The actions that need another actor's approval."""
        return frozenset(action.name for action in self.actions.values() if action.approved_by)

    def says(self) -> dict[str, Text]:
        """What each action is, in words."""
        return {action.name: action.says for action in self.actions.values()}

    def of_owner(self) -> frozenset[str]:
        """The actions that the owner may do while there are no actors."""
        return frozenset(action.name for action in self.actions.values() if action.owner)


@cache
def policy() -> Policy:
    """The policy of this program."""
    return read(files(__package__).joinpath("roles.toml").read_text("utf-8"))


def read(text: str) -> Policy:
    """A policy as written; raises ValueError where it contradicts itself."""
    said = tomllib.loads(text)
    roles = _texts(said["roles"])
    called = {name: Text(name, one.get("called", name)) for name, one in said["roles"].items()}
    actions = {name: _action(name, one, frozenset(roles)) for name, one in said["actions"].items()}
    if OFFICER not in roles:
        raise ValueError(f"no role {OFFICER}")
    others = [name for name, one in actions.items() if name.startswith("actor.") and one.by not in _ours(roles)]
    if others:
        raise ValueError(f"actors are added and changed by officers only: {others}")
    valid = int(said["valid_days"])
    return Policy(roles, called, _texts(said["purposes"]), actions, valid, hashlib.sha256(text.encode()).hexdigest())


def _ours(roles: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset({OFFICER}), frozenset(roles)


def _texts(said: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {name: Text(one["en"], one["ja"]) for name, one in said.items()}


def _action(name: str, said: Mapping[str, Any], roles: frozenset[str]) -> Action:
    known = {"en", "ja", "by", "purpose", "approved_by", "alone", "owner"}
    if not set(said) <= known:
        raise ValueError(f"{name}: {set(said) - known}")
    by, approved_by = (_roles(name, said.get(key, ""), roles) for key in ("by", "approved_by"))
    if not by:
        raise ValueError(f"{name}: by nobody")
    flags = {key: bool(said[key]) for key in ("purpose", "alone", "owner") if key in said}
    return Action(name, Text(said["en"], said["ja"]), by, approved_by=approved_by, **flags)


def _roles(action: str, written: str, roles: frozenset[str]) -> frozenset[str]:
    named = roles if written == _ALL else frozenset(written.split())
    if not named <= roles:
        raise ValueError(f"{action}: no such role: {set(named - roles)}")
    return named
