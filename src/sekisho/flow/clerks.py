"""Which clerk acts on merges and questions: as stated, or, where the vault has actors, who signed in, and signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sekisho import actors
from sekisho.actors import Decision, Roster
from sekisho.errors import RightsError, UsageError
from sekisho.persons.asking import words
from sekisho.persons.asking.standing import Kind
from sekisho.vault import Change, Vault
from sekisho.wording import Text, printable

CONFIRM = "merges.confirm"
_SIGNED = {Kind.CONFIRMED: actors.APPROVE, Kind.REFUSED: actors.REFUSE, Kind.VOID: None}


def acting_clerk(vault: Vault, stated: str, option: str = "--who") -> str:
    """The clerk who acts: who signed in; without actors whoever is stated. Raises UsageError, RightsError."""
    if not vault.acting.actor:
        if not stated.strip():
            raise nobody(option)
        return stated.strip()
    name = actors.roster_of(vault).actors[vault.acting.actor].name
    if stated.strip() and words.folded(stated) != words.folded(name):
        raise _another(stated, option)
    return name


def given_to(vault: Vault, stated: str, option: str = "--clerk") -> str:
    """The clerk whom questions are given to; with actors one who may answer. Raises UsageError."""
    roster = actors.roster_of(vault)
    if not stated.strip():
        raise nobody(option)
    if not roster.actors:
        return stated.strip()
    actor = roster.named(stated)
    if actor.role not in actors.policy().actions["merges.answer"].by:
        raise UsageError(
            Text("{name} does not answer questions: {role}.", "{name} は確認事項に回答できません: {role}。").fill(
                name=printable(actor.name), role=actor.role
            ),
            Text("Give them to a clerk.", "記録担当（clerk）に割り当ててください。"),
        )
    return actor.name


def signed(vault: Vault, proposals: Mapping[str, str]) -> set[str]:
    """Those of some proposals, by hash, that the clerk whom each names has signed; without actors none need be."""
    if not vault.acting.actor:
        return set(proposals)
    roster = actors.roster_of(vault)
    return {hash_ for hash_, who in proposals.items() if _signed(vault, hash_, who, roster)}


def signing(vault: Vault, changes: Sequence[Change], proposers: Mapping[str, str]) -> Callable[[], None] | None:
    """What signs, inside their act, the proposals and decisions among changes; nothing without actors.

    ``proposers``: who made each proposal that is decided, by its hash.
    """
    if not vault.acting.actor:
        return None

    def sign() -> None:
        done = [(Kind(act.kind), str(act.value.get("hash", ""))) for change in changes for act in change.acts]
        made = [{"proposal": hash_} for kind, hash_ in done if kind is Kind.PROPOSED]
        named = [one.hash for one in actors.put(vault, CONFIRM, made)]
        roster = actors.roster_of(vault)
        for kind, hash_ in done:
            found = _signed(vault, hash_, proposers[hash_], roster) if kind in _SIGNED else None
            if found:
                named.append(found)
                actors.settle(vault, roster, Decision(found, {"proposal": hash_}, _SIGNED[kind]))
        vault.draft.more = {**vault.draft.more, "proposals": actors.hashes(named)}

    return sign


def _signed(vault: Vault, hash_: str, who: str, roster: Roster) -> str | None:
    """The signed proposal of a merge or a split, by the clerk whom it names."""
    found = actors.waiting(vault, CONFIRM, {"proposal": hash_}, roster)
    if found is None or words.folded(roster.actors[found.proposer].name) != words.folded(who):
        return None
    return found.hash


def nobody(option: str = "--who") -> UsageError:
    """The error for an act that names no clerk."""
    return UsageError(
        Text("No clerk is named ({option}).", "担当者の名前が空です（{option}）。").fill(option=option),
        Text('Say who it is: {option} "A. Tanaka".', '担当者を指定してください: {option} "田中"').fill(option=option),
    )


def _another(stated: str, option: str) -> RightsError:
    return RightsError(
        Text("{name} did not sign in.", "{name} はサインインしていません。").fill(name=printable(stated)),
        Text("Leave {option} out: it is who signed in.", "{option} は不要です（サインインした本人になります）。").fill(
            option=option
        ),
    )
