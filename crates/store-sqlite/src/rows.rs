//! The read tables: one row per aggregate, written with the aggregate, rebuilt from it at will.

use crate::StoreError;
use bloodbank::Status;
use hospital::names;
use hospital::patient::KnownGroup;
use kernel::micros;
use records::State;
use rusqlite::{Connection, OptionalExtension as _, named_params};

/// The tables this module owns.
pub(crate) const TABLES: [&str; 27] = [
    "unit_row",
    "patient_row",
    "patient_key",
    "study_row",
    "study_image",
    "donor_row",
    "donor_key",
    "donation_row",
    "part_row",
    "care_row",
    "care_unit",
    "unit_source",
    "unit_parent",
    "unit_given",
    "donor_reach",
    "donor_same",
    "donor_likely",
    "donor_photo",
    "message_row",
    "request_row",
    "issue_row",
    "unit_gone",
    "donation_doubt",
    "lab_open",
    "issue_watch",
    "patient_group",
    "request_need",
];

/// What the read tables hold and how: counted up by every release that writes them otherwise
/// (kernel.md 2.8). They are then made again from the states, before anything is read.
const VERSION: u32 = 13;

/// Makes the read tables again from the states if another version of this program wrote them. All
/// or none: killed in between, it begins again at the next opening.
pub(crate) fn bring_up_to_date(db: &mut Connection) -> Result<(), StoreError> {
    const KEY: &str = "rows_version";
    if crate::meta(db, KEY)?.is_some_and(|v| v == VERSION.to_be_bytes()) {
        return Ok(());
    }
    let tx = db.transaction()?;
    for table in TABLES {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    {
        let mut states = tx.prepare("SELECT state FROM entity ORDER BY kind, id")?;
        let mut found = states.query([])?;
        while let Some(row) = found.next()? {
            let text = row.get_ref(0)?.as_str().map_err(crate::rusqlite_type)?;
            write(&tx, &records::versions::read_state(text)?)?;
        }
    }
    tx.execute(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
        (KEY, &VERSION.to_be_bytes()[..]),
    )?;
    tx.commit()?;
    Ok(())
}

pub(crate) fn write(db: &Connection, state: &State) -> Result<(), StoreError> {
    match state {
        State::Facility(_)
        | State::Staff(_)
        | State::Policies(_)
        | State::Numbers(_)
        | State::Run(_) => Ok(()),
        State::Tests(tests) => crate::tasks::write_tests(db, tests),
        State::Care(care) => crate::care::write(db, care),
        State::Part(part) => crate::donors::write_part(db, part),
        State::Donor(donor) => crate::donors::write_donor(db, donor),
        State::Donation(donation) => crate::donors::write_donation(db, donation),
        State::Unit(unit) => write_unit(db, unit),
        State::Patient(patient) => write_patient(db, patient),
        State::Study(study) => write_study(db, study),
    }
}

/// `red_cells`, `O_negative`: the words the tables use.
pub(crate) fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn group_word(group: kernel::BloodGroup) -> String {
    format!("{}_{}", word(group.abo), word(group.rhd))
}

/// The group under which a bag is counted. One without H is not among those of group O.
fn shelf_word(unit: &bloodbank::Unit) -> String {
    match unit.phenotype.is_ordinary() {
        true => group_word(unit.group),
        false => format!("{WITHOUT_H}{}", group_word(unit.group)),
    }
}

/// Before the group of a bag that lacks the H antigen.
pub(crate) const WITHOUT_H: &str = "no_h_";

fn write_unit(db: &Connection, unit: &bloodbank::Unit) -> Result<(), StoreError> {
    let issued = match &unit.status {
        Status::Issued { at, .. } => Some(micros(*at)),
        _ => None,
    };
    let (status, patient, until) = match &unit.status {
        Status::Available => ("available", None, None),
        Status::Quarantined { .. } => ("quarantined", None, None),
        Status::Reserved { patient, until } => ("reserved", Some(patient), Some(micros(*until))),
        Status::Issued { patient, .. } => ("issued", Some(patient), None),
        Status::InTransit { .. } => ("in_transit", None, None),
        Status::Discarded { .. } => ("discarded", None, None),
    };
    db.prepare_cached(
        "INSERT OR REPLACE INTO unit_row
             (id, din, component, grp, status, site, patient, until_us, expires_at_us, issued_us, live,
              need)
         VALUES (:id, :din, :component, :grp, :status, :site, :patient, :until, :expires, :issued,
                 :live,
                 CASE WHEN :issued IS NOT NULL
                      THEN (SELECT grp FROM patient_group WHERE patient = :patient) END)",
    )?
    .execute(named_params! {
        ":id": unit.id.0.as_bytes(), ":din": unit.din, ":component": word(unit.component),
        ":grp": shelf_word(unit), ":status": status,
        ":patient": patient.map(|p| p.0.as_bytes()), ":until": until,
        ":expires": micros(unit.expires.at), ":live": unit.is_live(),
        ":issued": issued, ":site": unit.site,
    })?;
    crate::figures::write_gone(db, unit)?;
    crate::lineage::write_unit(db, unit)
}

/// The keys by which a name is found: its words, their sounds, and each with one letter out.
pub(crate) fn name_keys(family: &str, given: &str) -> Vec<(&'static str, String)> {
    let mut keys = vec![];
    for word in names::words(&format!("{family} {given}")) {
        keys.push(("s", names::sound(&word)));
        keys.extend(names::slips(&word).into_iter().map(|slip| ("d", slip)));
        keys.push(("w", word));
    }
    keys
}

/// The keys by which a namesake is found among people of the same years: the sound of each word with
/// the birth date behind it, as far as that is known. The sound alone never meets them: a space stands
/// between, which no sound contains.
pub(crate) fn born_keys(family: &str, given: &str, born: &str) -> Vec<(&'static str, String)> {
    let words = names::words(&format!("{family} {given}"));
    words.iter().map(|word| ("s", format!("{} {born}", names::sound(word)))).collect()
}

/// The group of a patient, and with it the need behind every bag that they were given.
fn write_patient_group(
    db: &Connection,
    patient: &hospital::patient::Patient,
) -> Result<(), StoreError> {
    let id = patient.id.0.as_bytes();
    let known = match patient.group() {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => Some(group_word(group)),
        KnownGroup::Unknown | KnownGroup::Conflict(_) => None,
    };
    let before: Option<String> = db
        .prepare_cached("SELECT grp FROM patient_group WHERE patient = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if before == known {
        return Ok(());
    }
    match &known {
        Some(group) => db
            .prepare_cached("INSERT OR REPLACE INTO patient_group (patient, grp) VALUES (?1, ?2)")?
            .execute((id, group))?,
        None => db.prepare_cached("DELETE FROM patient_group WHERE patient = ?1")?.execute([id])?,
    };
    db.prepare_cached("UPDATE unit_row SET need = ?2 WHERE patient = ?1 AND status = 'issued'")?
        .execute((id, &known))?;
    Ok(())
}

fn write_patient(db: &Connection, patient: &hospital::patient::Patient) -> Result<(), StoreError> {
    let id = patient.id.0.as_bytes();
    db.prepare_cached(
        "INSERT OR REPLACE INTO patient_row (id, hospital_number, name) VALUES (?1, ?2, ?3)",
    )?
    .execute((id, &patient.hospital_number, patient.display_name()))?;
    write_patient_group(db, patient)?;
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO patient_key (form, key, patient) VALUES (?1, ?2, ?3)",
    )?;
    let born = patient.birth_date.map(|born| born.to_string()).unwrap_or_default();
    let mut keys = name_keys(&patient.family, &patient.given);
    keys.extend(born_keys(&patient.family, &patient.given, &born));
    for (form, key) in keys {
        insert.execute((form, key, id))?;
    }
    for extra in [&patient.phone, &patient.national_id].into_iter().flatten() {
        for word in names::words(extra) {
            insert.execute(("w", word, id))?;
        }
    }
    Ok(())
}

fn write_study(db: &Connection, study: &imaging::study::Study) -> Result<(), StoreError> {
    let id = study.id.0.as_bytes();
    let said =
        [&study.file_patient_name, &study.file_patient_id, &study.modality, &study.body_part];
    let mut words =
        names::words(&said.into_iter().flatten().cloned().collect::<Vec<_>>().join(" "));
    words.extend(study.images.iter().flat_map(|i| names::words(&i.file_name)));
    db.prepare_cached(
        "INSERT OR REPLACE INTO study_row (id, patient, added_at_us, words)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((
        id,
        study.patient.map(|p| *p.0.as_bytes()),
        micros(study.added_at),
        words.join(" "),
    ))?;
    for image in &study.images {
        db.prepare_cached(
            "INSERT OR REPLACE INTO study_image (sha256, image, study) VALUES (?1, ?2, ?3)",
        )?
        .execute((&image.sha256, image.id.0.as_bytes(), id))?;
    }
    Ok(())
}
