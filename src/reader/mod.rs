//! Files to movements: CSV and JSON lines, one record at a time, in flat memory; workbooks, which
//! are read whole, within bounds.
//!
//! A [`Reader`] gives a [`Record`] for each movement of a file: the request body, where every part
//! of it stands in the file, and what could not be read. Nothing is sent over in silence: what is
//! not understood is a finding of its record, or refuses the file.
//!
//! ```text
//! window -> split -> rows -> build (columns, alike, cell, list, number, spelling) -> record
//! window -> lines ----------------------------------------------------------> record
//! workbook (container, sheet, template, join, cells) -> build --------------> record
//! ```
//!
//! Must not know: checks, the ledger, the network, where findings are shown.

mod alike;
mod build;
mod cell;
mod columns;
pub mod encoding;
mod error;
mod format;
mod group;
mod header;
mod lines;
mod list;
mod local_time;
mod number;
pub mod profile;
mod raw;
mod record;
mod repair;
mod repeats;
#[cfg(test)]
mod round_trip;
mod rows;
mod seen;
mod sieve;
mod spelling;
mod split;
#[cfg(test)]
mod tests;
mod total;
mod watch;
mod window;
mod workbook;

use std::fs::File;
use std::io::{Read, Seek as _};
use std::path::Path;
use std::sync::Arc;

pub use columns::OWN_COLUMN_PREFIX;
pub use encoding::Encoding;
pub use error::{MissingColumn, Problem, ReadError, UnknownColumn};
pub use format::Format;
pub use profile::Profile;
pub use raw::{RawRow, raw_rows};
pub use record::Record;
pub use repair::{Repair, RepairKind, RepairTally, Repairs};
pub use workbook::{
    GUIDANCE, ITEM_COLUMNS, ITEM_SHEET, MOVEMENT_COLUMNS, MOVEMENT_SHEET, TITLE_ROW,
    WorkbookProblem,
};

use alike::Alike;
use build::How;
use encoding::Decoder;
use lines::Lines;
use local_time::DateForm;
use repeats::Earlier;
use rows::{Header, Rows};
use watch::Watch;
use window::Window;
use workbook::Book;

use crate::movement::trim;
use crate::reference::Codes;

/// The longest line of JSON, row of CSV, or movement of several rows that is read.
pub const MAX_RECORD: usize = 8 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How files are read: what stands in for values that they leave out, and what is repaired.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// The `apiCode` of bodies that have none.
    pub api_code: Option<String>,
    /// Which repairs are made; all unless it is said.
    pub repairs: Repairs,
    /// What stands between the columns of the file and ours, where they are not the same.
    pub profile: Option<Arc<Profile>>,
    /// Whether a file's encoding is known before its first record, however far down it shows: for
    /// [`Reader::layout`]. It is looked for in the whole file then, which is read twice.
    pub layout_ahead: bool,
}

/// What a file's rows are set in: with it, a program can write rows that are read as these are.
/// Header and [`Record::raw`] are the text of the file as UTF-8: written in its encoding, they are
/// its bytes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout<'r> {
    /// What the file was read as.
    pub format: Format,
    /// The encoding of the file, by its WHATWG name.
    pub encoding: &'static str,
    /// What stands between the cells of a row.
    pub delimiter: Option<u8>,
    /// All that stands above the first row, byte order mark and line break included; empty for
    /// JSON lines and workbooks.
    pub header: &'r [u8],
    /// Where in the header the row of titles begins: behind the mark, for one.
    pub titles_at: usize,
}

/// Reads the records of one file, in order.
pub struct Reader {
    name: String,
    input: Input,
    defaults: Defaults,
    codes: &'static Codes,
    earlier: Earlier,
    records: u64,
    /// Of the records; the file's own are the rows'.
    repaired: RepairTally,
    watch: Option<Watch>,
}

enum Input {
    Rows { rows: Box<Rows>, header: Header, alike: Alike },
    Lines { lines: Lines },
    Book(Box<Book>),
}

