//! Files that hold what is nobody else's business: made so that only their owner can read them.
//!
//! On Unix that is the mode 0600, from the moment a file exists. On Windows a file takes over the
//! access list of its folder; folders in a user's profile let in that user, administrators and the
//! system alone. A file that is there already keeps the mode that somebody gave it. Must not know:
//! what is written.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Options that make a file for its owner alone, where it has to be made.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    only_for_owner(&mut options);
    options
}

#[cfg(unix)]
fn only_for_owner(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn only_for_owner(_: &mut OpenOptions) {}

/// An empty file to write to; what it held is gone.
pub fn create(path: &Path) -> io::Result<File> {
    options().create(true).truncate(true).write(true).open(path)
}

/// Writes a whole file, in the place of what was there.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create(path)?.write_all(bytes)
}

/// Writes a whole file so that whoever reads it meanwhile finds the old one or the new one, and
/// nothing between. `public` leaves it to everybody to read.
pub fn replace(path: &Path, bytes: &[u8], public: bool) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside: PathBuf = path.with_file_name(name);
    let mut options = if public { OpenOptions::new() } else { options() };
    let written = options
        .create(true)
        .truncate(true)
        .write(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // What cannot be removed either is in nobody's way: the next one writes over it.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// Whether others than the owner can read a file; none where the system does not tell by a mode.
pub fn is_open_to_others(path: &Path) -> Option<bool> {
    mode(path).map(|mode| mode & 0o077 != 0)
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::metadata(path).ok()?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (private, public) = (folder.path().join("a"), folder.path().join("b"));
        write(&private, b"one").expect("written");
        replace(&private, b"two", false).expect("written");
        replace(&public, b"three", true).expect("written");
        assert_eq!(std::fs::read(&private).expect("a file"), b"two");
        if cfg!(unix) {
            assert_eq!(is_open_to_others(&private), Some(false));
            assert_eq!(is_open_to_others(&public), Some(true));
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "no leftovers");
        assert!(replace(&folder.path().join("none").join("c"), b"", false).is_err());
    }
}
