//! A file that must not be there yet, or standard output: what somebody may have begun to correct is
//! never written over.

use std::fs::File;
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::beside;
use crate::cli::failure::usage;

/// Where something is written: to standard output in the end, or into a new file that gets its name
/// in the end.
#[derive(Debug)]
pub(in crate::cli) enum Fresh {
    /// Printed in the end.
    Printed(File),
    /// A file beside the one that it becomes.
    File(NamedTempFile, PathBuf),
}

impl Fresh {
    /// Before the work starts: a file that is there may hold what somebody is correcting.
    pub(in crate::cli) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Fresh::Printed(tempfile::tempfile()?)) };
        if path.exists() {
            return Err(usage(format!(
                "{} is there already, and may hold corrections: name another file, or move that \
                 one away",
                path.display()
            )));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = beside(folder.unwrap_or(Path::new(".")))
            .map_err(|error| usage(format!("{} cannot be written: {error}", path.display())))?;
        Ok(Fresh::File(file, path.to_owned()))
    }

    /// What was written is printed, or the file gets its name.
    pub(in crate::cli) fn keep(self) -> anyhow::Result<()> {
        match self {
            Fresh::Printed(mut file) => {
                file.rewind()?;
                // Whoever closed the pipe has read enough.
                let _ = io::copy(&mut file, &mut io::stdout().lock());
                Ok(())
            }
            Fresh::File(file, path) => {
                file.as_file().sync_all()?;
                file.persist_noclobber(&path)
                    .with_context(|| format!("{} cannot be written", path.display()))?;
                Ok(())
            }
        }
    }

    /// What it is called in the end; nothing if it is printed.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Fresh::Printed(_) => None,
            Fresh::File(_, path) => Some(path),
        }
    }
}

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Fresh::Printed(file) => file.write(bytes),
            Fresh::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Fresh::Printed(file) => file.flush(),
            Fresh::File(file, _) => file.flush(),
        }
    }
}
