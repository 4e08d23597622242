-- Each bag with the site that has custody of it: what lies elsewhere is shown and not counted as ours. And
-- bags are found by a part of their number in the indexes alone, with the order in which they are shown.
-- The table repeats what the entities say and is made again from them.
DROP TABLE unit_row;
CREATE TABLE unit_row (
    id            BLOB    PRIMARY KEY,
    din           TEXT    NOT NULL,
    component     TEXT    NOT NULL,
    grp           TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN
                  ('available', 'quarantined', 'reserved', 'issued', 'in_transit', 'discarded')),
    -- The site that has custody, for a bag that was given out the one that gave it. Of a bag under way the
    -- sender.
    site          TEXT    NOT NULL,
    patient       BLOB,
    until_us      INTEGER,
    expires_at_us INTEGER NOT NULL,
    -- When it was given out, for the mean daily issue.
    issued_us     INTEGER,
    live          INTEGER NOT NULL CHECK (live IN (0, 1)),
    -- The group of the patient who was given it; none while nobody knows it. A look at each patient of a
    -- year would take four times as long.
    need          TEXT,
    CHECK ((status = 'reserved') = (until_us IS NOT NULL)),
    CHECK ((status = 'issued') = (issued_us IS NOT NULL)),
    CHECK (status NOT IN ('reserved', 'issued') OR patient IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- What is counted and listed is in the indexes whole, `live` too: no row is read beside them.
CREATE INDEX unit_live ON unit_row (site, component, grp, expires_at_us, din, status, until_us, live)
    WHERE live = 1;
CREATE INDEX unit_ending ON unit_row (site, expires_at_us, din, status, component, grp, until_us, live)
    WHERE live = 1;
-- In the order in which a list shows them.
CREATE INDEX unit_by_site ON unit_row (site, expires_at_us, din, component, grp);
CREATE INDEX unit_by_status ON unit_row (site, status, expires_at_us, din, component, grp);
CREATE INDEX unit_by_din ON unit_row (din, expires_at_us);
-- Whoever types a number begins with the serial, or with the year before it.
CREATE INDEX unit_by_serial ON unit_row (substr(din, 8), expires_at_us, din);
CREATE INDEX unit_by_year ON unit_row (substr(din, 6), expires_at_us, din);
CREATE INDEX unit_by_patient ON unit_row (patient) WHERE patient IS NOT NULL;
CREATE INDEX unit_issued ON unit_row (issued_us, site, component, grp) WHERE issued_us IS NOT NULL;
CREATE INDEX unit_needed ON unit_row (site, component, issued_us, need, grp) WHERE issued_us IS NOT NULL;
