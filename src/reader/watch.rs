//! Whether a file stayed what it was while it was read.
//!
//! Must not know: what is in it.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use same_file::Handle;

/// A file as it was when it was opened.
pub(super) struct Watch {
    path: PathBuf,
    handle: Handle,
    size: u64,
    modified: Option<SystemTime>,
}

impl Watch {
    /// Begins to watch; none where there is nothing to watch, as with a pipe.
    pub(super) fn begin(path: &Path, metadata: &Metadata) -> io::Result<Option<Self>> {
        if !metadata.is_file() {
            return Ok(None);
        }
        let handle = Handle::from_path(path)?;
        let metadata = handle.as_file().metadata()?;
        let (size, modified) = (metadata.len(), metadata.modified().ok());
        Ok(Some(Watch { path: path.to_owned(), handle, size, modified }))
    }

    /// Whether it is another file by now, or was written to.
    pub(super) fn has_changed(&self) -> bool {
        let same = |metadata: Metadata| {
            metadata.len() == self.size && metadata.modified().ok() == self.modified
        };
        let unchanged = Handle::from_path(&self.path)
            .and_then(|now| Ok(now == self.handle && same(now.as_file().metadata()?)));
        !unchanged.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn watched(path: &Path) -> Watch {
        let metadata = std::fs::metadata(path).expect("it is there");
        Watch::begin(path, &metadata).expect("readable").expect("a file")
    }

    #[test]
    fn growth_and_replacement_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("movements.csv");
        std::fs::write(&path, "a\n").expect("a file");
        let watch = watched(&path);
        assert!(!watch.has_changed());
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
        file.write_all(b"b\n").expect("written");
        drop(file);
        assert!(watch.has_changed());
        let watch = watched(&path);
        let other = folder.path().join("other.csv");
        std::fs::write(&other, "a\nb\n").expect("a file");
        std::fs::rename(&other, &path).expect("replaced");
        assert!(watch.has_changed());
        std::fs::remove_file(&path).expect("removed");
        assert!(watch.has_changed());
        let metadata = std::fs::metadata(folder.path()).expect("a folder");
        assert!(Watch::begin(folder.path(), &metadata).is_ok_and(|watch| watch.is_none()));
    }
}