impl Reader {
    /// Opens a file. The format is told by its name unless it is given.
    pub fn open(
        path: &Path,
        format: Option<Format>,
        defaults: Defaults,
    ) -> Result<Self, ReadError> {
        let name = path.display().to_string();
        let failed = |problem| ReadError { file: path.display().to_string(), problem };
        let metadata = std::fs::metadata(path).map_err(|error| failed(error.into()))?;
        if metadata.is_dir() {
            return Err(failed(Problem::Directory));
        }
        let format = format.map_or_else(|| Format::of_path(path), Ok)?;
        let watch = Watch::begin(path, &metadata).map_err(|error| failed(error.into()))?;
        let mut file = File::open(path).map_err(|error| failed(error.into()))?;
        let foretold = if defaults.layout_ahead && watch.is_some() && format == Format::Csv {
            foretell(&mut file, metadata.len()).map_err(|error| failed(error.into()))?
        } else {
            None
        };
        let mut reader = Self::begin(Box::new(file), foretold, format, name, defaults)?;
        reader.watch = watch;
        Ok(reader)
    }

    /// Reads from anything; `name` is what errors call it.
    pub fn new(
        source: impl Read + Send + 'static,
        format: Format,
        name: impl Into<String>,
        defaults: Defaults,
    ) -> Result<Self, ReadError> {
        Self::begin(Box::new(source), None, format, name.into(), defaults)
    }

    fn begin(
        source: Box<dyn Read + Send>,
        foretold: Option<Encoding>,
        format: Format,
        name: String,
        defaults: Defaults,
    ) -> Result<Self, ReadError> {
        match Input::new(source, foretold, format, &defaults) {
            Ok(input) => Ok(Reader {
                name,
                input,
                defaults,
                codes: Codes::embedded(),
                earlier: Earlier::default(),
                records: 0,
                repaired: RepairTally::default(),
                watch: None,
            }),
            Err(problem) => Err(ReadError { file: name, problem }),
        }
    }

    /// Reads codes by other lists than the built-in ones.
    #[must_use]
    pub fn with_codes(mut self, codes: &'static Codes) -> Self {
        self.codes = codes;
        self
    }

    /// The next record, or nothing at the end. After an error there is no next one.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        let (name, watch, line) = (&self.name, &self.watch, self.input.line());
        let failed = |problem| {
            // A file that is being written looks damaged in any way.
            let changed = watch.as_ref().is_some_and(Watch::has_changed);
            let problem = if changed { Problem::Changed { line } } else { problem };
            ReadError { file: name.clone(), problem }
        };
        let Defaults { api_code, repairs, profile, .. } = &self.defaults;
        let of_rows = profile.as_deref().filter(|_| matches!(self.input, Input::Rows { .. }));
        let dates = of_rows.map_or(DateForm::standard(), Profile::dates);
        let api_code = api_code.as_deref();
        let how = How { api_code, codes: self.codes, repairs: *repairs, dates };
        let nothing = self.input.nothing();
        let record = match &mut self.input {
            Input::Rows { rows, header, alike } => rows
                .next_group(&header.columns)
                .map_err(failed)?
                .map(|group| build::record(group, &header.columns, Some(alike), how)),
            Input::Lines { lines } => {
                lines.next_record(api_code).map_err(|error| failed(error.into()))?
            }
            Input::Book(book) => book.next_record(how),
        };
        let Some(mut record) = record else {
            if self.records == 0 {
                return Err(failed(nothing));
            }
            if watch.as_ref().is_some_and(Watch::has_changed) {
                return Err(failed(Problem::Changed { line }));
            }
            return Ok(None);
        };
        self.records += 1;
        record.repairs.iter().for_each(|repair| self.repaired.note(repair));
        let (same, alike) = self.earlier.note(&record.movement, record.line);
        record.repeats = same;
        record.same_content = alike.filter(|_| record.readable && record.repeats.is_none());
        Ok(Some(record))
    }

    /// What the file is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many records have been read.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// What has been repaired so far, of the records and of the file itself.
    pub fn repaired(&self) -> RepairTally {
        let mut all = self.repaired.clone();
        if let Input::Rows { rows, .. } = &self.input {
            all.add(&rows.repaired);
        }
        all
    }

    /// The titles of the file that its profile neither uses nor ignores.
    pub fn unused_columns(&self) -> Vec<&str> {
        match (&self.input, &self.defaults.profile) {
            (Input::Rows { header, .. }, Some(profile)) => {
                profile.unused(&header.columns.shape.titles())
            }
            _ => Vec::new(),
        }
    }

    /// How many bytes of the file have been read, for showing progress.
    pub fn position(&self) -> u64 {
        match &self.input {
            Input::Rows { rows, .. } => rows.position(),
            Input::Lines { lines } => lines.position(),
            Input::Book(book) => book.size(),
        }
    }

    /// The line of column names exactly as it stands in the file, byte order mark and line break
    /// included; empty for JSON lines and workbooks.
    pub fn header_bytes(&self) -> &[u8] {
        self.layout().header
    }

    /// What the file's rows are set in.
    pub fn layout(&self) -> Layout<'_> {
        let (format, delimiter, header) = match &self.input {
            Input::Rows { rows, header, .. } => {
                (Format::Csv, Some(rows.delimiter()), &header.bytes[..])
            }
            Input::Lines { .. } => (Format::JsonLines, None, &[][..]),
            Input::Book(_) => (Format::Workbook, None, &[][..]),
        };
        let (encoding, titles_at) = match &self.input {
            Input::Rows { rows, header, .. } => (rows.encoding().name(), header.titles_at),
            Input::Lines { .. } | Input::Book(_) => (Encoding::Utf8.name(), 0),
        };
        Layout { format, encoding, delimiter, header, titles_at }
    }
}

