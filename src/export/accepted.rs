//! What a run's movements were accepted as: a table that opens right in a spreadsheet.

use std::io::Write;

use jiff::Timestamp;

use super::ExportError;
use super::note::harmless;
use crate::calendar;
use crate::ledger::{Filter, Ledger, Run};
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

/// Writes the movements that a run read or worked on and that are accepted, by this run or before.
/// Returns how many.
pub async fn write_accepted(
    ledger: &Ledger,
    run: &Run,
    mut out: impl Write + Send,
) -> Result<u64, ExportError> {
    out.write_all(BYTE_ORDER_MARK)?;
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    table.write_record(TITLES).map_err(std::io::Error::from)?;
    let filter = Filter { states: vec![State::Accepted], run: Some(run.id), ..Filter::default() };
    let (mut after, mut count) = (0, 0);
    loop {
        let page = ledger.list(&filter, after).await?;
        let Some(last) = page.last() else { break };
        after = last.movement;
        for row in &page {
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
            table.write_record(cells.map(harmless)).map_err(std::io::Error::from)?;
            count += 1;
        }
    }
    table.flush()?;
    Ok(count)
}
