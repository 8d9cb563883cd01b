"""The tables of the store, version by version: what each added to the one before. SQL is kept portable.

Tables that count are guarded: a trigger refuses a change outside an act, which puts its entry into the outbox.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import chain

from sekisho.vault.schema import leak
from sekisho.vault.schema.guards import GROWS, GUARD, OUTSIDE
from sekisho.vault.schema.spine import ENTRIES, MERGES, REGISTER, SCANS
from sekisho.vault.schema.trust import (
    ACTORS,
    CUSTODY,
    EVIDENCE,
    FORGETTING,
    GUARDS,
    HEAD,
    LEDGER,
    LOOKS,
    PEOPLE,
    PERSONS,
    PLANS,
    WITNESSES,
)

__all__ = ["GROWS", "GUARD", "OUTSIDE", "TRIGGERS", "VERSIONS", "triggers"]

VERSIONS = (
    SCANS,
    REGISTER,
    MERGES,
    ENTRIES,
    (*LEDGER, *ACTORS, *GUARDS),
    CUSTODY,
    LOOKS,
    WITNESSES,
    HEAD,
    PLANS,
    PEOPLE,
    EVIDENCE,
    FORGETTING,
    PERSONS,
    leak.ALL,
)
"""What each version of the store added to the one before."""


def triggers() -> dict[str, str]:
    """The triggers that a store of the last version has, by name, as its own catalogue says them."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.create_function(GUARD, 0, lambda: 1)
        for statement in chain.from_iterable(VERSIONS):
            empty.execute(statement)
        return dict(empty.execute(TRIGGERS).fetchall())


TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
