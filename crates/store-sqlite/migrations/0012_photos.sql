-- Whose picture is kept by which bytes, so that no picture goes that a record still names, and one that
-- none names does not stay. It repeats what the entities say.
CREATE TABLE donor_photo (
    donor  BLOB PRIMARY KEY,
    sha256 TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_photo_by_file ON donor_photo (sha256);
