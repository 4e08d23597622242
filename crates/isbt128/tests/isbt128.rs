//! The worked examples of the standard, the refusals, and properties over arbitrary input.

use isbt128::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden.json")).expect("golden.json is valid JSON")
}

fn rows<'a>(golden: &'a Value, table: &str) -> &'a Vec<Value> {
    let rows = golden[table].as_array().expect("a table");
    assert!(!rows.is_empty(), "table {table} is empty");
    rows
}

fn text(row: &Value) -> &str {
    row["text"].as_str().expect("text")
}

#[test]
fn every_published_number_has_its_published_check_character() {
    let golden = golden();
    for row in rows(&golden, "check") {
        let din = Din::new(row["din"].as_str().unwrap()).unwrap();
        let found = json!({
            "din": din, "display": din.display(), "check_value": din.check_value(),
            "check_char": din.check_char(), "check_flag": din.check_flag(), "fin": din.fin(),
            "year": din.year(), "serial": din.serial(),
        });
        assert_eq!(&found, row);
        let scanned = read(&din.to_structure(din.check_flag())).unwrap();
        assert_eq!(scanned, [Scan::Din { din, flag: din.check_flag() }]);
        let typed = format!("{} {}", din.display(), din.check_char());
        assert_eq!(Din::parse_typed(&typed), Ok(din));
    }
}

#[test]
fn every_group_code_says_its_group_and_prints_back() {
    let golden = golden();
    for row in rows(&golden, "groups") {
        let scans = read(text(row)).unwrap();
        assert_eq!(json!(scans), json!([row["scan"]]), "{row}");
        assert_eq!(scans[0].to_text(), text(row));
        let [Scan::AboRhd(group)] = scans.as_slice() else { panic!("{row}") };
        if let GroupReading::Group { abo, rhd, donation_type } = group.reading() {
            assert_eq!(AboRhd::for_group(abo, rhd, donation_type).as_ref(), Some(group));
        }
    }
}

#[test]
fn what_is_well_formed_is_read_and_prints_back() {
    let golden = golden();
    for row in rows(&golden, "reads") {
        let scans = read(text(row)).unwrap_or_else(|error| panic!("{row}: {error}"));
        assert_eq!(json!(scans), row["scans"], "{row}");
        for scan in &scans {
            assert_eq!(read(&scan.to_text()).as_deref(), Ok(std::slice::from_ref(scan)), "{row}");
            assert!(!scan.name().is_empty());
        }
    }
}

