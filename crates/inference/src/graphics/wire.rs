//! What the program and its graphics worker say to each other: a length, a message in JSON, and the
//! numbers that belong to it. Every length is checked before memory is taken.

use super::Source;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// A message without its numbers is short.
const MAX_JSON: usize = 1 << 16;
/// Side of the largest input, as `describe` allows.
pub(super) const MAX_SIDE: usize = 1024;
/// Numbers of the largest answer: 4,096 channels of 32 x 32 places.
pub(super) const MAX_ANSWER: usize = 4096 * 32 * 32;

/// The first message, and the only one before [`Hello`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Opening {
    /// Take an adapter that only imitates a card, for tests of the numbers.
    pub software: bool,
}

/// The worker's first answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Hello {
    /// There is a card.
    Card {
        /// As it names itself.
        name: String,
        /// Vulkan, Metal, DirectX 12.
        api: String,
    },
    /// Only a program that imitates one.
    Software {
        /// As it names itself.
        name: String,
    },
    /// None, with the driver's words.
    None {
        /// For people who mend computers.
        detail: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// Bring a network onto the card.
    Load(Source),
    /// Look at a picture: `[3, side, side]` numbers follow.
    See { sha256: String, side: usize },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Loaded,
    /// `[channels, rows, columns]` numbers follow.
    Seen {
        channels: usize,
        rows: usize,
        columns: usize,
    },
    Failed {
        detail: String,
    },
}

pub(super) fn tell(to: &mut impl Write, message: &impl Serialize) -> Option<()> {
    let json = serde_json::to_vec(message).ok()?;
    let length = u32::try_from(json.len()).ok()?;
    to.write_all(&length.to_le_bytes()).ok()?;
    to.write_all(&json).ok()?;
    to.flush().ok()
}

pub(super) fn hear<T: for<'a> Deserialize<'a>>(from: &mut impl Read) -> Option<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    if length > MAX_JSON {
        return None;
    }
    let mut json = vec![0; length];
    from.read_exact(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

pub(super) fn tell_numbers(to: &mut impl Write, numbers: &[f32]) -> Option<()> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|v| v.to_le_bytes()).collect();
    to.write_all(&bytes).ok()?;
    to.flush().ok()
}

pub(super) fn hear_numbers(from: &mut impl Read, count: usize, most: usize) -> Option<Vec<f32>> {
    if count > most {
        return None;
    }
    let mut bytes = vec![0; count * 4];
    from.read_exact(&mut bytes).ok()?;
    Some(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_and_its_numbers_arrive_as_they_were_sent() {
        let mut wire = vec![];
        tell(&mut wire, &Hello::Software { name: "x".into() }).unwrap();
        tell_numbers(&mut wire, &[1.5, -0.0]).unwrap();
        let mut from = &wire[..];
        assert_eq!(hear::<Hello>(&mut from), Some(Hello::Software { name: "x".into() }));
        assert_eq!(hear_numbers(&mut from, 2, 2), Some(vec![1.5, -0.0]));
    }

    #[test]
    fn lengths_that_cannot_be_true_take_no_memory() {
        let mut from = &[0xff; 64][..];
        assert_eq!(hear::<Hello>(&mut from), None);
        assert_eq!(hear_numbers(&mut from, usize::MAX, MAX_ANSWER), None);
    }
}
