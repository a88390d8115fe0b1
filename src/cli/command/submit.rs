//! `submit`: files into the ledger, and from there to the service.

use std::sync::atomic::Ordering;

use crate::cli::archive::Archive;
use crate::cli::args::{OnChangeArg, SubmitArgs};
use crate::cli::console::Console;
use crate::cli::drifted;
use crate::cli::exit::Exit;
use crate::cli::failure::{in_words, of_file, usage};
use crate::cli::inputs::Inputs;
use crate::cli::results::Results;
use crate::cli::session::{Service, Session};
use crate::cli::settings::Settings;
use crate::cli::summary::{Closed, Summary};
use crate::cli::{hooks, logging, repaired, restored, show, unattended};
use crate::intake::{Intake, IntakeError, Policy, Progress, Source};
use crate::ledger::Admitted;
use crate::reader::RepairTally;
use crate::reference::Codes;
use crate::submission::OnChange;

pub(in crate::cli) async fn run(
    args: &SubmitArgs,
    settings: &Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let mut inputs = Inputs::of(&args.input, console)?;
    let how = How {
        codes: settings.code_lists()?.codes,
        strict: settings.filing.strict,
        json: args.json,
        expect_records: settings.unattended.expect_records,
    };
    let filing = &settings.filing;
    if args.dry_run {
        if args.results.is_some() || args.archive.is_some() {
            console.say("A dry run leaves no results and moves no file away.");
        }
        return super::dry_run::run(&inputs, settings, how, console).await;
    }
    for folder in filing.results.iter().chain(&filing.archive) {
        if inputs.come_from(folder) {
            return Err(usage(format!(
                "files are read from {}: give --results and --archive folders of their own",
                folder.display()
            )));
        }
    }
    inputs.leave_unfinished(filing.settle, jiff::Timestamp::now(), console);
    // What is wrong with a profile is said before a run begins.
    settings.defaults()?;
    let results = Results::of(settings)?;
    let archive = filing.archive.as_deref().map(Archive::open).transpose()?;
    let service = Service::of(settings).await?;
    let session = Session::begin(settings, "submit", service, console).await?;
    let job = Job { inputs: &inputs, how, results, archive };
    finish(session, job, settings, console).await
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

/// What a run is to do beside sending what is due.
#[derive(Debug)]
pub(in crate::cli) struct Job<'a> {
    pub(in crate::cli) inputs: &'a Inputs,
    pub(in crate::cli) how: How,
    pub(in crate::cli) results: Option<Results>,
    pub(in crate::cli) archive: Option<Archive>,
}

/// Reads the sources into the session's ledger, sends, shows, and closes.
pub(in crate::cli) async fn finish(
    session: Session,
    job: Job<'_>,
    settings: &Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let how = job.how;
    let sources = job.inputs.unread(&session.ledger, console).await?;
    let read = admit_all(&session, &sources, settings, how, console).await?;
    if settings.after_restore {
        // What the files brought is among it.
        restored::make_uncertain(&session, console).await?;
    } else {
        super::retry::apply_policy(&session, settings, console).await?;
    }
    let sent = session.send(settings, console).await?;
    let (tally, exit) = session.tally(&sent).await?;
    let exit = exit.or(read.exit).or(job.inputs.exit);
    let (new, expected) = unattended::expected(&session, how.expect_records, console).await?;
    let exit = exit.or(expected);
    let left = leave_results(&session, job.results.as_ref()).await;
    let fine = put_away(&session, &job, settings, left.is_ok(), console).await;
    let exit = if left.is_ok() && fine { exit } else { exit.or(Exit::Failure) };
    let drift = session.drift(how.codes, settings.checks).await?;
    let summary = Summary::new(&session, &tally, read.refused, &drift, exit);
    let summary = summary.with_repairs(&read.repaired).with_new(new);
    let summary = summary.with_contacts_left_out(read.contacts);
    let head = session.close_run(exit, &summary).await?;
    if how.json {
        console.out(serde_json::to_string(&Closed::new(&summary, &head))?);
        if let Some(stopped) = show::stopped(&sent.stop) {
            console.warn(stopped);
        }
    } else if !console.is_quiet() || exit != Exit::Success {
        read.repairs.iter().for_each(|repairs| console.out_text(repairs));
        show::needing_a_person(&session, console).await?;
        console.out(show::summary(&session, &tally, &sent, &head, exit));
    }
    match left {
        Ok(left) => left.iter().for_each(|left| console.say(left)),
        Err(failed) => console.warn(failed),
    }
    if !drift.is_empty() {
        console.warn(drifted::in_words(&drift));
    }
    hooks::end(session, settings, (&tally, new), sent.hurried, exit, &summary, console).await?;
    Ok(exit)
}

