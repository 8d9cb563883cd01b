"""The facts of incidents held against the ledger: which entry says each, and whether it says just that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.ledger.read import said
from sekisho.vault import Vault
from sekisho.vault.acts import canonical, commitment
from sekisho.vault.case import FACTS


@dataclass(frozen=True, slots=True)
class Told:
    """The entry that says a fact, and its commitment to it."""

    entry: int
    committed: str


def told(vault: Vault) -> dict[int, dict[int, Told]]:
    """What the ledger holds of facts: by incident and number; raises LedgerError."""
    found: dict[int, dict[int, Told]] = {}
    for one in said(vault):
        for number, committed in one.more.get(FACTS, ()):
            found.setdefault(one.entry["incident"], {})[number] = Told(one.seq, committed)
    return found


def untold(vault: Vault, incident: int, entries: Mapping[int, Told]) -> Iterator[int]:
    """Facts that are not what the ledger holds, that it does not know, or that are not there any more."""
    case = vault.case(incident)
    facts = {fact.number: fact for fact in case.facts()}
    for number in sorted({*facts, *entries}):
        if number not in facts or number not in entries:
            yield number
            continue
        right = commitment(case.blind(number), canonical([facts[number].kind, facts[number].said]))
        if entries[number].committed != right:
            yield number
