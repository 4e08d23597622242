//! The catalogue that the program ships, and what a catalogue may not be.

use imaging::catalogue::{
    Catalogue, CatalogueError, Checked, Code, NoScore, State, catalogue, is_icd_10_cm, is_sctid,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The classes of the diagnostic tasks that say "nothing found". Benign haematogones are the
/// comparison group of the leukaemia set, NILM the negative answer of a cervical smear.
const NORMAL: &[&str] = &[
    "normal",
    "no_tumor",
    "non_demented",
    "no_hemorrhage",
    "kl0_normal",
    "benign_hematogones",
    "nilm",
    "normal_columnar",
    "normal_intermediate",
    "normal_superficial",
];

/// The diagnostic tasks of the training manifest with their classes that are findings.
const FINDINGS: &[(&str, &[&str])] = &[
    ("blood_smear_leukemia", &["all_early_pre_b", "all_pre_b", "all_pro_b"]),
    ("brain_mri_dementia", &["mild_dementia", "moderate_dementia", "very_mild_dementia"]),
    ("brain_mri_tumor", &["glioma", "meningioma", "pituitary_tumor"]),
    ("breast_ultrasound", &["benign_lesion", "malignant_lesion"]),
    ("cervical_cytology_lbc", &["hsil", "lsil", "squamous_cell_carcinoma"]),
    (
        "cervical_cytology_pap",
        &["carcinoma_in_situ", "mild_dysplasia", "moderate_dysplasia", "severe_dysplasia"],
    ),
    ("chest_xray_covid", &["covid_19", "viral_pneumonia"]),
    ("chest_xray_pneumonia", &["bacterial_pneumonia", "viral_pneumonia"]),
    ("head_ct_hemorrhage", &["intracranial_hemorrhage"]),
    ("kidney_ct", &["kidney_cyst", "kidney_stone", "kidney_tumor"]),
    ("knee_xray_oa", &["kl1_doubtful", "kl2_mild", "kl3_moderate", "kl4_severe"]),
    (
        "nc_skin_lesion",
        &[
            "actinic_keratosis",
            "basal_cell_carcinoma",
            "benign_keratosis",
            "dermatofibroma",
            "melanocytic_nevus",
            "melanoma",
            "vascular_lesion",
        ],
    ),
    ("oral_histology", &["oral_squamous_cell_carcinoma"]),
    (
        "red_cell_morphology",
        &[
            "burr_cell",
            "elliptocyte",
            "hypochromia",
            "macrocyte",
            "microcyte",
            "ovalocyte",
            "schistocyte",
            "spherocyte",
            "stomatocyte",
            "target_cell",
            "teardrop",
        ],
    ),
    ("retina_fundus", &["cataract", "diabetic_retinopathy", "glaucoma"]),
];

fn pairs() -> BTreeSet<(String, String)> {
    FINDINGS
        .iter()
        .flat_map(|(task, labels)| labels.iter().map(|l| ((*task).to_owned(), (*l).to_owned())))
        .collect()
}

fn codes() -> impl Iterator<Item = (&'static str, &'static Code)> {
    catalogue().conditions().iter().filter_map(|c| Some((c.id.as_str(), c.snomed_ct.as_ref()?)))
}

#[test]
fn all_87_entries_of_the_list_are_there_once_and_the_rest_is_trained() {
    let numbers: Vec<u16> = catalogue().conditions().iter().filter_map(|c| c.number).collect();
    assert_eq!(numbers, (1..=87).collect::<Vec<u16>>());
    for condition in catalogue().conditions().iter().filter(|c| c.number.is_none()) {
        assert!(!condition.labels().is_empty(), "{} is neither listed nor trained", condition.id);
    }
    let ids: BTreeSet<&str> = catalogue().conditions().iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids.len(), catalogue().conditions().len());
}

#[test]
fn every_finding_of_every_task_means_exactly_one_condition_and_nothing_else_does() {
    let tied: Vec<(String, String)> = catalogue()
        .conditions()
        .iter()
        .flat_map(|c| c.labels().iter().map(|l| (l.task.clone(), l.label.clone())))
        .collect();
    assert_eq!(tied.len(), pairs().len(), "one condition each");
    assert_eq!(tied.into_iter().collect::<BTreeSet<_>>(), pairs());
    assert_eq!(FINDINGS.len(), 15, "diagnostic tasks");
    let distinct: BTreeSet<String> = pairs().into_iter().map(|(_, label)| label).collect();
    assert_eq!(distinct.len(), 51, "grades counted apart, viral pneumonia of two tasks once");
}

#[test]
fn the_tasks_written_here_are_those_of_the_manifest() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/images/manifest.csv");
    let Ok(manifest) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED 1 check: no training manifest beside the repository");
        return;
    };
    let found: BTreeSet<(String, String)> = manifest
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split(',').skip(1);
            Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
        })
        .filter(|(task, label)| task != "modality" && !NORMAL.contains(&label.as_str()))
        .collect();
    assert_eq!(found, pairs());
}

#[test]
fn lookups_find_a_condition_by_id_and_by_label() {
    let (condition, label) = catalogue().by_label("knee_xray_oa", "kl2_mild").expect("trained");
    assert_eq!(condition.id, "knee_osteoarthritis");
    assert!(label.name.contains('2'), "{}", label.name);
    let same = catalogue().by_id("knee_osteoarthritis").expect("there");
    assert_eq!((same.number, same.labels().len()), (Some(83), 4));
    assert!(catalogue().by_label("knee_xray_oa", "kl0_normal").is_none());
    assert!(catalogue().by_label("chest_xray_covid", "bacterial_pneumonia").is_none());
    assert!(catalogue().by_id("").is_none());
}

