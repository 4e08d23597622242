//! What a file says of itself, and which kinds of picture that rules out (`assets/kinds.toml`).
//!
//! A network that has never met a coronary angiogram may take one for a fundus photograph, and be
//! sure of it. The header of the file knows better: it is asked before the network is.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const TEXT: &str = include_str!("../../../assets/kinds.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    silent: Vec<String>,
    kinds: BTreeMap<String, Kind>,
    regions: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    modalities: Vec<String>,
    #[serde(default)]
    regions: Vec<String>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        toml::from_str(TEXT).expect("a constant of the program that a test reads in every build")
    })
}

/// The words of a header by which a picture may be told from others. Both are `None` for a
/// photograph or a scan without a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Modality (0008,0060).
    pub modality: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part: Option<String>,
}

impl Said {
    /// Of an opened file.
    #[must_use]
    pub fn of(meta: &crate::pixels::ImageMeta) -> Self {
        Self { modality: meta.modality.clone(), body_part: meta.body_part.clone() }
    }

    /// Whether the picture may be of this kind (the gate's name, as `chest_xray`). What is not said,
    /// or is not understood, rules nothing out.
    #[must_use]
    pub fn allows(&self, kind: &str) -> bool {
        let table = table();
        let Some(kind) = table.kinds.get(kind) else { return true };
        let word = |said: &Option<String>| {
            said.as_deref().map(|s| s.trim().to_ascii_uppercase()).filter(|s| !s.is_empty())
        };
        let modality = word(&self.modality).filter(|m| !table.silent.contains(m));
        if modality.is_some_and(|m| !kind.modalities.contains(&m)) {
            return false;
        }
        let Some(part) = word(&self.body_part) else { return true };
        let mut named = table.regions.iter().filter(|(_, words)| words.contains(&part)).peekable();
        kind.regions.is_empty()
            || named.peek().is_none()
            || named.any(|(region, _)| kind.regions.contains(region))
    }
}

/// Whether a header can rule this kind out: the packs of the program have no other.
#[must_use]
pub fn is_listed(kind: &str) -> bool {
    table().kinds.contains_key(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(modality: &str, part: &str) -> Said {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        Said { modality: some(modality), body_part: some(part) }
    }

    #[test]
    fn the_table_is_whole_and_every_region_of_a_kind_has_words() {
        for (name, kind) in &table().kinds {
            assert!(!kind.modalities.is_empty(), "{name}");
            assert!(kind.regions.iter().all(|r| table().regions.contains_key(r)), "{name}");
        }
        let upper = |w: &String| *w == w.to_uppercase() && w.trim() == w;
        assert!(table().regions.values().flatten().all(upper));
    }

    #[test]
    fn a_header_rules_out_what_it_contradicts() {
        for (modality, part, kind) in [
            ("CT", "HEAD", "brain_mri"),
            ("CT", "", "brain_mri"),
            ("XA", "", "fundus_photograph"),
            ("CT", "CHEST", "head_ct"),
            ("CT", "HEAD", "kidney_ct"),
            ("DX", "KNEE", "chest_xray"),
            ("DX", "HAND", "knee_xray"),
            (" mr ", "brain", "chest_xray"),
        ] {
            assert!(!said(modality, part).allows(kind), "{modality} {part} {kind}");
        }
    }

    #[test]
    fn what_is_not_said_or_not_known_rules_nothing_out() {
        for (modality, part, kind) in [
            ("", "", "brain_mri"),
            ("OT", "", "brain_mri"),
            ("CT", "HEAD", "head_ct"),
            ("CT", "CHESTABDPELVIS", "kidney_ct"),
            ("CT", "WHOLEBODY", "kidney_ct"),
            ("DX", "ZIEKENHUIS", "chest_xray"),
            ("DX", "SKULL", "bone_fracture"),
            ("XC", "FOREARM", "dermatoscopy"),
        ] {
            assert!(said(modality, part).allows(kind), "{modality} {part} {kind}");
        }
    }
}
