//! Peers that are broken, strange or hostile. Whatever they answer, a call ends soon, in words, and takes
//! no more than its limits.

use dicom_web::{Archive, Credentials, Failure, Limits, Options, Query, Stop, Watch};
use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{DICOM, Peer, head, parts};

#[path = "support/peer.rs"]
mod support;

fn options(peer: &Peer) -> Options {
    Options {
        address: format!("http://{}/dicom-web", peer.address),
        credentials: Credentials::Password { user: "desk".into(), password: "Secret1".into() },
        plain: false,
        authority: None,
        limits: Limits {
            connect: Duration::from_secs(2),
            idle: Duration::from_secs(1),
            search: Duration::from_secs(2),
            transfer: Duration::from_secs(3),
            table: 100_000,
            rows: 10,
            instance: 50_000,
            instances: 5,
            study: 200_000,
        },
    }
}

fn archive(peer: &Peer) -> Archive {
    Archive::new(&options(peer)).expect("a good address")
}

/// What a fetch ends with, and how many instances came before.
fn fetched(peer: &Peer) -> (Result<u32, Failure>, usize) {
    let mut came = 0;
    let start = Instant::now();
    let end = archive(peer).fetch("1.2.3", |_| {
        came += 1;
        Ok(())
    });
    assert!(start.elapsed() < Duration::from_secs(8), "it took {:?}", start.elapsed());
    (end, came)
}

#[test]
fn a_body_without_an_end_ends_at_the_limit_of_bytes() {
    let endless = |first: &'static [u8]| {
        Peer::new(move |_, stream| {
            stream.write_all(&parts(first))?;
            loop {
                stream.write_all(&[b'a'; 4096])?;
            }
        })
    };
    let too_large = |end: &Result<u32, Failure>| matches!(end, Err(Failure::TooLarge { .. }));
    let (end, came) = fetched(&endless(b"--b1\r\n\r\n"));
    assert!(too_large(&end) && came == 0, "{end:?}");
    let (end, _) = fetched(&endless(b"--b1\r\n\r\nab\r\n--b1\r\nX: "));
    assert!(matches!(end, Err(Failure::Malformed(_))), "{end:?}");
    let (end, _) = fetched(&endless(b""));
    assert!(matches!(end, Err(Failure::Malformed(_))), "{end:?}");

    let table = Peer::new(|_, stream| {
        stream.write_all(format!("{}\r\n[", head("application/dicom+json")).as_bytes())?;
        loop {
            stream.write_all(b"{},")?;
        }
    });
    let end = archive(&table).search(&Query::default());
    assert_eq!(end, Err(Failure::TooLarge { unit: "bytes", limit: 100_000 }));
}