/// Writes the files of results, and says what to say of them. What cannot be written is in the
/// ledger all the same.
async fn leave_results(
    session: &Session,
    results: Option<&Results>,
) -> Result<Vec<String>, String> {
    let Some(results) = results else { return Ok(Vec::new()) };
    results.write(&session.ledger, &session.run).await.map_err(|error| {
        format!(
            "The results cannot be written to {}: {}. Nothing is lost: list --state accepted and \
             export have all of it.",
            results.folder().display(),
            in_words(&error)
        )
    })
}

/// Moves files away that are done with; whether all that were to be moved could be.
async fn put_away(
    session: &Session,
    job: &Job<'_>,
    settings: &Settings,
    results_fine: bool,
    console: &Console,
) -> bool {
    let Some(archive) = &job.archive else { return true };
    match intake(settings, job.how, session.ledger.clock().wall()) {
        Ok(intake) => {
            let results_left = job.results.is_some() && results_fine;
            archive.put_away(&session.ledger, &intake, job.inputs, results_left, console).await
        }
        Err(error) => {
            console.warn(format!("No file is moved away: {}.", in_words(&error)));
            false
        }
    }
}

/// What is said of contacts that are not sent to the test environment.
pub(in crate::cli) fn left_out(contacts: u64) -> String {
    format!(
        "{contacts} contacts that the API does not ask for (e-mail, phone, address) are left out, \
         since this is the test environment; --allow-personal-data sends them too. Names and the \
         site's address, which it does ask for, are sent as they are: use made-up ones."
    )
}

/// How files are taken in.
pub(in crate::cli) fn intake(
    settings: &Settings,
    how: How,
    now: jiff::Timestamp,
) -> anyhow::Result<Intake> {
    Ok(Intake {
        defaults: settings.defaults()?,
        on_change: match settings.on_change {
            OnChangeArg::Hold => OnChange::Hold,
            OnChangeArg::Update => OnChange::Update,
        },
        max_invalid: settings.max_invalid,
        policy: Policy {
            codes: how.codes,
            duty: settings.duty,
            now,
            checks: settings.checks,
            strict: how.strict,
        },
        contacts: settings.contacts,
    })
}

/// What came of reading the files.
struct Read {
    refused: u64,
    /// The exit code for those.
    exit: Exit,
    repaired: RepairTally,
    /// Contacts that were left out.
    contacts: u64,
    /// What was repaired in each, in words.
    repairs: Vec<String>,
}

impl Default for Read {
    fn default() -> Self {
        let repaired = RepairTally::default();
        Read { refused: 0, exit: Exit::Success, repaired, contacts: 0, repairs: Vec::new() }
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
    let intake = intake(settings, how, session.ledger.clock().wall())?;
    let mut read = Read::default();
    for source in sources {
        console.reading(&source.name());
        let progress = Progress::default();
        let admitted = intake.admit(&session.ledger, &session.run, source, &progress).await;
        console.done();
        read.note(&source.name(), &progress.repaired());
        read.contacts += progress.contacts.load(Ordering::Relaxed);
        match admitted {
            Ok(Admitted { refusal: Some(reason), .. }) => {
                console.warn(format!("{}: {reason}. Nothing of it was admitted.", source.name()));
                logging::file_refused(&source.name());
                read.refused += 1;
                read.exit = read.exit.or(Exit::NeedsAPerson);
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
                read.refused += 1;
                read.exit = read.exit.or(of_file(&error.problem));
            }
            Err(IntakeError::Ledger(error)) => return Err(error.into()),
        }
    }
    if read.contacts > 0 {
        console.say(left_out(read.contacts));
    }
    Ok(read)
}
