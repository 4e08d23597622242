//! A peer of ours that answers as it is told to, for whoever tests what an archive may not do.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Answers every connection with what `answer` writes, and remembers what was asked.
pub struct Peer {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Each connection has a thread of its own: one that stalls holds up no other.
    pub fn new(
        answer: impl Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (notes, answer) = (Arc::clone(&heard), Arc::new(answer));
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let (notes, answer) = (Arc::clone(&notes), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut head = vec![];
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n")
                        && stream.read(&mut byte).is_ok_and(|n| n == 1)
                    {
                        head.push(byte[0]);
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    notes.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
                    // Whoever asked may have hung up, which is what is tested.
                    let _ = answer(&head, &mut stream);
                    // What was sent along is read, or hanging up would take the answer back.
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                    let _ = stream.set_read_timeout(Some(std::time::Duration::from_secs(1)));
                    while stream.read(&mut [0; 4096]).is_ok_and(|n| n > 0) {}
                });
            }
        });
        Self { address, heard }
    }

    /// Says these bytes and hangs up.
    pub fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::new(move |_, stream| stream.write_all(&bytes))
    }

    /// The heads of the requests so far.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The head of an answer that ends with the connection, without the empty line after it.
pub fn head(kind: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n")
}

pub const DICOM: &str = "multipart/related; type=\"application/dicom\"; boundary=b1";

/// An answer to a fetch, with the boundary `b1`.
pub fn parts(body: &[u8]) -> Vec<u8> {
    [head(DICOM).as_bytes(), b"\r\n", body].concat()
}
