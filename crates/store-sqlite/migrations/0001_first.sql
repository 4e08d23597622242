-- The ledger: what was asked, in whose name, and what came of it. Rows are never updated.
CREATE TABLE command (
    lseq   INTEGER PRIMARY KEY,
    id     BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    stream INTEGER NOT NULL CHECK (stream IN (0, 1, 2)),
    epoch  INTEGER NOT NULL,
    dseq   INTEGER NOT NULL,
    header BLOB    NOT NULL,
    sig    BLOB    NOT NULL CHECK (length(sig) = 64),
    UNIQUE (epoch, stream, dseq)
) STRICT;

-- Bodies stand apart from the signed headers, so that one can be erased.
CREATE TABLE body (
    id   BLOB PRIMARY KEY REFERENCES command (id),
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The authority's signed answers, in commit order; also the leaves of the log.
CREATE TABLE receipt (
    gseq  INTEGER PRIMARY KEY,
    id    BLOB NOT NULL UNIQUE REFERENCES command (id),
    bytes BLOB NOT NULL,
    sig   BLOB NOT NULL CHECK (length(sig) = 64)
) STRICT;

-- What happened, for histories and timelines.
CREATE TABLE event (
    gseq    INTEGER NOT NULL REFERENCES receipt (gseq),
    idx     INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    id      BLOB    NOT NULL,
    patient BLOB,
    body    TEXT    NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (gseq, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_by_subject ON event (kind, id, gseq);
CREATE INDEX event_by_patient ON event (patient, gseq) WHERE patient IS NOT NULL;

-- The present of every aggregate, one JSON document each.
CREATE TABLE entity (
    kind    INTEGER NOT NULL,
    id      BLOB    NOT NULL,
    version INTEGER NOT NULL,
    gseq    INTEGER NOT NULL,
    state   TEXT    NOT NULL CHECK (json_valid(state)),
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- What only this installation knows: its signing key, its log's head.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Files (images), in pieces of at most 1 MiB, known by their bytes.
CREATE TABLE blob (
    sha256 BLOB    NOT NULL CHECK (length(sha256) = 32),
    n      INTEGER NOT NULL,
    bytes  BLOB    NOT NULL,
    PRIMARY KEY (sha256, n)
) STRICT;

-- Read tables. They repeat what the entities say and are rebuilt from them at will.
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
    live          INTEGER NOT NULL CHECK (live IN (0, 1)),
    CHECK ((status = 'reserved') = (until_us IS NOT NULL)),
    CHECK (status NOT IN ('reserved', 'issued') OR patient IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_live ON unit_row (component, grp, expires_at_us) WHERE live = 1;
CREATE INDEX unit_by_din ON unit_row (din);
CREATE INDEX unit_by_patient ON unit_row (patient) WHERE patient IS NOT NULL;

CREATE TABLE patient_row (
    id              BLOB PRIMARY KEY,
    hospital_number TEXT NOT NULL,
    name            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_by_number ON patient_row (hospital_number);

-- Keys of the fuzzy search: 'w' a folded word, 's' its sound, 'd' a form with one letter out.
CREATE TABLE patient_key (
    form    TEXT NOT NULL CHECK (form IN ('w', 's', 'd')),
    key     TEXT NOT NULL,
    patient BLOB NOT NULL,
    PRIMARY KEY (form, key, patient)
) STRICT, WITHOUT ROWID;

CREATE TABLE study_row (
    id          BLOB    PRIMARY KEY,
    patient     BLOB,
    added_at_us INTEGER NOT NULL,
    words       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX study_by_time ON study_row (added_at_us DESC);
CREATE INDEX study_by_patient ON study_row (patient) WHERE patient IS NOT NULL;
CREATE TABLE study_image (
    sha256 TEXT NOT NULL,
    image  BLOB NOT NULL PRIMARY KEY,
    study  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX image_by_bytes ON study_image (sha256);
