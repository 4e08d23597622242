-- Donations that are through the laboratory and in doubt again: a run that was taken back, a result that
-- was corrected, a repeat that is still to be made. Whoever was found unsafe asks for nothing more here.
-- Repeats what the entities say.
CREATE TABLE lab_open (
    donation BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
