"""Tables of scans, of the register and of merges."""

from __future__ import annotations

SCANS = (
    """
    CREATE TABLE scans (
        scan INTEGER PRIMARY KEY,
        root TEXT NOT NULL,          -- the scanned folder, absolute, undecodable bytes spelled out
        begun TEXT NOT NULL,         -- ISO 8601, UTC
        finished TEXT,               -- null while the scan is on its way
        program TEXT NOT NULL,       -- version that read the files
        data_key BLOB NOT NULL       -- wrapped; without it the scan's tables are noise
    )
    """,
    """
    CREATE TABLE parts (
        scan INTEGER NOT NULL REFERENCES scans (scan),
        name TEXT NOT NULL,
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (scan, name)
    )
    """,
    """
    CREATE TABLE notes (
        scan INTEGER NOT NULL REFERENCES scans (scan),
        name TEXT NOT NULL,
        value TEXT NOT NULL,         -- JSON
        PRIMARY KEY (scan, name)
    )
    """,
    """
    CREATE TABLE decisions (
        decision INTEGER PRIMARY KEY,  -- later ones overrule earlier ones; none is ever removed
        block TEXT NOT NULL,
        subject TEXT NOT NULL,
        answer TEXT NOT NULL,
        who TEXT NOT NULL,
        at TEXT NOT NULL
    )
    """,
)
REGISTER = (
    """
    CREATE TABLE imports (
        import INTEGER PRIMARY KEY,
        file TEXT NOT NULL,          -- path of the imported file, absolute
        sha256 TEXT NOT NULL,        -- of its bytes
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,       -- version that read it
        account TEXT NOT NULL        -- JSON: its columns and counts
    )
    """,
    """
    CREATE TABLE register_parts (
        part INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        import INTEGER NOT NULL REFERENCES imports (import),
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_number INTEGER NOT NULL,  -- the least and the greatest of what the part is in order of
        last_number INTEGER NOT NULL
    )
    """,
)
MERGES = (
    """
    CREATE TABLE takes (
        take INTEGER PRIMARY KEY,    -- one matching that was taken up
        records_file TEXT NOT NULL,  -- paths, absolute, and SHA-256 of their bytes
        records_sha256 TEXT NOT NULL,
        matches_file TEXT NOT NULL,
        matches_sha256 TEXT NOT NULL,
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,
        account TEXT NOT NULL        -- JSON: policy, model, columns and counts
    )
    """,
    """
    CREATE TABLE merge_parts (
        part INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        take INTEGER NOT NULL REFERENCES takes (take),
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_key INTEGER NOT NULL,  -- between which keys of records its rows lie
        last_key INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE lists (
        list INTEGER PRIMARY KEY,    -- questions that were given out together
        kind TEXT NOT NULL,          -- clerk or letters
        clerk TEXT NOT NULL,         -- whom it was given to; empty for letters
        at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE asked (
        code TEXT PRIMARY KEY,       -- what an answer names: is this record this holder's?
        list INTEGER NOT NULL REFERENCES lists (list),
        place INTEGER NOT NULL,
        record TEXT NOT NULL,
        holder TEXT NOT NULL         -- a number of theirs
    )
    """,
    "CREATE INDEX asked_by_list ON asked (list, place)",
    """
    CREATE TABLE acts (
        act INTEGER PRIMARY KEY,     -- what happened to a record, in order; none is ever removed or changed
        record TEXT NOT NULL,
        at TEXT NOT NULL,
        who TEXT NOT NULL,           -- as stated; empty for the program
        kind TEXT NOT NULL,
        value TEXT NOT NULL          -- JSON
    )
    """,
    "CREATE INDEX acts_by_record ON acts (record, act)",
    """
    CREATE TABLE standings (
        record TEXT PRIMARY KEY,     -- where its acts have led; records without acts stand as they were taken up
        key INTEGER NOT NULL,
        said TEXT NOT NULL,          -- the program's outcome
        state TEXT NOT NULL,
        disputed INTEGER NOT NULL,   -- 1: merged, and an answer speaks against it
        list INTEGER,                -- where it is given out
        proposal TEXT,               -- hash of what waits for a second clerk
        value TEXT NOT NULL          -- JSON: all of it
    )
    """,
    "CREATE INDEX standings_by_state ON standings (state)",
    "CREATE INDEX standings_by_list ON standings (list)",
    "CREATE INDEX standings_by_proposal ON standings (proposal)",
)
ENTRIES = (
    "ALTER TABLE imports ADD COLUMN kind TEXT NOT NULL DEFAULT 'import'",  # or undo, split
    "ALTER TABLE imports ADD COLUMN target INTEGER",  # what an undoing takes back
    "ALTER TABLE imports ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE import_progress (   -- at most one row: the import that is on its way, or was when it was killed
        sha256 TEXT NOT NULL,
        program TEXT NOT NULL,
        note TEXT NOT NULL           -- JSON: what is needed to go on
    )
    """,
    """
    CREATE TABLE import_parts (      -- what it has finished
        part INTEGER PRIMARY KEY,
        step TEXT NOT NULL,
        name TEXT NOT NULL UNIQUE,
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_number INTEGER NOT NULL,
        last_number INTEGER NOT NULL
    )
    """,
)
