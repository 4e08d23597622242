//! Short-dated bags that would end unused here, and the site that would rather use them: through real stores.

use super::shut::audits;
use super::stock::{believes, scanned, two_sites};
use super::*;

pub(super) const CLINIC: &str = "Hill Clinic";

fn offers(desk: &Desk) -> Value {
    desk.ok("stock.offers", json!({ "component": "red_cells" }))
}

fn rows<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// Every group uses so many units in four weeks.
fn uses(units: u32) -> Value {
    let groups = kernel::BloodGroup::ALL
        .iter()
        .map(|group| json!({ "group": { "abo": group.abo, "rhd": group.rhd }, "units": units }));
    json!({ "site": CLINIC, "component": "red_cells", "uses": groups.collect::<Vec<_>>() })
}

/// The training hospital, which knows the clinic.
pub(super) fn hospital() -> Desk {
    let (hospital, clinic) = two_sites();
    hospital.sign_in("admin");
    believes(&hospital, &clinic);
    hospital.sign_in("amina");
    hospital
}

#[test]
fn without_another_site_the_list_says_what_would_end_and_offers_it_to_nobody() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let view = offers(&desk);
    assert_eq!((rows(&view, "sites").len(), rows(&view, "offers").len()), (0, 0));
    let nowhere = rows(&view, "nowhere");
    assert!(!nowhere.is_empty(), "the training shelf has bags that end within ten days");
    let most = view["withinDays"].as_u64().expect("days");
    for bag in nowhere {
        assert!(bag["here"].as_f64().is_some_and(|chance| chance < 0.5), "{bag}");
        assert!(bag["daysLeft"].as_u64().is_some_and(|days| days <= most), "{bag}");
        assert_eq!(bag["there"], Value::Null);
    }
    // What keeps for a year is not exchanged.
    let plasma = desk.ok("stock.offers", json!({ "component": "plasma" }));
    assert_eq!((&plasma["withinDays"], &plasma["nowhere"]), (&Value::Null, &json!([])));
}

#[test]
fn a_bag_is_offered_to_the_site_that_said_it_uses_them_until_it_is_packed() {
    let mut desk = hospital();
    let before = offers(&desk);
    assert_eq!(before["sites"][0]["name"], CLINIC);
    assert_eq!((&before["sites"][0]["uses"], &before["offers"]), (&json!([]), &json!([])));
    let ends: usize = rows(&before, "nowhere").len();

    desk.ok("site.use", uses(56));
    let view = offers(&desk);
    let site = &view["sites"][0];
    assert_eq!((&site["saidBy"], &site["stale"]), (&json!("Amina Okello"), &json!(false)));
    assert_eq!(rows(site, "uses").len(), 8);
    let offer = &view["offers"][0];
    assert_eq!(offer["to"], CLINIC);
    let bags = rows(offer, "bags").clone();
    assert!(!bags.is_empty() && bags.len() + rows(&view, "nowhere").len() <= ends, "{view}");
    for bag in &bags {
        let (here, there) = (bag["here"].as_f64(), bag["there"].as_f64());
        assert!(there > here.map(|here| here + 0.2), "{bag}");
        assert!(bag["daysLeft"].as_u64() >= Some(2), "after the journey it is still good: {bag}");
    }

    // A box to that site; what is packed is offered no more.
    let to = json!({ "to": CLINIC, "component": "red_cells" });
    let transfer = text(&desk.ok("transfer.begin", to), "id");
    let unit = desk.ok("unit.view", json!({ "id": bags[0]["id"] }))["row"].clone();
    desk.ok("transfer.pack", json!({ "transfer": transfer, "bag": scanned(&unit) }));
    let left = offers(&desk);
    let all: Vec<Value> = rows(&left, "offers")
        .iter()
        .flat_map(|offer| rows(offer, "bags").clone())
        .chain(rows(&left, "nowhere").clone())
        .collect();
    assert!(all.iter().all(|bag| bag["id"] != bags[0]["id"]), "{left}");

    // Of a site that uses nothing nothing is expected.
    desk.ok("site.use", uses(0));
    assert_eq!(offers(&desk)["offers"], json!([]));
    desk.ok("site.use", uses(56));
    desk.restart();
    desk.sign_in("amina");
    assert_eq!(offers(&desk)["sites"][0]["uses"], view["sites"][0]["uses"], "it is kept");
    // A clock that jumps over a month would be doubted.
    for _ in 0..5 {
        desk.clock.advance(TimeDelta::days(6));
        desk.sign_in("amina");
    }
    assert_eq!(offers(&desk)["sites"][0]["stale"], true);

    let said = audits(&mut desk);
    let said = said.iter().filter(
        |(_, entry)| matches!(entry, records::Audit::SiteUse { name, .. } if name == CLINIC),
    );
    assert_eq!(said.count(), 3, "each by whom and when");
}

#[test]
fn platelets_are_said_for_all_groups_together() {
    let desk = hospital();
    let all = |uses: Value| json!({ "site": CLINIC, "component": "platelets", "uses": uses });
    desk.ok("site.use", all(json!([{ "group": null, "units": 84 }])));
    let view = desk.ok("stock.offers", json!({ "component": "platelets" }));
    assert_eq!(
        (&view["together"], &view["sites"][0]["uses"][0]["units"]),
        (&json!(true), &json!(84))
    );
    let one = json!([{ "group": { "abo": "O", "rhd": "positive" }, "units": 84 }]);
    desk.no("site.use", all(one), Code::Malformed);
}

#[test]
fn what_nobody_can_have_meant_is_not_kept() {
    let desk = hospital();
    let mut elsewhere = uses(4);
    elsewhere["site"] = json!("Nowhere");
    desk.no("site.use", elsewhere, Code::NotFound);
    let error = desk.no("site.use", uses(10_000), Code::OutOfBounds);
    assert_eq!(
        (&error.args["field"], &error.args["most"]),
        (&"units".to_owned(), &"9999".to_owned())
    );
    let mut twice = uses(4);
    twice["uses"][1] = twice["uses"][0].clone();
    desk.no("site.use", twice, Code::Malformed);
    let mut short = uses(4);
    short["uses"].as_array_mut().expect("rows").pop();
    desk.no("site.use", short, Code::Malformed);
    let mut bombay = uses(4);
    bombay["uses"][0]["group"]["phenotype"] = json!("bombay");
    desk.no("site.use", bombay, Code::Malformed);
    desk.sign_in("mbeki");
    desk.no("site.use", uses(4), Code::Forbidden);
    assert_eq!(offers(&desk)["sites"][0]["uses"], json!([]), "a nurse reads it all the same");
}
