//! Movements as JSON lines: above each request body a line of our own that says what was wrong,
//! which the reader passes over when the file comes back.

use std::io::Write;

use super::note::Above;
use super::{ExportError, Records, Selection};
use crate::ledger::Ledger;

/// Writes the movements of a selection, each as its request body, with `wasteTrackingId` beside
/// the body's keys where it has one. Returns how many, and of how many there is no body: they
/// were purged, or are records without a usable reference.
pub async fn write_bodies(
    ledger: &Ledger,
    selection: &Selection<'_>,
    out: &mut (impl Write + Send),
) -> Result<(u64, u64), ExportError> {
    let (mut count, mut left_out) = (0, 0);
    let mut records = Records::of(ledger, selection);
    loop {
        let page = records.next_page().await?;
        if page.is_empty() {
            break;
        }
        for record in &page {
            let Some(body) = records.body(record).await? else {
                left_out += 1;
                continue;
            };
            serde_json::to_writer(&mut *out, &Above::new(record)).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
            write_body(&body, record.waste_tracking_id.as_deref(), out)?;
            out.write_all(b"\n")?;
            count += 1;
        }
    }
    out.flush()?;
    Ok((count, left_out))
}

/// A body, and the ID as its first key: whoever submits the line corrects that movement.
fn write_body(body: &[u8], id: Option<&str>, out: &mut impl Write) -> std::io::Result<()> {
    match (id, body.strip_prefix(b"{")) {
        (Some(id), Some(rest)) => {
            out.write_all(b"{\"wasteTrackingId\":")?;
            serde_json::to_writer(&mut *out, id)?;
            if rest != b"}" {
                out.write_all(b",")?;
            }
            out.write_all(rest)
        }
        _ => out.write_all(body),
    }
}
