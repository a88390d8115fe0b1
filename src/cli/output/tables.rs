//! Rows as they were read, in a file for each layout.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::Fresh;
use crate::cli::failure::usage;
use crate::export::Table;
use crate::ledger::Layout;

/// A file for each layout of rows: what is set in different ways is never mixed.
#[derive(Debug)]
pub(in crate::cli) struct Tables {
    /// What the first one is called; nothing if it is to be printed.
    base: Option<PathBuf>,
    tables: Vec<(Layout, Table<BufWriter<Fresh>>)>,
    paths: Vec<PathBuf>,
}

impl Tables {
    /// None yet. A name that cannot be used is said before the work starts.
    pub(in crate::cli) fn new(base: Option<&Path>) -> anyhow::Result<Self> {
        drop(Fresh::open(base)?);
        let base = base.map(Path::to_owned);
        Ok(Tables { base, tables: Vec::new(), paths: Vec::new() })
    }

    /// The table for rows of a layout.
    pub(in crate::cli) fn table(
        &mut self,
        layout: &Layout,
    ) -> anyhow::Result<&mut Table<BufWriter<Fresh>>> {
        let known = self.tables.iter().position(|(known, _)| known == layout);
        let at = if let Some(at) = known {
            at
        } else {
            let output = Fresh::open(self.next_path(layout).as_deref())?;
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
    pub(in crate::cli) fn keep(self) -> anyhow::Result<Vec<PathBuf>> {
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
