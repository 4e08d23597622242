-- Writing to donors: who can be asked, and what was written. They repeat what the entities say.
CREATE TABLE donor_reach (
    donor     BLOB PRIMARY KEY,
    -- `O_negative`; empty when the determinations are none or at odds.
    grp       TEXT NOT NULL,
    -- A part of town or a village as it is compared; empty when it is not known.
    area      TEXT NOT NULL,
    -- Channels agreed to, by bits: 1 SMS, 2 a call, 4 e-mail, 8 a letter; and those taken back.
    agreed    INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    -- A deferral that does not end by itself.
    for_good  INTEGER NOT NULL CHECK (for_good IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_reach_by_group ON donor_reach (grp, for_good);

-- Two registrations of one person, by decision of a person; in both directions.
CREATE TABLE donor_same (
    donor BLOB NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (donor, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE message_row (
    id           BLOB    PRIMARY KEY,
    donor        BLOB    NOT NULL,
    -- None: a reminder.
    campaign     BLOB,
    status       TEXT    NOT NULL,
    queued_us    INTEGER NOT NULL,
    delivered_us INTEGER,
    yes_us       INTEGER,
    donated_us   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_donor ON message_row (donor, queued_us);
CREATE INDEX message_by_campaign ON message_row (campaign, queued_us) WHERE campaign IS NOT NULL;
CREATE INDEX message_waiting ON message_row (queued_us) WHERE status = 'queued';
CREATE INDEX message_delivered ON message_row (delivered_us) WHERE delivered_us IS NOT NULL;

-- The figures of a period are counted from these rows alone.
CREATE TABLE request_row (
    id        BLOB    PRIMARY KEY,
    placed_us INTEGER NOT NULL,
    critical  INTEGER NOT NULL CHECK (critical IN (0, 1)),
    asked     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_by_time ON request_row (placed_us);

CREATE TABLE issue_row (
    id        BLOB    PRIMARY KEY,
    request   BLOB,
    unit      BLOB    NOT NULL,
    patient   BLOB    NOT NULL,
    component TEXT    NOT NULL,
    left_us   INTEGER NOT NULL,
    status    TEXT    NOT NULL CHECK (status IN ('out', 'used', 'returned'))
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_by_time ON issue_row (left_us);
CREATE INDEX issue_by_request ON issue_row (request) WHERE request IS NOT NULL;

CREATE TABLE unit_gone (
    unit   BLOB    PRIMARY KEY,
    reason TEXT    NOT NULL,
    at_us  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_gone_by_time ON unit_gone (at_us, reason);

-- Counts of a place: what the book had there and what was not found. They stand in the audit stream,
-- which has no aggregate, so these rows are written with it and are not made again.
CREATE TABLE count_row (
    command BLOB    PRIMARY KEY REFERENCES command (id),
    at_us   INTEGER NOT NULL,
    place   TEXT    NOT NULL,
    booked  INTEGER NOT NULL,
    missing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX count_by_time ON count_row (at_us);
