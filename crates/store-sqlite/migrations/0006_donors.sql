-- Read tables of the donor side. They repeat what the entities say and are rebuilt from them at will.
CREATE TABLE donor_row (
    id     BLOB PRIMARY KEY,
    number TEXT NOT NULL,
    name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_by_number ON donor_row (number);

-- Keys of the search: 'w' a folded word of the name, 's' its sound, 'd' a form with one letter out,
-- 'p' the digits of a telephone number, 'i' an identity paper.
CREATE TABLE donor_key (
    form  TEXT NOT NULL CHECK (form IN ('w', 's', 'd', 'p', 'i')),
    key   TEXT NOT NULL,
    donor BLOB NOT NULL,
    PRIMARY KEY (form, key, donor)
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_key_by_donor ON donor_key (donor);

CREATE TABLE donation_row (
    id       BLOB    PRIMARY KEY,
    din      TEXT    NOT NULL UNIQUE,
    donor    BLOB    NOT NULL,
    begun_us INTEGER NOT NULL,
    ended    INTEGER NOT NULL CHECK (ended IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX donation_by_time ON donation_row (begun_us);
CREATE INDEX donation_by_donor ON donation_row (donor);
