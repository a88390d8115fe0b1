//! `submit --dry-run`: what would be sent. Nothing is written, neither here nor there.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

use super::check::Details;
use super::submit::How;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::of_file;
use crate::cli::inputs::Inputs;
use crate::cli::repaired;
use crate::cli::session::look;
use crate::cli::settings::{Settings, Target};
use crate::cli::show::Start;
use crate::intake::{Fate, Intake, IntakeError, Progress, Source};
use crate::ledger::{Foreseen, Ledger, LedgerError};
use crate::submission::{Method, State};

/// So many references that would be sent are shown.
const SHOWN: usize = 20;

pub(in crate::cli) async fn run(
    inputs: &Inputs,
    settings: &Settings,
    how: How,
    console: &Console,
) -> anyhow::Result<Exit> {
    let ledger = ledger(settings).await?;
    let intake = super::submit::intake(settings, how, Timestamp::now())?;
    let mut exit = Exit::Success;
    for source in inputs.sources() {
        exit = exit.or(foresee(&intake, ledger.as_ref(), source, console).await?);
    }
    match ledger {
        Some(ledger) => {
            console.out(format!("Nothing was sent. Compared with {}", ledger.path().display()));
            ledger.close().await?;
        }
        None if settings.target.is_none() => console.out(
            "Nothing was sent. Without --environment there is no ledger to compare with, so every \
             movement was taken for a new one.",
        ),
        None => console.out("Nothing was sent. There is no ledger yet to compare with."),
    }
    Ok(exit)
}

/// The ledger, if there is one: a dry run does not make it.
async fn ledger(settings: &Settings) -> anyhow::Result<Option<Ledger>> {
    if matches!(settings.target, None | Some(Target::OwnSandbox)) {
        return Ok(None);
    }
    match look(settings).await {
        Ok(ledger) => Ok(Some(ledger)),
        Err(error) => match error.downcast_ref::<LedgerError>() {
            Some(LedgerError::Missing { .. }) => Ok(None),
            _ => Err(error),
        },
    }
}

/// What would become of a file's records, by line for those that are sent: a later record with the
/// same reference takes an earlier one back.
#[derive(Default)]
struct Foresight {
    to_send: BTreeMap<u64, (String, Method)>,
    counts: HashMap<&'static str, u64>,
    invalid: u64,
    held: u64,
}

async fn foresee(
    intake: &Intake,
    ledger: Option<&Ledger>,
    source: &Source,
    console: &Console,
) -> anyhow::Result<Exit> {
    let mut foresight = Foresight::default();
    let mut details = Details::of_mistakes();
    let progress = Progress::default();
    let refusal = intake
        .foresee(ledger, source, &progress, |fate| {
            let start = Start { line: fate.line, sheet: fate.sheet };
            details.take(fate.reference, start, fate.findings);
            foresight.take(&fate);
        })
        .await;
    console.out_text(details.text(&source.name()));
    let repairs = repaired::in_words(&source.name(), &progress.repaired());
    console.out_text(repairs.filter(|_| !console.is_quiet()).unwrap_or_default());
    let contacts = progress.contacts.load(Ordering::Relaxed);
    if contacts > 0 {
        console.say(super::submit::left_out(contacts));
    }
    let refusal = match refusal {
        Ok(refusal) => refusal,
        Err(IntakeError::Read(error)) => {
            console.warn(format!("{error}. Nothing of it would be admitted."));
            return Ok(of_file(&error.problem));
        }
        Err(IntakeError::Ledger(error)) => return Err(error.into()),
    };
    if let Some(reason) = refusal {
        console.warn(format!("{}: {reason}. Nothing of it would be admitted.", source.name()));
        return Ok(Exit::NeedsAPerson);
    }
    console.out(foresight.text(&source.name()));
    let fine = foresight.invalid + foresight.held == 0;
    Ok(if fine { Exit::Success } else { Exit::NeedsAPerson })
}

impl Foresight {
    fn take(&mut self, fate: &Fate<'_>) {
        if let Some(first) = fate.repeats
            && self.to_send.remove(&first).is_some()
        {
            self.invalid += 1;
        }
        match fate.foreseen {
            Foreseen::Send(method) => {
                let reference = fate.reference.unwrap_or_default().to_owned();
                self.to_send.insert(fate.line, (reference, method));
            }
            Foreseen::Known(state) => *self.counts.entry(words(state)).or_default() += 1,
            Foreseen::Held => self.held += 1,
            Foreseen::Invalid => self.invalid += 1,
        }
    }

    fn text(&self, name: &str) -> String {
        let of = |wanted| self.to_send.values().filter(|(_, method)| *method == wanted).count();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let mut text = format!("{name}:");
        let mut counts = vec![
            (count(of(Method::Post)), "would be sent as new movements"),
            (count(of(Method::Put)), "would be sent as corrections"),
        ];
        let mut known: Vec<(u64, &str)> = self.counts.iter().map(|(w, c)| (*c, *w)).collect();
        known.sort_unstable();
        counts.extend(known.into_iter().rev());
        counts.push((self.held, "would be held: they changed, and a person must decide"));
        counts.push((self.invalid, "invalid: would not be sent"));
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let _ = write!(text, "\n  {count:>6}  {what}");
        }
        if !self.to_send.is_empty() {
            let shown = self.to_send.values().take(SHOWN);
            let shown: Vec<&str> = shown.map(|(reference, _)| reference.as_str()).collect();
            let _ = write!(text, "\n  To send: {}", shown.join(", "));
            if let Some(more) = self.to_send.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                let _ = write!(text, " and {more} more");
            }
        }
        text
    }
}

/// What becomes of a record that is known and stays as it is.
fn words(state: State) -> &'static str {
    match state {
        State::Accepted => "accepted before and unchanged: would not be sent again",
        State::Rejected => "rejected before and unchanged: correct them",
        State::Uncertain | State::Sending => "uncertain: a person must decide",
        State::Held => "held before: a person must decide",
        State::Withdrawn => "withdrawn by a person",
        State::Invalid | State::Ready | State::Deferred | State::Superseded => "known",
    }
}
