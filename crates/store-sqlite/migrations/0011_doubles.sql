-- Records that may be of one person and that nobody has settled yet, as the newer of the two says it.
-- They repeat what the entities say.
CREATE TABLE donor_likely (
    donor BLOB NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (donor, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_likely_by_other ON donor_likely (other);
