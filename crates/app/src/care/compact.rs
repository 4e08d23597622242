//! What the slip of a box says, in as few bytes as a barcode can carry: bags of one box have much of their
//! numbers in common. It is read strictly; what is not exactly so is no slip.

use super::transfers::Said;
use kernel::{Component, SlipId, TransferId};
use uuid::Uuid;

/// The bytes; none where a name or a list is longer than a byte can count.
pub(super) fn packed(said: &Said) -> Option<Vec<u8>> {
    let mut out = vec![];
    out.extend(said.slip.0.as_bytes());
    out.extend(said.of.0.as_bytes());
    out.extend(said.sent_us.to_be_bytes());
    put(&mut out, &said.from)?;
    put(&mut out, &said.to)?;
    put(&mut out, &super::word(said.component))?;
    let mut codes: Vec<&str> = said.bags.iter().map(|(_, code)| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    out.push(u8::try_from(codes.len()).ok()?);
    for code in &codes {
        put(&mut out, code)?;
    }
    out.push(u8::try_from(said.bags.len()).ok()?);
    let mut before = "";
    for (din, code) in &said.bags {
        let same = before.bytes().zip(din.bytes()).take_while(|(a, b)| a == b).count();
        // Not through the middle of a letter, should a number ever have one of several bytes.
        let same = (0..=same).rev().find(|at| din.is_char_boundary(*at)).unwrap_or(0);
        let place = codes.iter().position(|known| known == code)?;
        out.push(u8::try_from(place).ok()?);
        out.push(u8::try_from(same).ok()?);
        put(&mut out, din.get(same..)?)?;
        before = din;
    }
    Some(out)
}

fn put(out: &mut Vec<u8>, text: &str) -> Option<()> {
    out.push(u8::try_from(text.len()).ok()?);
    out.extend(text.as_bytes());
    Some(())
}

/// What the bytes say.
pub(super) fn unpacked(bytes: &[u8]) -> Option<Said> {
    let mut rest = bytes;
    let slip = SlipId(Uuid::from_slice(take(&mut rest, 16)?).ok()?);
    let of = TransferId(Uuid::from_slice(take(&mut rest, 16)?).ok()?);
    let sent_us = i64::from_be_bytes(take(&mut rest, 8)?.try_into().ok()?);
    let (from, to) = (text(&mut rest)?, text(&mut rest)?);
    let component = text(&mut rest)?;
    let component: Component = serde_json::from_value(component.into()).ok()?;
    let mut codes = vec![];
    for _ in 0..byte(&mut rest)? {
        codes.push(text(&mut rest)?);
    }
    let mut bags: Vec<(String, String)> = vec![];
    for _ in 0..byte(&mut rest)? {
        let code = codes.get(usize::from(byte(&mut rest)?))?.clone();
        let same = usize::from(byte(&mut rest)?);
        let before = bags.last().map_or("", |(din, _)| din.as_str());
        let din = format!("{}{}", before.get(..same)?, text(&mut rest)?);
        bags.push((din, code));
    }
    rest.is_empty().then_some(Said { slip, of, from, to, component, sent_us, bags })
}

fn take<'a>(rest: &mut &'a [u8], many: usize) -> Option<&'a [u8]> {
    let (found, more) = rest.split_at_checked(many)?;
    *rest = more;
    Some(found)
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    take(rest, 1)?.first().copied()
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let long = byte(rest)?;
    String::from_utf8(take(rest, long.into())?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bags: u32) -> Said {
        let label = |n| (format!("A999926{n:06}"), format!("D100{}V00", n % 3));
        Said {
            slip: SlipId(Uuid::from_u128(7)),
            of: TransferId(Uuid::from_u128(8)),
            from: "Nyanza Teaching Hospital".into(),
            to: "مستوصف التل".into(),
            component: Component::RedCells,
            sent_us: 1_800_000_000_000_000,
            bags: (0..bags).map(label).collect(),
        }
    }

    #[test]
    fn a_box_of_forty_comes_back_and_takes_few_bytes() {
        for bags in [0, 1, 40, 255] {
            let said = said(bags);
            let bytes = packed(&said).expect("fits");
            assert_eq!(unpacked(&bytes), Some(said), "{bags}");
        }
        let forty = packed(&said(40)).expect("fits");
        assert!(forty.len() < 400, "{}", forty.len());
        assert_eq!(packed(&said(256)), None);
        let long = Said { from: "x".repeat(256), ..said(1) };
        assert_eq!(packed(&long), None);
    }

    #[test]
    fn bytes_cut_off_drawn_out_or_changed_never_panic() {
        let bytes = packed(&said(12)).expect("fits");
        for end in 0..bytes.len() {
            assert_eq!(unpacked(&bytes[..end]), None, "{end}");
        }
        assert_eq!(unpacked(&[&bytes[..], &[0]].concat()), None);
        // Every byte with every value: none panics, and what is read says so of itself again.
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut torn = bytes.clone();
                torn[at] = value;
                if let Some(read) = unpacked(&torn) {
                    let again = packed(&read).expect("fits");
                    assert_eq!(unpacked(&again), Some(read));
                }
            }
        }
    }
}
