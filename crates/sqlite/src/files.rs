//! Writing a file so that after a power cut it is either the old one or the new one, and so that no
//! other account of the computer may read it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// How files of a home folder and of a backup are made: for this account of the computer alone
/// (0600). What is encrypted is protected twice, and who works here is nobody else's business.
/// Windows keeps what the folder above grants.
pub fn private_file() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder, and those above it that are missing, for this account alone (0700).
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes `bytes` to `path` by way of a neighbouring temporary file, flushed before it takes the
/// name. On failure the old file is untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = (|| {
        // One that was left by a power cut may have been made with other rights.
        remove_if_there(&beside)?;
        let mut file = private_file().write(true).create_new(true).open(&beside)?;
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

/// Writes a file that was not there, flushed. Whatever has the name already is left alone
/// (`AlreadyExists`); a file that could not be written whole is taken away again.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_file().write(true).create_new(true).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        drop(file);
        // The first error is the one to tell.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    sync_folder_of(path)
}

/// Copies the bytes of a file into a new one of this account alone, whatever rights the old one has.
pub fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut file = private_file().write(true).create_new(true).open(to)?;
    io::copy(&mut source, &mut file)?;
    file.sync_all()
}

pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a rename durable. Windows offers no such call and needs none: NTFS journals names.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_name_already_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("copy");
        write_new(&path, b"first").unwrap();
        let again = write_new(&path, b"second").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(copy_new(&path, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[cfg(unix)]
    #[test]
    fn no_other_account_may_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        private_folder(&at("a/b")).unwrap();
        fs::write(at("open"), "x").unwrap();
        fs::set_permissions(at("open"), fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(at("slots.new"), "left by a power cut").unwrap();
        write_atomically(&at("slots"), b"x").unwrap();
        write_new(&at("new"), b"x").unwrap();
        copy_new(&at("open"), &at("copy")).unwrap();
        assert_eq!((mode("a"), mode("a/b")), (0o700, 0o700));
        for name in ["slots", "new", "copy"] {
            assert_eq!(mode(name), 0o600, "{name}");
        }
    }
}
