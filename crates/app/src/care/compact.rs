//! What the slip of a box says, in as few bytes as a barcode can carry: bags of one box have much of their
//! numbers in common. It is read strictly; what is not exactly so is no slip.

use super::transfers::{OnLabel, Said};
use bloodbank::traits::Phenotype;
use chrono::DateTime;
use chrono_tz::Tz;
use kernel::{Abo, BloodGroup, Component, Rhd, SlipId, TransferId};
use uuid::Uuid;

/// In the order in which a slip counts them: what was printed once is read for ever.
const ABO: [Abo; 4] = [Abo::O, Abo::A, Abo::B, Abo::AB];
const PHENOTYPES: [Phenotype; 3] = [Phenotype::Ordinary, Phenotype::Bombay, Phenotype::ParaBombay];

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
    // Of forty bags few have a label of their own kind: each names one of a list.
    let mut zones: Vec<&str> = said.labels.iter().map(|one| one.zone.name()).collect();
    zones.sort_unstable();
    zones.dedup();
    let mut kinds: Vec<Vec<u8>> = vec![];
    let mut named = vec![];
    for one in &said.labels {
        let kind = kind_of(one, &zones)?;
        let at = kinds.iter().position(|known| *known == kind);
        named.push(u8::try_from(at.unwrap_or(kinds.len())).ok()?);
        if at.is_none() {
            kinds.push(kind);
        }
    }
    if said.labels.is_empty() && !said.bags.is_empty() {
        return Some(out);
    }
    out.push(u8::try_from(zones.len()).ok()?);
    for zone in &zones {
        put(&mut out, zone)?;
    }
    out.push(u8::try_from(kinds.len()).ok()?);
    out.extend(kinds.concat());
    out.extend(named);
    Some(out)
}

/// Group, phenotype, zone and the printed end in minutes, in eight bytes.
fn kind_of(one: &OnLabel, zones: &[&str]) -> Option<Vec<u8>> {
    let abo = ABO.iter().position(|abo| *abo == one.group.abo)?;
    let phenotype = PHENOTYPES.iter().position(|known| *known == one.phenotype)?;
    let zone = zones.iter().position(|zone| *zone == one.zone.name())?;
    let minutes = i32::try_from(one.wall.and_utc().timestamp().div_euclid(60)).ok()?;
    let mut out = vec![
        u8::try_from(abo).ok()?,
        u8::from(one.group.rhd == Rhd::Positive),
        u8::try_from(phenotype).ok()?,
        u8::try_from(zone).ok()?,
    ];
    out.extend(minutes.to_be_bytes());
    Some(out)
}

/// What eight bytes say of a label.
fn kind(rest: &mut &[u8], zones: &[Tz]) -> Option<OnLabel> {
    let abo = *ABO.get(usize::from(byte(rest)?))?;
    let rhd = match byte(rest)? {
        0 => Rhd::Negative,
        1 => Rhd::Positive,
        _ => return None,
    };
    let phenotype = *PHENOTYPES.get(usize::from(byte(rest)?))?;
    let zone = *zones.get(usize::from(byte(rest)?))?;
    let minutes = i32::from_be_bytes(take(rest, 4)?.try_into().ok()?);
    let wall = DateTime::from_timestamp(i64::from(minutes) * 60, 0)?.naive_utc();
    Some(OnLabel { group: BloodGroup { abo, rhd }, phenotype, wall, zone })
}

fn put(out: &mut Vec<u8>, text: &str) -> Option<()> {
    out.push(u8::try_from(text.len()).ok()?);
    out.extend(text.as_bytes());
    Some(())
}

/// What the bytes say; `labelled`: of each bag's label too, as on slips of today.
pub(super) fn unpacked(bytes: &[u8], labelled: bool) -> Option<Said> {
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
    let labels = match labelled {
        true => labels(&mut rest, bags.len())?,
        false => vec![],
    };
    rest.is_empty().then_some(Said { slip, of, from, to, component, sent_us, bags, labels })
}

fn labels(rest: &mut &[u8], bags: usize) -> Option<Vec<OnLabel>> {
    let mut zones: Vec<Tz> = vec![];
    for _ in 0..byte(rest)? {
        zones.push(text(rest)?.parse().ok()?);
    }
    let mut kinds = vec![];
    for _ in 0..byte(rest)? {
        kinds.push(kind(rest, &zones)?);
    }
    (0..bags).map(|_| kinds.get(usize::from(byte(rest)?)).copied()).collect()
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
            labels: (0..bags).map(on_label).collect(),
        }
    }

    fn on_label(n: u32) -> OnLabel {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 12, 1 + n % 9).expect("a day");
        OnLabel {
            group: BloodGroup { abo: ABO[n as usize % 4], rhd: Rhd::Negative },
            phenotype: if n == 3 { Phenotype::Bombay } else { Phenotype::Ordinary },
            wall: day.and_hms_opt(23, 59, 0).expect("a time"),
            zone: if n == 5 { Tz::Asia__Kolkata } else { Tz::Africa__Nairobi },
        }
    }

    #[test]
    fn a_slip_of_an_earlier_release_says_nothing_of_its_labels() {
        let old = Said { labels: vec![], ..said(12) };
        let bytes = packed(&old).expect("fits");
        assert_eq!(unpacked(&bytes, false), Some(old));
        assert_eq!(unpacked(&bytes, true), None);
        assert_eq!(unpacked(&packed(&said(12)).expect("fits"), false), None);
    }

    #[test]
    fn a_box_of_forty_comes_back_and_takes_few_bytes() {
        for bags in [0, 1, 40, 255] {
            let said = said(bags);
            let bytes = packed(&said).expect("fits");
            assert_eq!(unpacked(&bytes, true), Some(said), "{bags}");
        }
        let forty = packed(&said(40)).expect("fits");
        assert!(forty.len() < 800, "{}", forty.len());
        assert_eq!(packed(&said(256)), None);
        let long = Said { from: "x".repeat(256), ..said(1) };
        assert_eq!(packed(&long), None);
    }

    #[test]
    fn bytes_cut_off_drawn_out_or_changed_never_panic() {
        let bytes = packed(&said(12)).expect("fits");
        for end in 0..bytes.len() {
            assert_eq!(unpacked(&bytes[..end], true), None, "{end}");
        }
        assert_eq!(unpacked(&[&bytes[..], &[0]].concat(), true), None);
        // Every byte with every value: none panics, and what is read says so of itself again.
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut torn = bytes.clone();
                torn[at] = value;
                if let Some(read) = unpacked(&torn, true) {
                    let again = packed(&read).expect("fits");
                    assert_eq!(unpacked(&again, true), Some(read));
                }
            }
        }
    }
}
