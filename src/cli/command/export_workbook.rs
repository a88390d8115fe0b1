//! `export --format xlsx`: movements as the government's spreadsheet template.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use crate::cli::console::Console;
use crate::cli::failure::usage;
use crate::cli::output::Fresh;
use crate::cli::settings::Settings;
use crate::export::{Exported, Selection, write_workbook};
use crate::ledger::Ledger;

/// So many things that the template cannot hold are spelt out.
const NAMED: usize = 10;

pub(super) async fn run(
    ledger: &Ledger,
    selection: &Selection<'_>,
    settings: &Settings,
    out: Option<&Path>,
    console: &Console,
) -> anyhow::Result<()> {
    if out.is_none() && std::io::stdout().is_terminal() {
        return Err(usage("a workbook cannot be shown here: say --out FILE.xlsx".to_owned()));
    }
    let mut output = Fresh::open(out)?;
    let exported = write_workbook(ledger, selection, settings.api_code.as_deref()).await?;
    if exported.count + exported.nameless == 0 {
        console.say("Nothing to export.");
    } else {
        output.write_all(&exported.bytes)?;
        output.keep()?;
        let path = out.map_or_else(String::new, |path| format!(": {}", path.display()));
        console.say(format!("{}{path}", exported.told()));
    }
    for words in said(&exported) {
        console.warn(words);
    }
    Ok(())
}

/// What is not in the workbook, or not in the template.
pub(in crate::cli) fn said(exported: &Exported) -> Vec<String> {
    let mut said = Vec::new();
    if !exported.own_columns.is_empty() {
        said.push(format!(
            "The template has no column for {}: the workbook has one of its own, which this program \
             reads and the official service refuses.",
            exported.own_columns.join(", ")
        ));
    }
    if exported.same_reference > 0 {
        said.push(format!(
            "{} more are not in it: another movement in it has the same reference, by which waste \
             items are joined. --format jsonl writes them.",
            exported.same_reference
        ));
    }
    if exported.purged > 0 {
        said.push(format!(
            "{} more are not in it: what they were read as was purged.",
            exported.purged
        ));
    }
    if !exported.lost.is_empty() {
        let named = exported.lost.iter().take(NAMED).map(|(reference, key)| match key.as_str() {
            "" => format!("{reference} as a whole"),
            key => format!("{reference}: {key}"),
        });
        let mut named = named.collect::<Vec<_>>().join("; ");
        if let Some(more) = exported.lost.len().checked_sub(NAMED).filter(|more| *more > 0) {
            named = format!("{named}; and {more} more");
        }
        said.push(format!(
            "The template cannot hold this as it is: {named}. Submitted again, it would be another \
             value; --format jsonl writes it as it is."
        ));
    }
    said
}
