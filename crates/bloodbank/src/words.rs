//! The one rule for texts that must not be blank.

/// The text if it says what its field asks for: a reason three letters or digits, any other one.
pub(crate) fn text(given: &str, field: &str) -> Option<String> {
    match field {
        "reason" | "note" | "justification" => kernel::reason(given),
        _ => kernel::said(given),
    }
}
