//! The report as CSV, for spreadsheets: the movements, or the figures.
//!
//! Begins with the mark by which Excel knows UTF-8. A text that a spreadsheet would take for a
//! formula has an apostrophe in front.

use std::io::{self, Write};

use super::model::Audit;
use super::show;
use super::tables::{self, Cell};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes the movements, a row each.
pub fn write_movements(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = begin(out)?;
    rows.write_record(tables::MOVEMENT)?;
    for line in &audit.movements {
        rows.write_record(tables::movement(line).iter().map(harmless))?;
    }
    rows.flush()
}

/// Writes the figures, a row each: the table, the row in it, the column, the value.
pub fn write_figures(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = begin(out)?;
    rows.write_record(["table", "row", "figure", "value"])?;
    for table in tables::figures(audit) {
        for row in &table.rows {
            let Some((name, values)) = row.split_first() else { continue };
            let name = harmless(name);
            for (figure, value) in table.columns.iter().skip(1).zip(values) {
                rows.write_record([table.name, &name, figure, &harmless(value)])?;
            }
        }
    }
    rows.flush()
}

fn begin(out: &mut dyn Write) -> io::Result<csv::Writer<&mut dyn Write>> {
    out.write_all(MARK)?;
    Ok(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out))
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &Cell<'_>) -> String {
    let text = show::plain(cell);
    let formula =
        matches!(cell, Cell::Text(_)) && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_a_formula(text in "[=+@\t\r -]{0,2}.{0,8}") {
            let plain = harmless(&Cell::from(text.clone()));
            prop_assert!(!plain.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", plain);
            prop_assert!(plain.ends_with(&text));
        }
    }
}
