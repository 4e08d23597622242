//! Code 128 out of dots.

use super::dots::Dots;
use crate::code128::{CODE_B, CODE_C, PATTERNS, START_B, START_C, STOP};

/// What a scanner gets, wherever over the bars its line passes; nothing when two lines disagree.
pub(super) fn read(dots: &Dots) -> Option<String> {
    let lines = [0.1, 0.3, 0.5, 0.7, 0.9].map(|share| (dots.height as f64 * share) as usize);
    let mut found: Option<String> = None;
    for y in lines {
        let text = line(dots.row(y))?;
        if found.as_ref().is_some_and(|first| *first != text) {
            return None;
        }
        found = Some(text);
    }
    found
}

fn line(row: &[bool]) -> Option<String> {
    let first = row.iter().position(|black| *black)?;
    let last = row.iter().rposition(|black| *black)?;
    let runs: Vec<usize> = row[first..=last].chunk_by(|a, b| a == b).map(<[bool]>::len).collect();
    // Six to a value, and one more bar at the end.
    let (ending, body) = runs.split_last()?;
    if body.is_empty() || !body.len().is_multiple_of(6) {
        return None;
    }
    let values: Vec<u8> = body.chunks(6).map(value).collect::<Option<_>>()?;
    let (stop, values) = values.split_last()?;
    let (check, values) = values.split_last()?;
    let module = body.iter().sum::<usize>() as f64 / (11.0 * (body.len() / 6) as f64);
    if *stop != STOP || (*ending as f64 / module).round() as usize != 2 {
        return None;
    }
    let sum: usize = values.iter().enumerate().map(|(n, v)| usize::from(*v) * n.max(1)).sum();
    (sum % 103 == usize::from(*check)).then(|| text(values)).flatten()
}

/// The value whose pattern six runs are, by their share of eleven modules.
fn value(runs: &[usize]) -> Option<u8> {
    let module = runs.iter().sum::<usize>() as f64 / 11.0;
    let widths: Vec<u8> = runs
        .iter()
        // At most a few hundred modules wide; a pattern has at most 4.
        .map(|run| b'0' + (*run as f64 / module).round().clamp(0.0, 9.0) as u8)
        .collect();
    let place = PATTERNS.iter().position(|p| p.as_bytes().starts_with(&widths) && p.len() <= 7)?;
    u8::try_from(place).ok()
}

fn text(values: &[u8]) -> Option<String> {
    let (start, data) = values.split_first()?;
    let mut in_c = match *start {
        START_B => false,
        START_C => true,
        _ => return None,
    };
    let mut text = String::new();
    for value in data {
        match (in_c, *value) {
            (true, CODE_B) => in_c = false,
            (false, CODE_C) => in_c = true,
            (true, two @ 0..=99) => text.push_str(&format!("{two:02}")),
            (false, letter @ 0..=94) => text.push(char::from(b' ' + letter)),
            _ => return None,
        }
    }
    Some(text)
}
