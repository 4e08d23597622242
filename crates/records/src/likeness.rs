//! Who else a donor might be: what of two records speaks for one person. Here because names are of the
//! hospital and donors of the blood bank.

use bloodbank::donor::{Candidate, Donor, Ends, Identity, Name, Sign, near};
use hospital::names;

/// What speaks for a record being of the person who is described.
pub fn signs(new: &Identity, phone: Option<&str>, known: &Donor) -> Vec<Sign> {
    let mut signs = vec![];
    let plain = |text: &str| text.split_whitespace().collect::<String>().to_uppercase();
    let papers = &known.identity.papers;
    if new.papers.iter().any(|a| {
        papers
            .iter()
            .any(|b| plain(&a.scheme) == plain(&b.scheme) && plain(&a.number) == plain(&b.number))
    }) {
        signs.push(Sign::SamePaper);
    }
    let digits = |phone: &str| phone.chars().filter(char::is_ascii_digit).collect::<String>();
    let theirs = known.contact.as_ref().and_then(|c| c.phone.as_deref()).map(digits);
    if phone.map(digits).filter(|own| !own.is_empty()).is_some_and(|own| Some(own) == theirs) {
        signs.push(Sign::SamePhone);
    }
    match (new.born, known.identity.born) {
        (Some(a), Some(b)) if a == b => signs.push(Sign::SameBirthDate),
        (Some(a), Some(b)) if near(a, b) => signs.push(Sign::NearBirthDate),
        _ => {}
    }
    let (a, b) = (&new.name, &known.identity.name);
    let whole = |n: &Name| names::words(&format!("{} {}", n.family, n.given));
    if whole(a) == whole(b) {
        signs.push(Sign::SameName);
    } else if names::alike((&a.family, &a.given), (&b.family, &b.given)) {
        signs.push(Sign::AlikeName);
    }
    signs
}

/// The same as the register is told of it, with whether that record says never.
pub fn candidate(new: &Identity, phone: Option<&str>, known: &Donor) -> Candidate {
    Candidate {
        donor: known.id,
        signs: signs(new, phone, known),
        permanently_deferred: known.deferrals.iter().any(|d| d.ends == Ends::Never),
    }
}
