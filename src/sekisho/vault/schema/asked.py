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
HELPLINE = (
    """
    CREATE TABLE helpline_openings ( -- when the helpline was opened and shut; the last one stands
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        opening INTEGER NOT NULL,
        is_open INTEGER NOT NULL,
        version INTEGER NOT NULL,    -- of the leak master that was reconciled then
        at TEXT NOT NULL,
        said TEXT NOT NULL,          -- JSON: caps, and what it was reconciled with
        PRIMARY KEY (incident, opening)
    )
    """,
    """
    CREATE TABLE call_events (       -- what happened in calls to the helpline
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        event INTEGER NOT NULL,      -- from 1, in order
        call INTEGER NOT NULL,       -- from 1
        kind TEXT NOT NULL,          -- begun, searched, missed, found, failed, answered, ended
        at TEXT NOT NULL,
        operator TEXT NOT NULL,      -- the id of their key; empty for the owner
        version INTEGER,             -- of an answer: of the leak master that it was given from
        answer TEXT,
        mark BLOB NOT NULL,          -- keyed hash of the person, or of whom was looked for; empty where there is none
        said BLOB NOT NULL,          -- JSON, sealed under a key of the incident
        PRIMARY KEY (incident, event)
    )
    """,
    "CREATE INDEX call_events_of_call ON call_events (incident, call)",
    "CREATE INDEX call_events_of_operator ON call_events (incident, operator, kind, at)",
    "CREATE INDEX call_events_of_person ON call_events (incident, mark, kind, at) WHERE mark <> x''",
    """
    CREATE TABLE suspicious_contacts ( -- reports of calls, visits, letters by others in our name
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        contact INTEGER NOT NULL,
        at TEXT NOT NULL,            -- when it was reported
        day TEXT NOT NULL,           -- on which it was
        region TEXT NOT NULL,        -- where, as addresses begin there; empty: not said
        way TEXT NOT NULL,
        said BLOB NOT NULL,          -- JSON, sealed under a key of the incident
        PRIMARY KEY (incident, contact)
    )
    """,
    *unchangeable("helpline_openings"),
    *unchangeable("call_events"),
    *unchangeable("suspicious_contacts"),
)
ALL = (*REVIEW, *HELPLINE)
