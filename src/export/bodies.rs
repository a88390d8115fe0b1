//! Movements as JSON lines: above each request body a line of our own that says what was wrong,
//! which the reader passes over when the file comes back.

use std::io::Write;

use serde::Serialize;

use super::ExportError;
use crate::ledger::{Filter, Ledger, MovementRow, StoredFinding};

/// Writes the movements that a filter names, each as its request body, with `wasteTrackingId`
/// beside the body's keys where it has one. Returns how many.
pub async fn write_bodies(
    ledger: &Ledger,
    filter: &Filter,
    out: &mut (impl Write + Send),
) -> Result<u64, ExportError> {
    let (mut after, mut count) = (0, 0);
    loop {
        let page = ledger.list(filter, after).await?;
        let Some(last) = page.last() else { break };
        after = last.movement;
        for row in &page {
            let revisions = ledger.revisions(row.movement).await?;
            let current = revisions.into_iter().find(|revision| revision.id == row.revision);
            let Some(body) = current.and_then(|revision| revision.payload) else { continue };
            serde_json::to_writer(&mut *out, &Above { note: Note::new(row) })
                .map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
            write_body(&body, row.waste_tracking_id.as_deref(), out)?;
            out.write_all(b"\n")?;
            count += 1;
        }
    }
    out.flush()?;
    Ok(count)
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

/// The line above a body.
#[derive(Serialize)]
struct Above<'a> {
    #[serde(rename = "waste-receipts")]
    note: Note<'a>,
}

/// What it says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Note<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waste_tracking_id: Option<&'a str>,
    file: &'a str,
    line: u64,
    findings: Vec<Said<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    severity: &'a str,
    key: &'a str,
    error_type: &'a str,
    message: &'a str,
    by_service: bool,
}

impl<'a> Note<'a> {
    fn new(row: &'a MovementRow) -> Self {
        Note {
            state: row.state.as_str(),
            waste_tracking_id: row.waste_tracking_id.as_deref(),
            file: &row.file,
            line: row.line,
            findings: row.findings.iter().map(Said::new).collect(),
        }
    }
}

impl<'a> Said<'a> {
    fn new(kept: &'a StoredFinding) -> Self {
        Said {
            severity: &kept.severity,
            key: &kept.key,
            error_type: &kept.error_type,
            message: &kept.message,
            by_service: kept.by_api,
        }
    }
}
