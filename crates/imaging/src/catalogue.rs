//! The catalogue of conditions (`assets/conditions.toml`): what the desk has words and codes for,
//! which of it a network was trained on, and why the rest never has a score.
//!
//! A code that nobody could check says so ([`Code::unverified`]); whoever sends codes elsewhere
//! asks [`Code::sure`] first.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const TEXT: &str = include_str!("../../../assets/conditions.toml");

/// A code in one system, and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: String,
    /// Where it was found, if it was looked up outside its own system.
    pub checked: Option<Checked>,
    /// Well-formed, but not confirmed for this condition.
    #[serde(default)]
    pub unverified: bool,
    /// The nearest broader or narrower class, not the condition itself.
    #[serde(default)]
    pub near: bool,
}

impl Code {
    /// Whether it means this condition and was confirmed.
    #[must_use]
    pub fn sure(&self) -> bool {
        !self.unverified && !self.near
    }
}

/// Where a SNOMED CT id was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// An exact match of the Mondo disease ontology's mapping.
    Mondo,
    /// The tables of DICOM PS3.16.
    Dicom,
}

/// Part of the body or branch of medicine, as the catalogue is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    Chest,
    Brain,
    Eye,
    Skin,
    Breast,
    Abdomen,
    Bowel,
    TissueAndBlood,
    BoneAndTeeth,
}

/// What kind of picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    Xray,
    Ct,
    Mri,
    Ultrasound,
    Mammography,
    Fundus,
    Oct,
    Endoscopy,
    SkinPhotograph,
    Histology,
    Cytology,
    BloodSmear,
}

/// A label of a training task that means a condition, or one grade of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub task: String,
    pub label: String,
    /// What a reader is told; names the grade where there is one.
    pub name: String,
}

/// Why a condition of the vocabulary has no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoScore {
    /// No pictures labelled with it are at hand.
    NoPictures,
    /// Pictures of it may be at hand, but their labels do not tell it from its neighbours.
    NotLabelled,
    /// Its parts are told instead.
    ToldInParts,
}

/// What pictures of a condition are known outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pictures {
    /// Public, with a licence that allows training.
    Open,
    /// Public, but of mixed or unclear licence, or by registration.
    Unclear,
    /// Credentialed or non-commercial.
    Restricted,
    /// None known.
    None,
}

/// Whether a network was trained on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// At least one label.
    Trained(Vec<Label>),
    VocabularyOnly {
        reason: NoScore,
        pictures: Pictures,
        /// Ids of trained conditions to look at instead.
        see: Vec<String>,
        /// The same in a sentence, in English.
        why: String,
    },
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Row of the list the catalogue was made from; `None` for a trained condition without a row.
    pub number: Option<u16>,
    pub id: String,
    /// In English, our own wording.
    pub name: String,
    pub area: Area,
    /// Empty where the list does not say.
    pub modalities: Vec<Modality>,
    pub snomed_ct: Option<Code>,
    pub icd_10_cm: Option<Code>,
    pub radlex: Option<Code>,
    pub state: State,
}

impl Condition {
    /// Its labels; none for what is only vocabulary.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        match &self.state {
            State::Trained(labels) => labels,
            State::VocabularyOnly { .. } => &[],
        }
    }
}

/// Why a text is no catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    #[error("the catalogue does not read: {0}")]
    Form(String),
    #[error("condition {0} stands twice")]
    Twice(String),
    #[error(
        "condition {0}: a trained one has labels and nothing that says why it has no score, a vocabulary-only one the reverse"
    )]
    State(String),
    #[error("condition {id}: {see} is not a trained condition")]
    See { id: String, see: String },
    #[error("label {label} of task {task} means two conditions")]
    Label { task: String, label: String },
    #[error("condition {id}: {code} is no {system} code")]
    Code { id: String, code: String, system: &'static str },
}

/// All conditions, in the order of the file.
#[derive(Clone, Debug)]
pub struct Catalogue {
    conditions: Vec<Condition>,
    by_id: BTreeMap<String, usize>,
    by_label: BTreeMap<(String, String), (usize, usize)>,
}

/// The catalogue this program was built with.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        Catalogue::read(TEXT).expect("a constant of the program that a test reads in every build")
    })
}

