//! Why a workbook cannot be read: each reason with its remedy.
//!
//! Must not know: how workbooks are read.

use std::fmt::Write as _;

/// The sheet of movements, as the template names it.
pub const MOVEMENT_SHEET: &str = "7. Waste movement level";

/// The sheet of waste items, as the template names it.
pub const ITEM_SHEET: &str = "8. Waste item level";

/// What is the matter with a workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookProblem {
    /// The format of Excel until 2003.
    #[error("it is a workbook of the old kind (.xls): {SAVE_AS}")]
    OldExcel,
    /// A workbook with macros.
    #[error("it is a workbook with macros (.xlsm): {SAVE_AS}, without the macros")]
    Macros,
    /// Excel's binary format.
    #[error("it is a binary workbook (.xlsb): {SAVE_AS}")]
    Binary,
    /// The format of `LibreOffice`.
    #[error(
        "it is an OpenDocument spreadsheet (.ods): open it in LibreOffice or Excel and save it as \"Excel Workbook (.xlsx)\""
    )]
    OpenDocument,
    /// It is encrypted.
    #[error(
        "it is protected with a password: open it in Excel, take the password off (File, Info, Protect Workbook, Encrypt with Password, leave it empty), and save it"
    )]
    Encrypted,
    /// A page or XML that Excel opens all the same.
    #[error("it is a web page or XML that Excel can open, and no workbook: {SAVE_AS}")]
    Page,
    /// Some other text.
    #[error("it is text, and no workbook: if it is CSV, name it .csv or say --format csv")]
    Text,
    /// It is a workbook whose name, or whose user, says something else.
    #[error("it is a workbook: name it .xlsx, or say --format xlsx")]
    NamedOtherwise,
    /// Nothing is filled in.
    #[error(
        "nothing is filled in: there is no row with data below the guidance, on neither of the two sheets"
    )]
    NoRows,
    /// An archive or document of another kind.
    #[error("it is no workbook: {SAVE_AS}")]
    Other,
    /// It is damaged.
    #[error(
        "it is damaged: {0}; open it in Excel, let Excel repair it, and save it as \"Excel Workbook (.xlsx)\""
    )]
    Broken(String),
    /// It holds more than is read.
    #[error(
        "it holds too much: {what} (at most {most}): delete the empty rows and columns that have a format, and pictures, or split the file"
    )]
    TooLarge {
        /// What there is too much of.
        what: String,
        /// How much is read.
        most: String,
    },
    /// It does not have the template's sheets.
    #[error("{}", not_the_template(has, missing))]
    NotTheTemplate {
        /// The sheets that it has.
        has: Vec<String>,
        /// The sheets of the template that it has not.
        missing: Vec<&'static str>,
    },
    /// A sheet has no row of titles.
    #[error(
        "sheet `{sheet}`: there is no row of titles: one of the first {looked_at} rows must hold `{needed}` and the other titles of the template (they stand in row 6 there)"
    )]
    NoTitles {
        /// The sheet.
        sheet: String,
        /// What was looked for.
        needed: &'static str,
        /// How many rows were looked at.
        looked_at: u32,
    },
    /// Two columns have the same title.
    #[error("sheet `{sheet}`: {first} and {second} are both `{title}`: remove one of the columns")]
    Twice {
        /// The sheet.
        sheet: String,
        /// The cell of the first.
        first: String,
        /// The cell of the second.
        second: String,
        /// What both are.
        title: &'static str,
    },
    /// A title is nearly one of the template.
    #[error("sheet `{sheet}`: {}", misspelt(titles))]
    Misspelt {
        /// The sheet.
        sheet: String,
        /// Cell, title, and what was meant.
        titles: Vec<(String, String, &'static str)>,
    },
}

const SAVE_AS: &str = "open it in Excel and save it as \"Excel Workbook (.xlsx)\"";

/// So many names are spelt out.
const MOST_NAMED: usize = 12;

fn not_the_template(has: &[String], missing: &[&str]) -> String {
    let quoted = |name: &str| format!("`{}`", name.escape_debug());
    let mut names: Vec<String> = has.iter().take(MOST_NAMED).map(|name| quoted(name)).collect();
    if let Some(more) = has.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let missing: Vec<String> = missing.iter().map(|name| quoted(name)).collect();
    format!(
        "this workbook is not the government's template: there is no sheet {} (its sheets: {has}); fill in the template, or save your own table as CSV (docs/file-format.md)",
        missing.join(" and no sheet ")
    )
}

fn misspelt(titles: &[(String, String, &str)]) -> String {
    let mut text = String::new();
    for (cell, title, meant) in titles {
        let _ = write!(
            text,
            "the title in {cell}, `{}`, is not known (did you mean `{meant}`?); ",
            title.escape_debug()
        );
    }
    text.push_str("write it as the template does, or take the column out");
    text
}
