-- What somebody has to look at, so that the list of what is to be done walks over no donation and no
-- issue that nobody doubts. Repeats what the entities say.

-- Donations whose blood is not free, with why: their tests, a hold, or a donor who gave too soon.
CREATE TABLE donation_doubt (
    donation BLOB    NOT NULL,
    why      TEXT    NOT NULL CHECK (why IN ('tests', 'hold', 'too_soon')),
    at_us    INTEGER NOT NULL,
    PRIMARY KEY (donation, why)
) STRICT, WITHOUT ROWID;
CREATE INDEX donation_doubt_by_why ON donation_doubt (why, at_us);

-- Issues with which more is to be done than with others: against the rule of custody and not come back,
-- in an emergency without a crossmatch, and of these the ones that no physician has signed.
CREATE TABLE issue_watch (
    issue BLOB    NOT NULL,
    why   TEXT    NOT NULL CHECK (why IN ('custody', 'uncrossmatched', 'unsigned')),
    at_us INTEGER NOT NULL,
    PRIMARY KEY (issue, why)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_watch_by_why ON issue_watch (why, at_us);
