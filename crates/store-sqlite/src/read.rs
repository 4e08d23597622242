//! Reads, each written for one screen.

use crate::record::{load, state_of};
use crate::{Store, StoreError};
use hospital::names;
use hospital::patient::Patient;
use hospital::staff::Staff;
use imaging::study::Study;
use kernel::{CommandId, ImageId, Instant, PatientId, StudyId, UnitId, of_micros};
use ledger::Header;
use records::{Event, Facility, Key, State, Stored, versions};
use rusqlite::{OptionalExtension as _, named_params};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One line of a history or a timeline, with what the signed header says about it.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub gseq: u64,
    pub at: Instant,
    pub user: String,
    pub second: Option<String>,
    pub event: Event,
    pub subject: Key,
    pub command: CommandId,
    pub overrides: Vec<bloodbank::care::CareRule>,
    pub reason: Option<String>,
    /// It was written on paper and entered later: `at` is the time of the entry.
    pub happened: Option<records::Happened>,
    /// By these rules of the day of the entry it would have been refused.
    pub against_today: Vec<String>,
    /// Number of the policy that judged it.
    pub policy: Option<u32>,
}

impl Store {
    pub fn get(&self, key: Key) -> Result<Option<State>, StoreError> {
        Ok(load(&self.db, key)?.map(|(state, _)| state))
    }

    pub fn facility(&self) -> Result<Option<Facility>, StoreError> {
        Ok(match self.get(Key::Facility)? {
            Some(State::Facility(facility)) => Some(facility),
            _ => None,
        })
    }

    pub fn unit(&self, id: UnitId) -> Result<Option<bloodbank::Unit>, StoreError> {
        Ok(match self.get(Key::Unit(id))? {
            Some(State::Unit(unit)) => Some(*unit),
            _ => None,
        })
    }

    pub fn patient(&self, id: PatientId) -> Result<Option<Patient>, StoreError> {
        Ok(match self.get(Key::Patient(id))? {
            Some(State::Patient(patient)) => Some(*patient),
            _ => None,
        })
    }

