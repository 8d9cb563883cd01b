"""Tables of the ledger, of actors, of custody and of looks; and the guards of what was there before."""

from __future__ import annotations

from sekisho.vault.schema.guards import guarded, unchangeable

LEDGER = (
    """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY,     -- from 0, without a gap: the entry's place in the ledger
        entry BLOB NOT NULL,         -- its bytes; all but the last go once the ledger holds them durably
        blind BLOB,                  -- the key that opens its commitment; forgetting removes it
        frontier BLOB NOT NULL,      -- of all entries up to this one: the roots of the full subtrees (RFC 6962),
                                     -- largest first, 32 bytes each
        at TEXT NOT NULL             -- its time
    )
    """,
    """
    CREATE TABLE blinds (            -- the keys of entries that have left the outbox
        seq INTEGER PRIMARY KEY,
        key BLOB NOT NULL
    )
    """,
    *guarded("outbox", "INSERT"),
)
ACTORS = (
    """
    CREATE TABLE actors (            -- who is an actor: a chain of statements, each signed by an officer
        seq INTEGER PRIMARY KEY,
        statement BLOB NOT NULL,     -- canonical JSON
        signature BLOB NOT NULL      -- Ed25519
    )
    """,
    """
    CREATE TABLE actor_keys (
        actor TEXT PRIMARY KEY,      -- id of the key, hex
        sealed TEXT NOT NULL         -- JSON: the private key under the actor's own secret
    )
    """,
    """
    CREATE TABLE proposals (
        hash TEXT PRIMARY KEY,       -- of the statement
        action TEXT NOT NULL,
        at TEXT NOT NULL,            -- ISO 8601, UTC
        proposer TEXT NOT NULL,
        statement BLOB NOT NULL,     -- holds the payload's hash
        signature BLOB NOT NULL,
        payload TEXT NOT NULL,       -- JSON: what is to be done
        payload_hash TEXT NOT NULL,
        state TEXT NOT NULL,         -- open, done or refused
        UNIQUE (hash, proposer)
    )
    """,
    "CREATE INDEX proposals_by_payload ON proposals (payload_hash)",
    "CREATE INDEX proposals_by_state ON proposals (state, at)",
    """
    CREATE TABLE approvals (
        seq INTEGER PRIMARY KEY,
        proposal TEXT NOT NULL,
        proposer TEXT NOT NULL,
        approver TEXT NOT NULL,
        statement BLOB NOT NULL,     -- holds the proposal's hash and the decision
        signature BLOB NOT NULL,
        UNIQUE (proposal, approver),
        CHECK (approver <> proposer),
        FOREIGN KEY (proposal, proposer) REFERENCES proposals (hash, proposer)
    )
    """,
    *unchangeable("actors"),
    *guarded("actor_keys", "INSERT", "UPDATE", "DELETE"),
    *guarded("proposals", "INSERT", "UPDATE", "DELETE"),
    *unchangeable("approvals"),
)
GUARDS = (
    *unchangeable("imports"),
    *unchangeable("takes"),
    *unchangeable("acts"),
    *unchangeable("decisions"),
    *unchangeable("lists"),
    *guarded("standings", "INSERT", "UPDATE", "DELETE"),
    *guarded("scans", "INSERT", "UPDATE", "DELETE"),
    *guarded("register_parts", "INSERT", "UPDATE", "DELETE"),
    *guarded("merge_parts", "INSERT", "UPDATE", "DELETE"),
)
CUSTODY = (
    """
    CREATE TABLE incidents (
        incident INTEGER PRIMARY KEY,
        key_id BLOB NOT NULL,        -- of its key, in keys.db
        title BLOB NOT NULL,         -- sealed under it
        state TEXT NOT NULL,
        opened TEXT NOT NULL,        -- ISO 8601, UTC
        changed TEXT NOT NULL        -- when it came into this state
    )
    """,
    "ALTER TABLE scans ADD COLUMN incident INTEGER",  # under whose key the scan's own is wrapped
    """
    CREATE TABLE holds (
        hold INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,          -- incident or person
        subject TEXT NOT NULL,       -- the incident's number; of a person the blind index of one, hexadecimal
        reason TEXT NOT NULL,
        placed TEXT NOT NULL,        -- ISO 8601, UTC
        released TEXT,
        why TEXT                     -- it was released
    )
    """,
    *guarded("incidents", "INSERT", "UPDATE", "DELETE"),
    *guarded("holds", "INSERT", "UPDATE", "DELETE"),
)
LOOKS = (
    """
    CREATE TABLE looks (             -- in order of seq: a look costs hardly a page, to ask for a mark reads them all
        seq INTEGER NOT NULL,        -- the look's place in the ledger
        mark BLOB NOT NULL,          -- whom somebody looked at, keyed: HMAC-SHA-256, its first half
        PRIMARY KEY (seq, mark)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE looks_at_all (
        seq INTEGER PRIMARY KEY,     -- of a look at everybody in a thing
        scope TEXT NOT NULL,         -- register, merges or scan
        upto INTEGER NOT NULL        -- the last act, or the scan, that made it
    )
    """,
    *guarded("looks", "INSERT", "UPDATE", "DELETE"),
    *unchangeable("looks_at_all"),
)
WITNESSES = (
    """
    CREATE TABLE ledger_policies (
        policy INTEGER PRIMARY KEY,  -- the last one holds
        written TEXT NOT NULL        -- which witnesses must cosign the ledger (C2SP tlog-policy)
    )
    """,
    *unchangeable("ledger_policies"),
)
HEAD = (
    "CREATE TABLE head (written INTEGER NOT NULL)",  # one row: the generation of vault.json that was last seen
    "INSERT INTO head (written) VALUES (0)",
)
PLANS = (
    """
    CREATE TABLE plans (
        plan INTEGER PRIMARY KEY,    -- what is to be done about the files that break the rules, as one scan found them
        scan INTEGER NOT NULL,
        root TEXT NOT NULL,          -- the scanned folder
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,
        wishes TEXT NOT NULL,        -- JSON: what the rules allow to be done
        sha256 TEXT NOT NULL,        -- of its items as they were planned: what is approved
        key_id BLOB,                 -- of the key of the kept originals, in keys.db; null before it is begun
        begun TEXT,
        lapses TEXT,                 -- until when it can be undone
        lapsed TEXT                  -- when the originals were given up
    )
    """,
    """
    CREATE TABLE plan_items (
        plan INTEGER NOT NULL REFERENCES plans (plan),
        item INTEGER NOT NULL,
        document TEXT NOT NULL,      -- path from the root
        planned TEXT NOT NULL,       -- JSON: what was found and what is to be done
        state TEXT NOT NULL,         -- planned, left, done or undone
        reason TEXT NOT NULL,        -- why it was left
        at TEXT NOT NULL,            -- since when it is in this state
        change TEXT,                 -- JSON: what was done, with all that is needed to undo it
        original TEXT,               -- the file that holds the original, sealed
        password BLOB,               -- sealed; opens what was encrypted
        after TEXT,                  -- SHA-256 of what was encrypted
        PRIMARY KEY (plan, item)
    )
    """,
    "CREATE INDEX plan_items_by_state ON plan_items (plan, state)",
    "CREATE INDEX plan_items_by_document ON plan_items (document)",
    """
    CREATE TABLE plan_steps (        -- a change to a file that is on its way, or was when it was killed
        plan INTEGER NOT NULL,
        item INTEGER NOT NULL,
        way TEXT NOT NULL,           -- do or undo
        change TEXT NOT NULL,
        original TEXT,
        password BLOB,
        PRIMARY KEY (plan, item)
    )
    """,
    *guarded("plans", "INSERT", "UPDATE", "DELETE"),
    *guarded("plan_items", "INSERT", "UPDATE", "DELETE"),
)
PEOPLE = (
    """
    CREATE TABLE people (
        person INTEGER PRIMARY KEY,  -- a holder's place in the register
        key_id BLOB NOT NULL,        -- of their key, in keys.db
        number BLOB NOT NULL,        -- sealed under it, as the next four; empty where there is nothing
        name BLOB NOT NULL,
        name_kana BLOB NOT NULL,
        birth_date BLOB NOT NULL,
        address BLOB NOT NULL,
        named INTEGER,               -- blind indexes: a few bits of the name, or its reading, with the birth date
        read INTEGER
    )
    """,
    "CREATE INDEX people_by_name ON people (named)",
    "CREATE INDEX people_by_reading ON people (read)",
    """
    CREATE TABLE people_numbers (
        number BLOB NOT NULL,        -- blind index: HMAC-SHA-256 of any number that leads to the person
        person INTEGER NOT NULL,
        PRIMARY KEY (number, person)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX people_numbers_by_person ON people_numbers (person)",
    """
    CREATE TABLE people_state (
        act INTEGER NOT NULL,        -- on the register, as of which the rows above are
        complete INTEGER NOT NULL    -- 1: everybody in the register has one
    )
    """,
    "INSERT INTO people_state (act, complete) VALUES (0, 1)",
)
EVIDENCE = (
    """
    CREATE TABLE evidence (
        evidence INTEGER PRIMARY KEY,  -- one log that was brought in
        file TEXT NOT NULL,          -- its path, absolute
        sha256 TEXT NOT NULL,        -- of its bytes
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,       -- version that read it
        given TEXT NOT NULL,         -- JSON: what somebody said of its clock and host
        account TEXT NOT NULL        -- JSON: its format and counts
    )
    """,
    """
    CREATE TABLE evidence_parts (
        part INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        evidence INTEGER NOT NULL REFERENCES evidence (evidence),
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_at INTEGER,            -- between which times its rows lie, microseconds since 1970; null: none is known
        last_at INTEGER,
        timeless INTEGER NOT NULL    -- rows whose time is not known
    )
    """,
    *unchangeable("evidence"),
    *unchangeable("evidence_parts"),
)
FORGETTING = (
    """
    CREATE TABLE forgetting (        -- what a forgetting has yet to destroy; empty but for a moment
        kind TEXT NOT NULL,          -- key or mark
        value BLOB NOT NULL
    )
    """,
)
PERSONS = (
    "ALTER TABLE people RENAME TO people_before",
    "ALTER TABLE people_numbers RENAME TO people_numbers_before",
    """
    CREATE TABLE people (
        scan INTEGER NOT NULL,       -- the scan that found them; 0: the register
        person INTEGER NOT NULL,     -- the number that the scan gave them; of the register a holder's place in it
        key_id BLOB NOT NULL,        -- of their key, in keys.db
        number BLOB NOT NULL,        -- sealed under it, as the next four; empty where there is nothing
        name BLOB NOT NULL,
        name_kana BLOB NOT NULL,
        birth_date BLOB NOT NULL,
        address BLOB NOT NULL,
        named INTEGER,               -- blind indexes: a few bits of the name, or its reading, with the birth date
        read INTEGER,
        PRIMARY KEY (scan, person)
    )
    """,
    """
    CREATE TABLE people_numbers (
        number BLOB NOT NULL,        -- blind index: HMAC-SHA-256 of any number that leads to the person
        scan INTEGER NOT NULL,
        person INTEGER NOT NULL,
        PRIMARY KEY (number, scan, person)
    ) WITHOUT ROWID
    """,
    "INSERT INTO people SELECT 0, person, key_id, number, name, name_kana, birth_date, address, named, read "
    "FROM people_before",
    "INSERT INTO people_numbers SELECT number, 0, person FROM people_numbers_before",
    "DROP TABLE people_before",
    "DROP TABLE people_numbers_before",
    "CREATE INDEX people_by_name ON people (scan, named)",
    "CREATE INDEX people_by_reading ON people (scan, read)",
    "CREATE INDEX people_numbers_by_person ON people_numbers (scan, person)",
)
