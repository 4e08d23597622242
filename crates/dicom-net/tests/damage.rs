//! Damaged requests and commands by the hundred: each ends its own association at most, and the
//! receiver still takes the next good one.

use dicom_io::damage::damaged;
use dicom_net::{Arrived, Delivery, Desk, End, Limits, Options, Refused, serve};
use dicom_ul::pdu::{
    AssociationRQ, PDataValue, PDataValueType, Pdu, PresentationContextProposed, UserVariableItem,
    write_pdu,
};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Counts what arrives.
#[derive(Clone, Default)]
struct Scales(Arc<AtomicUsize>);

impl Desk for Scales {
    fn begin(&self, _sender: &str) -> Option<Box<dyn Delivery>> {
        Some(Box::new(self.clone()))
    }
}

impl Delivery for Scales {
    fn take(&mut self, arrived: Arrived) -> Result<(), Refused> {
        assert!(arrived.file.len() < 10_000 && arrived.sop_instance.len() <= 64);
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    fn end(self: Box<Self>, _end: End) {}
}

fn bytes(pdu: &Pdu) -> Vec<u8> {
    let mut out = Vec::new();
    write_pdu(&mut out, pdu).expect("written");
    out
}

fn request() -> Vec<u8> {
    bytes(&Pdu::AssociationRQ(AssociationRQ {
        protocol_version: 1,
        calling_ae_title: "SCANNER".into(),
        called_ae_title: "HEALTHSYNC".into(),
        application_context_name: "1.2.840.10008.3.1.1.1".into(),
        presentation_contexts: vec![PresentationContextProposed {
            id: 1,
            abstract_syntax: "1.2.840.10008.5.1.4.1.1.4".into(),
            transfer_syntaxes: vec!["1.2.840.10008.1.2.1".into()],
        }],
        user_variables: vec![UserVariableItem::MaxLength(16_384)],
    }))
}

/// A command to store, then a data set of a few bytes: all that is between two ends here.
fn store() -> Vec<u8> {
    let mut command = Vec::new();
    let mut put = |element: u16, value: &[u8]| {
        command.extend([0, 0]);
        command.extend(element.to_le_bytes());
        command.extend(u32::try_from(value.len()).expect("short").to_le_bytes());
        command.extend(value);
    };
    put(0x0002, b"1.2.840.10008.5.1.4.1.1.4\0");
    put(0x0100, &[1, 0]);
    put(0x0110, &[7, 0]);
    put(0x0800, &[1, 0]);
    put(0x1000, b"1.2.34");
    let piece = |value_type, data| {
        let value = PDataValue { presentation_context_id: 1, value_type, is_last: true, data };
        bytes(&Pdu::PData { data: vec![value] })
    };
    let data = b"\x08\0\x16\0UI\x1a\x001.2.840.10008.5.1.4.1.1.4\0".to_vec();
    [piece(PDataValueType::Command, command), piece(PDataValueType::Data, data)].concat()
}

/// Sends, hangs up the sending side, and reads what comes until the other side hangs up too.
fn say(address: SocketAddr, words: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("connected");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    // It may have hung up already, after the first piece that it cannot read.
    let _ = socket.write_all(words).and_then(|()| socket.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    if let Err(error) = socket.read_to_end(&mut answer) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the receiver hangs");
    }
    answer
}

#[test]
fn hundreds_of_damaged_senders_leave_the_receiver_as_it_was() {
    let scales = Scales::default();
    let options = Options {
        title: "HEALTHSYNC".into(),
        allowed: ["SCANNER".to_owned()].into(),
        syntaxes: vec!["1.2.840.10008.1.2.1".into()],
        limits: Limits { idle: Duration::from_secs(5), ..Limits::default() },
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime
        .block_on(async { tokio::net::TcpListener::bind("127.0.0.1:0").await })
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let desk = Arc::new(scales.clone());
    let served = runtime.spawn(serve(listener, options, desk, std::future::pending()));

    let good = [request(), store()].concat();
    let accepted = |answer: &[u8]| answer.first() == Some(&2);
    assert!(accepted(&say(address, &good)));
    assert_eq!(scales.0.load(Ordering::Relaxed), 1, "the sender and its picture are in order");
    let mut let_in = 0;
    for way in 0..300 {
        let_in += usize::from(accepted(&say(address, &damaged(&request(), way))));
        let_in +=
            usize::from(accepted(&say(address, &[request(), damaged(&store(), way)].concat())));
    }
    assert!((300..600).contains(&let_in), "damage of the request keeps some out: {let_in}");
    let before = scales.0.load(Ordering::Relaxed);
    assert!(accepted(&say(address, &good)));
    assert_eq!(scales.0.load(Ordering::Relaxed), before + 1, "the next good one is taken");
    assert!(!served.is_finished());
    served.abort();
}
