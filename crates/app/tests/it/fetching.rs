//! Studies on their way from archives that are slow, broken or hostile: what came whole is on the worklist,
//! and of the rest there is nothing but a sentence.

use super::connections::{FILE, fetched, fixture, on_its_way, rows, said, second, wait_until};
use super::*;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[path = "../../../dicom-web/tests/support/peer.rs"]
mod peer;
use peer::{DICOM, Peer, head, parts};

/// The answer to the question how many there are.
fn table(uid: &str, count: usize) -> Vec<u8> {
    let row = json!([{
        "0020000D": { "vr": "UI", "Value": [uid] },
        "00100010": { "vr": "PN", "Value": [{ "Alphabetic": "ROE^Jane" }] },
        "00201208": { "vr": "IS", "Value": [count] },
    }]);
    format!("{}\r\n{row}", head("application/dicom+json")).into_bytes()
}

/// A study of these instances as parts, without the end.
fn begun(files: &[Vec<u8>]) -> Vec<u8> {
    let part = |file: &Vec<u8>| [&b"--b1\r\n\r\n"[..], file, b"\r\n"].concat();
    files.iter().flat_map(part).collect()
}

fn whole(files: &[Vec<u8>]) -> Vec<u8> {
    [begun(files), b"--b1--\r\n".to_vec()].concat()
}

fn is_search(asked: &str) -> bool {
    asked.starts_with("GET /dicom-web/studies?")
}

/// Says how many there are, and sends with `send`.
fn archive(
    count: usize,
    send: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Peer {
    let [uid, ..] = said();
    Peer::new(move |asked, stream| match is_search(asked) {
        true => stream.write_all(&table(&uid, count)),
        false => send(stream),
    })
}

/// The peer as an archive of the facility, and the radiologist at the desk.
fn set_up(desk: &Desk, peer: &Peer) -> String {
    desk.sign_in("admin");
    let address = format!("http://{}/dicom-web", peer.address);
    let put = json!({ "name": peer.address.to_string(), "address": address, "plain": false, "door": "open" });
    let id = text(&desk.ok("archive.put", put), "id");
    desk.sign_in("khan");
    id
}

fn start(desk: &Desk, archive: &str) -> String {
    let [uid, ..] = said();
    let ask = json!({ "archive": archive, "studyUid": uid, "analyse": false });
    text(&desk.ok("archive.fetch", ask), "id")
}

fn state_of(desk: &Desk, id: &str) -> String {
    text(&on_its_way(desk, id), "state")
}

#[test]
fn a_study_that_is_cancelled_leaves_nothing_behind_and_one_that_waits_never_begins() {
    let stalls = archive(3, |stream| {
        stream.write_all(&parts(&begun(&[fixture(FILE), second()])))?;
        std::thread::sleep(Duration::from_secs(60));
        Ok(())
    });
    let desk = Desk::training();
    let here = set_up(&desk, &stalls);
    let before = rows(&desk).len();
    let first = start(&desk, &here);
    assert_eq!(start(&desk, &here), first, "pressed twice, it comes once");
    wait_until("some of it came", || on_its_way(&desk, &first)["got"].as_u64() >= Some(1));
    let now = on_its_way(&desk, &first);
    assert_eq!((&now["state"], &now["total"]), (&json!("running"), &json!(3)), "{now}");
    assert_eq!(now["patientName"], "ROE, Jane", "{now}");
    assert!(now["kilobytes"].as_u64() > Some(1), "{now}");
    desk.no("archive.forget", json!({ "id": first }), Code::ArchiveFailed);
    let ask = json!({ "archive": here, "studyUid": "1.2.3", "analyse": false });
    let second = text(&desk.ok("archive.fetch", ask), "id");
    assert_eq!(state_of(&desk, &second), "waiting");
    desk.ok("archive.cancel", json!({ "id": second }));
    assert_eq!(state_of(&desk, &second), "cancelled");
    // Somebody else may wait for a room, and leave the page: it goes on, and is cancelled from there.
    desk.ok("session.lock", json!({}));
    desk.sign_in("ferreira");
    desk.ok("archive.cancel", json!({ "id": first }));
    wait_until("it ends", || state_of(&desk, &first) == "cancelled");
    assert_eq!(rows(&desk).len(), before);
    let error = desk.no("archive.cancel", json!({ "id": first }), Code::ArchiveFailed);
    assert_eq!(error.args["why"], "too_late");
    for id in [first, second] {
        desk.ok("archive.forget", json!({ "id": id }));
    }
    assert_eq!(desk.ok("archive.fetches", json!({}))["fetches"], json!([]));
}

#[test]
fn what_an_archive_breaks_off_or_makes_up_is_a_sentence_and_no_half_study() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let before = rows(&desk).len();
    let [uid, ..] = said();
    let file = fixture(FILE);
    let half = begun(&[file.clone(), second()[..2_000].to_vec()]);
    let half = half[..half.len() - 2].to_vec();
    let status = |line: &str| {
        format!("HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").into_bytes()
    };
    let moved = "302 Found\r\nLocation: http://127.0.0.2:9/studies/1";
    let chunked = format!("{}Transfer-Encoding: chunked\r\n\r\nffff\r\n", head(DICOM));
    let page = format!("{}\r\n<html>Sign in</html>", head("text/html"));
    let picture = b"--b1\r\nContent-Type: image/png\r\n\r\nab\r\n--b1--".to_vec();
    let lies = b"--b1\r\nContent-Length: 7\r\n\r\nab\r\n--b1--".to_vec();
    for (answer, why) in [
        (parts(&half), "cut_short"),
        (parts(&begun(&[file.clone(), second()])), "cut_short"),
        ([chunked.as_bytes(), &half].concat(), "cut_short"),
        (page.into_bytes(), "not_dicomweb"),
        (parts(&picture), "not_dicomweb"),
        (parts(&[begun(std::slice::from_ref(&file)), lies].concat()), "malformed"),
        (parts(b"--other\r\n\r\nab\r\n--other--"), "cut_short"),
        (parts(b"--b1--"), "not_found"),
        (status(moved), "sent_on"),
        (status("500 No"), "status"),
        (status("401 No"), "not_let_in"),
        (status("404 No"), "not_found"),
        (vec![], "cut_short"),
    ] {
        let id = set_up(&desk, &archive(2, move |stream| stream.write_all(&answer)));
        let end = fetched(&desk, &id, &uid);
        assert_eq!(
            (&end["state"], &end["error"]["args"]["why"]),
            (&json!("failed"), &json!(why)),
            "{end}"
        );
        assert_eq!((&end["study"], rows(&desk).len()), (&Value::Null, before), "{end}");
    }
    for (answer, why) in [(status("500 No"), "status"), (b"HTTP".to_vec(), "cut_short")] {
        let id = set_up(&desk, &Peer::saying(answer));
        let end = fetched(&desk, &id, &uid);
        assert_eq!(
            (&end["total"], &end["error"]["args"]["why"]),
            (&Value::Null, &json!(why)),
            "{end}"
        );
    }
    // A table without an end is no list of studies, and takes no more than its limit.
    let endless = Peer::new(|_, stream| {
        stream.write_all(format!("{}\r\n[", head("application/dicom+json")).as_bytes())?;
        loop {
            stream.write_all(&b"{},".repeat(1_000))?;
        }
    });
    let id = set_up(&desk, &endless);
    let ask = json!({
        "archive": id, "patientName": "r", "patientId": "", "accession": "",
        "modality": "", "from": null, "to": null,
    });
    assert_eq!(desk.no("archive.search", ask, Code::ArchiveFailed).args["why"], "too_large");
}