#[test]
fn silence_and_drops_of_bytes_end_in_time() {
    let silent = Peer::new(|_, _| {
        std::thread::sleep(Duration::from_secs(30));
        Ok(())
    });
    assert_eq!(fetched(&silent).0, Err(Failure::TimedOut));
    let dripping = Peer::new(|_, stream| {
        stream.write_all(&parts(b"--b1\r\n\r\n"))?;
        loop {
            stream.write_all(b"a")?;
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    assert_eq!(fetched(&dripping).0, Err(Failure::TimedOut));
    let gone = Peer::new(|_, _| Ok(()));
    assert_eq!(fetched(&gone).0, Err(Failure::CutShort));
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let options = Options { address: format!("http://{nobody}/"), ..options(&gone) };
    assert_eq!(Archive::new(&options).expect("good").echo(), Err(Failure::Unreachable));
}

#[test]
fn wrong_boundaries_and_wrong_lengths_are_refused_and_what_was_whole_is_kept() {
    let end = |body: &[u8]| {
        let (end, came) = fetched(&Peer::saying(parts(body)));
        (end.map_err(|failure| failure.code()), came)
    };
    let good = b"--b1\r\nContent-Type: application/dicom\r\n\r\nab\r\n--b1--\r\n";
    assert_eq!(end(good), (Ok(1), 1));
    assert_eq!(end(b"--other\r\n\r\nab\r\n--other--\r\n"), (Err("cut_short"), 0));
    assert_eq!(end(b"--b1\r\n\r\nab\r\n--b1\r\n\r\ncd"), (Err("cut_short"), 1));
    assert_eq!(end(b"--b1\r\nContent-Length: 7\r\n\r\nab\r\n--b1--"), (Err("malformed"), 0));
    assert_eq!(
        end(b"--b1\r\nContent-Length: 99999999999\r\n\r\nab\r\n--b1--"),
        (Err("too_large"), 0)
    );
    assert_eq!(end(&b"--b1\r\n\r\nab\r\n".repeat(6)), (Err("too_large"), 5));
    assert_eq!(
        end(b"--b1\r\nContent-Type: text/html\r\n\r\nab\r\n--b1--"),
        (Err("not_dicomweb"), 0)
    );
    // Fewer bytes than HTTP promised.
    let promised = format!("{}Content-Length: 9000\r\n\r\n--b1\r\n\r\nab", head(DICOM));
    assert_eq!(fetched(&Peer::saying(promised)).0, Err(Failure::CutShort));
    for no_boundary in ["multipart/related", "multipart/related; boundary=\"\"", "multipart/mixed"]
    {
        let peer = Peer::saying(format!("{}\r\n--b1--", head(no_boundary)));
        assert!(matches!(fetched(&peer).0, Err(Failure::NotDicomWeb(_))), "{no_boundary}");
    }
}

#[test]
fn nobody_is_asked_because_an_archive_says_so() {
    let elsewhere = Peer::saying(parts(b"--b1--"));
    let to = elsewhere.address;
    for place in [
        format!("http://{to}/dicom-web/studies/1.2.3"),
        format!("http://localhost:{}/", to.port()),
        "https://elsewhere.example/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
            let answer =
                format!("HTTP/1.1 {status}\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
            let peer = Peer::saying(answer);
            let end = fetched(&peer).0;
            assert!(matches!(end, Err(Failure::SentOn(_))), "{place}: {end:?}");
        }
    }
    assert!(elsewhere.heard().is_empty(), "{:?}", elsewhere.heard());

    // Within itself it may, a few times.
    let within = Peer::new(|asked, stream| {
        if asked.starts_with("GET /archive/") {
            return stream.write_all(&parts(b"--b1\r\n\r\nab\r\n--b1--"));
        }
        let to = "Location: /archive/studies/1.2.3\r\nContent-Length: 0\r\nConnection: close";
        stream.write_all(format!("HTTP/1.1 302 Found\r\n{to}\r\n\r\n").as_bytes())
    });
    assert_eq!(fetched(&within), (Ok(1), 1));
    let round = Peer::new(|_, stream| {
        let to = "Location: /dicom-web/\r\nContent-Length: 0\r\nConnection: close";
        stream.write_all(format!("HTTP/1.1 302 Found\r\n{to}\r\n\r\n").as_bytes())
    });
    assert!(matches!(fetched(&round).0, Err(Failure::SentOn(_))));
    assert!(round.heard().len() <= 5);
}

#[test]
fn a_web_page_instead_of_pictures_is_named_as_what_it_is() {
    let page = Peer::saying(format!("{}\r\n<html>Sign in</html>", head("text/html")));
    assert_eq!(fetched(&page).0, Err(Failure::NotDicomWeb("text/html".into())));
    let end = archive(&page).search(&Query::default());
    assert_eq!(end, Err(Failure::NotDicomWeb("text/html".into())));
    let end = archive(&page).store(&[b"file"]);
    assert_eq!(end, Err(Failure::NotDicomWeb("text/html".into())));
    let liar = Peer::saying(format!("{}\r\n<html>", head("application/dicom+json")));
    assert!(matches!(archive(&liar).search(&Query::default()), Err(Failure::Malformed(_))));
    let deep = format!("{}\r\n{}", head("application/dicom+json"), "[".repeat(90_000));
    assert!(matches!(archive(&Peer::saying(deep)).echo(), Err(Failure::Malformed(_))));
    let nonsense = Peer::saying("nonsense\r\n\r\n");
    assert!(archive(&nonsense).echo().is_err());
}

#[test]
fn every_status_has_its_words_and_none_of_them_a_name_or_a_password() {
    for (status, code) in [
        (401, "not_let_in"),
        (403, "not_let_in"),
        (404, "not_found"),
        (500, "status"),
        (503, "status"),
        (304, "sent_on"),
    ] {
        let peer = Peer::saying(format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n"));
        let query = Query { patient_name: "ROE".into(), ..Query::default() };
        let failure = archive(&peer).search(&query).expect_err("no success");
        assert_eq!(failure.code(), code);
        let words = format!("{failure} {failure:?} {:?}", options(&peer));
        assert!(!words.contains("ROE") && !words.contains("Secret1"), "{words}");
        // It was asked for, and the password was given to this peer.
        let asked = peer.heard().concat().to_lowercase();
        assert!(asked.contains("patientname=roe*") && asked.contains("authorization: basic"));
    }
}

#[test]
fn whoever_takes_the_instances_can_stop_and_only_a_uid_is_asked_for() {
    let peer = Peer::saying(parts(b"--b1\r\n\r\nab\r\n--b1\r\n\r\ncd\r\n--b1--"));
    assert_eq!(archive(&peer).fetch("1.2.3", |_| Err(Stop)), Err(Failure::Stopped));
    let asked = peer.heard().len();
    for bad in ["", "../x", "1.2/series", "1.2?a=b", "1.2 "] {
        assert!(matches!(archive(&peer).fetch(bad, |_| Ok(())), Err(Failure::NoUid(_))), "{bad}");
    }
    assert_eq!(peer.heard().len(), asked);
}

#[test]
fn an_archive_that_does_not_say_what_it_kept_has_kept_nothing_for_us() {
    let says = |body: &str| {
        let head = head("application/dicom+json");
        let length = body.len();
        let peer = Peer::saying(format!("{head}Content-Length: {length}\r\n\r\n{body}"));
        archive(&peer).store(&[b"x"])
    };
    assert!(says("{}").is_err() && says("[]").is_err());
    let kept = says(r#"{"00081199":{"Value":[{"00081155":{"Value":["1.2"]}}]}}"#).expect("kept");
    assert_eq!(kept.kept, ["1.2"]);
}

#[test]
fn an_exchange_that_is_not_wanted_any_more_ends_at_once_and_tells_how_much_came() {
    let cancelled = |first: Vec<u8>| {
        let peer = Peer::new(move |_, stream| {
            stream.write_all(&first)?;
            std::thread::sleep(Duration::from_secs(30));
            Ok(())
        });
        let patient = Limits {
            idle: Duration::from_secs(20),
            transfer: Duration::from_secs(20),
            ..options(&peer).limits
        };
        let options = Options { limits: patient, ..options(&peer) };
        let watch = Arc::new(Watch::default());
        let archive = Archive::new(&options).expect("good").watched(Arc::clone(&watch));
        let other = Arc::clone(&watch);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            other.cancel();
        });
        let start = Instant::now();
        let end = archive.fetch("1.2.3", |_| Ok(()));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(end, Err(Failure::Cancelled));
        // Nothing more is asked.
        assert_eq!(archive.echo(), Err(Failure::Cancelled));
        watch.bytes()
    };
    assert_eq!(cancelled(vec![]), 0);
    let body = b"--b1\r\n\r\nab\r\n--b1\r\n\r\ncd";
    assert_eq!(cancelled(parts(body)), body.len() as u64);
}

#[test]
fn a_broken_peer_is_told_apart_whatever_it_was_asked() {
    for (answer, code) in [
        ("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "status"),
        ("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "status"),
        ("HTTP/1.1 307 Go\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n", "sent_on"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "not_dicomweb"),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: application/dicom\r\nContent-Length: 2\r\n\r\nab",
            "not_dicomweb",
        ),
        ("", "cut_short"),
    ] {
        let peer = Peer::saying(answer);
        let (fetched, came) = fetched(&peer);
        assert_eq!((fetched.expect_err("no study").code(), came), (code, 0), "{answer}");
        let searched = archive(&peer).search(&Query::default()).expect_err("no table");
        assert_eq!(searched.code(), code, "{answer}");
        // What was sent is not sent on to whoever is named.
        let stored = archive(&peer).store(&[b"x"]).expect_err("not kept");
        assert_eq!(stored.code(), code, "{answer}");
    }
    // Half a chunk, and a body that says it is packed, which nobody asked for.
    let chunked = format!("{}Transfer-Encoding: chunked\r\n\r\n40\r\n--b1\r\n\r\nab", head(DICOM));
    assert_eq!(fetched(&Peer::saying(chunked)), (Err(Failure::CutShort), 0));
    let packed = format!("{}Content-Encoding: gzip\r\n\r\n", head(DICOM));
    let packed = Peer::saying([packed.as_bytes(), &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0]].concat());
    assert!(fetched(&packed).0.is_err());
}
