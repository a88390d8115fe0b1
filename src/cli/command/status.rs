//! `status`: the whole backlog.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::calendar::{self, Duty};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::cli::unattended::stale_after;
use crate::ledger::{LastSubmit, Overview};
use crate::submission::State;

/// `status`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts status\n  \
                        waste-receipts status --exit-overdue --stale-after 26h || tell-somebody")]
pub(in crate::cli) struct StatusArgs {
    /// Print JSON instead of text
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// End with exit code 10 if no submit has done its work for so long, such as 26h
    #[arg(long, value_name = "TIME", value_parser = stale_after)]
    pub(in crate::cli) stale_after: Option<Duration>,
    /// End with exit code 10 if a movement is overdue
    #[arg(long)]
    pub(in crate::cli) exit_overdue: bool,
}

/// The object of `status --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    environment: String,
    states: BTreeMap<&'static str, u64>,
    due_today: u64,
    overdue: u64,
    unidentified: u64,
    /// When a submit last did its work.
    last_submit: Option<Timestamp>,
    /// Whether that is longer ago than was asked about; none where nothing was asked.
    stale: Option<bool>,
}

pub(in crate::cli) async fn run(
    args: &StatusArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let environment = settings.target()?.name().to_owned();
    let ledger = look(settings).await?;
    let overview = ledger.overview().await?;
    let mut status = Status::new(environment, &overview, settings.duty);
    status.look_back(ledger.last_submit().await?, args.stale_after);
    if args.json {
        console.out(serde_json::to_string(&status)?);
    } else {
        console.out(status.text(&overview, ledger.path()));
    }
    ledger.close().await?;
    let called_for = (args.exit_overdue && status.overdue > 0) || status.stale == Some(true);
    Ok(if called_for { Exit::Overdue } else { Exit::Success })
}

impl Status {
    fn new(environment: String, overview: &Overview, duty: &Duty) -> Self {
        let today = calendar::london_day(Timestamp::now());
        let (mut due_today, mut overdue) = (0, 0);
        for day in &overview.open_days {
            let Ok(received_on) = day.received_on.parse() else { continue };
            match duty.deadline(received_on, duty.nation(&day.site), day.by_pipe) {
                deadline if deadline < today => overdue += day.movements,
                deadline if deadline == today => due_today += day.movements,
                _ => {}
            }
        }
        let count = |state| overview.states.get(&state).copied().unwrap_or(0);
        let shown = State::ALL.into_iter().filter(|state| *state != State::Superseded);
        Status {
            environment,
            states: shown.map(|state| (state.as_str(), count(state))).collect(),
            due_today,
            overdue,
            unidentified: overview.unidentified,
            last_submit: None,
            stale: None,
        }
    }

    /// Takes in when a submit last did its work, and whether that is too long ago.
    fn look_back(&mut self, last: Option<LastSubmit>, stale_after: Option<Duration>) {
        let ended_at = last.map(|last| last.ended_at);
        self.last_submit = ended_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        self.stale = stale_after.map(|longest| {
            let longest = SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX);
            self.last_submit.is_none_or(|last| Timestamp::now().duration_since(last) > longest)
        });
    }

    /// What there is to say of the last submit.
    fn last_words(&self) -> Option<String> {
        let last = self.last_submit.map(calendar::show);
        match (self.stale, last) {
            (Some(true), Some(last)) => Some(format!(
                "STALE: no submit has done its work since {last}. Is the task switched on, and does \
                 it find the file?"
            )),
            (Some(true), None) => Some(
                "STALE: no submit has done its work yet. Is the task switched on, and is this its \
                 ledger?"
                    .to_owned(),
            ),
            (_, Some(last)) => Some(format!("The last submit ended {last}")),
            (_, None) => None,
        }
    }

    fn text(&self, overview: &Overview, ledger: &std::path::Path) -> String {
        let mut lines = vec![format!("{} ({})", self.environment, ledger.display())];
        for state in State::ALL {
            let count = overview.states.get(&state).copied().unwrap_or(0);
            if count > 0 {
                lines.push(format!("  {count:>8}  {:<10} {}", state.as_str(), meaning(state)));
            }
        }
        if lines.len() == 1 {
            lines.push("  no movements yet".to_owned());
        }
        if self.unidentified > 0 {
            lines.push(format!(
                "  {:>8}  records of the last run had no usable reference",
                self.unidentified
            ));
        }
        if self.overdue > 0 {
            lines.push(format!(
                "{} are OVERDUE: not accepted within two working days",
                self.overdue
            ));
        }
        if self.due_today > 0 {
            lines.push(format!("{} are due today", self.due_today));
        }
        if let Some(due) = overview.next_due {
            lines.push(format!("The first deferred one is due {}", calendar::show_ms(due)));
        }
        lines.extend(self.last_words());
        lines.join("\n")
    }
}

fn meaning(state: State) -> &'static str {
    match state {
        State::Accepted => "the service stored them",
        State::Ready => "waiting to be sent: run retry",
        State::Sending => "being sent now, or left by a run that was stopped: run retry",
        State::Deferred => "put off: run retry",
        State::Uncertain => "may be stored: list --state uncertain, then resolve",
        State::Rejected => "refused by the service: correct them and submit again",
        State::Invalid => "failed a check: correct them and submit again",
        State::Held => "changed: list --state held, then resolve",
        State::Withdrawn => "taken out by a person",
        State::Superseded => "replaced by a newer reading",
    }
}
