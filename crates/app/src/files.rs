//! Files a page may speak of: it holds a handle, never a path.

use std::collections::HashMap;
use std::path::PathBuf;
use wire::PickedFile;

/// The most handles kept; the oldest are forgotten.
const MOST: usize = 5_000;

pub(crate) enum Source {
    /// A file or a folder.
    Path(PathBuf),
    Bytes(Vec<u8>),
}

#[derive(Default)]
pub(crate) struct HeldFiles {
    next: u64,
    files: HashMap<String, (u64, String, Source)>,
}

impl HeldFiles {
    pub(crate) fn hold_path(&mut self, path: PathBuf) -> PickedFile {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.hold(name, Source::Path(path))
    }
    pub(crate) fn hold_bytes(&mut self, name: &str, bytes: Vec<u8>) -> PickedFile {
        // A browser sends a bare name; anything else is not to be trusted with folders.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        self.hold(name, Source::Bytes(bytes))
    }
    fn hold(&mut self, name: String, source: Source) -> PickedFile {
        self.next += 1;
        let handle = format!("file-{}", self.next);
        let oldest = self.next.saturating_sub(MOST as u64);
        self.files.retain(|_, (n, _, _)| *n > oldest);
        self.files.insert(handle.clone(), (self.next, name.clone(), source));
        PickedFile { handle, name }
    }
    /// Its name and where it is; a handle is used once.
    pub(crate) fn take(&mut self, handle: &str) -> Option<(String, Source)> {
        self.files.remove(handle).map(|(_, name, source)| (name, source))
    }
}
