"""Tables of what is asked after a leak: whether changes were theirs, and what callers were answered."""

from __future__ import annotations

from sekisho.vault.schema.guards import guarded, unchangeable

REVIEW = (
    """
    CREATE TABLE change_files (      -- files of changes that were made for persons, held against who is exposed
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        file INTEGER NOT NULL,       -- from 1
        sha256 TEXT NOT NULL,
        at TEXT NOT NULL,
        account TEXT NOT NULL,       -- JSON: columns and counts
        PRIMARY KEY (incident, file)
    )
    """,
    """
    CREATE TABLE change_parts (
        incident INTEGER NOT NULL,
        file INTEGER NOT NULL,
        name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (incident, name),
        FOREIGN KEY (incident, file) REFERENCES change_files (incident, file)
    )
    """,
    """
    CREATE TABLE review_entries (    -- changes that were ever on the worklist
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        entry TEXT NOT NULL,         -- a keyed hash of the change
        version INTEGER NOT NULL,    -- of the leak master that brought it
        at TEXT NOT NULL,
        PRIMARY KEY (incident, entry)
    )
    """,
    """
    CREATE TABLE review_outcomes (   -- what came of looking into them; the last one stands
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        outcome INTEGER NOT NULL,    -- from 1, in order
        entry TEXT NOT NULL,
        at TEXT NOT NULL,
        said BLOB NOT NULL,          -- outcome and note, sealed under a key of the incident
        PRIMARY KEY (incident, outcome)
    )
    """,
    *unchangeable("change_files"),
    *guarded("change_parts", "INSERT", "UPDATE", "DELETE"),
    *unchangeable("review_entries"),
    *unchangeable("review_outcomes"),
)
ALL = REVIEW
