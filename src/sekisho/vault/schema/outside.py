"""Tables of what leaves the house: where it may go, and what is on its way."""

from __future__ import annotations

from sekisho.vault.schema.guards import guarded

SINKS = (
    """
    CREATE TABLE sinks (
        sink TEXT PRIMARY KEY,       -- as the user calls it
        kind TEXT NOT NULL,          -- a module of sekisho.sinks
        settings BLOB NOT NULL,      -- JSON, sealed: addresses and what opens them
        at TEXT NOT NULL             -- since when: ISO 8601, UTC
    )
    """,
    *guarded("sinks", "INSERT", "UPDATE", "DELETE"),
)
PARCELS = (
    """
    CREATE TABLE parcels (           -- what an act gave to a sink; it stays when it was received
        parcel INTEGER PRIMARY KEY,  -- from 1, in order
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        sink TEXT NOT NULL,
        name TEXT NOT NULL,          -- what it is called outside; one of a name for each sink
        kind TEXT NOT NULL,          -- what is in it
        key TEXT NOT NULL UNIQUE,    -- idempotency key: by it the receiver knows a parcel that it has
        at TEXT NOT NULL,            -- when it was made
        content TEXT NOT NULL,       -- SHA-256 of what is in it
        size INTEGER NOT NULL,       -- its bytes
        file TEXT NOT NULL,          -- where that lies, sealed under the incident's key; empty once that is forgotten
        sha256 TEXT NOT NULL,        -- of that file
        state TEXT NOT NULL,         -- queued, received or failed
        ended TEXT,                  -- when it was received, or failed for good
        said TEXT NOT NULL,          -- what the receiver said, or why it failed
        UNIQUE (incident, sink, name)
    )
    """,
    *guarded("parcels", "INSERT", "UPDATE", "DELETE"),
    """
    CREATE TABLE parcel_tries (      -- how often a queued parcel was tried, and when it may be again
        parcel INTEGER PRIMARY KEY REFERENCES parcels (parcel),
        tries INTEGER NOT NULL,
        due TEXT NOT NULL,           -- ISO 8601, UTC
        said TEXT NOT NULL           -- why the last one failed
    )
    """,
)
ALL = (*SINKS, *PARCELS)
