-- The transfusion side, by what it is looked up by: one row per request, sample, crossmatch, issue,
-- transfusion, case, recall, massive transfusion and box. Repeats what the entities say.
CREATE TABLE care_row (
    kind    INTEGER NOT NULL,
    id      BLOB NOT NULL,
    patient BLOB,
    unit    BLOB,
    -- Somebody still has to do something with it.
    open    INTEGER NOT NULL CHECK (open IN (0, 1)),
    at_us   INTEGER NOT NULL,
    -- A slip, or a number that a person wrote.
    word    TEXT,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX care_by_patient ON care_row (patient, kind, at_us) WHERE patient IS NOT NULL;
CREATE INDEX care_by_unit ON care_row (unit, kind, at_us) WHERE unit IS NOT NULL;
CREATE INDEX care_open ON care_row (kind, at_us) WHERE open = 1;
CREATE INDEX care_by_time ON care_row (kind, at_us);
CREATE INDEX care_by_word ON care_row (kind, word) WHERE word IS NOT NULL;

-- The bags that a recall names, also when it is closed, and those of a box and of a case.
CREATE TABLE care_unit (
    unit BLOB NOT NULL,
    kind INTEGER NOT NULL,
    id   BLOB NOT NULL,
    PRIMARY KEY (unit, kind, id)
) STRICT, WITHOUT ROWID;

-- A stock of years: the board and the lists are answered from these rows alone, without the states.
-- Made again from the states at the next opening.
DROP TABLE unit_row;
CREATE TABLE unit_row (
    id            BLOB    PRIMARY KEY,
    din           TEXT    NOT NULL,
    component     TEXT    NOT NULL,
    grp           TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN
                  ('available', 'quarantined', 'reserved', 'issued', 'in_transit', 'discarded')),
    patient       BLOB,
    until_us      INTEGER,
    expires_at_us INTEGER NOT NULL,
    -- When it was given out, for the mean daily issue.
    issued_us     INTEGER,
    live          INTEGER NOT NULL CHECK (live IN (0, 1)),
    CHECK ((status = 'reserved') = (until_us IS NOT NULL)),
    CHECK ((status = 'issued') = (issued_us IS NOT NULL)),
    CHECK (status NOT IN ('reserved', 'issued') OR patient IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_live ON unit_row (component, grp, expires_at_us, status, until_us) WHERE live = 1;
CREATE INDEX unit_ending ON unit_row (expires_at_us) WHERE live = 1;
CREATE INDEX unit_by_din ON unit_row (din);
-- Whoever types a number begins with the serial, or with the year before it.
CREATE INDEX unit_by_serial ON unit_row (substr(din, 8));
CREATE INDEX unit_by_year ON unit_row (substr(din, 6));
CREATE INDEX unit_by_patient ON unit_row (patient) WHERE patient IS NOT NULL;
CREATE INDEX unit_issued ON unit_row (issued_us, component, grp) WHERE issued_us IS NOT NULL;
CREATE INDEX unit_by_status ON unit_row (status, expires_at_us);
