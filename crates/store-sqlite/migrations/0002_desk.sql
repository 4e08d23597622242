-- What belongs to this desk and to no record. Both tables are disposable: nothing here is signed,
-- nothing here is part of the chain, and a loss is an annoyance.

-- Half-filled forms, per user and screen. They are never a command.
CREATE TABLE draft (
    user   TEXT    NOT NULL,
    screen TEXT    NOT NULL,
    body   TEXT    NOT NULL CHECK (json_valid(body)),
    at_us  INTEGER NOT NULL,
    PRIMARY KEY (user, screen)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_by_time ON draft (at_us);

-- Settings of this workstation, one JSON document each.
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
