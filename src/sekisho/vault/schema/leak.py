"""Tables of what follows from a leak: what is known of an incident, who is exposed, and what each was told."""

from __future__ import annotations

from sekisho.vault.schema import asked, outside, posted, reissued
from sekisho.vault.schema.guards import guarded, unchangeable

CASE = (
    """
    CREATE TABLE incident_facts (
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        fact INTEGER NOT NULL,       -- from 1, in order; none is ever removed or changed
        kind TEXT NOT NULL,
        at TEXT NOT NULL,            -- when it was said: ISO 8601, UTC
        said BLOB NOT NULL,          -- JSON, sealed under the incident's key
        PRIMARY KEY (incident, fact)
    )
    """,
    *unchangeable("incident_facts"),
)
MASTER = (
    """
    CREATE TABLE leak_versions (
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        version INTEGER NOT NULL,    -- from 1; none is ever overwritten
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,
        account TEXT NOT NULL,       -- JSON: its counts, without personal data
        PRIMARY KEY (incident, version)
    )
    """,
    """
    CREATE TABLE leak_parts (
        incident INTEGER NOT NULL,
        version INTEGER NOT NULL,
        name TEXT NOT NULL,
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (incident, name),
        FOREIGN KEY (incident, version) REFERENCES leak_versions (incident, version)
    )
    """,
    *unchangeable("leak_versions"),
    *guarded("leak_parts", "INSERT", "UPDATE", "DELETE"),
)
TOLD = (
    """
    CREATE TABLE tellings (          -- one row for each exposed person: how they are told, or why not
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        person INTEGER NOT NULL,     -- as in the leak master
        way TEXT NOT NULL,           -- letter, held, unreachable, deceased or publication
        reason TEXT NOT NULL,        -- why so; empty for a letter
        version INTEGER NOT NULL,    -- of the leak master that this follows from
        at TEXT NOT NULL,            -- since when
        PRIMARY KEY (incident, person)
    )
    """,
    *guarded("tellings", "INSERT", "UPDATE", "DELETE"),
)
ALL = (*CASE, *MASTER, *TOLD, *asked.ALL, *outside.ALL, *reissued.ALL, *posted.ALL)
