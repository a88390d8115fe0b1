//! Folders: which of their files are to be read, and which are still being written.
//!
//! Must not know: what the files hold.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::reader::Format;

/// What programs call files that are not finished, or not meant for anybody else.
const PASSING: [&str; 7] = ["tmp", "temp", "part", "partial", "crdownload", "lock", "swp"];

/// What is in a folder, each sorted by name. Hidden and temporary files are left out, and what is in
/// folders below is not looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Files whose names say that they can be read.
    pub files: Vec<PathBuf>,
    /// Files of other kinds.
    pub others: Vec<PathBuf>,
}

impl Folder {
    /// Looks at a folder.
    pub fn list(folder: &Path) -> io::Result<Self> {
        let mut found = Folder::default();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            // What is gone meanwhile, or a link that leads nowhere, is no file.
            if is_passing(&path) || !std::fs::metadata(&path).is_ok_and(|about| about.is_file()) {
                continue;
            }
            let kind =
                if Format::of_path(&path).is_ok() { &mut found.files } else { &mut found.others };
            kind.push(path);
        }
        found.files.sort();
        found.others.sort();
        Ok(found)
    }
}

/// Whether a file is hidden or temporary, by its name.
fn is_passing(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || PASSING.contains(&extension.as_str())
}

/// Why a file should be left for later, if it is still being written: a spreadsheet has it open, it
/// is locked, or it changed less than `settle` ago. No time is spent waiting.
pub fn unfinished(path: &Path, settle: Duration, now: Timestamp) -> Option<String> {
    if is_open_elsewhere(path) {
        return Some("a spreadsheet has it open".to_owned());
    }
    let locked = || Some("another program is writing it".to_owned());
    match File::open(path) {
        // Windows: another program does not share it.
        Err(error) if cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33)) => {
            return locked();
        }
        // Whatever else is wrong is said when it is read.
        Err(_) => return None,
        Ok(file) => {
            if matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
                return locked();
            }
        }
    }
    let modified = std::fs::metadata(path).and_then(|about| about.modified()).ok()?;
    // A clock elsewhere may be ahead of ours: what seems to be of tomorrow is not waited for.
    let ago = now.duration_since(Timestamp::try_from(modified).ok()?);
    let settle = SignedDuration::try_from(settle).unwrap_or(SignedDuration::MAX);
    (ago.abs() < settle).then(|| format!("it changed {} s ago", ago.abs().as_secs()))
}

/// Excel and `LibreOffice` leave a file of this name beside one that they have open.
fn is_open_elsewhere(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [format!("~${name}"), format!(".~lock.{name}#")]
        .iter()
        .any(|beside| path.with_file_name(beside).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        let name =
            |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
        paths.iter().map(name).collect()
    }

    #[test]
    fn files_are_taken_by_name_and_the_rest_is_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "b.csv",
            "a.jsonl",
            "B.csv",
            "~$b.csv",
            ".c.csv",
            "d.tmp",
            "e.csv.part",
            "f.pdf",
            "g",
            "h.csv~",
        ] {
            std::fs::write(folder.path().join(name), "x").expect("a file");
        }
        std::fs::create_dir(folder.path().join("z.csv")).expect("a folder");
        let found = Folder::list(folder.path()).expect("a folder");
        assert_eq!(names(&found.files), ["B.csv", "a.jsonl", "b.csv"]);
        assert_eq!(names(&found.others), ["f.pdf", "g"]);
    }

    #[test]
    fn what_is_still_being_written_is_known_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("day.csv");
        std::fs::write(&path, "x").expect("a file");
        let file = File::options().append(true).open(&path).expect("the file");
        let written: Timestamp = "2026-10-05T22:00:00Z".parse().expect("a time");
        file.set_modified(written.into()).expect("a time");
        let at = |seconds| written + SignedDuration::from_secs(seconds);
        let five = Duration::from_secs(5);
        assert_eq!(unfinished(&path, five, at(4)).as_deref(), Some("it changed 4 s ago"));
        assert_eq!(unfinished(&path, five, at(5)), None);
        assert!(unfinished(&path, five, at(-4)).is_some());
        assert_eq!(unfinished(&path, five, at(-500)), None, "of tomorrow");
        assert_eq!(unfinished(&path, Duration::ZERO, at(0)), None);
        file.lock().expect("locked");
        assert!(unfinished(&path, five, at(60)).is_some_and(|why| why.contains("another program")));
        file.unlock().expect("unlocked");
        std::fs::write(folder.path().join("~$day.csv"), "").expect("a file");
        assert!(unfinished(&path, five, at(60)).is_some_and(|why| why.contains("spreadsheet")));
    }
}