#[test]
fn an_untrained_condition_says_why_it_has_no_score() {
    let mut reasons = BTreeMap::new();
    for condition in catalogue().conditions() {
        if let State::VocabularyOnly { reason, why, .. } = &condition.state {
            assert!(why.len() > 30, "{}: {why}", condition.id);
            *reasons.entry(format!("{reason:?}")).or_insert(0) += 1;
        }
    }
    assert_eq!(reasons.values().sum::<u32>(), 63);
    let fracture = catalogue().by_id("bone_fracture").expect("listed");
    let State::VocabularyOnly { reason, why, .. } = &fracture.state else {
        panic!("nothing was trained on fractures");
    };
    assert_eq!(*reason, NoScore::NoPictures);
    assert!(why.contains("at hand"), "{why}");
}

#[test]
fn codes_are_as_sure_as_the_list_says() {
    let checked = |which| codes().filter(|(_, code)| code.checked == Some(which)).count();
    assert_eq!(codes().count(), 81);
    assert_eq!((checked(Checked::Mondo), checked(Checked::Dicom)), (55, 5));
    for (id, code) in codes() {
        assert!(code.checked.is_some() || code.unverified, "{id} claims more than is known");
    }
    let unique: BTreeSet<&str> = codes().map(|(_, code)| code.code.as_str()).collect();
    assert_eq!(unique.len(), 81, "two conditions have one SNOMED CT id");
    for condition in catalogue().conditions() {
        if condition.number.is_some() {
            assert!(condition.icd_10_cm.is_some(), "{}", condition.id);
        } else {
            assert!(
                condition.snomed_ct.is_none() && condition.radlex.is_none(),
                "{}",
                condition.id
            );
            assert!(condition.icd_10_cm.iter().all(|code| code.unverified), "{}", condition.id);
        }
    }
    let near = catalogue().by_id("breast_mass_benign").and_then(|c| c.snomed_ct.as_ref());
    assert!(near.is_some_and(|code| code.near && !code.sure()));
}

#[test]
fn the_check_digit_of_a_snomed_ct_id_is_verhoeffs() {
    // The root concept and three of its children, a long one of an extension.
    for good in ["138875005", "404684003", "123037004", "71388002", "882784691000119100"] {
        assert!(is_sctid(good), "{good}");
    }
    // Invented ids that go round in public tables.
    for bad in ["129614006", "60567007", "9494007", "78381009"] {
        assert!(!is_sctid(bad), "{bad}");
    }
    for bad in ["", "2363", "0138875005", "13887500", "1388750o5", "138875005000000000000"] {
        assert!(!is_sctid(bad), "{bad}");
    }
}

#[test]
fn every_changed_digit_and_every_swap_of_neighbours_is_noticed() {
    for (id, code) in codes() {
        let digits = code.code.as_bytes();
        for place in 0..digits.len() {
            for other in b'0'..=b'9' {
                let mut wrong = digits.to_vec();
                wrong[place] = other;
                let wrong = String::from_utf8(wrong).expect("digits");
                assert_eq!(is_sctid(&wrong), other == digits[place], "{id}: {wrong}");
            }
            let mut wrong = digits.to_vec();
            if place + 1 < wrong.len() && wrong[place] != wrong[place + 1] {
                wrong.swap(place, place + 1);
                let wrong = String::from_utf8(wrong).expect("digits");
                assert!(!is_sctid(&wrong), "{id}: {wrong}");
            }
        }
    }
}

#[test]
fn icd_10_cm_codes_have_their_form() {
    for good in ["J90", "J98.11", "C7A.00", "S22.39XA", "E11.3299", "U07.1"] {
        assert!(is_icd_10_cm(good), "{good}");
    }
    for bad in ["", "J9", "90J", "J90.", "J90.12345", "j90", "J90-", "J90.1.1", "Jé"] {
        assert!(!is_icd_10_cm(bad), "{bad}");
    }
}

#[test]
fn a_catalogue_that_contradicts_itself_is_refused_with_the_entry() {
    let entry = |id: &str, rest: &str| {
        format!(
            "[[conditions]]\nid = \"{id}\"\nname = \"x\"\narea = \"eye\"\nmodalities = []\n{rest}\n"
        )
    };
    let trained = "state = \"trained\"\nlabels = [{ task = \"t\", label = \"l\", name = \"n\" }]";
    let read = |text: &str| Catalogue::read(text).map(|_| ()).expect_err("contradictory");
    let good = entry("a", trained);
    assert!(Catalogue::read(&good).is_ok());
    let twice = good.clone() + &entry("a", &trained.replace("\"l\"", "\"m\""));
    assert_eq!(read(&twice), CatalogueError::Twice("a".into()));
    let (task, label) = ("t".into(), "l".into());
    assert_eq!(read(&(good.clone() + &entry("b", trained))), CatalogueError::Label { task, label });
    let silent = entry("b", "state = \"vocabulary-only\"");
    assert_eq!(read(&silent), CatalogueError::State("b".into()));
    let no = "state = \"vocabulary-only\"\nno_score = { reason = \"told_in_parts\", pictures = \"none\", see = [\"a\"] }\nwhy = \"told as a\"";
    assert!(Catalogue::read(&(good.clone() + &entry("b", no))).is_ok());
    assert_eq!(read(&entry("b", no)), CatalogueError::See { id: "b".into(), see: "a".into() });
    let code = format!("{trained}\nsnomed_ct = {{ code = \"129614006\" }}");
    assert!(matches!(read(&entry("a", &code)), CatalogueError::Code { .. }));
    assert!(matches!(read(&entry("a", "colour = 1")), CatalogueError::Form(_)));
}
