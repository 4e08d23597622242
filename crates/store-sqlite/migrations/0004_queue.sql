-- Work that was asked for and is not done. Nothing here is signed and nothing is part of the chain:
-- a job is a wish and no fact. What comes of one is a command, and so is every picture taken in.
-- The rows outlive a power cut, so that nobody has to ask twice.

-- Pictures that were asked for together: a folder, an archive, many files.
CREATE TABLE batch (
    id        BLOB    PRIMARY KEY CHECK (length(id) = 16),
    at_us     INTEGER NOT NULL,
    -- Whether what it holds is known yet.
    listed    INTEGER NOT NULL CHECK (listed IN (0, 1)),
    paused    INTEGER NOT NULL CHECK (paused IN (0, 1)),
    cancelled INTEGER NOT NULL CHECK (cancelled IN (0, 1)),
    body      TEXT    NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

-- One analysis of one picture. 'untaken' is a file that is not in the store yet; part says which
-- files are taken in together. A job that runs stays 'queued' until its result is recorded.
CREATE TABLE job (
    n        INTEGER PRIMARY KEY AUTOINCREMENT,
    analysis BLOB    NOT NULL UNIQUE CHECK (length(analysis) = 16),
    batch    BLOB    CHECK (length(batch) = 16),
    part     INTEGER NOT NULL,
    study    BLOB    CHECK (length(study) = 16),
    image    BLOB    CHECK (length(image) = 16),
    -- 0 at once, 1 asked at the screen, 2 part of a batch.
    class    INTEGER NOT NULL CHECK (class IN (0, 1, 2)),
    state    TEXT    NOT NULL CHECK (state IN
             ('untaken', 'queued', 'done', 'known', 'abstained', 'failed', 'refused', 'cancelled')),
    body     TEXT    NOT NULL CHECK (json_valid(body)),
    CHECK (state != 'queued' OR (study IS NOT NULL AND image IS NOT NULL)),
    CHECK (state != 'untaken' OR batch IS NOT NULL)
) STRICT;
CREATE INDEX job_to_do ON job (class, n) WHERE state = 'queued';
CREATE INDEX job_of_batch ON job (batch, state, n) WHERE batch IS NOT NULL;
CREATE INDEX job_of_study ON job (study) WHERE state = 'queued';
