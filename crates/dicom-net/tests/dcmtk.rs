//! The receiver against senders of another house: Debian's dcmtk (`echoscu`, `storescu`).

use dicom_net::{Arrived, Delivery, Desk, End, Limits, Options, Refused, serve};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What came, and how each association ended.
#[derive(Default)]
struct Heap {
    arrived: Mutex<Vec<Arrived>>,
    ends: Mutex<Vec<End>>,
}

struct Basket(Arc<Heap>);

impl Desk for Basket {
    fn begin(&self, _sender: &str) -> Option<Box<dyn Delivery>> {
        Some(Box::new(Hands(Arc::clone(&self.0))))
    }
}

struct Hands(Arc<Heap>);

impl Delivery for Hands {
    fn take(&mut self, arrived: Arrived) -> Result<(), Refused> {
        // As the program does: what cannot be shown is not kept.
        dicom_io::open_bytes(arrived.file.clone(), "x").map_err(|_| Refused::CannotUnderstand)?;
        self.0.arrived.lock().unwrap_or_else(PoisonError::into_inner).push(arrived);
        Ok(())
    }
    fn end(self: Box<Self>, end: End) {
        self.0.ends.lock().unwrap_or_else(PoisonError::into_inner).push(end);
    }
}

struct Receiver {
    address: SocketAddr,
    heap: Arc<Heap>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Receiver {
    fn start(limits: Limits) -> Self {
        let heap = Arc::new(Heap::default());
        let desk = Arc::new(Basket(Arc::clone(&heap)));
        let options = Options {
            title: "HEALTHSYNC".into(),
            allowed: ["SCANNER".to_owned()].into(),
            syntaxes: dicom_io::READABLE.iter().map(|uid| (*uid).to_owned()).collect(),
            limits,
        };
        let (stop, stopped) = oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let listener =
                    tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                told.send(listener.local_addr().expect("bound")).expect("heard");
                let stop = async {
                    let _ = stopped.await;
                };
                serve(listener, options, desk, stop).await.expect("served");
            });
        });
        let address = address.recv().expect("listening");
        Self { address, heap, stop: Some(stop), thread: Some(thread) }
    }

    fn run(&self, program: &str, title: &str, more: &[&str], files: &[PathBuf]) -> Output {
        Command::new(program)
            .args(["-aet", title, "-aec", "HEALTHSYNC"])
            .args(more)
            .arg("127.0.0.1")
            .arg(self.address.port().to_string())
            .args(files)
            .output()
            .expect("dcmtk starts")
    }

    fn arrived(&self) -> Vec<Arrived> {
        self.heap.arrived.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many associations have ended.
    fn ends(&self, count: usize) -> Vec<End> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let ends = self.heap.ends.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if ends.len() >= count || Instant::now() > until {
                return ends;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the receiver panicked");
        }
    }
}

fn dcmtk_is_missing() -> bool {
    let missing = Command::new("storescu").arg("--version").output().is_err();
    if missing {
        eprintln!("SKIPPED 1: dcmtk is not installed");
    }
    missing
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dicom-io/tests/fixtures").join(name)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn an_echo_is_answered_to_those_on_the_list_only() {
    if dcmtk_is_missing() {
        return;
    }
    let receiver = Receiver::start(Limits::default());
    let known = receiver.run("echoscu", "SCANNER", &[], &[]);
    assert!(known.status.success(), "{}", said(&known));
    let stranger = receiver.run("echoscu", "STRANGER", &[], &[]);
    assert!(!stranger.status.success());
    assert!(said(&stranger).contains("Calling AE Title Not Recognized"), "{}", said(&stranger));
    let elsewhere = receiver.run("echoscu", "SCANNER", &["-aec", "OTHER"], &[]);
    assert!(said(&elsewhere).contains("Called AE Title Not Recognized"), "{}", said(&elsewhere));
    assert!(receiver.arrived().is_empty());
}

#[test]
fn pictures_of_every_syntax_arrive_as_they_were_sent() {
    if dcmtk_is_missing() {
        return;
    }
    let receiver = Receiver::start(Limits::default());
    let sent = [
        ("-xr", "MR_small_RLE.dcm"),
        ("-xt", "MR_small_jpeg_ls_lossless.dcm"),
        ("-xv", "MR_small_jp2klossless.dcm"),
        // Written anew in little endian by the sender: other bytes, the same values.
        ("-x=", "MR_small_bigendian.dcm"),
    ];
    for (syntax, name) in sent {
        let done = receiver.run("storescu", "SCANNER", &[syntax], &[fixture(name)]);
        assert!(done.status.success(), "{name}: {}", said(&done));
        let arrived = receiver.arrived().pop().expect("arrived");
        let before = dicom_io::open(fixture(name)).expect("opens");
        let after = dicom_io::open_bytes(arrived.file, name).expect("opens");
        let (a, b) = (before.frame(0).expect("read"), after.frame(0).expect("read"));
        assert_eq!(a, b, "{name}");
        assert_eq!(after.meta.sop_uid.as_deref(), Some(&*arrived.sop_instance));
    }
    assert_eq!(receiver.arrived().len(), sent.len());
    assert_eq!(receiver.ends(sent.len()), [End::Released; 4]);
}

#[test]
fn a_report_is_not_negotiated_and_what_is_too_long_is_refused_alone() {
    if dcmtk_is_missing() {
        return;
    }
    let receiver = Receiver::start(Limits { instance: 20_000, ..Limits::default() });
    let report = receiver.run("storescu", "SCANNER", &[], &[fixture("reportsi.dcm")]);
    assert!(!report.status.success(), "a report holds no picture");
    // 64 x 64 of 16 bits fit, 512 x 512 do not; the sender goes on after the refusal.
    let files = [fixture("image_dfl.dcm"), fixture("MR_small_bigendian.dcm")];
    let both = receiver.run("storescu", "SCANNER", &["-v", "-nh"], &files);
    assert!(said(&both).contains("OutOfResources"), "{}", said(&both));
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 1, "{}", said(&both));
}

#[test]
fn nonsense_silence_and_crowds_end_by_themselves() {
    let limits = Limits { idle: Duration::from_millis(400), associations: 2, ..Limits::default() };
    let receiver = Receiver::start(limits);
    let connect = || TcpStream::connect(receiver.address).expect("connected");
    for nonsense in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        // A request that promises four gigabytes.
        &[1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1][..],
        // A request whose parts are missing.
        &[1, 0, 0, 0, 0, 4, 0, 1, 0, 0][..],
        &[4, 0, 0, 0, 0, 0][..],
        &[0xFF; 64][..],
    ] {
        let mut socket = connect();
        socket.write_all(nonsense).expect("sent");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        let mut answer = Vec::new();
        let begun = Instant::now();
        // An answer or none; then it hangs up.
        let _ = socket.read_to_end(&mut answer);
        assert!(begun.elapsed() < Duration::from_secs(8), "{nonsense:?}");
        assert!(answer.len() < 200, "{answer:?}");
    }
    assert!(receiver.arrived().is_empty());
    // Whoever comes first is patient here: on a busy computer the crowd must not have gone home before the
    // third one is heard.
    let receiver = Receiver::start(Limits { idle: Duration::from_secs(60), ..limits });
    let connect = || TcpStream::connect(receiver.address).expect("connected");
    let crowd = [connect(), connect()];
    let mut third = connect();
    third.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    let mut answer = Vec::new();
    third.read_to_end(&mut answer).expect("answered");
    assert_eq!(answer, [3, 0, 0, 0, 0, 4, 0, 2, 3, 2], "come again later");
    drop(crowd);
    assert!(receiver.arrived().is_empty());
}
