//! The user's own master copy: every row of the ledger, a file for each table, complete enough to
//! make the ledger again.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ExportError;
use crate::ledger::{Datum, Dumped, Ledger};

/// What the copy is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllFormat {
    /// For spreadsheets: it cannot tell an empty text from none.
    Csv,
    /// For programs: exact.
    JsonLines,
}

impl AllFormat {
    /// What the files' names end in.
    pub fn extension(self) -> &'static str {
        match self {
            AllFormat::Csv => "csv",
            AllFormat::JsonLines => "jsonl",
        }
    }
}

/// What a copy holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    /// The version of this form.
    pub version: u32,
    /// The program's version.
    pub program: &'static str,
    /// Where the history ended.
    pub chain_head: String,
    /// How many entries it had.
    pub chain_count: i64,
    /// How many rows each table has.
    pub tables: BTreeMap<String, u64>,
}

/// Writes every table through what `open` gives for its name.
pub async fn write_all<W: Write>(
    ledger: &Ledger,
    format: AllFormat,
    mut open: impl FnMut(&str) -> io::Result<W>,
) -> Result<Contents, ExportError> {
    let mut tables = BTreeMap::new();
    let mut under_way: Option<Under<W>> = None;
    let head = ledger
        .dump(|dumped| -> Result<(), ExportError> {
            match dumped {
                Dumped::Table(name, columns) => {
                    if let Some(done) = under_way.take() {
                        done.finish()?;
                    }
                    tables.insert(name.to_owned(), 0);
                    let table = Under::begin(name, columns, format, open(name)?)?;
                    under_way = Some(table);
                }
                Dumped::Row(row) => {
                    if let Some(table) = &mut under_way {
                        table.write(row)?;
                        *tables.entry(table.name.clone()).or_default() += 1;
                    }
                }
            }
            Ok(())
        })
        .await?;
    if let Some(done) = under_way {
        done.finish()?;
    }
    let program = env!("CARGO_PKG_VERSION");
    Ok(Contents { version: 1, program, chain_head: head.hash, chain_count: head.count, tables })
}

/// A table that is being written.
struct Under<W: Write> {
    name: String,
    columns: Vec<String>,
    out: Out<W>,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines(W),
}

impl<W: Write> Under<W> {
    fn begin(name: &str, columns: &[String], format: AllFormat, mut out: W) -> io::Result<Self> {
        let out = match format {
            AllFormat::Csv => {
                // Excel takes a file without this mark for another encoding.
                out.write_all("\u{feff}".as_bytes())?;
                let mut csv = csv::WriterBuilder::new().from_writer(out);
                csv.write_record(columns)?;
                Out::Csv(Box::new(csv))
            }
            AllFormat::JsonLines => Out::JsonLines(out),
        };
        Ok(Under { name: name.to_owned(), columns: columns.to_vec(), out })
    }

    fn write(&mut self, row: Vec<Datum>) -> io::Result<()> {
        match &mut self.out {
            Out::Csv(csv) => csv.write_record(row.into_iter().map(cell))?,
            Out::JsonLines(out) => {
                let members = self.columns.iter().cloned().zip(row.into_iter().map(value));
                let line = Value::Object(members.collect::<Map<_, _>>());
                serde_json::to_writer(&mut *out, &line)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Csv(mut csv) => csv.flush(),
            Out::JsonLines(mut out) => out.flush(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hashes and salts in hexadecimal digits, contents as text; one that is no UTF-8 as
/// `{"base64": ...}`.
fn value(datum: Datum) -> Value {
    match datum {
        Datum::Null => Value::Null,
        Datum::Integer(number) => json!(number),
        Datum::Text(text) => json!(text),
        Datum::Content(bytes) => match String::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(error) => json!({ "base64": STANDARD.encode(error.as_bytes()) }),
        },
        Datum::Bytes(bytes) => json!(hex(&bytes)),
    }
}

/// The same in a cell. Spreadsheets take what begins like a formula for one: it gets an apostrophe
/// before it, as does what begins with one.
fn cell(datum: Datum) -> String {
    let text = match datum {
        Datum::Null => return String::new(),
        Datum::Integer(number) => return number.to_string(),
        Datum::Text(text) => text,
        Datum::Content(bytes) => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => format!("base64:{}", STANDARD.encode(error.as_bytes())),
        },
        Datum::Bytes(bytes) => return hex(&bytes),
    };
    if text.starts_with(['=', '+', '-', '@', '\'', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_is_lost() {
        let text = |text: &str| cell(Datum::Text(text.to_owned()));
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(text("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(text("'tis"), "''tis");
        assert_eq!(text("WB-1"), "WB-1");
        assert_eq!(cell(Datum::Integer(-5)), "-5");
        assert_eq!(cell(Datum::Content(vec![0xff])), "base64:/w==");
        assert_eq!(value(Datum::Content(vec![0xff])), json!({ "base64": "/w==" }));
        assert_eq!(value(Datum::Bytes(vec![0, 0xab])), json!("00ab"));
    }
}
