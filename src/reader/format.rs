//! The formats of files, by name.
//!
//! Must not know: how they are read.

use std::path::Path;
use std::str::FromStr;

use crate::reader::error::{Problem, ReadError};

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Rows of delimited text, a row for each waste item.
    Csv,
    /// A request body a line.
    JsonLines,
    /// The government's spreadsheet template.
    Workbook,
}

impl Format {
    /// The format that a file's name tells.
    pub fn of_path(path: &Path) -> Result<Self, ReadError> {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("csv" | "txt" | "tsv") => Ok(Format::Csv),
            Some("jsonl" | "ndjson") => Ok(Format::JsonLines),
            // What these are is told by what is in them.
            Some("xlsx" | "xltx" | "xlsm" | "xls" | "xlsb" | "ods") => Ok(Format::Workbook),
            _ => {
                Err(ReadError { file: path.display().to_string(), problem: Problem::UnknownFormat })
            }
        }
    }
}

impl Format {
    /// Its name, as the ledger keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
            Format::Workbook => "xlsx",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "csv" => Ok(Format::Csv),
            "jsonl" => Ok(Format::JsonLines),
            "xlsx" => Ok(Format::Workbook),
            _ => Err(format!("`{name}` is not a format: say csv, xlsx or jsonl")),
        }
    }
}
