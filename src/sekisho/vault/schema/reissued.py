"""Tables of new numbers: what the issuer supplied, who was given which, and where replaced ones turned up."""

from __future__ import annotations

from sekisho.vault.schema.guards import GROWS, guarded, unchangeable

POOLS = (
    """
    CREATE TABLE number_pools (      -- what the issuer supplied, a file each
        pool INTEGER PRIMARY KEY,    -- from 1
        at TEXT NOT NULL,            -- ISO 8601, UTC
        sha256 TEXT NOT NULL,        -- of the file
        program TEXT NOT NULL,
        account TEXT NOT NULL        -- JSON: what was counted
    )
    """,
    *unchangeable("number_pools"),
)
NUMBERS = (
    """
    CREATE TABLE new_numbers (       -- one row a number, whatever becomes of it: none is ever removed or free again
        number INTEGER PRIMARY KEY,
        pool INTEGER NOT NULL REFERENCES number_pools (pool),
        place INTEGER NOT NULL,      -- in its file
        state TEXT NOT NULL,         -- free, given, exported, taken, in_force, refused, forgotten
        incident INTEGER REFERENCES incidents (incident),
        person INTEGER,              -- as in the leak master
        old INTEGER UNIQUE,          -- the number that it replaces: one successor each
        was INTEGER,                 -- the number that it was to replace, where the core system refused it
        version INTEGER,             -- of the leak master that this follows from
        export INTEGER,              -- in which export the core system got it
        notice INTEGER,              -- number of the notice that tells of it, from 1 in each incident
        bundle INTEGER,              -- with which others it goes to the print shop
        at TEXT,                     -- since when it is in this state
        taken TEXT,                  -- when the core system took it: the old number counts no more
        UNIQUE (incident, person),
        UNIQUE (incident, notice)
    )
    """,
    "CREATE INDEX free_numbers ON new_numbers (state, pool, place)",
    *guarded("new_numbers", "INSERT", "UPDATE"),
    f"""
    CREATE TRIGGER keep_new_numbers_delete BEFORE DELETE ON new_numbers
    BEGIN SELECT RAISE(ABORT, '{GROWS}: new_numbers'); END
    """,
    f"""
    CREATE TRIGGER keep_new_numbers_update BEFORE UPDATE ON new_numbers
    WHEN NEW.number IS NOT OLD.number OR NEW.pool IS NOT OLD.pool OR NEW.place IS NOT OLD.place
      OR (OLD.state != 'free' AND NEW.state = 'free')
      OR (OLD.old IS NOT NULL AND NEW.old IS NOT NULL AND NEW.old IS NOT OLD.old)
      OR (OLD.person IS NOT NULL AND NEW.person IS NOT NULL AND NEW.person IS NOT OLD.person)
    BEGIN SELECT RAISE(ABORT, '{GROWS}: new_numbers'); END
    """,
)
BUNDLES = (
    """
    CREATE TABLE notice_bundles (    -- notices that go to the print shop together, as they were approved
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        bundle INTEGER NOT NULL,     -- from 1 in each incident
        sink TEXT NOT NULL,
        words INTEGER NOT NULL,      -- of the letters, from which they are made
        PRIMARY KEY (incident, bundle)
    )
    """,
    *unchangeable("notice_bundles"),
)
ALERTS = (
    """
    CREATE TABLE number_alerts (     -- where a number turned up that was replaced because it had leaked
        alert INTEGER PRIMARY KEY,   -- from 1
        at TEXT NOT NULL,
        place TEXT NOT NULL,         -- scan, match, register, person
        thing INTEGER,               -- which scan or act of the register
        incident INTEGER,            -- for which the number was replaced
        old INTEGER,                 -- the number; null once its holder is forgotten
        times INTEGER NOT NULL,
        UNIQUE (place, thing, old)   -- the same scan, settled again, turns up the same
    )
    """,
    *guarded("number_alerts", "INSERT", "UPDATE", "DELETE"),
)
ALL = (*POOLS, *NUMBERS, *BUNDLES, *ALERTS)
