//! `export --all`: the user's own copy of the whole ledger.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context as _;

use super::export::{ExportArgs, ExportFormat};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::export::{AllFormat, write_all};

/// The file that says what a copy holds; it is written last.
const CONTENTS: &str = "contents.json";

pub(in crate::cli) async fn run(
    args: &ExportArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let format = match args.format {
        Some(ExportFormat::Csv) => AllFormat::Csv,
        Some(ExportFormat::Jsonl) | None => AllFormat::JsonLines,
        Some(ExportFormat::Xlsx) => {
            return Err(usage(
                "export --all writes --format jsonl or csv: no workbook holds it all",
            ));
        }
    };
    let Some(folder) = args.out.as_deref() else {
        return Err(usage("export --all writes a file for each table: name a folder with --out"));
    };
    make(folder)?;
    let ledger = look(settings).await?;
    let contents = write_all(&ledger, format, |table| {
        let path = folder.join(table).with_extension(format.extension());
        Ok(BufWriter::new(File::create_new(path)?))
    })
    .await?;
    ledger.close().await?;
    std::fs::write(folder.join(CONTENTS), serde_json::to_vec_pretty(&contents)?)
        .with_context(|| format!("{} cannot be written", folder.join(CONTENTS).display()))?;
    let rows: u64 = contents.tables.values().sum();
    console.say(format!(
        "{rows} rows of {} tables, all of the ledger in every environment, are in {}. They hold \
         what the ledger holds, personal data too.",
        contents.tables.len(),
        folder.display()
    ));
    Ok(Exit::Success)
}

/// A folder of its own: what is there already may be an older copy.
fn make(folder: &Path) -> anyhow::Result<()> {
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(usage(format!(
            "{} is there already, with something in it: name another folder",
            folder.display()
        )));
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}
