//! What is known of other sites stands beside the stock of this one, and is counted nowhere as ours.

use super::blood::received_by;
use super::offers::{CLINIC, hospital};
use super::*;

/// A bag of red cells, O RhD negative, that ends the day after tomorrow.
fn bag(serial: u32) -> bloodbank::Command {
    bloodbank::Command::Receive {
        din: Din::compose("A9995", 26, serial).expect("a number").as_str().to_owned(),
        product_code: "E0382V00".to_owned(),
        component: kernel::Component::RedCells,
        group: kernel::BloodGroup { abo: kernel::Abo::O, rhd: kernel::Rhd::Negative },
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        expires_wall: "2026-11-22T23:59:00".parse().expect("a date"),
        zone: chrono_tz::Africa::Nairobi,
        collected_at: None,
        volume: None,
        place: "Box 2".into(),
        supplier: None,
        low_titre: false,
    }
}

/// Everything by which somebody decides what is here, and what is to be done about it.
fn ours(desk: &Desk) -> Vec<Value> {
    let mut board = desk.ok("unit.board", json!({}));
    board.as_object_mut().expect("a board").remove("elsewhere");
    let red = json!({ "component": "red_cells" });
    let offers = desk.ok("stock.offers", red.clone());
    let units = desk.ok("unit.list", json!({ "component": "red_cells", "limit": 500 }));
    vec![
        board,
        desk.ok("tasks.list", json!({})),
        desk.ok("stock.forecast", red)["lines"].clone(),
        json!([offers["offers"], offers["nowhere"]]),
        units,
    ]
}

#[test]
fn bags_of_another_site_stand_apart_and_are_counted_listed_and_offered_nowhere_as_ours() {
    let mut desk = hospital();
    assert_eq!(
        desk.ok("unit.board", json!({}))["elsewhere"],
        json!([{ "site": CLINIC, "lines": [] }]),
        "a site of whose stock nothing was heard"
    );
    let before = ours(&desk);
    let bags: Vec<String> = (1..=3).map(|n| received_by(&mut desk, CLINIC, bag(n))).collect();
    desk.sign_in("amina");
    for (was, is) in before.iter().zip(ours(&desk)) {
        assert_eq!(*was, is);
    }
    let cell = json!({
        "component": "red_cells", "group": { "abo": "O", "rhd": "negative" },
        "available": 3, "reserved": 0, "quarantined": 0,
    });
    assert_eq!(
        desk.ok("unit.board", json!({}))["elsewhere"],
        json!([{ "site": CLINIC, "lines": [
            { "component": "red_cells", "available": 3, "cells": [cell] }
        ] }])
    );

    // Behind the number of the board, and by their number from anywhere; each says where it is.
    let there = json!({ "component": "red_cells", "site": CLINIC, "limit": 50 });
    let found = desk.ok("unit.list", there);
    assert_eq!(found["total"], 3);
    let number = desk.ok("unit.list", json!({ "text": "a999526000002", "limit": 50 }));
    assert_eq!((&number["total"], &number["rows"][0]["site"]), (&json!(1), &json!(CLINIC)));
    assert_eq!(number["rows"][0]["id"], bags[1]);

    // To nobody here: neither proposed, nor held, nor given; but any site may stop it.
    let smith = desk.patient("smith john");
    let counter = desk.ok("counter.ask", json!({ "patient": smith, "unit": null }));
    let others = counter["alternatives"].as_array().expect("a list");
    assert!(!others.is_empty(), "{counter}");
    assert!(others.iter().all(|one| !bags.contains(&text(&one["unit"], "id"))), "{counter}");
    let hold = desk.issue(&bags[0], &smith, Value::Null, Value::Null);
    desk.no("unit.reserve", hold, Code::UnitNotHere);
    let ask = desk.issue(&bags[0], &smith, Value::Null, Value::Null);
    let gate = desk.gate(&ask, "unit_here");
    assert_eq!((&gate["result"], &gate["code"]), (&json!("stop"), &json!("unit_not_here")));
    desk.ok("unit.quarantine", json!({ "unit": bags[0], "reason": "Recalled by its supplier" }));
    let cells = &desk.ok("unit.board", json!({}))["elsewhere"][0]["lines"][0]["cells"];
    assert_eq!((&cells[0]["available"], &cells[0]["quarantined"]), (&json!(2), &json!(1)));

    // What ran out there is no stock, and no bag of it is counted as ours by running out.
    desk.clock.advance(TimeDelta::days(3));
    desk.sign_in("amina");
    let board = desk.ok("unit.board", json!({}));
    let cells = &board["elsewhere"][0]["lines"][0]["cells"];
    assert_eq!((&cells[0]["available"], &cells[0]["quarantined"]), (&json!(0), &json!(1)));
    let expired = desk.ok("unit.list", json!({ "status": "expired", "limit": 500 }));
    assert_eq!(board["totals"]["expired"], expired["total"]);
}

#[test]
fn a_pack_of_a_massive_transfusion_takes_no_bag_of_another_site() {
    let mut desk = hospital();
    let there = received_by(&mut desk, CLINIC, bag(5));
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let protocol = super::bedside::activate(&desk, &smith);
    desk.sign_in("amina");
    let pack = json!({ "protocol": protocol, "number": 1, "units": [there] });
    desk.no("protocol.pack", pack, Code::UnitNotHere);
}

#[test]
fn what_another_site_gives_is_no_need_of_this_one() {
    let mut desk = hospital();
    let given = |desk: &Desk| {
        desk.ok("stock.forecast", json!({ "component": "red_cells" }))["counted"].clone()
    };
    let before = given(&desk);
    let id = received_by(&mut desk, CLINIC, bag(9));
    let home = desk.home.path().to_owned();
    desk.stop();
    let dek = KeySlots::load(&home).expect("slots").unlock_training().expect("public");
    let path = home.join(store_sqlite::STORE_FILE);
    let db = sqlite::open(&path, &dek, sqlite::Role::Writer).expect("opens");
    let given_at = kernel::micros("2026-11-18T08:00:00Z".parse().expect("an instant"));
    // As the synchronisation of an issue would write the row.
    let changed = db
        .execute(
            "UPDATE unit_row SET status = 'issued', live = 0, issued_us = ?1, patient = x'01'
              WHERE din = 'A999526000009'",
            [given_at],
        )
        .expect("written");
    assert_eq!(changed, 1, "{id}");
    drop(db);
    desk.restart();
    desk.sign_in("amina");
    assert_eq!(given(&desk), before);
}
