-- The study of one analysis, without walking the studies. Only an "analysed" event has this path.
CREATE INDEX event_by_analysis ON event (json_extract(body, '$.was.analysis.id')) WHERE kind = 4;
