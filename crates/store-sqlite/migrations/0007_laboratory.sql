-- Components in the laboratory, by the donation that they are of. Repeats what the entities say.
CREATE TABLE part_row (
    id       BLOB PRIMARY KEY,
    donation BLOB NOT NULL,
    state    TEXT NOT NULL CHECK (state IN
             ('available', 'quarantine', 'recalled', 'modified', 'discarded'))
) STRICT, WITHOUT ROWID;
CREATE INDEX part_by_donation ON part_row (donation);
