-- Donations that are through the laboratory and in doubt again: a run that was taken back, a result that
-- was corrected, a repeat that is still to be made. Whoever was found unsafe asks for nothing more here.
-- Repeats what the entities say.
CREATE TABLE lab_open (
    donation BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Issues with which more is to be done than with others, now also: RhD positive to somebody whom anti-D
-- could harm, and no physician has decided on it. Read tables are made again from the states.
DROP TABLE issue_watch;
CREATE TABLE issue_watch (
    issue BLOB    NOT NULL,
    why   TEXT    NOT NULL CHECK (why IN ('custody', 'uncrossmatched', 'unsigned', 'anti_d')),
    at_us INTEGER NOT NULL,
    PRIMARY KEY (issue, why)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_watch_by_why ON issue_watch (why, at_us);
