//! `report --split-by api-code`: a report for each operator, of one and the same moment.

use std::path::Path;

use super::report::{Wanted, write_audit};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::output::{Replacing, beside};
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::report::{Audit, Selection, Source};

/// Writes `FOLDER/OPERATOR/report.html` (or what the format is called) for each operator that has
/// movements in the report; the folders are those of `submit --results --split-by api-code`.
pub(super) async fn run(
    folder: &Path,
    wanted: Wanted,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let environment = settings.target()?.name();
    std::fs::create_dir_all(folder).and_then(|()| beside(folder).map(drop)).map_err(|error| {
        let folder = folder.display();
        usage(format!(
            "--out {folder}: with --split-by it is a folder, and this one cannot be \
                       written to: {error}"
        ))
    })?;
    let ledger = look(settings).await?;
    let folders = settings.filing.operators.folders(ledger.operators().await?);
    let source = Source::new(ledger.clock().wall(), environment, ledger.path());
    let snapshot = ledger.snapshot()?;
    let only = wanted.selection.api_code.as_deref();
    let mut reports = 0;
    for (code, name) in folders.all().filter(|(code, _)| only.is_none_or(|only| only == *code)) {
        let selection = Selection { api_code: Some(code.to_owned()), ..wanted.selection.clone() };
        let audit = Audit::of(&snapshot, source.clone(), selection, wanted.duty)?;
        if audit.movements.is_empty() {
            continue;
        }
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("report").with_extension(wanted.format.extension());
        write_audit(&audit, &snapshot, &wanted, Replacing::open(Some(&path))?)?;
        console.detail(format!("{} movements: {}", audit.movements.len(), path.display()));
        reports += 1;
    }
    ledger.close().await?;
    match reports {
        0 => console
            .warn("No operator has movements in this report: look at --from, --to and --site."),
        1 => console.say(format!("The report of 1 operator is in {}", folder.display())),
        _ => console.say(format!("The reports of {reports} operators are in {}", folder.display())),
    }
    Ok(Exit::Success)
}
