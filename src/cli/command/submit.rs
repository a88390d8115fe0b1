//! `submit`: files into the ledger, and from there to the service.

use std::collections::HashMap;
use std::path::Path;

use crate::cli::args::{FileArgs, OnChangeArg, SubmitArgs};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::{of_file, usage};
use crate::cli::metrics::{Figures, Work};
use crate::cli::restored;
use crate::cli::session::{Sent, Service, Session};
use crate::cli::settings::Settings;
use crate::cli::summary::Summary;
use crate::cli::{hooks, logging, show, unattended};
use crate::intake::{self, Intake, IntakeError, Policy, Progress, Source};
use crate::ledger::{Admitted, RunTally};
use crate::reader::Defaults;
use crate::reference::Codes;
use crate::submission::OnChange;

pub(in crate::cli) async fn run(
    args: &SubmitArgs,
    settings: &Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let sources = sources(&args.input)?;
    let how = How {
        codes: settings.code_lists()?.codes,
        strict: args.strict,
        json: args.json,
        expect_records: settings.unattended.expect_records,
    };
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
    /// So many new records at least have to be read.
    pub(in crate::cli) expect_records: Option<u64>,
}

/// Reads the sources into the session's ledger, sends, shows, and closes.
pub(in crate::cli) async fn finish(
    session: Session,
    sources: &[Source],
    settings: &Settings,
    how: How,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let (refused, files) = admit_all(&session, sources, settings, how, console).await?;
    if settings.after_restore {
        // What the files brought is among it.
        restored::make_uncertain(&session, console).await?;
    } else {
        super::retry::apply_policy(&session, settings, console).await?;
    }
    let sent = session.send(settings, console).await?;
    let (tally, exit) = session.tally(&sent).await?;
    let exit = exit.or(files);
    let (new, expected) = unattended::expected(&session, how.expect_records, console).await?;
    let exit = exit.or(expected);
    let drift = session.drift(how.codes).await?;
    let summary = Summary::new(&session, &tally, refused, &drift, exit).with_new(new);
    if how.json {
        console.out(serde_json::to_string(&summary)?);
        if let Some(stopped) = show::stopped(&sent.stop) {
            console.warn(stopped);
        }
    } else if !console.is_quiet() || exit != Exit::Success {
        show::needing_a_person(&session, console).await?;
        console.out(show::summary(&session, &tally, &sent, exit));
    }
    if !drift.is_empty() {
        console.warn(show::drift(&drift));
    }
    aftermath(session, settings, &tally, &sent, (new, exit), &summary, console).await?;
    Ok(exit)
}

/// Ends the run, and then tells whoever wants to know of it.
async fn aftermath(
    session: Session,
    settings: &Settings,
    tally: &RunTally,
    sent: &Sent,
    (new_records, exit): (u64, Exit),
    summary: &Summary,
    console: &Console,
) -> anyhow::Result<()> {
    let hooks = &settings.unattended.hooks;
    let backlog = match &hooks.metrics {
        Some(_) => session.ledger.overview().await?.states,
        None => HashMap::new(),
    };
    let (command, elapsed) = (session.command, session.elapsed());
    let environment = session.service.binding.name.clone();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    logging::ended(exit.code(), elapsed_ms);
    session.end(exit, summary).await?;
    if sent.hurried {
        return Ok(());
    }
    let work = Work { environment: &environment, elapsed, tally, new_records, backlog: &backlog };
    let ended_at = jiff::Timestamp::now();
    let figures = Figures { command, exit, ended_at, work: Some(work) };
    hooks::ended(hooks, &serde_json::to_string(summary)?, &figures, console).await;
    Ok(())
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
        defaults: Defaults { api_code: settings.api_code.clone() },
        on_change: match settings.on_change {
            OnChangeArg::Hold => OnChange::Hold,
            OnChangeArg::Update => OnChange::Update,
        },
        max_invalid: settings.max_invalid,
        policy: Policy { codes: how.codes, now, checks: settings.checks, strict: how.strict },
    }
}

/// Takes in every file; one that is refused does not stop the others. Returns how many were
/// refused and the exit code for that.
async fn admit_all(
    session: &Session,
    sources: &[Source],
    settings: &Settings,
    how: How,
    console: &mut Console,
) -> anyhow::Result<(u64, Exit)> {
    let intake = intake(settings, how, session.ledger.clock().wall());
    let mut refused = 0;
    let mut exit = Exit::Success;
    for source in sources {
        console.reading(&source.name());
        let progress = Progress::default();
        let admitted = intake.admit(&session.ledger, &session.run, source, &progress).await;
        console.done();
        match admitted {
            Ok(Admitted { refusal: Some(reason), .. }) => {
                console.warn(format!("{}: {reason}. Nothing of it was admitted.", source.name()));
                logging::file_refused(&source.name());
                refused += 1;
                exit = exit.or(Exit::NeedsAPerson);
            }
            Ok(Admitted { records, ready, invalid, .. }) => {
                logging::file_admitted(&source.name(), records, ready, invalid);
                console.detail(format!(
                    "{}: {records} records, {ready} new or changed",
                    source.name(),
                ));
            }
            Err(IntakeError::Read(error)) => {
                logging::file_refused(&source.name());
                console.warn(format!("{error}. Nothing of it was admitted."));
                refused += 1;
                exit = exit.or(of_file(&error.problem));
            }
            Err(IntakeError::Ledger(error)) => return Err(error.into()),
        }
    }
    Ok((refused, exit))
}
