-- What the forecast counts as need. Repeats what the entities say.

-- The group of each patient of whom one is known. Of a conflict none is.
CREATE TABLE patient_group (
    patient BLOB PRIMARY KEY,
    grp     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that nobody cancelled: how many units were asked for, issued, and neither issued nor set aside.
CREATE TABLE request_need (
    request   BLOB    PRIMARY KEY,
    component TEXT    NOT NULL,
    patient   BLOB    NOT NULL,
    due_us    INTEGER NOT NULL,
    critical  INTEGER NOT NULL CHECK (critical IN (0, 1)),
    asked     INTEGER NOT NULL,
    issued    INTEGER NOT NULL,
    lacking   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_need_by_time ON request_need (component, due_us, asked, issued, lacking);
CREATE INDEX request_need_lacking ON request_need (component, due_us) WHERE lacking > 0;

-- The group of the patient who was given a bag; none while nobody knows it. It stands here too, because a
-- year of a large house is a hundred thousand bags, and a look at each patient takes four times as long.
ALTER TABLE unit_row ADD COLUMN need TEXT;
CREATE INDEX unit_needed ON unit_row (component, issued_us, need, grp) WHERE issued_us IS NOT NULL;