    /// The name of a patient, as lists show it.
    pub fn patient_name(&self, id: PatientId) -> Result<Option<String>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT name FROM patient_row WHERE id = ?1")?;
        Ok(query.query_row([id.0.as_bytes()], |row| row.get(0)).optional()?)
    }

    pub fn study(&self, id: StudyId) -> Result<Option<Study>, StoreError> {
        Ok(match self.get(Key::Study(id))? {
            Some(State::Study(study)) => Some(*study),
            _ => None,
        })
    }

    pub fn staff(&self) -> Result<Vec<Staff>, StoreError> {
        let mut out = vec![];
        let mut query = self.db.prepare_cached("SELECT state FROM entity WHERE kind = 1")?;
        let rows = query.query_map([], |row| row.get::<_, String>(0))?;
        for text in rows {
            if let State::Staff(staff) = state_of(&text?)? {
                out.push(staff);
            }
        }
        out.sort_by(|a, b| a.display_name.cmp(&b.display_name));
        Ok(out)
    }

    /// Every unit that carries this donation number.
    pub fn units_of_din(&self, din: &str) -> Result<Vec<UnitId>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT id FROM unit_row WHERE din = ?1")?;
        let rows = query.query_map([din], |row| row.get::<_, [u8; 16]>(0))?;
        Ok(rows.map(|r| r.map(|id| UnitId(Uuid::from_bytes(id)))).collect::<Result<_, _>>()?)
    }

    /// Bags that say another blood group than a bag of the same donation that is still here, with
    /// that one if it too is here.
    pub fn donations_at_odds(&self) -> Result<Vec<bloodbank::Unit>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT DISTINCT e.state
               FROM unit_row here
               JOIN unit_row other ON other.din = here.din AND other.grp <> here.grp
               JOIN entity e ON e.kind = 3 AND e.id = other.id
              WHERE here.live = 1",
        )?;
        let mut out = vec![];
        for text in query.query_map([], |row| row.get::<_, String>(0))? {
            if let State::Unit(unit) = state_of(&text?)? {
                out.push(*unit);
            }
        }
        Ok(out)
    }

    pub fn patient_by_number(&self, number: &str) -> Result<Option<PatientId>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT id FROM patient_row WHERE hospital_number = ?1")?
            .query_row([number], |row| row.get::<_, [u8; 16]>(0))
            .optional()?
            .map(|id| PatientId(Uuid::from_bytes(id))))
    }

    /// How many patients there are; the next hospital number follows from it.
    pub fn patient_count(&self) -> Result<u32, StoreError> {
        Ok(self.db.query_row("SELECT count(*) FROM patient_row", [], |row| row.get(0))?)
    }

    /// People whose names meet the words: exact beginnings first, then sound-alikes, then names
    /// within one slip of the finger. Every lookup is an index seek. Answers ids and the total.
    pub fn search_patients(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<(Vec<PatientId>, u32), StoreError> {
        let number = text.split_whitespace().collect::<String>().to_uppercase();
        if let Some(id) = self.patient_by_number(&number)? {
            return Ok((vec![id], 1));
        }
        let (ids, total) = self.names_met("patient_key", "patient", text, limit)?;
        Ok((ids.into_iter().map(PatientId).collect(), total))
    }

    /// People whose names sound like this and whose birth date does not speak against it: born within a
    /// year of it, those who share all that is known of it first, those without any last.
    pub fn patients_of_name_and_birth(
        &self,
        name: &str,
        born: hospital::patient::BirthDate,
        limit: usize,
    ) -> Result<Vec<PatientId>, StoreError> {
        let (day, year) = (born.to_string(), born.year);
        let ids = self.namesakes("patient_key", "patient", name, (&day, year))?;
        Ok(ids.into_iter().take(limit).map(PatientId).collect())
    }

    /// Whose names sound alike among those born from the year before to the year after, and those of
    /// whom no birth date is known: index seeks that a common name does not widen beyond these years.
    pub(crate) fn namesakes(
        &self,
        table: &str,
        column: &str,
        name: &str,
        (day, year): (&str, i32),
    ) -> Result<Vec<Uuid>, StoreError> {
        let mut all: Option<BTreeMap<[u8; 16], u32>> = None;
        for word in names::words(name) {
            let sound = names::sound(&word);
            let mut hits: BTreeMap<[u8; 16], u32> = BTreeMap::new();
            let mut add = |from: String, to: String, rank: u32| {
                let mut query = self.db.prepare_cached(&format!(
                    "SELECT {column} FROM {table} WHERE form = 's' AND key >= ?1 AND key < ?2"
                ))?;
                let rows = query.query_map((from, to), |row| row.get::<_, [u8; 16]>(0))?;
                for id in rows {
                    hits.entry(id?).or_insert(rank);
                }
                Ok::<(), rusqlite::Error>(())
            };
            add(format!("{sound} {day}"), format!("{sound} {day}\u{1}"), 0)?;
            let (first, behind) = (year.saturating_sub(1), year.saturating_add(2));
            add(format!("{sound} {first:04}"), format!("{sound} {behind:04}"), 1)?;
            add(format!("{sound} "), format!("{sound} \u{1}"), 2)?;
            all = Some(match all {
                None => hits,
                Some(before) => {
                    before.into_iter().filter(|(id, _)| hits.contains_key(id)).collect()
                }
            });
        }
        let mut found: Vec<([u8; 16], u32)> = all.unwrap_or_default().into_iter().collect();
        found.sort_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
        Ok(found.into_iter().map(|(id, _)| Uuid::from_bytes(id)).collect())
    }

    /// Whose names meet the words in a table of name keys; `table` and `column` are the program's
    /// own. Every lookup is an index seek. Answers ids, the best first, and the total.
    pub(crate) fn names_met(
        &self,
        table: &str,
        column: &str,
        text: &str,
        limit: usize,
    ) -> Result<(Vec<Uuid>, u32), StoreError> {
        let words = names::words(text);
        if words.is_empty() {
            return Ok((vec![], 0));
        }
        // Candidates come from the rarest word; a cap keeps one letter from scanning the town.
        const CAP: u32 = 4_000;
        let mut best: Option<BTreeMap<[u8; 16], u32>> = None;
        for word in &words {
            let mut hits: BTreeMap<[u8; 16], u32> = BTreeMap::new();
            let mut add = |form: &str, from: &str, to: &str, score: u32| {
                let mut query = self.db.prepare_cached(&format!(
                    "SELECT {column} FROM {table}
                      WHERE form = ?1 AND key >= ?2 AND key < ?3 LIMIT ?4"
                ))?;
                let rows =
                    query.query_map((form, from, to, CAP), |row| row.get::<_, [u8; 16]>(0))?;
                for id in rows {
                    let slot = hits.entry(id?).or_default();
                    *slot = (*slot).max(score);
                }
                Ok::<(), rusqlite::Error>(())
            };
            add("w", word, &format!("{word}\u{1}"), 8)?;
            add("w", word, &format!("{word}\u{10ffff}"), 6)?;
            if word.chars().count() >= 3 {
                let sound = names::sound(word);
                add("s", &sound, &format!("{sound}\u{1}"), 4)?;
                for slip in names::slips(word) {
                    add("d", &slip, &format!("{slip}\u{1}"), 3)?;
                }
            }
            best = Some(match best {
                None => hits,
                Some(before) => before
                    .into_iter()
                    .filter_map(|(id, score)| hits.get(&id).map(|more| (id, score + more)))
                    .collect(),
            });
        }
        let mut found: Vec<([u8; 16], u32)> = best.unwrap_or_default().into_iter().collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        found.truncate(limit);
        Ok((found.into_iter().map(|(id, _)| Uuid::from_bytes(id)).collect(), total))
    }

    /// Studies, newest first, and how many there are in all.
    pub fn studies(
        &self,
        text: Option<&str>,
        patient: Option<PatientId>,
        limit: u32,
    ) -> Result<(Vec<Study>, u32), StoreError> {
        let words = text.map(names::words).unwrap_or_default().join(" ");
        let mut query = self.db.prepare_cached(
            "SELECT e.state, count(*) OVER ()
               FROM study_row s JOIN entity e ON e.kind = 4 AND e.id = s.id
              WHERE (:patient IS NULL OR s.patient = :patient)
                AND (:text = '' OR instr(s.words, :text) > 0)
              ORDER BY s.added_at_us DESC, s.id DESC
              LIMIT :limit",
        )?;
        let rows = query.query_map(
            named_params! {
                ":patient": patient.map(|p| *p.0.as_bytes()), ":text": words, ":limit": limit,
            },
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)),
        )?;
        let (mut out, mut total) = (vec![], 0);
        for row in rows {
            let (text, count) = row?;
            total = count;
            if let State::Study(study) = state_of(&text)? {
                out.push(*study);
            }
        }
        Ok((out, total))
    }

    pub fn study_of_image(&self, image: ImageId) -> Result<Option<StudyId>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT study FROM study_image WHERE image = ?1")?
            .query_row([image.0.as_bytes()], |row| row.get::<_, [u8; 16]>(0))
            .optional()?
            .map(|id| StudyId(Uuid::from_bytes(id))))
    }

    /// The study in which an analysis was recorded, by an index over the events.
    pub fn study_of_analysis(
        &self,
        analysis: kernel::AnalysisId,
    ) -> Result<Option<StudyId>, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT id FROM event
                  WHERE kind = 4 AND json_extract(body, '$.was.analysis.id') = ?1 LIMIT 1",
            )?
            .query_row([analysis.to_string()], |row| row.get::<_, [u8; 16]>(0))
            .optional()?
            .map(|id| StudyId(Uuid::from_bytes(id))))
    }

    /// The studies whose files say this study instance UID, oldest first: one, unless it was said of
    /// several patients.
    pub fn studies_of_uid(&self, uid: &str) -> Result<Vec<Study>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT state FROM entity
              WHERE kind = 4 AND json_extract(state, '$.is.study_uid') = ?1
              ORDER BY gseq, id",
        )?;
        let rows = query.query_map([uid], |row| row.get::<_, String>(0))?;
        let mut out = vec![];
        for text in rows {
            if let State::Study(study) = state_of(&text?)? {
                out.push(*study);
            }
        }
        // A study that changed moves behind one that did not.
        out.sort_by_key(|study| study.added_at);
        Ok(out)
    }

    /// The study and image that hold exactly these bytes.
    pub fn image_of_bytes(&self, sha256: &str) -> Result<Option<(StudyId, ImageId)>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT study, image FROM study_image WHERE sha256 = ?1 LIMIT 1")?
            .query_row([sha256], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?)))
            .optional()?
            .map(|(s, i)| (StudyId(Uuid::from_bytes(s)), ImageId(Uuid::from_bytes(i)))))
    }

    /// What happened to one aggregate, oldest first.
    pub fn history(&self, key: Key) -> Result<Vec<EventRow>, StoreError> {
        let subject = key.subject();
        self.events(
            "SELECT v.gseq, v.kind, v.id, v.body, c.header, b.body
               FROM event v
               JOIN receipt r ON r.gseq = v.gseq
               JOIN command c ON c.id = r.id
               LEFT JOIN body b ON b.id = r.id
              WHERE v.kind = ?1 AND v.id = ?2
              ORDER BY v.gseq, v.idx LIMIT ?3",
            rusqlite::params![subject.kind, subject.id.as_bytes(), 10_000],
        )
    }

    /// A patient's timeline, newest first.
    pub fn timeline(&self, patient: PatientId, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        self.events(
            "SELECT v.gseq, v.kind, v.id, v.body, c.header, b.body
               FROM event v
               JOIN receipt r ON r.gseq = v.gseq
               JOIN command c ON c.id = r.id
               LEFT JOIN body b ON b.id = r.id
              WHERE v.patient = ?1
              ORDER BY v.gseq DESC, v.idx DESC LIMIT ?2",
            rusqlite::params![patient.0.as_bytes(), limit],
        )
    }

    pub fn timeline_length(&self, patient: PatientId) -> Result<u32, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT count(*) FROM event WHERE patient = ?1")?
            .query_row([patient.0.as_bytes()], |row| row.get(0))?)
    }

    fn events(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<EventRow>, StoreError> {
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query(params)?;
        let mut out = vec![];
        while let Some(row) = rows.next()? {
            let header: Vec<u8> = row.get(4)?;
            let header = Header::from_bytes(&header).ok_or(StoreError::Lacks("a header"))?;
            let body: Option<Vec<u8>> = row.get(5)?;
            let stored: Option<Stored> =
                body.and_then(|b| Stored::from_bytes(&header.kind, header.kind_version, &b).ok());
            let id: [u8; 16] = row.get(2)?;
            let subject = ledger::Subject { kind: row.get(1)?, id: Uuid::from_bytes(id) };
            out.push(EventRow {
                gseq: row.get::<_, i64>(0)?.unsigned_abs(),
                at: of_micros(header.effective_at_us),
                user: header.user,
                second: header.second.map(|s| s.user),
                event: versions::read_event(&row.get::<_, String>(3)?)?,
                subject: Key::from_subject(subject).ok_or(StoreError::Lacks("a subject"))?,
                command: header.id,
                happened: stored.as_ref().and_then(|s| s.happened),
                against_today: stored.as_ref().map(|s| s.against_today.clone()).unwrap_or_default(),
                policy: header.policy.as_ref().map(|policy| policy.version),
                overrides: stored.as_ref().map(|s| s.overrides.clone()).unwrap_or_default(),
                reason: stored.and_then(|s| s.reason),
            });
        }
        Ok(out)
    }

    /// The time of the last command: the floor below which the next one's does not go, but where
    /// two people confirm the clock.
    pub fn last_time(&self) -> Result<Option<Instant>, StoreError> {
        let header: Option<Vec<u8>> = self
            .db
            .query_row("SELECT header FROM command ORDER BY lseq DESC LIMIT 1", [], |r| r.get(0))
            .optional()?;
        Ok(header.and_then(|h| Header::from_bytes(&h)).map(|h| of_micros(h.effective_at_us)))
    }

    /// When the last verified backup was made.
    pub fn last_backup(&self) -> Result<Option<Instant>, StoreError> {
        let value = crate::meta(&self.db, "last_backup")?;
        Ok(value.and_then(|v| v.try_into().ok()).map(|v| of_micros(i64::from_be_bytes(v))))
    }
}
