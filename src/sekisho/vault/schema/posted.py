"""Tables of letters to exposed persons: which there are, in which batch each is printed, and where it stands."""

from __future__ import annotations

from sekisho.vault.schema.guards import guarded, unchangeable

LETTERS = (
    """
    CREATE TABLE letters (           -- what stands in them lies in parts, under the incident's key
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        letter INTEGER NOT NULL,     -- from 1; never given to another
        person INTEGER NOT NULL,     -- as in the leak master
        version INTEGER NOT NULL,    -- of the leak master that it tells of
        state TEXT NOT NULL,         -- created, held, queued, printed, sent, returned or superseded; never delivered
        reason TEXT NOT NULL,        -- why it is held, or was reviewed, returned or superseded
        batch INTEGER,               -- in which it is printed
        bundle INTEGER,              -- of the batch
        at TEXT NOT NULL,            -- since when it stands there
        PRIMARY KEY (incident, letter)
    ) WITHOUT ROWID
    """,
    """
    CREATE UNIQUE INDEX letters_once ON letters (incident, person, version)
    WHERE state NOT IN ('returned', 'superseded')
    """,
    "CREATE INDEX letters_of_batch ON letters (batch) WHERE batch IS NOT NULL",  # not taken with incident before it
    """
    CREATE TABLE letter_parts (
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (incident, name)
    )
    """,
    """
    CREATE TABLE letter_words (      -- what the house says in its letters; the last one stands
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        number INTEGER NOT NULL,
        at TEXT NOT NULL,
        said BLOB NOT NULL,          -- JSON, sealed under the incident's key
        PRIMARY KEY (incident, number)
    )
    """,
    """
    CREATE TABLE letter_batches (    -- a day's work of the print shop
        incident INTEGER NOT NULL REFERENCES incidents (incident),
        batch INTEGER NOT NULL,      -- from 1
        day TEXT NOT NULL,           -- on which it is to be printed; the letters are of this day
        sink TEXT NOT NULL,
        version INTEGER NOT NULL,    -- of the leak master that had been reconciled when it was released
        words INTEGER NOT NULL,      -- number of letter_words
        released TEXT NOT NULL,      -- when somebody sent it on its way: ISO 8601, UTC
        matched TEXT,                -- when a match list was held against it and nothing differed
        checked TEXT,                -- when the last of its sample was found right
        sent TEXT,                   -- the day on which it was posted
        PRIMARY KEY (incident, batch)
    )
    """,
    """
    CREATE TABLE letter_samples (    -- sheets of the production run that somebody looks at
        incident INTEGER NOT NULL,
        batch INTEGER NOT NULL,
        letter INTEGER NOT NULL,
        drawn TEXT NOT NULL,
        outcome TEXT NOT NULL,       -- empty as long as nobody looked; right or wrong
        checked TEXT,
        PRIMARY KEY (incident, letter),
        FOREIGN KEY (incident, batch) REFERENCES letter_batches (incident, batch)
    )
    """,
    *guarded("letters", "INSERT", "UPDATE", "DELETE"),
    *guarded("letter_parts", "INSERT", "UPDATE", "DELETE"),
    *unchangeable("letter_words"),
    *guarded("letter_batches", "INSERT", "UPDATE", "DELETE"),
    *guarded("letter_samples", "INSERT", "UPDATE", "DELETE"),
)
ALL = LETTERS
