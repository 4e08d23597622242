//! Writing a file so that after a power cut it is either the old one or the new one.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// Writes `bytes` to `path` by way of a neighbouring temporary file, flushed before it takes the
/// name. On failure the old file is untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = (|| {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()
    })();
    if let Err(error) = written {
        // The half-written neighbour has no meaning to anyone; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    fs::rename(&beside, path)?;
    sync_folder_of(path)
}

/// Makes a rename durable. Windows offers no such call and needs none: NTFS journals names.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
