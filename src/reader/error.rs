//! Why a file cannot be read: each reason with its place and its remedy.
//!
//! Must not know: how files are read, nor what is done about it.

use std::fmt;
use std::io;

use crate::reader::encoding::Trouble;
use crate::reader::workbook::WorkbookProblem;

/// A file that cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ReadError {
    /// The file as it was named.
    pub file: String,
    /// What is the matter with it.
    pub problem: Problem,
}

/// What is the matter with a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not there.
    #[error("there is no such file")]
    NotFound,
    /// It is a folder.
    #[error("this is a folder: name the files in it")]
    Directory,
    /// The system failed to read it.
    #[error("it cannot be read: {0}")]
    Io(io::Error),
    /// Its name does not say what it is.
    #[error(
        "its name does not say what it is: name it .csv, .xlsx or .jsonl, or say --format csv, --format xlsx or --format jsonl"
    )]
    UnknownFormat,
    /// Nothing is in it.
    #[error("it is empty")]
    Empty,
    /// Nothing follows the line with the column names.
    #[error("it has column names but no rows below them")]
    NoRows,
    /// It is UTF-16.
    #[error(
        "it is UTF-16 text (Excel's \"Unicode Text\"): open it in Excel and save it as \"CSV UTF-8 (Comma delimited)\""
    )]
    Utf16,
    /// Some of its bytes are not UTF-8.
    #[error("{}", not_text(*line, *trouble))]
    NotUtf8 {
        /// The first line that is not.
        line: u64,
        /// Why it is no text of another encoding either.
        trouble: Option<Trouble>,
    },
    /// It holds what no text holds.
    #[error(
        "it is not a text file: save it as \"CSV UTF-8 (Comma delimited)\", or say what it is with --format"
    )]
    NotText,
    /// It was written to, or replaced, while it was read.
    #[error(
        "it changed while it was read, at about line {line}: wait until whoever writes it has finished, and read it again"
    )]
    Changed {
        /// As far as it was read.
        line: u64,
    },
    /// Columns without a name stand behind the others, and that is not to be passed over.
    #[error("line {line}: the last {count} columns have no name: remove them, or name them")]
    UnnamedColumns {
        /// Where the names stand.
        line: u64,
        /// How many.
        count: usize,
    },
    /// It lacks columns that the profile names.
    #[error("{}", missing_columns(*line, columns))]
    MissingColumns {
        /// The line that is most like the column names.
        line: u64,
        /// Those that are missing.
        columns: Vec<MissingColumn>,
    },
    /// A column that the profile names stands there twice.
    #[error(
        "line {line}: columns {first} and {second} are both called `{title}`, and the profile names that: rename one of them"
    )]
    TwiceInFile {
        /// Where the names stand.
        line: u64,
        /// The number of the first, from 1.
        first: usize,
        /// The number of the second, from 1.
        second: usize,
        /// What they are called.
        title: String,
    },
    /// Some column names are not known.
    #[error("{}", unknown_columns(*line, columns))]
    UnknownColumns {
        /// Where the names stand.
        line: u64,
        /// Those that are not known.
        columns: Vec<UnknownColumn>,
    },
    /// A column stands there twice.
    #[error("line {line}: columns {first} and {second} are both `{title}`: remove one of them")]
    DuplicateColumn {
        /// Where the names stand.
        line: u64,
        /// The number of the first, from 1.
        first: usize,
        /// The number of the second, from 1.
        second: usize,
        /// Our name for it.
        title: &'static str,
    },
    /// There is no column of references.
    #[error(
        "line {line}: there is no column `yourUniqueReference`: add one that holds your own number for each movement, a weighbridge ticket for example"
    )]
    NoReferenceColumn {
        /// Where the names stand.
        line: u64,
    },
    /// It is a workbook that cannot be read, or not the template.
    #[error(transparent)]
    Workbook(#[from] WorkbookProblem),
    /// A quote is never closed.
    #[error(
        "line {line}: a text begins with a double quote that is never closed: close it, or write \"\" for a quote within a quoted text"
    )]
    UnclosedQuote {
        /// Where the row begins, quoted line breaks before the quote counted.
        line: u64,
    },
    /// A row has no end in sight.
    #[error("line {line}: this row is longer than {} MiB: it cannot be one waste item", super::MAX_RECORD / 1_048_576)]
    RowTooLong {
        /// Where it begins.
        line: u64,
    },
    /// Too many rows in a row have the same reference.
    #[error(
        "line {line}: the rows from here on all have the reference `{reference}`, and are more than the service takes in one movement: give each movement a reference of its own"
    )]
    MovementTooLong {
        /// Where the first of them is.
        line: u64,
        /// What they share.
        reference: String,
    },
}

/// A column that a profile names and a file lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// As the profile names it.
    pub title: String,
    /// The name in the file that may have been meant.
    pub nearest: Option<String>,
}

impl fmt::Display for MissingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.title.escape_debug())?;
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean `{}`?)", nearest.escape_debug()),
            None => Ok(()),
        }
    }
}

fn missing_columns(line: u64, columns: &[MissingColumn]) -> String {
    let named: Vec<String> = columns.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    let more = columns.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!(
        "line {line}: the profile names columns that the file does not have: {}{more}; is it the right profile for this file?",
        named.join("; ")
    )
}

/// What is wrong with a line that is no text, and what to do.
fn not_text(line: u64, trouble: Option<Trouble>) -> String {
    let save = "save it again as \"CSV UTF-8 (Comma delimited)\"";
    match trouble {
        None => format!(
            "line {line} is not UTF-8 text: open it in Excel and {save}, not as plain \"CSV\""
        ),
        Some(Trouble::AfterUtf8) => format!(
            "line {line} is not UTF-8 text, and a line above it is: the file was put together from two encodings; {save}"
        ),
        Some(Trouble::Utf8AfterCp1252) => format!(
            "line {line} is UTF-8 text, and a line above it is CP1252 (plain \"CSV\" of Excel): the file was put together from two encodings; {save}"
        ),
        Some(Trouble::Hole) => format!(
            "line {line} holds a byte that is no character, neither in UTF-8 nor in CP1252: {save}"
        ),
        Some(Trouble::HalfUtf16) => {
            format!("line {line} holds half a character of UTF-16: the file is damaged; {save}")
        }
    }
}

/// A column whose name is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownColumn {
    /// Its number, from 1.
    pub column: usize,
    /// Its name in the file.
    pub title: String,
    /// The name that may have been meant.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} `{}` is not known", self.column, self.title.escape_debug())?;
        match self.nearest {
            Some(nearest) => write!(f, " (did you mean `{nearest}`?)"),
            None => Ok(()),
        }
    }
}

/// At most so many unknown columns are spelt out.
const MOST_NAMED: usize = 8;

fn unknown_columns(line: u64, columns: &[UnknownColumn]) -> String {
    let named: Vec<String> = columns.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    let more = columns.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!(
        "line {line}: {}{more}: rename or remove them; docs/file-format.md lists the columns",
        named.join("; ")
    )
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Problem::NotFound,
            io::ErrorKind::IsADirectory => Problem::Directory,
            _ => Problem::Io(error),
        }
    }
}
