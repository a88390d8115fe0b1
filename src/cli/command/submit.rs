//! `submit`: files into the ledger, and from there to the service.

use std::path::Path;

use crate::cli::args::{FileArgs, OnChangeArg, SubmitArgs};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::{of_file, usage};
use crate::cli::session::{Service, Session};
use crate::cli::settings::Settings;
use crate::cli::show;
use crate::cli::summary::Summary;
use crate::cli::{repaired, restored};
use crate::intake::{self, Intake, IntakeError, Policy, Progress, Source};
use crate::ledger::Admitted;
use crate::reader::RepairTally;
use crate::reference::Codes;
use crate::submission::OnChange;

pub(in crate::cli) async fn run(
    args: &SubmitArgs,
    settings: &Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let sources = sources(&args.input)?;
    let how = How { codes: settings.code_lists()?.codes, strict: args.strict, json: args.json };
    if args.dry_run {
        return super::dry_run::run(&sources, settings, how, console).await;
    }
    let service = Service::of(settings).await?;
    let session = Session::begin(settings, "submit", service, console).await?;
    finish(session, &sources, settings, how, console).await
}

/// How a run is carried out, beside what the settings say.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct How {
    pub(in crate::cli) codes: &'static Codes,
    pub(in crate::cli) strict: bool,
    pub(in crate::cli) json: bool,
}

/// Reads the sources into the session's ledger, sends, shows, and closes.
pub(in crate::cli) async fn finish(
    session: Session,
    sources: &[Source],
    settings: &Settings,
    how: How,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let read = admit_all(&session, sources, settings, how, console).await?;
    if settings.after_restore {
        // What the files brought is among it.
        restored::make_uncertain(&session, console).await?;
    } else {
        super::retry::apply_policy(&session, settings, console).await?;
    }
    let sent = session.send(settings, console).await?;
    let (tally, exit) = session.tally(&sent).await?;
    let exit = exit.or(read.exit);
    let drift = session.drift(how.codes).await?;
    let summary = Summary::new(&session, &tally, read.refused, &drift, exit);
    let summary = summary.with_repairs(&read.repaired);
    if how.json {
        console.out(serde_json::to_string(&summary)?);
        if let Some(stopped) = show::stopped(&sent.stop) {
            console.warn(stopped);
        }
    } else if !console.is_quiet() || exit != Exit::Success {
        read.repairs.iter().for_each(|repairs| console.out_text(repairs));
        show::needing_a_person(&session, console).await?;
        console.out(show::summary(&session, &tally, &sent, exit));
    }
    if !drift.is_empty() {
        console.warn(show::drift(&drift));
    }
    session.end(exit, &summary).await?;
    Ok(exit)
}

/// What the arguments name.
pub(in crate::cli) fn sources(input: &FileArgs) -> anyhow::Result<Vec<Source>> {
    input.files.iter().map(|path| source(path, input)).collect()
}

fn source(path: &Path, input: &FileArgs) -> anyhow::Result<Source> {
    intake::source(path, input.format).map_err(usage)
}

/// How files are taken in.
pub(in crate::cli) fn intake(settings: &Settings, how: How, now: jiff::Timestamp) -> Intake {
    Intake {
        defaults: settings.defaults(),
        on_change: match settings.on_change {
            OnChangeArg::Hold => OnChange::Hold,
            OnChangeArg::Update => OnChange::Update,
        },
        max_invalid: settings.max_invalid,
        policy: Policy { codes: how.codes, now, checks: settings.checks, strict: how.strict },
    }
}

/// What came of reading the files.
struct Read {
    refused: u64,
    /// The exit code for those.
    exit: Exit,
    repaired: RepairTally,
    /// What was repaired in each, in words.
    repairs: Vec<String>,
}

impl Default for Read {
    fn default() -> Self {
        let repaired = RepairTally::default();
        Read { refused: 0, exit: Exit::Success, repaired, repairs: Vec::new() }
    }
}

impl Read {
    fn note(&mut self, name: &str, repaired: &RepairTally) {
        self.repaired.add(repaired);
        self.repairs.extend(repaired::in_words(name, repaired));
    }
}

/// Takes in every file; one that is refused does not stop the others.
async fn admit_all(
    session: &Session,
    sources: &[Source],
    settings: &Settings,
    how: How,
    console: &mut Console,
) -> anyhow::Result<Read> {
    let intake = intake(settings, how, session.ledger.clock().wall());
    let mut read = Read::default();
    for source in sources {
        console.reading(&source.name());
        let progress = Progress::default();
        let admitted = intake.admit(&session.ledger, &session.run, source, &progress).await;
        console.done();
        read.note(&source.name(), &progress.repaired());
        match admitted {
            Ok(Admitted { refusal: Some(reason), .. }) => {
                console.warn(format!("{}: {reason}. Nothing of it was admitted.", source.name()));
                read.refused += 1;
                read.exit = read.exit.or(Exit::NeedsAPerson);
            }
            Ok(admitted) => console.detail(format!(
                "{}: {} records, {} new or changed",
                source.name(),
                admitted.records,
                admitted.ready
            )),
            Err(IntakeError::Read(error)) => {
                console.warn(format!("{error}. Nothing of it was admitted."));
                read.refused += 1;
                read.exit = read.exit.or(of_file(&error.problem));
            }
            Err(IntakeError::Ledger(error)) => return Err(error.into()),
        }
    }
    Ok(read)
}
