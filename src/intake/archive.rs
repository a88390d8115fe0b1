//! Files that are done with go to a folder of their own, and none is lost or written over on the
//! way, whenever the process dies: at every instant the file stands in at least one of the two
//! places, whole.
//!
//! Must not know: when a file is done with.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::killpoint::{Point, pass};

/// Moves a file into a folder, across disks too. If the folder has a file of that name, a number is
/// added. Returns where it is.
pub fn put_away(file: &Path, folder: &Path) -> io::Result<PathBuf> {
    let name = Path::new(file.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    let mut number: u64 = 1;
    let target = loop {
        let target = folder.join(numbered(name, number));
        match place(file, &target) {
            Ok(()) => break target,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    sync(folder)?;
    pass(Point::Archiving);
    if let Err(error) = std::fs::remove_file(file) {
        // Somebody holds it: it stays where it is, once.
        std::fs::remove_file(&target)?;
        return Err(error);
    }
    pass(Point::Archived);
    Ok(target)
}

/// `day.csv`, `day-2.csv`, ...
fn numbered(name: &Path, number: u64) -> PathBuf {
    if number == 1 {
        return name.to_owned();
    }
    let stem = name.file_stem().unwrap_or_default().to_string_lossy();
    match name.extension() {
        Some(extension) => format!("{stem}-{number}.{}", extension.to_string_lossy()).into(),
        None => format!("{stem}-{number}").into(),
    }
}

/// Gives a file a second place, where nothing is yet.
fn place(file: &Path, target: &Path) -> io::Result<()> {
    let is_link = std::fs::symlink_metadata(file)?.is_symlink();
    if !is_link {
        match std::fs::hard_link(file, target) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Another disk, or one that has no such links.
            Err(_) => {}
        }
    }
    copy(file, target)
}

/// The copy has its name only once it is whole and on the disk.
fn copy(file: &Path, target: &Path) -> io::Result<()> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut source = File::open(file)?;
    let about = source.metadata()?;
    let mut copy =
        tempfile::Builder::new().prefix(".waste-receipts-").suffix(".tmp").tempfile_in(folder)?;
    let copied = io::copy(&mut source, copy.as_file_mut())?;
    if copied != about.len() {
        return Err(io::Error::other("it changed while it was copied"));
    }
    copy.as_file().set_permissions(about.permissions())?;
    copy.as_file().set_modified(about.modified()?)?;
    copy.as_file().sync_all()?;
    copy.persist_noclobber(target).map_err(|failed| failed.error)?;
    Ok(())
}

/// The names in a folder are on the disk.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows writes names through by itself, and opens no folders.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> (tempfile::TempDir, tempfile::TempDir) {
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"))
    }

    #[test]
    fn nothing_is_written_over() {
        let (inbox, archive) = folders();
        let file = inbox.path().join("day.csv");
        for (content, name) in [("one", "day.csv"), ("two", "day-2.csv"), ("three", "day-3.csv")] {
            std::fs::write(&file, content).expect("a file");
            let target = put_away(&file, archive.path()).expect("moved");
            assert_eq!(target, archive.path().join(name));
            assert_eq!(std::fs::read_to_string(&target).expect("there"), content);
            assert!(!file.exists());
        }
    }

    #[test]
    fn a_copy_is_whole_and_as_old_and_takes_nobodys_place() {
        let (inbox, archive) = folders();
        let (file, target) = (inbox.path().join("day.csv"), archive.path().join("day.csv"));
        std::fs::write(&file, "rows").expect("a file");
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        File::options().append(true).open(&file).and_then(|f| f.set_modified(old)).expect("a time");
        copy(&file, &target).expect("copied");
        assert_eq!(std::fs::read_to_string(&target).expect("there"), "rows");
        let modified =
            std::fs::metadata(&target).and_then(|about| about.modified()).expect("a time");
        assert_eq!(modified, old);
        let error = copy(&file, &target).expect_err("it is there");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_dir(archive.path()).expect("a folder").count(), 1, "left over");
    }

    #[cfg(unix)]
    #[test]
    fn of_a_link_what_it_leads_to_is_kept() {
        let (inbox, archive) = folders();
        std::fs::write(inbox.path().join("real"), "rows").expect("a file");
        let link = inbox.path().join("day.csv");
        std::os::unix::fs::symlink("real", &link).expect("a link");
        let target = put_away(&link, archive.path()).expect("moved");
        assert_eq!(std::fs::read_to_string(target).expect("there"), "rows");
        assert!(inbox.path().join("real").exists() && !link.exists());
    }

    #[test]
    fn what_is_not_there_or_has_nowhere_to_go_is_an_error() {
        let (inbox, archive) = folders();
        assert!(put_away(&inbox.path().join("none.csv"), archive.path()).is_err());
        let file = inbox.path().join("day.csv");
        std::fs::write(&file, "rows").expect("a file");
        assert!(put_away(&file, &archive.path().join("no such folder")).is_err());
        assert!(file.exists());
    }
}
