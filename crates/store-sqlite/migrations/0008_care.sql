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
