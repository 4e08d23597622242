//! How blood is kept: what was thawed, platelets in the cold, and places that do not suit (bloodbank.md 6,
//! scenario 10).

use super::*;

fn place(desk: &Desk, name: &str, least: i32, most: i32) -> String {
    let put = json!({
        "id": null, "name": name, "least": least, "most": most, "delayMinutes": 10, "gapMinutes": 600,
        "inUse": true,
    });
    text(&desk.ok("place.put", put), "id")
}

fn received(desk: &Desk, serial: u32, code: &str, component: &str, place: &str) -> String {
    let mut label = desk.label(serial, Abo::A, Rhd::Negative);
    label["productCode"] = json!(code);
    label["component"] = json!(component);
    label["collectedWall"] = json!("2026-11-18T09:00");
    let platelets = component == "platelets";
    label["expiresWall"] = json!(if platelets { "2026-11-23T23:59" } else { "2027-10-01T23:59" });
    label["volumeMl"] = json!(match component {
        "cryoprecipitate" => 40,
        "platelets" => 60,
        _ => 220,
    });
    label["place"] = json!(place);
    text(&desk.ok("unit.receive", label), "id")
}

#[test]
fn s10_what_was_thawed_goes_where_it_keeps_and_never_back_into_the_freezer() {
    let desk = Desk::training();
    desk.sign_in("amina");
    place(&desk, "Cold", 20, 60);
    place(&desk, "Table", 200, 240);
    place(&desk, "Deep", -400, -250);
    for (serial, code, component, work, thawed, good) in [
        (711, "D1003V00", "plasma", "thaw", "D1403V00", "Cold"),
        (712, "D1004V00", "cryoprecipitate", "thaw", "D1404V00", "Table"),
    ] {
        let unit = received(&desk, serial, code, component, "Deep");
        let thaw = |place: &str| {
            json!({
                "units": [unit], "work": work, "open": false, "place": place,
                "into": [{ "productCode": thawed, "volumeMl": if serial == 711 { 220 } else { 40 } }],
            })
        };
        for bad in ["Cold", "Table", "Deep"].into_iter().filter(|bad| *bad != good) {
            let said = desk.no("work.do", thaw(bad), Code::PlaceUnfit);
            assert_eq!(said.args["place"], bad, "{component}");
        }
        desk.ok("work.do", thaw(good));
    }
    // A bag that came thawed from another house is kept the same way.
    let mut label = desk.label(713, Abo::A, Rhd::Negative);
    label["productCode"] = json!("D1403V00");
    label["component"] = json!("plasma");
    label["expiresWall"] = json!("2026-11-21T10:00");
    label["place"] = json!("Deep");
    desk.no("unit.receive", label.clone(), Code::PlaceUnfit);
    label["place"] = json!("Cold");
    desk.ok("unit.receive", label);
}

#[test]
fn s10_platelets_that_stood_in_the_cold_go_to_nobody() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let rotor = place(&desk, "Rotor 9", 200, 240);
    let early = received(&desk, 721, "D1002V00", "platelets", "Rotor 9, shelf 1");
    desk.clock.advance(TimeDelta::minutes(3));
    desk.ok("place.reading", json!({ "place": rotor, "tenths": 40, "wall": null }));
    desk.clock.advance(TimeDelta::minutes(1));
    desk.ok("place.reading", json!({ "place": rotor, "tenths": 221, "wall": null }));
    desk.clock.advance(TimeDelta::minutes(1));
    let late = received(&desk, 722, "D1002V00", "platelets", "Rotor 9, shelf 1");
    let reserve = |unit: &str| json!({ "unit": unit, "patient": smith });
    let said = desk.no("unit.reserve", reserve(&early), Code::KeptWrong);
    assert_eq!((&said.args["place"][..], &said.args["tenths"][..]), ("Rotor 9", "40"));
    desk.ok("unit.reserve", reserve(&late));
    // Set aside in time and cold since: the counter stops it all the same.
    let ask = desk.issue(&late, &smith, Value::Null, Value::Null);
    assert_eq!(desk.gate(&ask, "unit_status")["result"], "pass");
    desk.ok("place.reading", json!({ "place": rotor, "tenths": 39, "wall": null }));
    let gate = desk.gate(&ask, "unit_status");
    assert_eq!((&gate["result"], &gate["code"]), (&json!("stop"), &json!("kept_wrong")), "{gate}");
    // Nor by several at once, and a place that is described only afterwards speaks as well.
    let cold = received(&desk, 723, "D1002V00", "platelets", "Shelf of nobody");
    place(&desk, "Shelf of nobody", 20, 60);
    for unit in [&early, &cold] {
        let many = json!({ "units": [unit], "patient": smith });
        desk.no("unit.reserve_many", many, Code::KeptWrong);
    }
}
