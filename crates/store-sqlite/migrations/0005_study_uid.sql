-- The studies of one study instance UID, without walking the studies. Only a study's state has this path.
CREATE INDEX entity_by_study_uid ON entity (json_extract(state, '$.is.study_uid')) WHERE kind = 4;
