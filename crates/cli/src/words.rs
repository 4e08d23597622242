//! A refusal in one calm sentence. The page has its own, in its language; these are for a terminal.

use std::path::Path;
use wire::{Code as C, CommandError};

/// What is, and what to do now. `home` is the folder that the command was about.
pub(crate) fn sentence(home: &Path, error: &CommandError) -> String {
    let arg = |name: &str| error.args.get(name).map_or("", String::as_str);
    let detail = arg("detail");
    let here = home.display();
    // Said by `models sign`, whose user is the publisher.
    let signing = arg("doing") == "sign";
    match error.code {
        C::WrongPassword => "The user name or the password is wrong. Nothing was opened.".into(),
        C::NotSignedIn => "A user and a password are needed: --user NAME --password-stdin.".into(),
        C::LockedOut => format!("Too many wrong passwords: wait {} seconds.", arg("seconds")),
        C::NoFacility => format!(
            "There is no facility in this home ({here}). Set one up with `init`, make the training facility with `seed`, or choose another folder with --home."
        ),
        C::FacilityExists => {
            format!("There is a facility in {here} already. Choose another folder with --home.")
        }
        C::HomeNotEmpty => format!("{here} holds other files. Choose an empty one with --home."),
        C::HomeUnsuitable => unsuitable(home, error),
        C::StoreNewer => {
            "This store was written by a newer version. Use that version; nothing was changed."
                .into()
        }
        C::StoreDamaged => {
            "The store does not open: its file is damaged or missing. Restore the last backup."
                .into()
        }
        C::KeySlotsDamaged => format!("The key slots do not open: {detail}."),
        C::RestoredCopy => {
            "This store is older than what this computer has seen. Use `restore` for a backup."
                .into()
        }
        C::RecoveryCodeWrong => format!("The recovery code does not fit: {detail}."),
        C::PasswordTooShort => "The password needs at least 10 characters.".into(),
        C::NameMissing => "A name is missing or blank.".into(),
        C::UserNameUnfit => {
            "A sign-in name has letters and digits, with . - _ between them, and no spaces.".into()
        }
        C::Forbidden => "This person may not do that: their role does not include it.".into(),
        C::PackIncomplete if signing => format!("{} is missing or cannot be used. {detail} Nothing was signed.", arg("file")),
        C::PackFileChanged if signing => format!("{} is not the file that model.toml was sealed with. Make the pack anew, or put that file back. Nothing was signed.", arg("file")),
        C::PackCardWrong if signing => format!("Its model.toml is not valid ({detail}). Nothing was signed."),
        C::PackSelfTest if signing => format!("On its own check pictures the pack answers otherwise here, by {}. Nothing was signed.", arg("difference")),
        C::PackNotFound if signing => "There is no sealed pack in it: a pack to be signed is a folder with one model.toml. Nothing was signed.".into(),
        C::PackNotFound => "There is no pack in it, or more than one: a pack is a folder or a ZIP with one model.toml.".into(),
        C::PackIncomplete => format!("The pack is not whole: {} is missing or cannot be used. {detail} Get it from its publisher again. Nothing was installed.", arg("file")),
        C::PackFileChanged => format!("The pack was refused: {} is not the file it was signed with, or only half of it. Get it from its publisher again. Nothing was installed.", arg("file")),
        C::PackCardWrong => format!("The pack was refused: its model.toml is not valid ({detail}). Ask its publisher. Nothing was installed."),
        C::PackSelfTest => format!("The pack was refused: on its own check pictures it answers otherwise here, by {}. Ask its publisher. Nothing was installed.", arg("difference")),
        C::PackTooLarge => format!("The pack is too large ({}). Nothing was installed.", arg("file")),
        C::PackUnsigned => format!("{} {} is not signed: it has no signature.toml. Ask its publisher for the signed pack, or sign what was made here with `models sign`.", arg("pack"), arg("version")),
        C::PackSignatureWrong => "The signature does not fit the pack. Get it from its publisher again. Nothing was installed.".into(),
        C::PackKeyUnknown => format!("{} {} is signed by a key that this facility does not trust: {} (fingerprint {}). Ask the publisher for their fingerprint by another way, then: `models trust {} --name NAME --fingerprint THEIRS`.", arg("pack"), arg("version"), arg("key"), arg("fingerprint"), arg("key")),
        C::PackFingerprintWrong => "That is not the fingerprint of this key. Nothing was trusted: ask the publisher again, and do not install the pack.".into(),
        C::PackVersionTaken => format!("{} {} is installed already with other contents. A publisher gives changed contents a new version.", arg("pack"), arg("version")),
        C::ModelMissing if !arg("what").is_empty() => format!("No installed model pack is or does {}. `models list` says which packs and tasks there are.", arg("what")),
        C::ModelMissing => "There is no such model pack here. `models list` says which there are.".into(),
        C::NotFound if detail.is_empty() => "There is nothing of this name or number here. Nothing was changed.".into(),
        C::ModelUnsupported => format!("The pack needs {}, which is not here.", arg("what")),
        C::DiskFull => {
            "The disk is full. Nothing was changed; free some space and try again.".into()
        }
        C::AnalysisTooLong => format!(
            "Several pictures took longer than {} seconds each; the rest waits. Start it again.",
            arg("seconds")
        ),
        C::AnalysisNotRunning => "Nothing of it waits or runs any more.".into(),
        C::BatchNotOver => "Some of it still waits. Cancel it first, or wait.".into(),
        C::Internal => format!(
            "Something is broken in the program. Nothing was changed. Incident {}.",
            error.incident.as_deref().unwrap_or("unknown")
        ),
        other if detail.is_empty() => format!("Refused: {other:?}."),
        _ => format!("Refused: {}.", detail.trim_end_matches('.')),
    }
}

/// Why a home cannot be used, or why a backup cannot go where it was asked to.
fn unsuitable(home: &Path, error: &CommandError) -> String {
    let arg = |name: &str| error.args.get(name).map_or("", String::as_str);
    let here = home.display();
    const OTHER: &str = "Choose another folder with --home.";
    match arg("why") {
        "backup_not_a_path" => "The backup needs the name of a file, in letters that are text (UTF-8). Nothing was written.".into(),
        "backup_no_folder" => "The folder for the backup does not exist, or may not be opened. Check that the disk is plugged in and the spelling. Nothing was written.".into(),
        "backup_in_home" => "A backup does not belong into the home of a facility, neither this one nor another. Choose a file on another disk. Nothing was written.".into(),
        "backup_other_file" => "Something has this name already (or this name with .keyslots), and a backup replaces nothing. Choose a new name, for instance with the date. Nothing was written.".into(),
        "backup_not_writable" => "The backup cannot be written there: the folder is read-only or the name is too long. Choose another file. Nothing was written.".into(),
        "in_use" => format!("{here} is in use by another window of this program. Close it first."),
        "synced_folder" => format!("{here} lies in a folder that another program copies about ({}). {OTHER}", arg("by")),
        "not_a_folder" => format!("{here} cannot be a home: it is, or lies in, something that is no folder. {OTHER}"),
        "link_to_nowhere" => format!("{here} cannot be a home: it leads over a link to something that is not there. {OTHER}"),
        "name_too_long" => format!("{here} cannot be a home: the name is too long. {OTHER}"),
        "not_text" => format!("{here} cannot be a home: its name is not text (UTF-8). {OTHER}"),
        "not_writable" => format!("{here} cannot be a home: nothing can be written there ({}). {OTHER}", arg("detail")),
        why => format!("{here} cannot be used ({why}). {OTHER}"),
    }
}
