//! The results of several operators side by side, each in its folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::{ACCEPTED, TO_CORRECT};
use crate::cli::command::export::Written;
use crate::cli::command::export_workbook;
use crate::cli::operators::Folders;
use crate::cli::output::{Fresh, Tables};
use crate::export::{Accepted, Outgoing, Records, Sheets};

/// So many operators' files are open at a time: systems allow some hundreds of files.
const OPEN: usize = 50;

/// The folders that are being written to.
#[derive(Debug)]
pub(super) struct Parts<'f> {
    folder: &'f Path,
    folders: Option<&'f Folders>,
    open: BTreeMap<String, Part>,
    done: BTreeSet<String>,
    /// Whether there was something for operators that had to wait.
    waiting: bool,
}

/// One folder.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    pub(super) accepted: Accepted<BufWriter<Fresh>>,
    folder: PathBuf,
    to_correct: Tables,
    /// What was read from workbooks goes into one.
    sheets: Option<Sheets>,
    written: Written,
}

/// One folder whose files are there.
#[derive(Debug)]
pub(super) struct Kept {
    /// What it is called; nothing where all is in one.
    pub(super) name: String,
    /// How many movements were accepted, and where they are.
    pub(super) accepted: u64,
    pub(super) path: PathBuf,
    /// What is to be corrected, and where that is.
    pub(super) written: Written,
    pub(super) to_correct: Vec<PathBuf>,
    /// What a workbook cannot hold.
    pub(super) remarks: Vec<String>,
}

impl<'f> Parts<'f> {
    /// A folder for each operator, or all in one.
    pub(super) fn new(folder: &'f Path, folders: Option<&'f Folders>) -> Self {
        Parts { folder, folders, open: BTreeMap::new(), done: BTreeSet::new(), waiting: false }
    }

    /// Where what belongs to an operator goes; nothing if it went there already, or has to wait
    /// until others are done.
    pub(super) fn of(&mut self, api_code: &str) -> anyhow::Result<Option<&mut Part>> {
        let name = self.folders.map_or("", |folders| folders.of(api_code)).to_owned();
        if self.done.contains(&name) {
            return Ok(None);
        }
        if !self.open.contains_key(&name) {
            if self.open.len() == OPEN {
                self.waiting = true;
                return Ok(None);
            }
            self.open.insert(name.clone(), Part::open(&self.folder.join(&name))?);
        }
        Ok(self.open.get_mut(&name))
    }

    /// Gives the files their names.
    pub(super) fn keep(&mut self) -> anyhow::Result<Vec<Kept>> {
        if self.folders.is_none() {
            // A night without any movement leaves its files too.
            self.of("")?;
        }
        let mut all = Vec::new();
        for (name, part) in std::mem::take(&mut self.open) {
            self.done.insert(name.clone());
            all.push(part.keep(name)?);
        }
        Ok(all)
    }

    /// Whether others have had to wait; from now on they need not.
    pub(super) fn go_round_again(&mut self) -> bool {
        std::mem::take(&mut self.waiting)
    }
}

impl Part {
    fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(ACCEPTED);
        let accepted = Accepted::begin(BufWriter::new(Fresh::open(Some(&path))?))?;
        let to_correct = Tables::new(Some(&folder.join(format!("{TO_CORRECT}.csv"))))?;
        let (folder, written) = (folder.to_owned(), Written::default());
        Ok(Part { path, accepted, folder, to_correct, sheets: None, written })
    }

    /// Puts down what is to be corrected: as it was read, or in the template's two sheets if it
    /// was read from those. `api_code` is what stands for one that a workbook does not have.
    pub(super) async fn correct(
        &mut self,
        record: &Outgoing,
        records: &mut Records<'_>,
        api_code: Option<&str>,
    ) -> anyhow::Result<()> {
        if records.in_workbook(record).await?.is_none() {
            return self.written.take(record, records, &mut self.to_correct, false).await;
        }
        if self.sheets.is_none() {
            self.sheets = Some(Sheets::new(api_code)?);
        }
        if let Some(sheets) = &mut self.sheets {
            sheets.take(record, records).await?;
        }
        Ok(())
    }

    fn keep(mut self, name: String) -> anyhow::Result<Kept> {
        let (accepted, output) = self.accepted.end()?;
        output.into_inner().map_err(std::io::IntoInnerError::into_error)?.keep()?;
        let mut to_correct = self.to_correct.keep()?;
        let mut remarks = Vec::new();
        if let Some(sheets) = self.sheets {
            let exported = sheets.finish()?;
            let path = self.folder.join(format!("{TO_CORRECT}.xlsx"));
            let mut output = Fresh::open(Some(&path))?;
            output.write_all(&exported.bytes)?;
            output.keep()?;
            to_correct.push(path);
            self.written.count += exported.count + exported.nameless;
            remarks = export_workbook::said(&exported);
        }
        Ok(Kept { name, accepted, path: self.path, written: self.written, to_correct, remarks })
    }
}
