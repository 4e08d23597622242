-- What was made of what and who was given it: walked by look-back and recall from donor to recipient
-- and back, without reading one state. Repeats what the entities say.

-- The donation in whose number a bag stands; of a bag made of others, `unit_parent` counts.
CREATE TABLE unit_source (
    unit     BLOB NOT NULL PRIMARY KEY,
    donation BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_of_donation ON unit_source (donation);

-- A pool has many parents, a split many children.
CREATE TABLE unit_parent (
    child  BLOB NOT NULL,
    parent BLOB NOT NULL,
    PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_child ON unit_parent (parent, child);

-- Issues that did not come back.
CREATE TABLE unit_given (
    issue   BLOB NOT NULL PRIMARY KEY,
    unit    BLOB NOT NULL,
    patient BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX given_by_unit ON unit_given (unit, patient);
CREATE INDEX given_by_patient ON unit_given (patient, unit);

-- A list that names bags is written anew when it loses one.
CREATE INDEX care_unit_of ON care_unit (kind, id);
