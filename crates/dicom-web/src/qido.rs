//! Search: what is asked (QIDO-RS), and the table that comes back (DICOM JSON, PS3.18 annex F).

use crate::{Failure, Limits, is_uid};
use reqwest::Url;
use serde_json::Value;

/// What studies have to match. Empty means anything.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// `*` and `?` stand for other letters; without them any name that begins so.
    pub patient_name: String,
    pub patient_id: String,
    pub accession: String,
    /// Such as `CT`.
    pub modality: String,
    /// Days as `YYYYMMDD`, both included.
    pub from: String,
    pub to: String,
    /// This one study and no other.
    pub study_uid: String,
}

/// Longest value of one field that is asked for or kept.
const MOST: usize = 256;

impl Query {
    /// Whether it asks for everything there is. A field of nothing but `*` and `?` asks for anything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let fields = [
            &self.patient_name,
            &self.patient_id,
            &self.accession,
            &self.modality,
            &self.from,
            &self.to,
            &self.study_uid,
        ];
        fields.into_iter().all(|field| anything(field).is_empty())
    }

    /// Puts the question behind an address.
    pub(crate) fn write(&self, url: &mut Url, rows: usize) {
        let name = match anything(&self.patient_name) {
            "" => String::new(),
            name if name.contains(['*', '?']) => name.to_owned(),
            name => format!("{name}*"),
        };
        let days = match (self.from.trim(), self.to.trim()) {
            ("", "") => String::new(),
            (from, to) => format!("{from}-{to}"),
        };
        let mut pairs = url.query_pairs_mut();
        let asked = [
            ("PatientName", name.as_str()),
            ("PatientID", anything(&self.patient_id)),
            ("AccessionNumber", anything(&self.accession)),
            ("ModalitiesInStudy", anything(&self.modality)),
            ("StudyDate", days.as_str()),
            ("StudyInstanceUID", self.study_uid.trim()),
        ];
        for (keyword, value) in asked.into_iter().filter(|(_, value)| !value.is_empty()) {
            pairs.append_pair(keyword, value);
        }
        for more in ["StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances"] {
            pairs.append_pair("includefield", more);
        }
        // One more than is shown tells whether there are more.
        pairs.append_pair("limit", &(rows + 1).to_string());
    }
}

/// What a field asks for; nothing where it asks for anything. An archive that compares letters would find
/// no study without a name under `*`, and every study under no name at all.
fn anything(field: &str) -> &str {
    let field = field.trim();
    if field.chars().all(|c| matches!(c, '*' | '?' | '^' | ' ')) { "" } else { field }
}

/// A study that an archive says it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub study_uid: String,
    /// As written, with `^` between its parts.
    pub patient_name: Option<String>,
    pub patient_id: Option<String>,
    pub accession: Option<String>,
    /// `YYYYMMDD`.
    pub study_date: Option<String>,
    pub modalities: Vec<String>,
    pub description: Option<String>,
    pub instances: Option<u32>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub rows: Vec<Row>,
    /// The archive has more than were asked for.
    pub more: bool,
    /// Rows without a UID that could be fetched by.
    pub unusable: u32,
}

/// Reads a table of studies.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Found, Failure> {
    let table: Value =
        serde_json::from_slice(bytes).map_err(|_| Failure::Malformed("the table is no JSON"))?;
    let rows = table.as_array().ok_or(Failure::Malformed("the answer is no table"))?;
    let mut found = Found { more: rows.len() > limits.rows, ..Found::default() };
    for row in rows.iter().take(limits.rows) {
        match text(row, "0020000D").filter(|uid| is_uid(uid)) {
            Some(study_uid) => found.rows.push(Row {
                study_uid,
                patient_name: text(row, "00100010"),
                patient_id: text(row, "00100020"),
                accession: text(row, "00080050"),
                study_date: text(row, "00080020"),
                modalities: values(row, "00080061").filter_map(plain).take(16).collect(),
                description: text(row, "00081030"),
                instances: values(row, "00201208").find_map(number),
            }),
            None => found.unusable += 1,
        }
    }
    Ok(found)
}

/// The values of one attribute of a data set.
pub(crate) fn values<'a>(set: &'a Value, tag: &str) -> impl Iterator<Item = &'a Value> {
    set.get(tag).and_then(|e| e.get("Value")).and_then(Value::as_array).into_iter().flatten()
}

pub(crate) fn text(set: &Value, tag: &str) -> Option<String> {
    values(set, tag).find_map(plain)
}

/// A text, or the first way in which a name is written.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Object(ways) => {
            ["Alphabetic", "Ideographic", "Phonetic"].iter().find_map(|w| ways.get(*w)?.as_str())?
        }
        _ => return None,
    };
    let text: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A number, which some write as a text.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_written_so_that_no_value_becomes_another_parameter() {
        let mut url = Url::parse("https://archive.example/studies").unwrap();
        let query = Query {
            patient_name: "O'Neil & Co".into(),
            from: "20260101".into(),
            ..Query::default()
        };
        query.write(&mut url, 200);
        let asked: Vec<_> = url.query_pairs().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(asked[..2], ["PatientName=O'Neil & Co*", "StudyDate=20260101-"]);
        assert_eq!(asked.last().map(String::as_str), Some("limit=201"));
    }

    #[test]
    fn a_field_of_stars_asks_for_anything_and_nothing_but_such_fields_is_an_open_question() {
        let named = |name: &str| Query { patient_name: name.into(), ..Query::default() };
        for open in ["", "  ", "*", "**", "?*", "*^*"] {
            let mut url = Url::parse("https://archive.example/studies").unwrap();
            let query = named(open);
            assert!(query.is_open(), "{open}");
            query.write(&mut url, 1);
            assert!(!url.as_str().contains("PatientName"), "{url}");
            assert!(!Query { modality: "CT".into(), ..query }.is_open());
        }
        assert!(!named("ro*").is_open() && !named("r").is_open());
        assert!(!Query { from: "20260101".into(), ..Query::default() }.is_open());
    }

    #[test]
    fn a_table_is_read_as_far_as_it_can_be_used() {
        let table = br#"[
            {"0020000D":{"vr":"UI","Value":["1.2.3"]},
             "00100010":{"vr":"PN","Value":[{"Alphabetic":"ROE^Jane"}]},
             "00080061":{"vr":"CS","Value":["CT","SR"]},
             "00201208":{"vr":"IS","Value":["12"]},
             "00081030":{"vr":"LO","Value":["Thorax\u0000"]}},
            {"0020000D":{"vr":"UI","Value":["../../etc"]}},
            7]"#;
        let found = read(table, &Limits::default()).unwrap();
        assert_eq!((found.rows.len(), found.unusable, found.more), (1, 2, false));
        let row = &found.rows[0];
        assert_eq!(row.patient_name.as_deref(), Some("ROE^Jane"));
        assert_eq!((row.modalities.len(), row.instances), (2, Some(12)));
        assert_eq!(row.description.as_deref(), Some("Thorax"));
        let one = Limits { rows: 1, ..Limits::default() };
        assert!(read(table, &one).unwrap().more);
        for bad in [&b"{}"[..], b"[", b"null", b""] {
            assert!(matches!(read(bad, &one), Err(Failure::Malformed(_))));
        }
    }
}
