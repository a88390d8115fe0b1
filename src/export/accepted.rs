//! What a run's movements were accepted as: a table that opens right in a spreadsheet.

use std::io::Write;

use jiff::Timestamp;

use super::ExportError;
use super::note::harmless;
use crate::calendar;
use crate::ledger::{Filter, Ledger, MovementRow, Run};
use crate::submission::State;

/// Spreadsheets take a file for UTF-8 only if it begins so.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The columns.
const TITLES: [&str; 8] = [
    "yourUniqueReference",
    "wasteTrackingId",
    "warnings",
    "acceptedAt",
    "receiver.authorisationNumber",
    "apiCode",
    "file",
    "line",
];

/// A time of the ledger as London's clocks show it, which programs read as well.
fn time(at: i64) -> String {
    Timestamp::from_millisecond(at).map_or_else(
        |_| at.to_string(),
        |at| calendar::in_london(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    )
}

/// The table under construction.
#[derive(Debug)]
pub struct Accepted<W: Write> {
    table: csv::Writer<W>,
    count: u64,
}

impl<W: Write> Accepted<W> {
    /// Which movements belong into it: those that a run read or worked on and that are accepted, by
    /// this run or before.
    pub fn of(run: &Run) -> Filter {
        Filter { states: vec![State::Accepted], run: Some(run.id), ..Filter::default() }
    }

    /// Begins it with its titles.
    pub fn begin(mut out: W) -> Result<Self, ExportError> {
        out.write_all(BYTE_ORDER_MARK)?;
        let mut table =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        table.write_record(TITLES).map_err(std::io::Error::from)?;
        Ok(Accepted { table, count: 0 })
    }

    /// Writes a movement.
    pub async fn write(&mut self, ledger: &Ledger, row: &MovementRow) -> Result<(), ExportError> {
        let warnings: Vec<&str> = row
            .findings
            .iter()
            .filter(|found| found.by_api)
            .map(|found| found.message.as_str())
            .collect();
        let at = time(ledger.changed_at(row.revision).await?);
        let id = row.waste_tracking_id.as_deref().unwrap_or_default();
        let line = row.line.to_string();
        let cells = [
            &row.reference,
            id,
            &warnings.join(" | "),
            &at,
            &row.site,
            &row.api_code,
            &row.file,
            &line,
        ];
        self.table.write_record(cells.map(harmless)).map_err(std::io::Error::from)?;
        self.count += 1;
        Ok(())
    }

    /// Ends it: how many movements are in it, and where it was written.
    pub fn end(self) -> Result<(u64, W), ExportError> {
        let out = self.table.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok((self.count, out))
    }
}