#[test]
fn what_is_malformed_is_refused_with_its_reason() {
    let golden = golden();
    for row in rows(&golden, "refused") {
        let error = read(text(row)).expect_err(&row.to_string());
        assert_eq!(json!(error), row["error"], "{row}");
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn a_typed_number_needs_its_check_character() {
    let golden = golden();
    for row in rows(&golden, "typed") {
        match Din::parse_typed(text(row)) {
            Ok(din) => assert_eq!(json!(din), row["din"], "{row}"),
            Err(error) => assert_eq!(json!(error), row["error"], "{row}"),
        }
    }
}

#[test]
fn s11_a_wrong_check_character_is_refused_without_telling_the_right_one() {
    let error = Din::parse_typed("A9998 18 123456 M").unwrap_err();
    assert_eq!(json!(error), json!({"kind": "bad_check"}));
    let messages = [error.to_string(), ReadError::BadCheck.to_string()];
    for message in messages {
        assert!(!message.contains('N') && !message.contains("23"), "{message}");
    }
    // The same words for every number: nothing of the number is in them.
    assert_eq!(error, Din::parse_typed("G1234 98 654321 A").unwrap_err());
}

#[test]
fn s12_the_letter_o_is_no_zero() {
    let right = Din::parse_typed("A9999 17 345658 O").expect("its published character");
    assert_eq!(right.check_char(), 'O');
    let zero = Din::parse_typed("A9999 17 345658 0").unwrap_err();
    assert_eq!(json!(zero), json!({"kind": "bad_check"}));
}

#[test]
fn s13_a_number_never_begins_with_o_or_zero_and_its_case_and_line_ends_do_not_matter() {
    for first in ["O", "0"] {
        let typed = format!("{first}9998 18 123456 N");
        assert!(Din::parse_typed(&typed).is_err(), "{typed}");
        let scanned = format!("={first}99981812345600");
        assert!(
            read(&scanned).map_or(true, |scans| pick(&scans, ScanKind::Din).is_err()),
            "{scanned}"
        );
    }
    let typed = Din::parse_typed("a9998 18 123456 n\r\n").expect("lower case");
    let scans = read("=a99981812345600\r\n").expect("lower case");
    let Scan::Din { din, .. } = pick(&scans, ScanKind::Din).expect("a number") else {
        panic!("{scans:?}");
    };
    assert_eq!(*din, typed);
    assert_eq!(typed.as_str(), "A999818123456");
}

#[test]
fn s14_a_group_scanned_for_a_number_fills_the_group_alone() {
    let scans = read("=%5100").expect("a group");
    let wrong = pick(&scans, ScanKind::Din).unwrap_err();
    assert_eq!((wrong.wanted, wrong.got), (ScanKind::Din, Some(ScanKind::AboRhd)));
    let offered = pick(&scans, ScanKind::AboRhd).expect("offered to the group");
    assert!(matches!(offered, Scan::AboRhd(_)), "{offered:?}");
}

#[test]
fn the_wrong_label_says_what_it_was() {
    let scans = read("=<E0336V00").unwrap();
    let wrong = pick(&scans, ScanKind::Din).unwrap_err();
    assert_eq!(wrong.to_string(), "That is the product code; scan the donation number");
    assert_eq!(
        json!(wrong),
        json!({"wanted": "din", "got": "product", "got_name": "product code"})
    );
    let group = read("=%5100").unwrap();
    assert_eq!(
        pick(&group, ScanKind::Din).unwrap_err().to_string(),
        "That is the blood group; scan the donation number"
    );
    let plain = read("4711").unwrap();
    assert_eq!(
        pick(&plain, ScanKind::Din).unwrap_err().to_string(),
        "That is not a blood-bank code; scan the donation number"
    );
    let both = read("=A99992612345600=%5100").unwrap();
    assert_eq!(pick(&both, ScanKind::AboRhd).unwrap(), &group[0]);
}

#[test]
fn only_labels_read_together_vouch_for_each_other() {
    for (text, one) in [
        ("]C4=A99992612345600=%5100\r\n", true),
        ("=+02000=A99992612345600=%5100", true),
        ("=%5100\r", true),
        ("=A99992612345600\r=%5100\r", false),
        ("=A99992612345600=%51", false),
        ("", false),
    ] {
        assert_eq!(is_one_symbol_read(text), one, "{text:?}");
    }
}

#[test]
fn bombay_and_unlisted_codes_never_have_an_abo_group() {
    for code in ["H600", "G600", "D600", "E600", "A600", "Mq00", "Mz00", "0000", "9900", "P100"] {
        let group = AboRhd::new(code).unwrap();
        assert_eq!(group.abo(), None, "{code}");
        assert_eq!(group.donation_type(), None, "{code}");
    }
    assert_eq!(AboRhd::new("H600").unwrap().rhd(), Some(Rhd::Positive));
}

#[test]
fn exactly_thirty_six_of_all_codes_have_a_group() {
    let letters: Vec<char> = ('0'..='9').chain('A'..='Z').collect();
    let with_group = letters
        .iter()
        .flat_map(|a| letters.iter().map(move |b| format!("{a}{b}00")))
        .filter(|code| AboRhd::new(code).unwrap().abo().is_some())
        .count();
    // Eight groups with four kinds of donation, and four groups without RhD.
    assert_eq!(with_group, 36);
}

#[test]
fn local_products_are_told_from_international_ones() {
    for (code, local) in [("D1234V00", true), ("DAX12001", true), ("E0336V00", false)] {
        assert_eq!(ProductCode::new(code).unwrap().is_local(), local, "{code}");
    }
    let split = ProductCode::new("E0336VB0").unwrap();
    assert_eq!(
        (split.description(), split.collection_type(), split.division()),
        ("E0336", 'V', "B0")
    );
    assert!(!split.is_undivided());
    assert!(ProductCode::new("E0336V99").unwrap().needs_division());
}

#[test]
fn a_flag_says_which_label_of_the_set_it_is() {
    for (flag, meaning) in [
        ("00", FlagMeaning::Unspecified),
        ("04", FlagMeaning::Container(4)),
        ("15", FlagMeaning::Container(5)),
        ("19", FlagMeaning::Container(9)),
        ("14", FlagMeaning::Other),
        ("59", FlagMeaning::Local(59)),
        ("96", FlagMeaning::Check(36)),
        ("97", FlagMeaning::Other),
        ("A1", FlagMeaning::Other),
    ] {
        assert_eq!(Flag::new(flag).unwrap().meaning(), meaning, "{flag}");
    }
    for refused in ["", "0", "000", "I0", "0O", "Q1", "Z1", "é0"] {
        assert_eq!(Flag::new(refused), None, "{refused}");
    }
}

#[test]
fn the_year_of_a_number_is_seen_from_today() {
    let year = |yy, today| Din::compose("A9999", yy, 1).unwrap().year_seen_from(today);
    assert_eq!(year(26, 2026), 2026);
    assert_eq!(year(27, 2026), 2027, "numbers of next year are used in December");
    assert_eq!(year(28, 2026), 1928);
    assert_eq!(year(99, 2000), 1999);
    assert_eq!(year(0, 1999), 2000);
}

#[test]
fn a_number_is_composed_only_from_parts_that_fit() {
    assert_eq!(Din::compose("A9998", 18, 123_456).unwrap().as_str(), "A999818123456");
    for (facility, year, serial) in
        [("A999", 18, 1), ("A9998", 100, 1), ("A9998", 18, 1_000_000), ("O9998", 18, 1)]
    {
        assert!(Din::compose(facility, year, serial).is_err(), "{facility} {year} {serial}");
    }
}

#[test]
fn a_text_longer_than_any_label_is_refused() {
    let error = read(&"=".repeat(5000)).unwrap_err();
    assert_eq!(json!(error), json!({"kind": "too_long", "got": 5000}));
}

#[test]
fn a_compound_message_reads_back_and_refuses_what_has_no_length() {
    let scans = read("=A99992612345600=%5100=<E0336V00&>0260422359").unwrap();
    let message = compound(&scans).unwrap();
    assert_eq!(message, "=+04000=A99992612345600=%5100=<E0336V00&>0260422359");
    assert_eq!(read(&message).unwrap(), scans);
    assert_eq!(compound(&[]), Err(PrintError::Count { got: 0 }));
    let unknown = read("4711").unwrap();
    assert_eq!(compound(&unknown), Err(PrintError::NotInCompound { name: "unknown code" }));
}

#[test]
fn stored_numbers_and_codes_are_checked_when_they_come_back() {
    let din: Din = serde_json::from_value(json!("A999818123456")).unwrap();
    assert_eq!(json!(din), json!("A999818123456"));
    for bad in ["O999818123456", "A99981812345", ""] {
        assert!(serde_json::from_value::<Din>(json!(bad)).is_err(), "{bad}");
    }
    assert!(serde_json::from_value::<ProductCode>(json!("E0336V00")).is_ok());
    assert!(serde_json::from_value::<ProductCode>(json!("E0336V0a")).is_err());
}

/// Any donation number at all.
fn any_din() -> impl Strategy<Value = Din> {
    "[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}".prop_map(|text| Din::new(&text).expect("in the alphabet"))
}

/// Text that looks like labels: structures whole, cut, doubled, and noise between them.
fn almost_labels() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any_din().prop_map(|din| din.to_structure(din.check_flag())),
        "=%[0-9A-Za-z]{3,5}",
        "=<[A-Ya-y0-9]{7,9}",
        "[=&][>*}][0-9]{5,11}",
        "=\\+0[0-4]0{3}",
        "&#0[0-9]0[0-9][A-Za-z0-9]{0,9}",
        "=#01[0-9]{7,9}",
        "&%00[0-3][0-9]{0,30}",
        "[=&].?",
        "\\][A-Za-z][0-9]",
        "[\\r\\n\\t ]",
        "\\PC{0,3}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    // PROPTEST_CASES raises the number of cases for a long run.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Exhaustive in place and character for each number drawn.
    #[test]
    fn every_changed_character_and_every_swap_of_neighbours_changes_the_check(din in any_din()) {
        let chars: Vec<char> = din.as_str().chars().collect();
        for place in 0..13 {
            for other in ('0'..='9').chain('A'..='Z') {
                let mut changed = chars.clone();
                changed[place] = other;
                if other == chars[place] { continue }
                if let Ok(changed) = Din::new(&changed.iter().collect::<String>()) {
                    prop_assert_ne!(changed.check_char(), din.check_char());
                    let typed = format!("{changed}{}", din.check_char());
                    prop_assert_eq!(Din::parse_typed(&typed), Err(DinError::BadCheck));
                }
            }
            if place > 0 && chars[place] != chars[place - 1] {
                let mut swapped = chars.clone();
                swapped.swap(place, place - 1);
                if let Ok(swapped) = Din::new(&swapped.iter().collect::<String>()) {
                    prop_assert_ne!(swapped.check_char(), din.check_char());
                }
            }
        }
    }

    /// The running form in the crate equals the weighted sum of the standard.
    #[test]
    fn the_check_value_is_the_weighted_sum(din in any_din()) {
        let weighted: u64 = din.as_str().chars().rev().enumerate()
            .map(|(n, c)| u64::from(c.to_digit(36).unwrap()) << (n + 1)).sum();
        prop_assert_eq!(u64::from(din.check_value()), (38 - weighted % 37) % 37);
    }

    #[test]
    fn a_number_survives_scan_typing_and_storage(din in any_din(), flag in "[0-5][0-9]") {
        let flag = Flag::new(&flag).unwrap();
        prop_assert_eq!(read(&din.to_structure(flag)), Ok(vec![Scan::Din { din, flag }]));
        let lower = format!("{} {}", din.display(), din.check_char()).to_lowercase();
        prop_assert_eq!(Din::parse_typed(&lower), Ok(din));
        prop_assert_eq!(serde_json::from_value::<Din>(json!(din)).unwrap(), din);
    }

    #[test]
    fn an_expiry_survives_printing(minutes in 0i64..105_000_000, whole_day: bool) {
        let start = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let at = start + chrono::Duration::minutes(minutes);
        let expiry = if whole_day { Expiry::end_of(at.date()) } else { Expiry::to_the_minute(at) };
        let expiry = expiry.unwrap();
        prop_assert_eq!(read(&expiry.to_structure()), Ok(vec![Scan::Expiry(expiry)]));
        let moment = if whole_day { Moment::day(at.date()) } else { Moment::to_the_minute(at) };
        let collection = Scan::Collection(moment.unwrap());
        prop_assert_eq!(read(&collection.to_text()), Ok(vec![collection]));
    }

    #[test]
    fn a_product_code_survives_printing_and_lost_case(
        code in "[EF][0-9]{4}[0-9V-X](00|99|[A-Z][0a-z])"
    ) {
        let product = ProductCode::new(&code).unwrap();
        prop_assert_eq!(product.as_str(), &code);
        prop_assert_eq!(ProductCode::new(&code.to_lowercase()), Ok(product));
        let turned: String = code.chars().map(|c| if c.is_ascii_lowercase() {
            c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
        prop_assert_eq!(ProductCode::new(&turned), Ok(product));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*|(?s:.{0,60})") {
        let _ = read(&text);
        let _ = Din::new(&text);
        let _ = Din::parse_typed(&text);
        let _ = ProductCode::new(&text);
        let _ = AboRhd::new(&text);
        let _ = Flag::new(&text);
        let _ = Din::compose(&text, text.len() as u8, text.len() as u32);
    }

    /// Whatever is accepted prints to a text that reads as the same thing, and serialises.
    #[test]
    fn what_is_read_from_almost_labels_prints_back_the_same(text in almost_labels()) {
        if let Ok(scans) = read(&text) {
            prop_assert!(!scans.is_empty());
            for scan in &scans {
                let printed = scan.to_text();
                // An unknown text may itself begin with a prefix, which a second read takes off.
                if scan.kind() != ScanKind::Unknown {
                    prop_assert_eq!(read(&printed), Ok(vec![scan.clone()]));
                }
            }
            let values = serde_json::to_value(&scans).unwrap();
            prop_assert!(values.as_array().unwrap().iter().all(|v| v["kind"].is_string()));
            if let Ok(message) = compound(&scans) {
                prop_assert_eq!(read(&message), Ok(scans));
            }
        }
    }
}
