//! `demo`: the main job end to end, on this machine alone.

use std::path::PathBuf;

use anyhow::Context as _;

use super::report::{ReportFormat, Wanted};
use super::submit::{How, Job};
use crate::cli::args::DemoArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::inputs::Inputs;
use crate::cli::output::Replacing;
use crate::cli::session::{Service, Session, TemporaryFolder};
use crate::cli::settings::{SANDBOX, Settings};
use crate::clock::Clock;
use crate::intake::Source;
use crate::ledger::{Access, Ledger};
use crate::reference::Codes;
use crate::report::Selection;
use crate::sandbox::{API_CODES, Options};

/// The samples, so that an installed program has them too.
const SAMPLES: &str = include_str!("../../../samples/movements.csv");

pub(in crate::cli) async fn run(
    args: &DemoArgs,
    mut settings: Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let folder = folder(args)?;
    let samples = folder.join("movements.csv");
    let (ledger, report) = (folder.join("demo.sqlite"), folder.join("report.txt"));
    if ledger.exists() {
        return Err(usage(format!(
            "{} is there already: name another folder with --out, or remove that file",
            ledger.display()
        )));
    }
    crate::private::write(&samples, SAMPLES.as_bytes())
        .with_context(|| format!("{} cannot be written", samples.display()))?;
    settings.for_demo(ledger.clone(), API_CODES[0]);
    let service = Service::sandbox(Options::default()).await?;
    let binding = service.binding.clone();
    console.say(format!(
        "A Receipt API of this machine's own listens on {}. Nothing leaves this machine.",
        binding.api_url
    ));
    let session = Session::begin(&settings, "demo", service, console).await?;
    let how = How { codes: Codes::embedded(), strict: false, json: false, expect_records: None };
    let inputs = Inputs::of_source(Source::File(samples.clone(), None));
    let job = Job { inputs: &inputs, how, results: None, archive: None };
    let exit = super::submit::finish(session, job, &settings, console).await?;
    let kept = Ledger::open(&ledger, Access::Read, &binding, Clock::system()).await?;
    let page = folder.join("report.html");
    for (path, format) in [(&report, ReportFormat::Text), (&page, ReportFormat::Html)] {
        let selection = Selection::default();
        let wanted = Wanted { format, figures: false, selection, duty: settings.duty };
        super::report::write(&kept, SANDBOX, &wanted, Replacing::open(Some(path))?)?;
    }
    kept.close().await?;
    console.out(format!(
        "\nThe movements  {}\nThe ledger     {}\nThe report     {}\nThe page       {}",
        samples.display(),
        ledger.display(),
        report.display(),
        page.display()
    ));
    Ok(exit)
}

fn folder(args: &DemoArgs) -> anyhow::Result<PathBuf> {
    match &args.out {
        None => Ok(TemporaryFolder::new()?.keep()),
        Some(out) => {
            std::fs::create_dir_all(out)
                .with_context(|| format!("the folder {} cannot be made", out.display()))?;
            Ok(std::path::absolute(out)?)
        }
    }
}