#[test]
fn instances_of_another_study_and_missing_ones_are_counted_and_said() {
    let desk = Desk::training();
    let other = fixture("liver_j2k.dcm");
    let sent = whole(&[fixture(FILE), other, b"no picture at all".to_vec()]);
    let id = set_up(&desk, &archive(7, move |stream| stream.write_all(&parts(&sent))));
    let before = rows(&desk).len();
    let [uid, ..] = said();
    let end = fetched(&desk, &id, &uid);
    assert_eq!(end["state"], "over", "{end}");
    let numbers = ["got", "total", "taken", "refused"].map(|name| end[name].as_u64());
    assert_eq!(numbers, [Some(3), Some(7), Some(1), Some(2)], "{end}");
    assert_eq!(end["refusedWhy"]["args"]["why"], "other_study", "{end}");
    assert_eq!(rows(&desk).len(), before + 1);
}

#[test]
fn what_was_on_its_way_when_the_program_ended_comes_after_the_next_sign_in() {
    let count = AtomicUsize::new(0);
    let slow = archive(2, move |stream| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            stream.write_all(&parts(&begun(&[fixture(FILE)])))?;
            std::thread::sleep(Duration::from_secs(60));
        }
        stream.write_all(&parts(&whole(&[fixture(FILE), second()])))
    });
    let asked = || slow.heard().iter().filter(|asked| !is_search(asked)).count();
    let mut desk = Desk::training();
    let here = set_up(&desk, &slow);
    let before = rows(&desk).len();
    let id = start(&desk, &here);
    let ask = json!({ "archive": here, "studyUid": "1.2.3", "analyse": false });
    let never = text(&desk.ok("archive.fetch", ask), "id");
    desk.ok("archive.cancel", json!({ "id": never }));
    wait_until("it has begun", || asked() == 1);
    desk.restart();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(asked(), 1, "nobody has come in yet");
    desk.sign_in("ferreira");
    wait_until("it comes", || state_of(&desk, &id) == "over");
    let end = on_its_way(&desk, &id);
    assert_eq!((&end["taken"], rows(&desk).len()), (&json!(2), before + 1), "{end}");
    let list = desk.ok("archive.fetches", json!({}));
    assert_eq!(
        list["fetches"].as_array().map(Vec::len),
        Some(1),
        "what was cancelled stays so: {list}"
    );
    // And not once more.
    desk.restart();
    desk.sign_in("khan");
    assert_eq!(desk.ok("archive.fetches", json!({}))["fetches"], json!([]));
    let proof = desk.backend().verify_with(None).expect("it opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}
