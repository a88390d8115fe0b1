//! Files that a command leaves: each is there only once it is whole, and none is written over.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::failure::usage;
use crate::export::Table;
use crate::ledger::Layout;

/// Where something is written: to standard output in the end, or into a file that gets its name in
/// the end.
#[derive(Debug)]
pub(super) enum Output {
    /// Printed in the end.
    Printed(File),
    /// A file beside the one that it becomes.
    File(NamedTempFile, PathBuf),
}

impl Output {
    /// Before the work starts: a file that is there may hold what somebody is correcting.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Output::Printed(tempfile::tempfile()?)) };
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
        Ok(Output::File(file, path.to_owned()))
    }

    /// What was written is printed, or the file gets its name.
    pub(super) fn keep(self) -> anyhow::Result<()> {
        match self {
            Output::Printed(mut file) => {
                file.rewind()?;
                // Whoever closed the pipe has read enough.
                let _ = io::copy(&mut file, &mut io::stdout().lock());
                Ok(())
            }
            Output::File(file, path) => {
                file.as_file().sync_all()?;
                file.persist_noclobber(&path)
                    .with_context(|| format!("{} cannot be written", path.display()))?;
                Ok(())
            }
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Output::Printed(_) => None,
            Output::File(_, path) => Some(path),
        }
    }
}

/// A temporary file beside the one that it becomes, as readable as that should be.
pub(super) fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".waste-receipts-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Printed(file) => file.write(bytes),
            Output::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Printed(file) => file.flush(),
            Output::File(file, _) => file.flush(),
        }
    }
}

/// A file for each layout of rows: what is set in different ways is never mixed.
#[derive(Debug)]
pub(super) struct Tables {
    /// What the first one is called; nothing if it is to be printed.
    base: Option<PathBuf>,
    tables: Vec<(Layout, Table<BufWriter<Output>>)>,
    paths: Vec<PathBuf>,
}

impl Tables {
    /// None yet. A name that cannot be used is said before the work starts.
    pub(super) fn new(base: Option<&Path>) -> anyhow::Result<Self> {
        drop(Output::open(base)?);
        let base = base.map(Path::to_owned);
        Ok(Tables { base, tables: Vec::new(), paths: Vec::new() })
    }

    /// The table for rows of a layout.
    pub(super) fn table(
        &mut self,
        layout: &Layout,
    ) -> anyhow::Result<&mut Table<BufWriter<Output>>> {
        let known = self.tables.iter().position(|(known, _)| known == layout);
        let at = if let Some(at) = known {
            at
        } else {
            let output = Output::open(self.next_path(layout).as_deref())?;
            self.paths.extend(output.path().map(Path::to_owned));
            let table = Table::begin(layout, BufWriter::new(output))?;
            self.tables.push((layout.clone(), table));
            self.tables.len() - 1
        };
        let (_, table) = &mut self.tables[at];
        Ok(table)
    }

    /// `to-correct.csv`, `to-correct-2.csv`, ...; `.jsonl` for JSON lines.
    fn next_path(&self, layout: &Layout) -> Option<PathBuf> {
        let base = self.base.as_ref()?;
        let is_csv = layout.format == "csv";
        let fits = base.extension().is_none_or(|given| (given == "jsonl") != is_csv);
        if self.tables.is_empty() && fits {
            return Some(base.clone());
        }
        let extension = match base.extension().and_then(|given| given.to_str()) {
            Some(given) if fits => given,
            _ => &layout.format,
        };
        let stem = base.file_stem().unwrap_or_default().to_string_lossy();
        let numbered = |number: usize| match number {
            1 => base.with_file_name(format!("{stem}.{extension}")),
            _ => base.with_file_name(format!("{stem}-{number}.{extension}")),
        };
        (1..=usize::MAX).map(numbered).find(|path| !self.paths.contains(path) && !path.exists())
    }

    /// All of them get their names; says which.
    pub(super) fn keep(self) -> anyhow::Result<Vec<PathBuf>> {
        if self.base.is_none() && self.tables.len() > 1 {
            return Err(usage(format!(
                "what is to be exported was read from files with {} different headers, which \
                 cannot stand in one: give --out FILE, and each gets a file of its own",
                self.tables.len()
            )));
        }
        for (_, table) in self.tables {
            let output = table.end()?.into_inner().map_err(io::IntoInnerError::into_error)?;
            output.keep()?;
        }
        Ok(self.paths)
    }
}
