-- What waits in the laboratory is found without walking through all that was ever given: whether a donation
-- was divided stands with it, and both kinds of waiting have an index of their own. The tables repeat what
-- the entities say and are made again from them.
DROP TABLE donation_row;
CREATE TABLE donation_row (
    id       BLOB    PRIMARY KEY,
    din      TEXT    NOT NULL UNIQUE,
    donor    BLOB    NOT NULL,
    begun_us INTEGER NOT NULL,
    ended    INTEGER NOT NULL CHECK (ended IN (0, 1)),
    divided  INTEGER NOT NULL CHECK (divided IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX donation_by_time ON donation_row (begun_us);
CREATE INDEX donation_by_donor ON donation_row (donor);
CREATE INDEX donation_going_on ON donation_row (begun_us) WHERE ended = 0;
CREATE INDEX donation_undivided ON donation_row (begun_us) WHERE ended = 1 AND divided = 0;
CREATE INDEX part_in_quarantine ON part_row (donation) WHERE state = 'quarantine';
