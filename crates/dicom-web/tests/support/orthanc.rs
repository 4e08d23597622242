//! Starts Debian's `orthanc` with `orthanc-dicomweb`, for whoever tests against it.

use dicom_web::{Archive, Credentials, Limits, Options};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where Debian puts it.
const PROGRAM: &str = "/usr/sbin/Orthanc";
const PLUGIN: &str = "/usr/lib/orthanc/libOrthancDicomWeb.so";

fn plugin() -> Option<PathBuf> {
    let folder = Path::new(PLUGIN).parent()?;
    let files = std::fs::read_dir(folder).ok()?.filter_map(|f| Some(f.ok()?.path()));
    files.into_iter().find(|path| path.to_string_lossy().starts_with(PLUGIN))
}

/// An archive of its own, on a free port, in a folder that goes with it.
pub struct Orthanc {
    child: Child,
    /// Goes when the archive has ended.
    _folder: tempfile::TempDir,
    port: u16,
}

impl Orthanc {
    /// `None`, and said aloud, where it is not installed.
    pub fn start() -> Option<Self> {
        let Some(plugin) = plugin().filter(|_| Path::new(PROGRAM).exists()) else {
            eprintln!("SKIPPED 1: orthanc and orthanc-dicomweb are not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
            free.local_addr().expect("bound").port()
        };
        let at = |name: &str| folder.path().join(name).display().to_string();
        let settings = serde_json::json!({
            "Name": "test",
            "StorageDirectory": at("store"),
            "IndexDirectory": at("store"),
            "Plugins": [plugin],
            "HttpServerEnabled": true,
            "HttpPort": port,
            "DicomServerEnabled": false,
            "RemoteAccessAllowed": false,
            "AuthenticationEnabled": true,
            "RegisteredUsers": { "desk": "secret" },
            "DicomWeb": { "Enable": true, "Root": "/dicom-web/" },
        });
        std::fs::write(folder.path().join("settings.json"), settings.to_string()).expect("written");
        let child = Command::new(PROGRAM)
            .arg(folder.path().join("settings.json"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("orthanc starts");
        let orthanc = Self { child, _folder: folder, port };
        let until = Instant::now() + Duration::from_secs(30);
        while let Err(failure) = orthanc.archive().echo() {
            assert!(Instant::now() < until, "orthanc does not answer: {failure}");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(orthanc)
    }

    pub fn options(&self) -> Options {
        Options {
            address: format!("http://localhost:{}/dicom-web", self.port),
            credentials: Credentials::Password { user: "desk".into(), password: "secret".into() },
            plain: false,
            authority: None,
            limits: Limits::default(),
        }
    }

    pub fn archive(&self) -> Archive {
        Archive::new(&self.options()).expect("good options")
    }
}

impl Drop for Orthanc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