/// What the bytes far down in a file show of its encoding, so that it is known before the first
/// record is. The beginning shows itself in time.
fn foretell(file: &mut File, size: u64) -> std::io::Result<Option<Encoding>> {
    if size <= window::CHUNK as u64 {
        return Ok(None);
    }
    let found = encoding::by_evidence(file)?;
    file.rewind()?;
    Ok(found)
}

impl Input {
    fn new(
        source: Box<dyn Read + Send>,
        foretold: Option<Encoding>,
        format: Format,
        defaults: &Defaults,
    ) -> Result<Self, Problem> {
        if format == Format::Workbook {
            return Book::read(source).map(|book| Input::Book(Box::new(book)));
        }
        let profile = defaults.profile.as_deref().filter(|_| format == Format::Csv);
        let others = format == Format::Csv && defaults.repairs.has(RepairKind::Encoding);
        let mut decoder = if format == Format::JsonLines {
            Decoder::plain(source)
        } else {
            Decoder::new(source, profile.and_then(Profile::encoding), others)?
        };
        if let Some(encoding) = foretold {
            decoder.foretell(encoding);
        }
        let mut window = Window::new(decoder);
        window.grow()?;
        let held = window.held();
        if workbook::begins(held) {
            return Err(Problem::Workbook(WorkbookProblem::NamedOtherwise));
        }
        if held.starts_with(b"\xff\xfe") || held.starts_with(b"\xfe\xff") {
            return Err(Problem::Utf16);
        }
        let marked = held.starts_with(BYTE_ORDER_MARK);
        if marked {
            window.consume(BYTE_ORDER_MARK.len());
        }
        if window.ended() && window.held().trim_ascii().is_empty() {
            return Err(Problem::Empty);
        }
        if format == Format::JsonLines {
            return Ok(Input::Lines { lines: Lines::new(window) });
        }
        let (rows, mut header) = Rows::new(window, defaults.repairs, profile)?;
        if marked {
            header.bytes.splice(..0, BYTE_ORDER_MARK.iter().copied());
            header.titles_at += BYTE_ORDER_MARK.len();
        }
        let alike = Alike::new(&header.columns.blocks);
        Ok(Input::Rows { rows: Box::new(rows), header, alike })
    }

    /// The line that is read next.
    fn line(&self) -> u64 {
        match self {
            Input::Rows { rows, .. } => rows.line(),
            Input::Lines { lines } => lines.line(),
            Input::Book(_) => 0,
        }
    }

    /// What to say of a file without records.
    fn nothing(&self) -> Problem {
        match self {
            Input::Rows { .. } => Problem::NoRows,
            Input::Lines { .. } => Problem::Empty,
            Input::Book(_) => Problem::Workbook(WorkbookProblem::NoRows),
        }
    }
}
