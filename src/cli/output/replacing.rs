//! A result that takes the place of the one before: a file that is whole or as it was, or standard
//! output.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::beside;

/// A place that is known to be writable before the work begins.
#[derive(Debug)]
pub(in crate::cli) enum Replacing {
    /// A file beside the one that is meant, which takes its place at the end.
    File { kept: BufWriter<NamedTempFile>, path: PathBuf },
    /// Something that is no plain file, such as a pipe: written as it is.
    Other(BufWriter<File>),
    /// Standard output.
    Standard(BufWriter<io::Stdout>),
}

impl Replacing {
    /// Opens it; `-` and nothing mean standard output.
    pub(in crate::cli) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Replacing::Standard(BufWriter::new(io::stdout())));
        };
        let cannot = || format!("{} cannot be written", path.display());
        if path.is_dir() {
            anyhow::bail!("{} is a folder: name a file in it", path.display());
        }
        let special = path.metadata().is_ok_and(|metadata| !metadata.is_file());
        if special {
            let file = File::options().write(true).open(path).with_context(cannot)?;
            return Ok(Replacing::Other(BufWriter::new(file)));
        }
        // A link stays a link: what it leads to is replaced.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let kept = unfinished(folder.unwrap_or(Path::new(".")), &path).with_context(cannot)?;
        Ok(Replacing::File { kept: BufWriter::with_capacity(1 << 16, kept), path })
    }

    /// The file, where it can be written in any order.
    pub(in crate::cli) fn seekable(&mut self) -> Option<impl Write + Seek + Send + '_> {
        match self {
            Replacing::File { kept, .. } => Some(kept),
            Replacing::Other(_) | Replacing::Standard(_) => None,
        }
    }

    /// Ends it: from now on the file is there, whole.
    pub(in crate::cli) fn finish(mut self) -> anyhow::Result<()> {
        // Whoever closed the pipe has read enough.
        match self.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            flushed => flushed?,
        }
        let Replacing::File { kept, path } = self else { return Ok(()) };
        let cannot = || format!("{} cannot be written", path.display());
        let kept = kept.into_inner().map_err(io::IntoInnerError::into_error);
        let kept = kept.with_context(cannot)?;
        kept.as_file().sync_all().with_context(cannot)?;
        kept.persist(&path).map_err(|error| error.error).with_context(cannot)?;
        Ok(())
    }
}

/// The file that takes the place of another, with the mode that somebody gave that one.
fn unfinished(folder: &Path, path: &Path) -> io::Result<NamedTempFile> {
    let file = beside(folder)?;
    if let Ok(there) = path.metadata() {
        file.as_file().set_permissions(there.permissions())?;
    }
    Ok(file)
}

impl Write for Replacing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Replacing::File { kept, .. } => kept.write(bytes),
            Replacing::Other(file) => file.write(bytes),
            Replacing::Standard(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Replacing::File { kept, .. } => kept.flush(),
            Replacing::Other(file) => file.flush(),
            Replacing::Standard(out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.txt");
        std::fs::write(&path, "before").expect("a file");
        let mut dropped = Replacing::open(Some(&path)).expect("open");
        dropped.write_all(b"half").expect("written");
        drop(dropped);
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "before");
        assert_eq!(names(folder.path()), ["report.txt"], "nothing is left over");
        let mut whole = Replacing::open(Some(&path)).expect("open");
        whole.write_all(b"after").expect("written");
        whole.finish().expect("finished");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "after");
        assert_eq!(names(folder.path()), ["report.txt"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_before_the_work() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Replacing::open(Some(&folder.path().join("no/report.txt"))).expect_err("no");
        assert!(error.to_string().contains("report.txt cannot be written"), "{error}");
        assert!(Replacing::open(Some(folder.path())).is_err());
    }
}