impl Catalogue {
    /// Reads a catalogue and checks what its form cannot say.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let file: File =
            toml::from_str(text).map_err(|error| CatalogueError::Form(error.to_string()))?;
        let conditions = file
            .conditions
            .into_iter()
            .map(Condition::try_from)
            .collect::<Result<Vec<_>, CatalogueError>>()?;
        let (mut by_id, mut by_label) = (BTreeMap::new(), BTreeMap::new());
        for (place, condition) in conditions.iter().enumerate() {
            if by_id.insert(condition.id.clone(), place).is_some() {
                return Err(CatalogueError::Twice(condition.id.clone()));
            }
            for (n, Label { task, label, .. }) in condition.labels().iter().enumerate() {
                if by_label.insert((task.clone(), label.clone()), (place, n)).is_some() {
                    let (task, label) = (task.clone(), label.clone());
                    return Err(CatalogueError::Label { task, label });
                }
            }
        }
        let trained: BTreeSet<&str> =
            conditions.iter().filter(|c| !c.labels().is_empty()).map(|c| c.id.as_str()).collect();
        for condition in &conditions {
            let State::VocabularyOnly { see, .. } = &condition.state else { continue };
            if let Some(see) = see.iter().find(|see| !trained.contains(see.as_str())) {
                return Err(CatalogueError::See { id: condition.id.clone(), see: see.clone() });
            }
        }
        Ok(Self { conditions, by_id, by_label })
    }

    /// All of them.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The condition of an id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Condition> {
        self.conditions.get(*self.by_id.get(id)?)
    }

    /// What a label of a task means; `None` for a class without a finding and for what is unknown.
    #[must_use]
    pub fn by_label(&self, task: &str, label: &str) -> Option<(&Condition, &Label)> {
        let (place, n) = self.by_label.get(&(task.to_owned(), label.to_owned()))?;
        let condition = self.conditions.get(*place)?;
        Some((condition, condition.labels().get(*n)?))
    }
}

/// Whether the last digit of a SNOMED CT id is its check digit (Verhoeff 1969), and the id has the
/// 6 to 18 digits of one, without a leading zero.
#[must_use]
pub fn is_sctid(id: &str) -> bool {
    (6..=18).contains(&id.len()) && !id.starts_with('0') && verhoeff(id) == Some(0)
}

/// Verhoeff's check over decimal digits: 0 for a number with a right check digit at its end.
/// `None` for what is not all digits. Product of the dihedral group D5 and its permutation.
fn verhoeff(digits: &str) -> Option<usize> {
    const PERMUTED: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    /// Numbers below 5 turn, the others turn and mirror.
    fn product(a: usize, b: usize) -> usize {
        match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => 5 + (a + b) % 5,
            (false, true) => 5 + (a + 5 - b) % 5,
            (false, false) => (a + 5 - b) % 5,
        }
    }
    let mut check = 0;
    for (place, digit) in digits.chars().rev().enumerate() {
        let mut value = usize::try_from(digit.to_digit(10)?).ok()?;
        for _ in 0..place % 8 {
            value = PERMUTED[value];
        }
        check = product(check, value);
    }
    Some(check)
}

/// Whether a text has the form of an ICD-10-CM code: a letter, a digit, a digit or letter, and
/// after a point one to four more.
#[must_use]
pub fn is_icd_10_cm(code: &str) -> bool {
    let (category, rest) = match code.split_once('.') {
        Some((category, rest)) => (category, Some(rest)),
        None => (code, None),
    };
    let capital = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let category = matches!(category.as_bytes(), [letter, digit, last]
        if letter.is_ascii_uppercase() && digit.is_ascii_digit() && capital(last));
    category && rest.is_none_or(|r| (1..=4).contains(&r.len()) && r.as_bytes().iter().all(capital))
}

fn is_radlex(code: &str) -> bool {
    code.strip_prefix("RID")
        .is_some_and(|n| (1..=6).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    conditions: Vec<Entry>,
}

/// An entry as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    number: Option<u16>,
    id: String,
    name: String,
    area: Area,
    modalities: Vec<Modality>,
    snomed_ct: Option<Code>,
    icd_10_cm: Option<Code>,
    radlex: Option<Code>,
    state: Standing,
    #[serde(default)]
    labels: Vec<Label>,
    no_score: Option<WhyNot>,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    Trained,
    VocabularyOnly,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhyNot {
    reason: NoScore,
    pictures: Pictures,
    #[serde(default)]
    see: Vec<String>,
}

impl TryFrom<Entry> for Condition {
    type Error = CatalogueError;

    fn try_from(entry: Entry) -> Result<Self, CatalogueError> {
        let Entry { number, id, name, area, modalities, snomed_ct, icd_10_cm, radlex, .. } = entry;
        let state = match (entry.state, entry.labels, entry.no_score, entry.why) {
            (Standing::Trained, labels, None, None) if !labels.is_empty() => State::Trained(labels),
            (Standing::VocabularyOnly, labels, Some(no), Some(why))
                if labels.is_empty() && !why.trim().is_empty() =>
            {
                State::VocabularyOnly { reason: no.reason, pictures: no.pictures, see: no.see, why }
            }
            _ => return Err(CatalogueError::State(id)),
        };
        let wrong = |code: &Option<Code>, formed: fn(&str) -> bool| {
            code.as_ref().filter(|code| !formed(&code.code)).map(|code| code.code.clone())
        };
        let systems = [
            ("SNOMED CT", wrong(&snomed_ct, is_sctid)),
            ("ICD-10-CM", wrong(&icd_10_cm, is_icd_10_cm)),
            ("RadLex", wrong(&radlex, is_radlex)),
        ];
        if let Some((system, Some(code))) = systems.into_iter().find(|(_, code)| code.is_some()) {
            return Err(CatalogueError::Code { id, code, system });
        }
        Ok(Self { number, id, name, area, modalities, snomed_ct, icd_10_cm, radlex, state })
    }
}
