//! The report as JSON: the model as it is. `docs/report.schema.json` describes it.

use std::io::{self, Write};

use super::model::Audit;

/// Writes the report.
pub fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, audit)?;
    out.write_all(b"\n")
}
