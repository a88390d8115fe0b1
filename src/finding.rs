//! What is wrong with a record: the one shape for what the API said and for what we say.
//!
//! Must not know: where findings come from or where they go.

use std::borrow::Cow;
use std::fmt;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The API refuses the record for it.
    Error,
    /// Ours, not the API's: the record is stopped all the same (it could not be traced later, or
    /// the service is known to fail on it).
    Blocking,
    /// The API stores the record and says this beside it.
    Warning,
    /// Ours, not the API's: worth a look, stops nothing.
    Advice,
}

impl Severity {
    /// The ledger's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Blocking => "blocking",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        }
    }

    /// Reads the ledger's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Severity::Error, Severity::Blocking, Severity::Warning, Severity::Advice]
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }

    /// Whether a record with such a finding is not sent.
    pub fn stops(self) -> bool {
        matches!(self, Severity::Error | Severity::Blocking)
    }
}

/// The API's `errorType`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// A required key is missing.
    NotProvided,
    /// A key that must not be there.
    NotAllowed,
    /// Not of the type that the field takes.
    InvalidType,
    /// A text whose shape is wrong.
    InvalidFormat,
    /// A value that is not on the list, or empty.
    InvalidValue,
    /// A number, a length or a count outside its bounds.
    OutOfRange,
    /// Fields that contradict each other.
    BusinessRuleViolation,
    /// The service's own word for what its rules did not foresee.
    UnexpectedError,
    /// A word that the service has begun to use since.
    Other(Box<str>),
}

impl ErrorType {
    /// As the API spells it.
    pub fn as_str(&self) -> &str {
        match self {
            ErrorType::NotProvided => "NotProvided",
            ErrorType::NotAllowed => "NotAllowed",
            ErrorType::InvalidType => "InvalidType",
            ErrorType::InvalidFormat => "InvalidFormat",
            ErrorType::InvalidValue => "InvalidValue",
            ErrorType::OutOfRange => "OutOfRange",
            ErrorType::BusinessRuleViolation => "BusinessRuleViolation",
            ErrorType::UnexpectedError => "UnexpectedError",
            ErrorType::Other(word) => word,
        }
    }
}

impl From<&str> for ErrorType {
    fn from(word: &str) -> Self {
        use ErrorType::{
            BusinessRuleViolation, InvalidFormat, InvalidType, InvalidValue, NotAllowed,
            NotProvided, OutOfRange, UnexpectedError,
        };
        let known = [
            NotProvided,
            NotAllowed,
            InvalidType,
            InvalidFormat,
            InvalidValue,
            OutOfRange,
            BusinessRuleViolation,
            UnexpectedError,
        ];
        known
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or_else(|| ErrorType::Other(word.into()))
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in a file something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1, as an editor counts; in a workbook the row of the sheet.
    pub line: u64,
    /// In CSV and workbooks the number of the column, in JSON lines the character, all from 1.
    pub column: Option<u64>,
    /// In CSV and workbooks the column's title as it stands in the file.
    pub column_name: Option<String>,
    /// In a workbook the sheet.
    pub sheet: Option<String>,
}

impl Place {
    /// In a workbook the cell, as spreadsheet software names it: `R11`.
    pub fn cell(&self) -> Option<String> {
        cell(self.sheet.as_deref(), self.column, self.line)
    }

    /// In a workbook the cell with its sheet: `8. Waste item level!R11`.
    pub fn on_sheet(&self) -> Option<String> {
        let row = || format!("row {}", self.line);
        self.sheet.as_ref().map(|sheet| format!("{sheet}!{}", self.cell().unwrap_or_else(row)))
    }
}

/// The name of a cell of a sheet (`R11`); none where there is no sheet, or no column.
pub fn cell(sheet: Option<&str>, column: Option<u64>, row: u64) -> Option<String> {
    sheet.and(column).map(|column| format!("{}{row}", column_letters(column)))
}

/// A column, counted from 1, as spreadsheet software names it: 1 is A, 28 is AB.
pub fn column_letters(column: u64) -> String {
    const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        rest -= 1;
        letters.push(LETTERS[usize::try_from(rest % 26).unwrap_or_default()]);
        rest /= 26;
    }
    letters.reverse();
    letters.into_iter().map(char::from).collect()
}

/// One thing that is wrong with, or worth saying about, a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// The API's key: a dotted path with plain indexes (`wasteItems.0.ewcCodes.1`).
    pub key: String,
    /// The API's kind of error.
    pub error_type: ErrorType,
    /// What is wrong, what was read, and what to write instead.
    pub message: String,
    /// Where it stands in the file, once the reader has said so.
    pub place: Option<Place>,
}

impl Finding {
    /// An error that the API would answer.
    pub fn error(
        key: impl Into<String>,
        error_type: ErrorType,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Severity::Error, key, error_type, message)
    }

    /// A finding of any severity, its place not known yet.
    pub fn new(
        severity: Severity,
        key: impl Into<String>,
        error_type: ErrorType,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Finding {
            severity,
            key: key.into(),
            error_type,
            message: message.into().into_owned(),
            place: None,
        }
    }
}

/// A key with `n` for its indexes, so that the same fault of many items and records is one:
/// `wasteItems.n.ewcCodes.n`.
pub fn general_key(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut after_index = false;
    for step in key.split('.') {
        let index = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        // The service's warnings repeat indexes (`components.2.1.0`): one stands for all.
        if index && after_index {
            continue;
        }
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(if index { "n" } else { step });
        after_index = index;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lose_their_indexes() {
        assert_eq!(general_key("wasteItems.0.ewcCodes.12"), "wasteItems.n.ewcCodes.n");
        assert_eq!(general_key("a.components.2.1.0.b"), "a.components.n.b");
        assert_eq!(general_key("apiCode"), "apiCode");
        assert_eq!(general_key(""), "");
    }

    #[test]
    fn cells_have_their_names() {
        let letters = [1, 26, 27, 52, 703, 16_384].map(column_letters);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "AAA", "XFD"]);
        assert_eq!(cell(Some("x"), Some(18), 11).as_deref(), Some("R11"));
        assert_eq!(cell(None, Some(18), 11), None);
    }

    #[test]
    fn words_survive() {
        for word in ["NotProvided", "UnexpectedError", "SomethingNew"] {
            assert_eq!(ErrorType::from(word).as_str(), word);
        }
        for severity in ["error", "blocking", "warning", "advice"] {
            assert_eq!(Severity::parse(severity).map(Severity::as_str), Some(severity));
        }
    }
}
