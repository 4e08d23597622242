//! Files a page may speak of: it holds a handle, never a path.

use std::collections::HashMap;
use std::path::PathBuf;
use wire::PickedFile;

/// The most handles kept; the oldest are forgotten.
const MOST: usize = 5_000;
/// The most bytes kept of files that a page sent; the oldest are forgotten.
const MOST_BYTES: usize = 1 << 30;

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
        self.forget_beyond(MOST_BYTES);
        PickedFile { handle, name }
    }
    /// Forgets the oldest bytes until no more than `most` are held. A path costs nothing.
    fn forget_beyond(&mut self, most: usize) {
        let mut held: Vec<_> = self
            .files
            .values()
            .filter_map(|(n, _, source)| match source {
                Source::Bytes(bytes) => Some((*n, bytes.len())),
                Source::Path(_) => None,
            })
            .collect();
        held.sort_unstable_by(|a, b| b.cmp(a));
        let mut sum = 0usize;
        let fits = |(_, length): &&(u64, usize)| {
            sum = sum.saturating_add(*length);
            sum <= most
        };
        let kept = held.iter().take_while(fits).count();
        let Some(&(newest_forgotten, _)) = held.get(kept) else { return };
        self.files
            .retain(|_, (n, _, source)| matches!(source, Source::Path(_)) || *n > newest_forgotten);
    }
    /// Its name and where it is; a handle is used once.
    pub(crate) fn take(&mut self, handle: &str) -> Option<(String, Source)> {
        self.files.remove(handle).map(|(_, name, source)| (name, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_the_oldest_bytes_are_forgotten_and_no_path_is() {
        let mut files = HeldFiles::default();
        let path = files.hold_path("a/film.dcm".into());
        let sent: Vec<_> = (0..4).map(|_| files.hold_bytes("x.png", vec![7; 10])).collect();
        files.forget_beyond(25);
        let held =
            |files: &HeldFiles, picked: &PickedFile| files.files.contains_key(&picked.handle);
        let left: Vec<_> = sent.iter().map(|p| held(&files, p)).collect();
        assert_eq!(left, [false, false, true, true]);
        assert!(held(&files, &path));
        files.forget_beyond(25);
        assert!(held(&files, &sent[2]), "what fits stays");
    }
}
