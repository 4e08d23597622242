//! Whom an encrypted archive is believed to be. (Debian's `orthanc` 1.10 ends in a fault of its own as soon
//! as it is asked under TLS, so the peer is one of ours.)

use dicom_web::{Archive, Credentials, Failure, Limits, Options};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Makes an authority and a certificate from it; false without openssl.
fn certify(folder: &Path) -> bool {
    let openssl = |words: &str| {
        let made = Command::new("openssl").args(words.split(' ')).current_dir(folder).output();
        made.is_ok_and(|out| out.status.success())
    };
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n";
    std::fs::write(folder.join("names"), names).expect("written");
    let made = openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Test-Authority -keyout authority.key -out authority.pem",
    ) && openssl(
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
    ) && openssl(
        "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 30 -extfile names -out server.crt",
    );
    if made {
        let read = |name: &str| std::fs::read(folder.join(name)).expect("made");
        std::fs::write(
            folder.join("server.pem"),
            [read("server.crt"), read("server.key")].concat(),
        )
        .expect("written");
    }
    made
}

/// Answers every question with an empty table, under the certificate of this folder; its port.
fn archive(folder: &Path) -> u16 {
    let certificate = CertificateDer::from_pem_file(folder.join("server.crt")).expect("PEM");
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key that fits");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    // Ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut stream = StreamOwned::new(connection, stream);
            let mut asked = [0; 4096];
            // Who does not trust us hangs up.
            let _ = stream.read(&mut asked).and_then(|_| {
                let kind = "Content-Type: application/dicom+json\r\nContent-Length: 2";
                write!(stream, "HTTP/1.1 200 OK\r\n{kind}\r\nConnection: close\r\n\r\n[]")?;
                stream.conn.send_close_notify();
                stream.flush()
            });
        }
    });
    port
}

fn echo(address: &str, authority: Option<String>) -> Result<(), Failure> {
    Archive::new(&Options {
        address: address.to_owned(),
        credentials: Credentials::Token("secret".into()),
        plain: false,
        authority,
        limits: Limits::default(),
    })?
    .echo()
}

#[test]
fn an_archive_is_asked_only_if_the_named_authority_vouches_for_its_name() {
    let [ours, other] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    if !certify(ours.path()) || !certify(other.path()) {
        eprintln!("SKIPPED 1: openssl is not installed");
        return;
    }
    let authority = |folder: &tempfile::TempDir| {
        std::fs::read_to_string(folder.path().join("authority.pem")).ok()
    };
    let port = archive(ours.path());
    let address = format!("https://localhost:{port}/dicom-web");
    assert_eq!(echo(&address, authority(&ours)), Ok(()));
    assert_eq!(echo(&address, None), Err(Failure::NotTrusted));
    assert_eq!(echo(&address, authority(&other)), Err(Failure::NotTrusted));
    assert_eq!(echo(&address, Some("no certificate".into())), Err(Failure::BadAuthority));
    // It vouches for `localhost` and 127.0.0.1, and for no other name.
    let elsewhere = format!("https://[::1]:{port}/dicom-web");
    assert_ne!(echo(&elsewhere, authority(&ours)), Ok(()));
    // Nobody falls back to sending in the clear.
    assert!(echo(&format!("http://localhost:{port}/"), None).is_err());
}
